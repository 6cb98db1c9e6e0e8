// Sizes of structs across versions (TN-ABI): what is filled, what is read, what is frozen.
#include <cstddef>
#include <cstring>

#include "rules/entry_point.hpp"
#include "rules/equal.hpp"
#include "rules/op_call.hpp"

namespace tenon::conformance::abi_structs_test {
namespace {

constexpr unsigned char poison = 0xee;

// `T` at the end of a page, struct_size cut to `size`, the bytes behind it poisoned or unmapped.
template <class T>
struct Filled {
  T value;
  unsigned char behind[64];

  explicit Filled(uint32_t size) : value{} {
    std::memset(static_cast<void*>(&value), 0, sizeof value);
    std::memset(behind, poison, sizeof behind);
    if (size < sizeof value) {
      std::memset(reinterpret_cast<unsigned char*>(&value) + size, poison, sizeof value - size);
    }
    value.struct_size = size;
  }
  void check_rest(const char* call, uint32_t size) const {
    check_equal("TN-ABI-12", fmt::format("{}: struct_size", call), size, value.struct_size);
    const auto* bytes = reinterpret_cast<const unsigned char*>(this);
    for (size_t i = size; i < sizeof *this; ++i) {
      check(bytes[i] == poison, "TN-ABI-12",
            fmt::format("{} with struct_size {}: byte {}", call, size, i), "untouched", "written");
    }
  }
};

// Calls `fill` with the full size, then with sizes that end earlier. `released`: the size in version
// 1.0, which a host of that version passes; a size below it may be refused.
template <class T, class Fill>
void check_sizes(const char* call, const Fill& fill, uint32_t released = sizeof(T)) {
  tn_error error{};
  Filled<T> whole(sizeof(T));
  check_ok("TN-ABI-12", call, fill(&whole.value, &error), error);
  whole.check_rest(call, sizeof(T));
  for (uint32_t size = 4; size < sizeof(T); size += 4) {
    Filled<T> cut(size);
    const tn_status status = fill(&cut.value, &error);
    if (size >= released) {
      check_ok("TN-ABI-12", fmt::format("{} with struct_size {}, as in version 1.0", call, size),
               status, error);
    } else if (status != TN_OK) {
      check_refused("TN-ABI-12", fmt::format("{} with struct_size {}", call, size),
                    TN_INVALID_ARGUMENT, status, error);
    }
    cut.check_rest(call, size);
  }
}

}  // namespace

CONFORMANCE_TEST(abi, device_structs_are_not_written_past_their_size,
                 {.rules = {"TN-ABI-12"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  constexpr uint32_t released_device_info = 120;
  const auto info_of = [&](tn_device_info* info, tn_error* error) {
    return table.device_info(subject.backend(), 0, info, error);
  };
  check_sizes<tn_device_info>("device_info", info_of, released_device_info);
  check_sizes<tn_device_memory>("device_memory", [&](tn_device_memory* memory, tn_error* error) {
    return table.device_memory(subject.device(), memory, error);
  });
  const tn_tensor one = tensor(nullptr, {1});
  const tn_copy_cast_args args = copy_cast_args(one, one);
  constexpr uint32_t released_op_support = 280;
  const auto query = [&](tn_op_support* support, tn_error* error) {
    return table.op_query(subject.device(), TN_OP_copy_cast, &args, support, error);
  };
  check_sizes<tn_op_support>("op_query", query, released_op_support);
  if (!subject.offers("layout_for")) return;
  const tn_tensor weight = tensor(nullptr, {64, 64});
  const tn_layout_use use{TN_OP_linear, 1, 0, 0};
  const tn_layout_request request{sizeof request, TN_ROLE_WEIGHT, &weight, &use, 1, 0};
  check_sizes<tn_layout_answer>("layout_for", [&](tn_layout_answer* answer, tn_error* error) {
    return table.layout_for(subject.device(), &request, answer, error);
  });
}

CONFORMANCE_TEST(abi, option_info_is_not_written_past_its_size,
                 {.rules = {"TN-ABI-12"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_device_table& table = entry.device_table(host.host());
  uint32_t count = 0;
  tn_error error{};
  check_ok("TN-OPT-1", "backend_option_count", table.backend_option_count(&count, &error), error);
  for (uint32_t i = 0; i < count; ++i) {
    check_sizes<tn_option_info>("backend_option_info", [&](tn_option_info* info, tn_error* where) {
      return table.backend_option_info(i, info, where);
    });
  }
}

// The bytes behind struct_size are not there at all.
CONFORMANCE_TEST(abi, host_is_not_read_past_its_size,
                 {.rules = {"TN-ABI-13"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  EndOfPage page;
  const auto& placed = *static_cast<tn_host*>(page.place(&host.host(), sizeof(tn_host)));
  const tn_device_table& table = entry.device_table(placed);
  tn_backend* backend = nullptr;
  tn_error error{};
  check_ok("TN-ABI-13", "backend_create",
           table.backend_create(&placed, nullptr, 0, &backend, &error), error);
  check_ok("TN-ABI-13", "backend_destroy", table.backend_destroy(backend, &error), error);
  check_equal("TN-ABI-14", "bytes of the host's allocator left", uint64_t{0},
              host.allocated_bytes());
}

// No host is smaller than version 1.0's, so a plugin may refuse this one, but not read past it.
CONFORMANCE_TEST(abi, host_without_a_log_is_not_read_past_its_size,
                 {.rules = {"TN-ABI-13"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  tn_host cut = host.host();
  for (const size_t size : {offsetof(tn_host, log), offsetof(tn_host, allocate)}) {
    cut.struct_size = static_cast<uint32_t>(size);
    EndOfPage page;
    const auto& placed = *static_cast<tn_host*>(page.place(&cut, size));
    const QueryAnswer found = entry.ask(TN_PLUGIN_DEVICE, placed, TN_DEVICE_API_VERSION);
    if (found.status != TN_OK) {
      check_refused("TN-ABI-13", "tn_plugin_query of a host without a log", found.status,
                    found.status, found.error);
      continue;
    }
    const auto& table = *static_cast<const tn_device_table*>(found.answer.table);
    tn_backend* backend = nullptr;
    tn_error error{};
    if (table.backend_create(&placed, nullptr, 0, &backend, &error) != TN_OK) {
      check(backend == nullptr, "TN-ERR-4", "backend_create was refused", "NULL", "a handle");
      continue;
    }
    check_ok("TN-ABI-13", "backend_destroy", table.backend_destroy(backend, &error), error);
  }
}

// What a host of a later version sends: a longer struct, new fields zero or not.
CONFORMANCE_TEST(abi, newer_arguments_are_taken_while_they_are_zero,
                 {.rules = {"TN-ABI-18", "TN-ABI-17"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<int32_t>({11, 22, 33});
  auto plain = move_one(subject, data, 0, 1);
  struct {
    tn_copy_cast_args args;
    unsigned char newer[40];
  } longer{};
  longer.args = plain.args;
  longer.args.output = tensor(data, {1}, TN_DTYPE_I32, 8);
  longer.args.struct_size = sizeof longer;
  check_equal("TN-ABI-18", "op_query of a longer struct with a zero tail: supported", 1U,
              op_support(subject, TN_OP_copy_cast, &longer).supported);
  tn_error error{};
  plain.enqueue(stream);
  check_ok("TN-ABI-18", "op_enqueue of a longer struct with a zero tail",
           table.op_enqueue(stream, TN_OP_copy_cast, &longer, plain.workspace(), nullptr, &error),
           error);
  subject.synchronize(stream);
  check_equal("TN-ABI-17", "result of the longer struct", std::vector<int32_t>({11, 11, 11}),
              subject.values<int32_t>(data, 3));
  for (const size_t at : {size_t{0}, size_t{7}, size_t{8}, sizeof longer.newer - 1}) {
    std::memset(longer.newer, 0, sizeof longer.newer);
    longer.newer[at] = 1;
    const tn_op_support support = op_support(subject, TN_OP_copy_cast, &longer);
    check_equal("TN-ABI-18", fmt::format("op_query with byte {} past 1.0 set: supported", at), 0U,
                support.supported);
    check(support.reason[0] != '\0', "TN-OP-2", "supported = 0", "a reason", "none");
    check_refused(
        "TN-ABI-18", "op_enqueue of a struct with a new field that is not zero", TN_UNSUPPORTED,
        table.op_enqueue(stream, TN_OP_copy_cast, &longer, plain.workspace(), nullptr, &error),
        error);
  }
}

CONFORMANCE_TEST(abi, unknown_flags_and_reserved_words_are_refused,
                 {.rules = {"TN-ABI-18", "TN-ERR-11"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<int32_t>({11, 22});
  auto move = move_one(subject, data, 0, 1);
  const tn_copy_cast_args good = move.args;
  const auto refused = [&](const char* what, const tn_copy_cast_args& args) {
    check_equal("TN-ABI-18", fmt::format("op_query with {}: supported", what), 0U,
                op_support(subject, TN_OP_copy_cast, &args).supported);
    tn_error error{};
    check_refused(
        "TN-ABI-18", fmt::format("op_enqueue with {}", what), TN_UNSUPPORTED,
        table.op_enqueue(stream, TN_OP_copy_cast, &args, move.workspace(), nullptr, &error), error);
  };
  for (const uint32_t flags : {1U, 4U, 0x80000000U}) {
    tn_copy_cast_args args = good;
    args.flags = flags;
    refused("an unknown flag", args);
  }
  tn_copy_cast_args args = good;
  args.input.reserved1[1] = 1;
  refused("a reserved word of a tensor that is not zero", args);
  subject.synchronize(stream);
  check_equal("TN-ABI-18", "the output of refused ops", std::vector<int32_t>({11, 22}),
              subject.values<int32_t>(data, 2));
}

CONFORMANCE_TEST(abi, shorter_arguments_are_refused,
                 {.rules = {"TN-ABI-18", "TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<int32_t>({11, 22});
  auto move = move_one(subject, data, 0, 1);
  EndOfPage page;
  tn_copy_cast_args args = move.args;
  args.struct_size = sizeof args - 8;
  const void* cut = page.place(&args, sizeof args - 8);
  tn_op_support support{};
  support.struct_size = sizeof support;
  support.supported = 1;
  tn_error error{};
  check_refused(
      "TN-ABI-18", "op_query with a struct_size below that of version 1.0", TN_INVALID_ARGUMENT,
      subject.table().op_query(subject.device(), TN_OP_copy_cast, cut, &support, &error), error);
  check_equal("TN-ERR-4", "supported, when op_query is refused", 0U, support.supported);
  check_refused(
      "TN-ABI-18", "op_enqueue with a struct_size below that of version 1.0", TN_INVALID_ARGUMENT,
      subject.table().op_enqueue(stream, TN_OP_copy_cast, cut, move.workspace(), nullptr, &error),
      error);
}

// The suite is built against the same headers as everyone: what it sees is what 1.0 released.
CONFORMANCE_TEST(abi, released_structs_keep_their_shape,
                 {.rules = {"TN-ABI-16", "TN-ABI-15"}, .without_backend = true}) {
  static_assert(sizeof(tn_error) == 1024 && offsetof(tn_error, message) == 8);
  static_assert(sizeof(tn_value) == 16 && sizeof(tn_option) == 24);
  static_assert(sizeof(tn_buffer_range) == 24 && sizeof(tn_layout_use) == 16);
  static_assert(sizeof(tn_tensor) == 152 && offsetof(tn_tensor, shape) == 40 &&
                offsetof(tn_tensor, strides) == 88 && offsetof(tn_tensor, reserved1) == 136);
  static_assert(sizeof(tn_host) == 40 && sizeof(tn_plugin_answer) == 16);
  check_equal("TN-ABI-15", "offset of the first slot of the table", sizeof(tn_table_header),
              offsetof(tn_device_table, backend_option_count));
}

}  // namespace tenon::conformance::abi_structs_test
