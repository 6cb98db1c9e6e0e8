// tn_plugin_query (TN-ABI): versions, kinds, refusals.
#include <array>
#include <cstring>
#include <thread>

#include "rules/entry_point.hpp"
#include "rules/equal.hpp"

namespace tenon::conformance::abi_test {
namespace {

void check_no_table(const char* rule, const char* call, tn_status expected,
                    const QueryAnswer& found) {
  check_refused(rule, call, expected, found.status, found.error);
  check(found.answer.table == nullptr, rule, call, "a NULL table", "a table");
  check_equal("TN-ERR-4", fmt::format("version after {}", call), 0U, found.answer.version);
}

}  // namespace

CONFORMANCE_TEST(abi, query_is_exported, {.rules = {"TN-ABI-1"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  check(entry.device_table(host.host()).header.facts != nullptr, "TN-ABI-11", "table header",
        "facts", "NULL");
}

CONFORMANCE_TEST(abi, query_answers_its_own_version_at_most,
                 {.rules = {"TN-ABI-4", "TN-ABI-15"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host(TN_VERSION(1, 0));
  const QueryAnswer oldest = entry.ask(TN_PLUGIN_DEVICE, host.host(), TN_VERSION(1, 0));
  check_ok("TN-ABI-4", "tn_plugin_query of a host of version 1.0", oldest.status, oldest.error);
  check_equal("TN-ABI-4", "version for a host of 1.0", TN_VERSION(1, 0), oldest.answer.version);
  SuiteHost newer_host(TN_VERSION(1, 99));
  const QueryAnswer newer = entry.ask(TN_PLUGIN_DEVICE, newer_host.host(), TN_VERSION(1, 99));
  check_ok("TN-ABI-4", "tn_plugin_query of a host of version 1.99", newer.status, newer.error);
  const uint32_t version = newer.answer.version;
  check(version >= TN_VERSION(1, 0) && version <= TN_VERSION(1, 99), "TN-ABI-4",
        "version for a host of 1.99", "1.0 to 1.99",
        fmt::format("{}.{}", TN_VERSION_MAJOR(version), TN_VERSION_MINOR(version)));
  check(newer.answer.table != nullptr, "TN-ERR-4", "tn_plugin_query answered TN_OK", "a table",
        "NULL");
  check_equal("TN-ABI-12", "struct_size of the answer",
              static_cast<uint32_t>(sizeof(tn_plugin_answer)), newer.answer.struct_size);
}

CONFORMANCE_TEST(abi, query_refuses_versions_before_the_first,
                 {.rules = {"TN-ABI-5"}, .without_backend = true}) {
  const EntryPoint entry(context);
  for (const uint32_t version : {TN_VERSION(0, 1), TN_VERSION(0, 0xffff)}) {
    SuiteHost host(version);
    check_no_table("TN-ABI-5", "tn_plugin_query of a host of major version 0", TN_VERSION_MISMATCH,
                   entry.ask(TN_PLUGIN_DEVICE, host.host(), version));
  }
}

// A plugin may come to speak a later major version; one that does not says so.
CONFORMANCE_TEST(abi, query_refuses_major_versions_it_does_not_speak,
                 {.rules = {"TN-ABI-5", "TN-ABI-4"}, .without_backend = true}) {
  const EntryPoint entry(context);
  const uint32_t version = TN_VERSION(77, 3);
  SuiteHost host(version);
  const QueryAnswer found = entry.ask(TN_PLUGIN_DEVICE, host.host(), version);
  check_no_table("TN-ABI-5", "tn_plugin_query of a host of major version 77", TN_VERSION_MISMATCH,
                 found);
}

CONFORMANCE_TEST(abi, query_refuses_other_kinds,
                 {.rules = {"TN-ABI-6", "TN-ERR-4"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  for (const uint32_t kind : {uint32_t{0}, uint32_t{3}, uint32_t{0x80000000}}) {
    check_no_table("TN-ABI-6", "tn_plugin_query of a kind that does not exist", TN_UNSUPPORTED,
                   entry.ask(kind, host.host(), TN_DEVICE_API_VERSION));
  }
  // One library may hold plugins of both kinds.
  const QueryAnswer model = entry.ask(TN_PLUGIN_MODEL, host.host(), TN_VERSION(1, 0));
  if (model.status != TN_OK) {
    check_no_table("TN-ABI-6", "tn_plugin_query for a model", TN_UNSUPPORTED, model);
  }
}

CONFORMANCE_TEST(abi, query_may_be_called_again,
                 {.rules = {"TN-ABI-3", "TN-ABI-7"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_device_table& table = entry.device_table(host.host());
  std::vector<char> before(table.header.struct_size);
  std::memcpy(before.data(), &table, before.size());
  for (int i = 0; i < 10; ++i) {
    SuiteHost older(TN_VERSION(0, 1));
    entry.ask(TN_PLUGIN_DEVICE, older.host(), TN_VERSION(0, 1));
    const QueryAnswer again = entry.ask(TN_PLUGIN_DEVICE, host.host(), TN_DEVICE_API_VERSION);
    check_ok("TN-ABI-3", "tn_plugin_query, called again", again.status, again.error);
    const auto* found = static_cast<const tn_device_table*>(again.answer.table);
    check(found != nullptr && found->header.struct_size == before.size() &&
              std::memcmp(found, before.data(), before.size()) == 0,
          "TN-ABI-3", "the table of a later tn_plugin_query", "the same table", "another one");
  }
  check(std::memcmp(&table, before.data(), before.size()) == 0, "TN-ABI-7",
        "the first table after more calls", "unchanged", "other bytes");
}

CONFORMANCE_TEST(abi, query_takes_calls_from_several_threads,
                 {.rules = {"TN-ABI-3", "TN-THR-1"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  std::array<QueryAnswer, 8> found{};
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (QueryAnswer& answer : found) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        answer = entry.ask(TN_PLUGIN_DEVICE, host.host(), TN_DEVICE_API_VERSION);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (const QueryAnswer& answer : found) {
    check_ok("TN-ABI-3", "tn_plugin_query from several threads", answer.status, answer.error);
    check(answer.answer.table == found[0].answer.table, "TN-ABI-3",
          "the table that tn_plugin_query gives to several threads", "the same", "another one");
  }
}

CONFORMANCE_TEST(abi, query_takes_a_null_error, {.rules = {"TN-ERR-2"}, .without_backend = true}) {
  SuiteHost host;
  const PluginFile plugin(context.settings().plugin, host);
  tn_plugin_answer answer{sizeof(tn_plugin_answer), 0, nullptr};
  check_equal(
      "TN-ERR-2", "tn_plugin_query with a NULL error", tn_status{TN_OK},
      plugin.query()(TN_PLUGIN_DEVICE, &host.host(), TN_DEVICE_API_VERSION, &answer, nullptr));
  check_equal("TN-ERR-2", "a refused tn_plugin_query with a NULL error", tn_status{TN_UNSUPPORTED},
              plugin.query()(99, &host.host(), TN_DEVICE_API_VERSION, &answer, nullptr));
}

}  // namespace tenon::conformance::abi_test
