// buffer_import_host (TN-MEM-6, TN-MEM-7).
#include <sys/mman.h>

#include <cstring>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::memory_import_test {
namespace {

// Whole pages from the system, which can be made read-only.
class Pages {
 public:
  explicit Pages(size_t bytes)
      : bytes_(bytes),
        memory_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::runtime_error("the suite got no memory from the system");
  }
  ~Pages() { munmap(memory_, bytes_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  unsigned char* data() const { return static_cast<unsigned char*>(memory_); }
  size_t size() const { return bytes_; }
  void protect() const {
    if (mprotect(memory_, bytes_, PROT_READ) != 0) throw std::runtime_error("mprotect failed");
  }

 private:
  size_t bytes_;
  void* memory_;
};

tn_buffer* import(Subject& subject, void* memory, uint64_t size, tn_status& status) {
  tn_buffer* buffer = nullptr;
  tn_error error{};
  status = subject.table().buffer_import_host(subject.device(), memory, size, &buffer, &error);
  if (status != TN_OK) {
    check_refused("TN-MEM-6", "buffer_import_host", TN_UNSUPPORTED, status, error);
    check(buffer == nullptr, "TN-ERR-4", "buffer_import_host was refused", "NULL", "a handle");
  }
  return buffer;
}

}  // namespace

CONFORMANCE_TEST(memory, imported_is_not_copied,
                 {.rules = {"TN-MEM-6", "TN-MEM-8"}, .needs = TN_CAN_IMPORT_HOST}) {
  Subject& subject = context.subject();
  const Pages pages(3 * 4096);
  std::memset(pages.data(), 0x5a, pages.size());
  tn_status status = TN_OK;
  tn_buffer* buffer = import(subject, pages.data(), pages.size(), status);
  check(status == TN_OK, "TN-MEM-6", "buffer_import_host of whole pages", "TN_OK",
        "TN_UNSUPPORTED");
  tn_stream* stream = subject.stream();
  fill(subject, stream, buffer, 1000, 0x01020304);
  subject.synchronize(stream);
  uint32_t found = 0;
  std::memcpy(&found, pages.data() + 4000, 4);
  check_equal("TN-MEM-6", "imported memory after a fill of the buffer", 0x01020304U, found);
  check(pages.data()[3999] == 0x5a && pages.data()[4004] == 0x5a, "TN-MEM-6",
        "bytes beside the filled ones", "unchanged", "written");
  const uint32_t sent = 77;
  std::memcpy(pages.data() + 8000, &sent, 4);
  download(subject, stream, buffer, 2000, 1, &found);
  subject.synchronize(stream);
  check_equal("TN-MEM-6", "the buffer after the host wrote to the imported memory", sent, found);
  subject.destroy(stream);
  tn_error error{};
  check_ok("TN-MEM-6", "buffer_free of an imported buffer",
           subject.table().buffer_free(buffer, &error), error);
  check_equal("TN-MEM-6", "imported memory after buffer_free", sent,
              *reinterpret_cast<const uint32_t*>(pages.data() + 8000));
}

// Tensors of a checkpoint lie anywhere in it. A plugin that cannot read such a place says so.
CONFORMANCE_TEST(memory, imported_keeps_its_own_alignment,
                 {.rules = {"TN-MEM-6"}, .needs = TN_CAN_IMPORT_HOST}) {
  Subject& subject = context.subject();
  const Pages pages(2 * 4096);
  uint32_t taken = 0;
  for (const size_t offset : {64, 4, 2, 1, 7, 4093}) {
    for (size_t i = 0; i < pages.size(); ++i)
      pages.data()[i] = static_cast<unsigned char>(i * 7 + offset);
    const std::vector<unsigned char> before(pages.data() + offset, pages.data() + offset + 1001);
    tn_status status = TN_OK;
    tn_buffer* buffer = import(subject, pages.data() + offset, 1001, status);
    if (buffer == nullptr) continue;
    ++taken;
    check_equal("TN-MEM-6", fmt::format("what was imported at offset {} of a page", offset), before,
                subject.values<unsigned char>(buffer, 1001));
    tn_stream* stream = subject.stream();
    tn_error error{};
    check_ok("TN-MEM-6", "fill", subject.table().fill(stream, buffer, 1000, 1, 0xab, 1, &error),
             error);
    subject.synchronize(stream);
    subject.destroy(stream);
    check_equal("TN-MEM-6", "the last imported byte after a fill", 0xab,
                static_cast<int>(pages.data()[offset + 1000]));
    check_equal("TN-MEM-6", "the byte behind it",
                static_cast<int>(static_cast<unsigned char>((offset + 1001) * 7 + offset)),
                static_cast<int>(pages.data()[offset + 1001]));
    check_ok("TN-MEM-6", "buffer_free", subject.table().buffer_free(buffer, &error), error);
  }
  if (taken == 0) throw TestSkipped("no import at an odd address is taken");
}

// A write faults, and ends the process.
CONFORMANCE_TEST(memory, imported_is_not_written_through_inputs,
                 {.rules = {"TN-MEM-7"}, .needs = TN_CAN_IMPORT_HOST}) {
  Subject& subject = context.subject();
  const Pages pages(4096);
  std::vector<int32_t> expected(1024);
  for (size_t i = 0; i < expected.size(); ++i)
    expected[i] = static_cast<int32_t>(i * 2654435761U);
  std::memcpy(pages.data(), expected.data(), pages.size());
  pages.protect();
  tn_status status = TN_OK;
  tn_buffer* buffer = import(subject, pages.data(), pages.size(), status);
  if (buffer == nullptr) throw TestSkipped("read-only memory cannot be imported");
  tn_buffer* output = subject.buffer(pages.size());
  tn_stream* stream = subject.stream();
  Op<tn_copy_cast_args> cast(subject, TN_OP_copy_cast,
                             copy_cast_args(tensor(buffer, {8, 128}, TN_DTYPE_I32),
                                            tensor(output, {8, 128}, TN_DTYPE_I32)));
  cast.enqueue(stream);
  subject.synchronize(stream);
  check_equal("TN-MEM-7", "what an op read from imported memory", expected,
              subject.values<int32_t>(output, expected.size()));
  check(std::memcmp(pages.data(), expected.data(), pages.size()) == 0, "TN-MEM-7",
        "imported memory after it was an input", "unchanged", "other bytes");
  subject.destroy(stream);
  tn_error error{};
  check_ok("TN-MEM-6", "buffer_free", subject.table().buffer_free(buffer, &error), error);
}

}  // namespace tenon::conformance::memory_import_test
