#include "runner/plugin_summary.hpp"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "plugin/plugin_kind.hpp"
#include "runner/test_child.hpp"

namespace tenon::conformance {
namespace {

using nlohmann::json;

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

json facts_of(const PluginFile& plugin) {
  const tn_plugin_facts& facts = plugin.facts();
  return {{"name", text_of(facts.name)},
          {"description", text_of(facts.description)},
          {"plugin_version", text_of(facts.plugin_version)},
          {"source_revision", text_of(facts.source_revision)},
          {"compiler", text_of(facts.compiler)},
          {"licence", text_of(facts.licence)},
          {"version", version_text(plugin.version())}};
}

// The order of the steps is the order in which a host meets a plugin. Each step that succeeds is
// sent, so that a crash in the next one shows how far the plugin got.
class Inquiry {
 public:
  Inquiry(const RunSettings& settings, Channel& channel) : settings_(settings), channel_(channel) {}

  void run() {
    try {
      steps();
    } catch (const TestFailure& found) {
      // No plugin, or one that says that it cannot be one here.
      const bool refused = found.rule() == "TN-ABI-1" || found.rule() == "TN-ABI-3";
      if (refused) known_["unusable"] = found.what();
      known_["finding"] = {found.rule(), found.what_happened(), found.expected(), found.found()};
    } catch (const Error& error) {
      known_[error.kind() == ErrorKind::input ? "unusable" : "fault"] = error.what();
    } catch (const std::exception& error) {
      known_["fault"] = error.what();
    }
    send();
  }

 private:
  void steps() {
    SuiteHost host;
    const PluginFile plugin(settings_.plugin, host);
    known_["facts"] = facts_of(plugin);
    send();
    Subject subject(plugin, parse_options(plugin.table(), settings_.options));
    known_["backend"] = true;
    send();
    ask_devices(subject);
    send();
    subject.finish();
  }

  void ask_devices(Subject& subject) {
    for (uint32_t index = 0; index < subject.device_count(); ++index) {
      const tn_device_info info = subject.device_info(index);
      known_["devices"].push_back(std::string(info.name, strnlen(info.name, sizeof info.name)));
      if (index > 0) continue;
      known_["profiles"] = info.profiles;
      known_["capabilities"] = info.capabilities;
    }
  }

  void send() { channel_.note(known_.dump(-1, ' ', false, json::error_handler_t::replace)); }

  const RunSettings& settings_;
  Channel& channel_;
  json known_ = json::object();
};

PluginSummary read(const json& known) {
  PluginSummary summary;
  if (known.contains("facts")) {
    const json& facts = known["facts"];
    summary.facts = {
        facts["name"],     facts["description"], facts["plugin_version"], facts["source_revision"],
        facts["compiler"], facts["licence"],     facts["version"]};
  }
  summary.has_backend = known.value("backend", false);
  summary.devices = known.value("devices", std::vector<std::string>());
  summary.profiles = known.value("profiles", summary.has_backend ? TN_PROFILE_CORE : uint64_t{0});
  summary.capabilities = known.value("capabilities", uint64_t{0});
  summary.unusable = known.value("unusable", "");
  if (known.contains("finding")) {
    const auto parts = known["finding"].get<std::vector<std::string>>();
    summary.finding = {parts.at(0), parts.at(1), parts.at(2), parts.at(3)};
  } else if (known.contains("fault")) {
    summary.finding = {"suite", "asking the plugin for its devices", "an answer", known["fault"]};
  }
  return summary;
}

}  // namespace

PluginSummary summarise_plugin(const RunSettings& settings, std::chrono::milliseconds timeout) {
  ChildEnd end;
  run_children(
      1, {1, timeout}, [&](size_t, Channel& channel) { Inquiry(settings, channel).run(); },
      [&](size_t, ChildEnd ended) { end = std::move(ended); });
  PluginSummary summary = read(end.notes.empty() ? json::object() : json::parse(end.notes.back()));
  if (end.hung || end.signal != 0 || end.exit_code != 0) {
    const char* what = !summary.facts         ? "opening the library"
                       : !summary.has_backend ? "creating a backend"
                                              : "asking the backend for its devices";
    summary.finding =
        Finding{summary.facts ? "TN-DEV-6" : "TN-ABI-3", what, "an answer", end_text(end, timeout)};
  }
  if (summary.finding) summary.output = end.output;
  return summary;
}

std::string capability_names(uint64_t bits) {
  std::string names;
  const auto add = [&](uint64_t bit, const char* name) {
    if ((bits & bit) != 0) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  add(TN_CAN_RUN_EVERY_OP, "TN_CAN_RUN_EVERY_OP");
  add(TN_CAN_CAPTURE_GRAPHS, "TN_CAN_CAPTURE_GRAPHS");
  add(TN_CAN_IMPORT_HOST, "TN_CAN_IMPORT_HOST");
  add(TN_CAN_CALL_HOST, "TN_CAN_CALL_HOST");
  add(TN_CAN_COMMUNICATE, "TN_CAN_COMMUNICATE");
  add(TN_CAN_PREFETCH, "TN_CAN_PREFETCH");
  add(TN_CAN_PROFILE, "TN_CAN_PROFILE");
  add(TN_CAN_MAP_DEVICE_MEMORY, "TN_CAN_MAP_DEVICE_MEMORY");
  add(TN_IS_BATCH_INVARIANT, "TN_IS_BATCH_INVARIANT");
  add(TN_KEEPS_NO_CONTENTS, "TN_KEEPS_NO_CONTENTS");
  return names.empty() ? "none" : names;
}

}  // namespace tenon::conformance
