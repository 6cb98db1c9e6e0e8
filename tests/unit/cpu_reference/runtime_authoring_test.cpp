// The C++ authoring header: what a backend that overrides almost nothing answers, and what becomes
// of its exceptions.
#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <stdexcept>

#include <tenon/device_plugin.hpp>

#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

using namespace tenon::plugin;

// Runs everything inline; has one op, mul, that can be told to throw.
class TinyBuffer final : public Buffer {
 public:
  explicit TinyBuffer(std::uint64_t size) : bytes_(size) {}
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

class TinyEvent final : public Event {
 public:
  void synchronize() override {}
  bool query() override { return true; }
};

enum class Fault { NONE, FAILURE, LYING_FAILURE, BAD_ALLOC, RUNTIME_ERROR, UNKNOWN, LONG_TEXT };
Fault fault = Fault::NONE;

class TinyStream final : public Stream {
 public:
  void copy_h2d(const void*, Buffer&, std::uint64_t, std::uint64_t) override {}
  void copy_d2h(Buffer&, std::uint64_t, void*, std::uint64_t) override {}
  void copy_d2d(Buffer&, std::uint64_t, Buffer&, std::uint64_t, std::uint64_t) override {}
  void fill(Buffer&, std::uint64_t, std::uint64_t, std::uint32_t, std::uint32_t) override {}
  void synchronize() override {}
  bool query() override { return true; }
  void record(Event&) override {}
  void wait(Event&) override {}
  void enqueue_mul(const tn_mul_args& args, const Workspace&) override {
    EXPECT_EQ(args.struct_size, sizeof args);
    switch (fault) {
      case Fault::NONE:
        return;
      case Fault::FAILURE:
        throw Failure(TN_OUT_OF_RESOURCES, "[mul] no more");
      case Fault::LYING_FAILURE:
        throw Failure(TN_OK, "[mul] fine");
      case Fault::BAD_ALLOC:
        throw std::bad_alloc();
      case Fault::RUNTIME_ERROR:
        throw std::runtime_error("[mul] broken");
      case Fault::UNKNOWN:
        throw 42;
      case Fault::LONG_TEXT: {
        std::string text(TN_ERROR_MESSAGE_SIZE - 2, 'a');  // the cut falls into the character
        throw Failure(TN_INTERNAL, text + "\xe2\x82\xac and more");
      }
    }
  }
};

class TinyDevice final : public Device {
 public:
  tn_device_memory memory() override { return {}; }
  std::unique_ptr<Buffer> allocate(tn_memory_kind, std::uint64_t size) override {
    return std::make_unique<TinyBuffer>(size);
  }
  std::unique_ptr<Stream> create_stream(const std::string&) override {
    return std::make_unique<TinyStream>();
  }
  std::unique_ptr<Event> create_event() override { return std::make_unique<TinyEvent>(); }
  Support query_mul(const tn_mul_args&) override { return {}; }
};

class TinyBackend final : public Backend {
 public:
  static constexpr Facts facts{"tiny", "Does nothing.", "0.1"};
  static std::span<const Option> options() {
    static constexpr const char* colours[] = {"red", "blue", nullptr};
    static constexpr Option declared[] = {Option::number("rate", 0.5, 0, 1, "A rate."),
                                          Option::text("colour", "red", "A colour.", colours)};
    return declared;
  }
  static std::unique_ptr<Backend> create(Host, const OptionValues& values) {
    if (values.number("rate") == 1) return nullptr;
    if (values.text("colour") == "blue") values.boolean("rate");  // asks for the wrong type
    return std::make_unique<TinyBackend>();
  }
  std::uint32_t device_count() override { return 1; }
  tn_device_info device_info(std::uint32_t) override { return {}; }
  std::unique_ptr<Device> open_device(std::uint32_t) override {
    return std::make_unique<TinyDevice>();
  }
};

constexpr tn_plugin_facts tiny_facts = detail::complete(TinyBackend::facts);
constexpr tn_device_table tiny_table = detail::make_table<TinyBackend>(&tiny_facts);

class Authoring : public ::testing::Test {
 protected:
  void SetUp() override {
    fault = Fault::NONE;
    OK(t.backend_create(&test_host(), nullptr, 0, &backend, &e));
    OK(t.device_open(backend, 0, &device, &e));
    OK(t.stream_create(device, nullptr, &stream, &e));
  }
  void TearDown() override {
    OK(t.stream_destroy(stream, &e));
    OK(t.device_close(device, &e));
    OK(t.backend_destroy(backend, &e));
  }
  tn_status multiply() {
    tn_mul_args args{};
    args.struct_size = sizeof args;
    return t.op_enqueue(stream, TN_OP_mul, &args, nullptr, nullptr, &e);
  }

  const tn_device_table& t = tiny_table;
  tn_error e{};
  tn_backend* backend = nullptr;
  tn_device* device = nullptr;
  tn_stream* stream = nullptr;
};

TEST_F(Authoring, SupportsOnlyTheOpsThatAreOverridden) {
  std::vector<std::uint64_t> zeroes(512, 0);
  for (const OpDescription& op : all_ops()) {
    const auto size = static_cast<std::uint32_t>(op.args_size);
    std::memcpy(zeroes.data(), &size, sizeof size);
    tn_op_support support{};
    support.struct_size = sizeof support;
    OK(t.op_query(device, op.op, zeroes.data(), &support, &e));
    const bool is_mul = op.op == TN_OP_mul;
    EXPECT_EQ(support.supported, is_mul ? 1u : 0u) << op.name;
    EXPECT_EQ(std::string(support.reason),
              is_mul ? "" : std::string("this backend has no ") + op.name);
    EXPECT_EQ(t.op_enqueue(stream, op.op, zeroes.data(), nullptr, nullptr, &e),
              is_mul ? TN_OK : TN_UNSUPPORTED);
  }
}

TEST_F(Authoring, LeavesOptionalSlotsUnimplemented) {
  tn_event* event = nullptr;
  OK(t.event_create(device, &event, &e));
  std::int64_t time = 5;
  EXPECT_EQ(t.event_elapsed(event, event, &time, &e), TN_UNIMPLEMENTED);
  EXPECT_EQ(time, 0);
  OK(t.event_destroy(event, &e));
  EXPECT_EQ(t.graph_capture_begin(stream, &e), TN_UNIMPLEMENTED);
  EXPECT_STREQ(e.message, "[graph_capture_begin] this backend does not implement it");
  tn_graph* graph = reinterpret_cast<tn_graph*>(&e);
  EXPECT_EQ(t.graph_capture_end(stream, &graph, &e), TN_UNIMPLEMENTED);
  EXPECT_EQ(graph, nullptr);
  tn_communicator* communicator = reinterpret_cast<tn_communicator*>(&e);
  EXPECT_EQ(t.communicator_create(&device, 1, &communicator, &e), TN_UNIMPLEMENTED);
  EXPECT_EQ(communicator, nullptr);
  EXPECT_EQ(t.profiling_start(device, &e), TN_UNIMPLEMENTED);
  char byte = 0;
  tn_buffer* buffer = reinterpret_cast<tn_buffer*>(&e);
  EXPECT_EQ(t.buffer_import_host(device, &byte, 1, &buffer, &e), TN_UNIMPLEMENTED);
  EXPECT_EQ(buffer, nullptr);
}

TEST_F(Authoring, TurnsExceptionsIntoErrors) {
  OK(multiply());
  EXPECT_STREQ(e.message, "");
  fault = Fault::FAILURE;
  REFUSED(TN_OUT_OF_RESOURCES, "[mul] no more", multiply());
  fault = Fault::LYING_FAILURE;
  REFUSED(TN_INTERNAL, "[mul] fine", multiply());
  fault = Fault::BAD_ALLOC;
  REFUSED(TN_OUT_OF_MEMORY, "out of memory", multiply());
  fault = Fault::RUNTIME_ERROR;
  REFUSED(TN_INTERNAL, "[mul] broken", multiply());
  fault = Fault::UNKNOWN;
  REFUSED(TN_INTERNAL, "unknown type", multiply());
}

TEST_F(Authoring, CutsTextsAtACharactersBorder) {
  fault = Fault::LONG_TEXT;
  std::memset(e.message, 'x', sizeof e.message);
  ASSERT_EQ(multiply(), TN_INTERNAL);
  EXPECT_EQ(std::string(e.message), std::string(TN_ERROR_MESSAGE_SIZE - 2, 'a'));
}

TEST_F(Authoring, ChecksOptionsOfEveryType) {
  tn_backend* other = nullptr;
  tn_option rate{"rate", {TN_VALUE_NUMBER, 0, {}}};
  rate.value.as.number = 1.5;
  REFUSED(TN_INVALID_ARGUMENT, "out of range",
          t.backend_create(&test_host(), &rate, 1, &other, &e));
  rate.value.as.number = std::numeric_limits<double>::quiet_NaN();
  REFUSED(TN_INVALID_ARGUMENT, "out of range",
          t.backend_create(&test_host(), &rate, 1, &other, &e));
  tn_option colour = option("colour", "green");
  REFUSED(TN_INVALID_ARGUMENT, "expected one of red, blue; found \"green\"",
          t.backend_create(&test_host(), &colour, 1, &other, &e));
  colour.value.as.text = nullptr;
  REFUSED(TN_INVALID_ARGUMENT, "NULL", t.backend_create(&test_host(), &colour, 1, &other, &e));
  colour.value.as.text = "blue";
  REFUSED(TN_INTERNAL, "did not declare", t.backend_create(&test_host(), &colour, 1, &other, &e));
  REFUSED(TN_INVALID_ARGUMENT, "NULL", t.backend_create(&test_host(), nullptr, 1, &other, &e));
  REFUSED(TN_INVALID_ARGUMENT, "host is NULL", t.backend_create(nullptr, nullptr, 0, &other, &e));
}

TEST_F(Authoring, NeverAnswersOkWithoutAnObject) {
  tn_backend* other = reinterpret_cast<tn_backend*>(&e);
  tn_option rate{"rate", {TN_VALUE_NUMBER, 0, {}}};
  rate.value.as.number = 1;
  REFUSED(TN_INTERNAL, "made no object", t.backend_create(&test_host(), &rate, 1, &other, &e));
  EXPECT_EQ(other, nullptr);
}

TEST_F(Authoring, FillsEverySlot) {
#define TN_SLOT(name, need, since_major, since_minor) EXPECT_NE(t.name, nullptr) << #name;
#include <tenon/slots.def>
  EXPECT_EQ(t.header.struct_size, sizeof t);
  EXPECT_EQ(t.header.facts, &tiny_facts);
}

TEST_F(Authoring, DescribesEveryOp) {
  EXPECT_EQ(all_ops().size(), 25u);
  const OpDescription* attention = find_op("paged_attention");
  ASSERT_NE(attention, nullptr);
  EXPECT_EQ(attention, find_op(TN_OP_paged_attention));
  EXPECT_EQ(attention->operands.size(), 8u);
  EXPECT_STREQ(attention->operands[1].name, "key_cache");
  EXPECT_EQ(attention->operands[1].offset, offsetof(tn_paged_attention_args, key_cache));
  EXPECT_TRUE(attention->operands[2].optional());
  EXPECT_TRUE(attention->operands[7].written());
  EXPECT_EQ(attention->host_arrays.size(), 2u);
  EXPECT_EQ(attention->updatable.size(), 2u);
  EXPECT_TRUE(find_op("linear")->updatable.empty());
  EXPECT_EQ(find_op("liner"), nullptr);
  EXPECT_EQ(find_op(0), nullptr);
}

}  // namespace
}  // namespace runtime_test
