// The library under test, opened in this process.
#pragma once

#include <tenon/device_api.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "device/option.hpp"
#include "device/table.hpp"
#include "plugin/shared_library.hpp"

namespace tenon::conformance {

class SuiteHost;

// Opens the file after looking at it (plugin/elf_file.hpp) and finds tn_plugin_query. Throws
// TestFailure with TN-ABI-1 when it is no plugin.
class PluginFile {
 public:
  PluginFile(const std::filesystem::path& path, SuiteHost& host);

  tn_plugin_query_function query() const { return query_; }
  SuiteHost& host() const { return host_; }
  // The table for the version that the suite speaks, checked and completed; throws TestFailure with
  // the rule that the answer breaks.
  const DeviceTable& table() const { return *table_; }
  // The same as the plugin handed it out: only struct_size bytes of it exist.
  const tn_device_table& raw_table() const { return *raw_; }
  uint32_t version() const { return version_; }
  const tn_plugin_facts& facts() const { return *raw_->header.facts; }

 private:
  SuiteHost& host_;
  SharedLibrary library_;
  tn_plugin_query_function query_ = nullptr;
  const tn_device_table* raw_ = nullptr;
  uint32_t version_ = 0;
  std::unique_ptr<DeviceTable> table_;
};

// "key=value" of the command line as the type that the plugin declares. Throws Error{input}.
std::vector<Option> parse_options(const DeviceTable& table, const std::vector<std::string>& texts);

}  // namespace tenon::conformance
