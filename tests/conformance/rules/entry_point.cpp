#include "rules/entry_point.hpp"

#include <sys/mman.h>

#include <cstring>

namespace tenon::conformance {
namespace {
constexpr size_t page_bytes = 4096;
}  // namespace

EntryPoint::EntryPoint(const Context& context)
    : library_(std::filesystem::canonical(context.settings().plugin), LibraryLifetime::resident),
      query_(reinterpret_cast<tn_plugin_query_function>(library_.find(TN_PLUGIN_QUERY_NAME))) {
  check(query_ != nullptr, "TN-ABI-1", "the library", "an exported function tn_plugin_query",
        "none");
}

QueryAnswer EntryPoint::ask(uint32_t kind, const tn_host& host, uint32_t host_max_version) const {
  QueryAnswer result;
  std::memset(&result.error, 0xee, sizeof result.error);
  // The host zeroes the answer; a plugin that leaves old values in it is found all the same.
  result.answer = {sizeof(tn_plugin_answer), 0xeeeeeeee, &result};
  result.status = query_(kind, &host, host_max_version, &result.answer, &result.error);
  return result;
}

const tn_device_table& EntryPoint::device_table(const tn_host& host) const {
  const QueryAnswer found = ask(TN_PLUGIN_DEVICE, host, TN_DEVICE_API_VERSION);
  check_ok("TN-ABI-3", "tn_plugin_query", found.status, found.error);
  check(found.answer.table != nullptr, "TN-ERR-4", "tn_plugin_query answered TN_OK", "a table",
        "NULL");
  return *static_cast<const tn_device_table*>(found.answer.table);
}

EndOfPage::EndOfPage()
    : pages_(static_cast<unsigned char*>(mmap(nullptr, 2 * page_bytes, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
  if (pages_ == MAP_FAILED || mprotect(pages_ + page_bytes, page_bytes, PROT_NONE) != 0) {
    throw std::runtime_error("the suite got no memory from the system");
  }
}

EndOfPage::~EndOfPage() {
  munmap(pages_, 2 * page_bytes);
}

void* EndOfPage::place(const void* from, size_t size) {
  return std::memcpy(pages_ + page_bytes - size, from, size);
}

}  // namespace tenon::conformance
