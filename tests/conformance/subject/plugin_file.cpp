#include "subject/plugin_file.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/error.hpp"
#include "device/status.hpp"
#include "framework/outcome.hpp"
#include "plugin/elf_file.hpp"
#include "plugin/plugin_kind.hpp"
#include "subject/suite_host.hpp"

namespace tenon::conformance {
namespace {

std::filesystem::path inspected(const std::filesystem::path& path) {
  const ElfFacts facts = inspect_library_file(path);
  check(facts.exports_query, "TN-ABI-1", path.filename().string(),
        "an exported function tn_plugin_query", "none");
  check_sanitizer(facts.sanitizer, path.string());
  return std::filesystem::canonical(path);
}

template <class Number>
Number number(const OptionInfo& info, const std::string& text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorKind::input,
                fmt::format("[--options] {} is not readable; expected a value of type {}; found {}",
                            info.name, option_type_name(info.type), text));
  }
  return value;
}

OptionValue value_of(const OptionInfo& info, const std::string& text) {
  switch (info.type) {
    case TN_VALUE_BOOLEAN:
      if (text == "true" || text == "false") return text == "true";
      return number<int64_t>(info, text) != 0;
    case TN_VALUE_INTEGER:
      return number<int64_t>(info, text);
    case TN_VALUE_NUMBER:
      return number<double>(info, text);
    default:
      return text;
  }
}

}  // namespace

PluginFile::PluginFile(const std::filesystem::path& path, SuiteHost& host)
    : host_(host), library_(inspected(path), LibraryLifetime::resident) {
  query_ = reinterpret_cast<tn_plugin_query_function>(library_.find("tn_plugin_query"));
  check(query_ != nullptr, "TN-ABI-1", path.filename().string(),
        "an exported function tn_plugin_query", "none");
  tn_plugin_answer answer{};
  answer.struct_size = sizeof answer;
  tn_error error{};
  check_ok("TN-ABI-3", "tn_plugin_query",
           query_(TN_PLUGIN_DEVICE, &host.host(), TN_DEVICE_API_VERSION, &answer, &error), error);
  check(answer.table != nullptr, "TN-ERR-4", "tn_plugin_query answered TN_OK", "a table", "NULL");
  check(answer.version <= TN_DEVICE_API_VERSION, "TN-ABI-4", "negotiated version",
        fmt::format("at most {}", version_text(TN_DEVICE_API_VERSION)),
        version_text(answer.version));
  raw_ = static_cast<const tn_device_table*>(answer.table);
  version_ = answer.version;
  try {
    table_ = std::make_unique<DeviceTable>(*raw_, "tn_device_table");
  } catch (const Error& refused) {
    fail(raw_->header.struct_size >= sizeof(tn_table_header) ? "TN-ABI-9" : "TN-ABI-8",
         "the table is refused", "every required slot filled, within struct_size", refused.what());
  }
  check(raw_->header.facts != nullptr, "TN-ABI-11", "table header", "facts", "NULL");
}

std::vector<Option> parse_options(const DeviceTable& table, const std::vector<std::string>& texts) {
  if (texts.empty()) return {};  // what the plugin declares has a test of its own
  const std::vector<OptionInfo> declared = list_options(table);
  std::vector<Option> options;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::input, fmt::format("[--options] expected key=value; found {}", text));
    }
    Option option{text.substr(0, equals), text.substr(equals + 1)};
    for (const OptionInfo& info : declared) {
      if (info.name == option.name) option.value = value_of(info, text.substr(equals + 1));
    }
    options.push_back(checked_option(declared, option));
  }
  return options;
}

}  // namespace tenon::conformance
