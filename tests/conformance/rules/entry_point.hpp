// The library's one exported function, before anything else was called.
#pragma once

#include <tenon/device_api.h>

#include <filesystem>

#include "framework/context.hpp"
#include "plugin/shared_library.hpp"

namespace tenon::conformance {

// What one call of tn_plugin_query left behind; everything was poisoned before it.
struct QueryAnswer {
  tn_status status = TN_OK;
  tn_plugin_answer answer{};
  tn_error error{};
};

// Opens the library without asking it anything.
class EntryPoint {
 public:
  explicit EntryPoint(const Context& context);
  QueryAnswer ask(uint32_t kind, const tn_host& host, uint32_t host_max_version) const;
  // The table for version 1.0; throws TestFailure when there is none.
  const tn_device_table& device_table(const tn_host& host) const;

 private:
  SharedLibrary library_;
  tn_plugin_query_function query_;
};

// Where reading or writing past the end of a struct ends the process: memory that stops at the end
// of a page, with nothing behind it.
class EndOfPage {
 public:
  EndOfPage();
  ~EndOfPage();
  EndOfPage(const EndOfPage&) = delete;
  EndOfPage& operator=(const EndOfPage&) = delete;

  // A copy of the first `size` bytes at `from`, which end where the page ends; at most 4096.
  void* place(const void* from, size_t size);

 private:
  unsigned char* pages_;
};

}  // namespace tenon::conformance
