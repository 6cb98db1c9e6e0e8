// What the tests of the runtime share: they drive the plugin through its C table alone.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/device_api.h>

namespace runtime_test {

const tn_host& test_host();
const tn_device_table& table();

// Bytes that the plugin has allocated from the test's host and not yet released.
std::uint64_t allocated_bytes();

// Options of backend_create.
tn_option option(const char* name, std::int64_t value);
tn_option option(const char* name, const char* value);
tn_option flag(const char* name, bool value);

// A backend and everything made from it, destroyed in the right order. Failures are test failures.
class TestBackend {
 public:
  explicit TestBackend(const std::vector<tn_option>& options = {});
  ~TestBackend();
  TestBackend(const TestBackend&) = delete;
  TestBackend& operator=(const TestBackend&) = delete;

  tn_backend* handle() { return backend_; }
  tn_device* device(std::uint32_t index = 0);
  tn_stream* stream(const char* name = "main", std::uint32_t device = 0);
  tn_event* event(std::uint32_t device = 0);
  tn_buffer* buffer(std::uint64_t size, tn_memory_kind kind = TN_MEMORY_DEVICE,
                    std::uint32_t device = 0);
  // A device buffer that holds these values.
  template <class T>
  tn_buffer* filled(const std::vector<T>& values, std::uint32_t device = 0) {
    return filled_bytes(values.data(), values.size() * sizeof(T), device);
  }
  std::vector<tn_communicator*> communicators(std::uint32_t count);
  void keep(tn_graph* graph) { graphs_.push_back(graph); }

  // Reads a buffer on a stream of its own, after `stream` has passed.
  template <class T>
  std::vector<T> values(tn_buffer* buffer, std::size_t count, std::uint32_t device = 0) {
    std::vector<T> result(count);
    read_bytes(buffer, result.data(), count * sizeof(T), device);
    return result;
  }

  void synchronize(tn_stream* stream);
  // Destroys early.
  void destroy(tn_stream* stream);
  void destroy(tn_event* event);
  void destroy(tn_buffer* buffer);
  void destroy(tn_communicator* communicator);
  void destroy(tn_graph* graph);

 private:
  tn_buffer* filled_bytes(const void* bytes, std::uint64_t size, std::uint32_t device);
  void read_bytes(tn_buffer* buffer, void* out, std::uint64_t size, std::uint32_t device);

  tn_backend* backend_ = nullptr;
  std::vector<tn_device*> devices_;
  std::vector<tn_stream*> streams_;
  std::vector<tn_event*> events_;
  std::vector<tn_buffer*> buffers_;
  std::vector<tn_graph*> graphs_;
  std::vector<tn_communicator*> communicators_;
};

// Holds a stream back, from enter() until open() or the end of the test.
class Gate {
 public:
  ~Gate() { open(); }
  void enter(tn_stream* stream);
  void open();

 private:
  std::shared_ptr<std::promise<void>> promise_ = std::make_shared<std::promise<void>>();
  std::shared_future<void> future_ = promise_->get_future().share();
  bool opened_ = false;
};

// Contiguous tensors.
tn_tensor tensor(tn_buffer* buffer, std::vector<std::int64_t> shape, tn_dtype dtype = TN_DTYPE_F32,
                 std::uint64_t byte_offset = 0);

// Argument structs, complete but for what a test changes.
tn_add_args add_args(const tn_tensor& a, const tn_tensor& b, const tn_tensor& output);
tn_gather_rows_args gather_args(const tn_tensor& input, const tn_tensor& index,
                                const tn_tensor& output);

// An op that fails when it runs: gather_rows with an index out of range, on one-row buffers.
void enqueue_failing_op(TestBackend& backend, tn_stream* stream);

class RuntimeTest : public ::testing::Test {
 protected:
  const tn_device_table& t = table();
  tn_error e{};
};

#define OK(call) ASSERT_EQ((call), TN_OK) << e.message
#define REFUSED(status, text, call)                                                         \
  do {                                                                                      \
    ASSERT_EQ((call), (status)) << e.message;                                               \
    EXPECT_EQ(e.code, (status));                                                            \
    EXPECT_NE(std::string_view(e.message).find(text), std::string_view::npos) << e.message; \
  } while (false)

}  // namespace runtime_test
