// What the table and the facts hold (TN-ABI), and what the library does to its process.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <cstring>

#include "device/table.hpp"
#include "plugin/elf_file.hpp"
#include "rules/entry_point.hpp"
#include "rules/equal.hpp"

namespace tenon::conformance::abi_table_test {
namespace {

using AnyFunction = void (*)();

AnyFunction slot_of(const tn_device_table& table, const TableSlot& slot) {
  AnyFunction function = nullptr;
  if (slot.offset + sizeof function > table.header.struct_size) return nullptr;
  std::memcpy(&function, reinterpret_cast<const char*>(&table) + slot.offset, sizeof function);
  return function;
}

size_t end_of_required_slots() {
  size_t end = sizeof(tn_table_header);
  for (const TableSlot& slot : device_slots()) {
    if (slot.required) end = std::max(end, slot.offset + sizeof(AnyFunction));
  }
  return end;
}

struct ProcessState {
  int rounding = std::fegetround();
  std::string locale = std::setlocale(LC_ALL, nullptr);
  std::string folder = std::filesystem::current_path();
  std::vector<const void*> handlers;

  ProcessState() {
    for (int signal = 1; signal < NSIG; ++signal) {
      struct sigaction action {};
      sigaction(signal, nullptr, &action);
      handlers.push_back(reinterpret_cast<const void*>(action.sa_handler));
    }
  }
};

void check_same(const ProcessState& before, const char* when) {
  const ProcessState now;
  const auto same = [&](const char* what, const auto& was, const auto& is) {
    check_equal("TN-ABI-20", fmt::format("{} after {}", what, when), was, is);
  };
  same("rounding mode", before.rounding, now.rounding);
  same("locale", before.locale, now.locale);
  same("working directory", before.folder, now.folder);
  same("signal handlers", before.handlers, now.handlers);
  // A mode that flushes subnormals to zero is not part of the standard's environment.
  volatile float subnormal = 1e-40F;
  volatile float half = subnormal * 0.5F;
  check(half != 0.0F, "TN-ABI-20", fmt::format("arithmetic after {}", when), "subnormals as before",
        "subnormals flushed to zero");
}

}  // namespace

CONFORMANCE_TEST(abi, table_has_its_size, {.rules = {"TN-ABI-8"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_table_header header = entry.device_table(host.host()).header;
  check(header.struct_size >= end_of_required_slots() &&
            header.struct_size <= sizeof(tn_device_table),
        "TN-ABI-8", "header.struct_size of the table of version 1.0",
        fmt::format("{} (the last required slot) to {}", end_of_required_slots(),
                    sizeof(tn_device_table)),
        fmt::format("{}", header.struct_size));
  check_equal("TN-ABI-8", "header.reserved", 0U, header.reserved);
}

CONFORMANCE_TEST(abi, table_fills_required_slots,
                 {.rules = {"TN-ABI-9"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_device_table& table = entry.device_table(host.host());
  for (const TableSlot& slot : device_slots()) {
    check(!slot.required || slot_of(table, slot) != nullptr, "TN-ABI-9",
          fmt::format("required slot {}", slot.name), "a function", "NULL");
  }
}

// A host that knows the required slots alone: the rest lies past what it copied.
CONFORMANCE_TEST(abi, table_may_end_after_the_required_slots,
                 {.rules = {"TN-ABI-10", "TN-ERR-6"}, .without_backend = true}) {
  SuiteHost host;
  const PluginFile plugin(context.settings().plugin, host);
  EndOfPage page;
  tn_device_table whole{};
  std::memcpy(&whole, &plugin.raw_table(), end_of_required_slots());
  whole.header.struct_size = static_cast<uint32_t>(end_of_required_slots());
  const DeviceTable cut(
      *static_cast<const tn_device_table*>(page.place(&whole, end_of_required_slots())),
      "a table of the required slots");
  void (*function)(void) = nullptr;
  tn_error error{};
  check_refused("TN-ABI-10", "an optional slot past struct_size", TN_UNIMPLEMENTED,
                cut->get_function("nothing@1.0", &function, &error), error);
  uint32_t count = 0;
  check_ok("TN-ABI-10", "backend_option_count", cut->backend_option_count(&count, &error), error);
}

CONFORMANCE_TEST(abi, left_out_slots_answer_unimplemented,
                 {.rules = {"TN-ABI-10", "TN-ERR-6"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_error error{};
  const auto left_out = [&](const char* slot, tn_status status) {
    if (subject.offers(slot)) return;
    check_refused("TN-ABI-10", fmt::format("{}, which the plugin leaves out", slot),
                  TN_UNIMPLEMENTED, status, error);
  };
  if (!subject.offers("graph_capture_begin"))
    left_out("graph_capture_begin", table.graph_capture_begin(stream, &error));
  if (!subject.offers("profiling_start"))
    left_out("profiling_start", table.profiling_start(subject.device(), &error));
  if (!subject.offers("stream_call_host")) {
    left_out("stream_call_host", table.stream_call_host(
                                     stream, [](void*) {}, nullptr, &error));
  }
  void (*function)(void) = nullptr;
  if (!subject.offers("get_function"))
    left_out("get_function", table.get_function("nothing@1.0", &function, &error));
}

CONFORMANCE_TEST(abi, facts_are_complete, {.rules = {"TN-ABI-11"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_plugin_facts* facts = entry.device_table(host.host()).header.facts;
  check(facts != nullptr, "TN-ABI-11", "header.facts", "facts", "NULL");
  check(facts->struct_size >= sizeof(tn_plugin_facts), "TN-ABI-11", "facts->struct_size",
        fmt::format("at least {}", sizeof(tn_plugin_facts)), fmt::format("{}", facts->struct_size));
  const std::pair<const char*, const char*> texts[] = {{"name", facts->name},
                                                       {"description", facts->description},
                                                       {"plugin_version", facts->plugin_version},
                                                       {"source_revision", facts->source_revision},
                                                       {"compiler", facts->compiler},
                                                       {"licence", facts->licence}};
  for (const auto& [name, text] : texts) {
    check(text != nullptr, "TN-ABI-11", fmt::format("facts->{}", name), "a text", "NULL");
  }
  const std::string_view name = facts->name;
  check(!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                             std::string_view::npos,
        "TN-ABI-11", "facts->name", "characters of [a-z0-9_]", std::string(name));
  const ElfFacts file = inspect_library_file(context.settings().plugin);
  if (file.sanitizer != TN_SANITIZER_NONE) {
    check_equal("TN-ABI-11", "facts->sanitizer", static_cast<uint32_t>(file.sanitizer),
                facts->sanitizer);
  }
}

CONFORMANCE_TEST(abi, facts_and_table_do_not_change,
                 {.rules = {"TN-ABI-7"}, .without_contents = true}) {
  const PluginFile& plugin = context.plugin();
  const tn_device_table& table = plugin.raw_table();
  std::vector<char> before(table.header.struct_size);
  std::memcpy(before.data(), &table, before.size());
  const tn_plugin_facts facts = plugin.facts();
  const std::string texts =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", facts.name, facts.description, facts.plugin_version,
                  facts.source_revision, facts.compiler, facts.licence);
  const auto other = context.another(context.options());
  other->synchronize(other->stream());
  other->finish();
  check(std::memcmp(&table, before.data(), before.size()) == 0, "TN-ABI-7",
        "the table after a backend came and went", "unchanged", "other bytes");
  check_equal("TN-ABI-7", "the facts after a backend came and went", texts,
              fmt::format("{}\n{}\n{}\n{}\n{}\n{}", plugin.facts().name, plugin.facts().description,
                          plugin.facts().plugin_version, plugin.facts().source_revision,
                          plugin.facts().compiler, plugin.facts().licence));
}

CONFORMANCE_TEST(abi, process_is_left_as_it_is, {.rules = {"TN-ABI-20"}, .without_backend = true}) {
  const ProcessState before;
  const EntryPoint entry(context);
  SuiteHost host;
  entry.device_table(host.host());
  check_same(before, "tn_plugin_query");
  Subject& subject = context.subject();
  subject.synchronize(subject.stream());
  check_same(before, "making a backend, a device and a stream");
  subject.finish();
  check_same(before, "destroying the backend");
}

CONFORMANCE_TEST(abi, unknown_functions_are_not_found,
                 {.rules = {"TN-ABI-19", "TN-ERR-4"}, .without_backend = true}) {
  SuiteHost host;
  const PluginFile plugin(context.settings().plugin, host);
  if (!plugin.table().offers("get_function")) {
    throw TestSkipped("the slot get_function is left out");
  }
  for (const char* name : {"no_such_function@1.0", "", "no_such_function", "@"}) {
    auto function = reinterpret_cast<void (*)(void)>(&host);
    tn_error error{};
    check_refused("TN-ABI-19", fmt::format("get_function(\"{}\")", name), TN_NOT_FOUND,
                  plugin.table()->get_function(name, &function, &error), error);
    check(function == nullptr, "TN-ABI-19", "the function of a name that does not exist", "NULL",
          "a function");
  }
}

}  // namespace tenon::conformance::abi_table_test
