// A file is looked at before it is opened.
#include "plugin/elf_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"

namespace tenon {
namespace {

const std::filesystem::path fixtures = TENON_FIXTURES;

std::filesystem::path written(const std::string& name, const std::string& bytes) {
  const auto path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string refusal(const std::filesystem::path& path) {
  try {
    inspect_library_file(path);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    EXPECT_NE(std::string(e.what()).find(path.string()), std::string::npos) << e.what();
    return e.what();
  }
  return "";
}

// The first bytes of an ELF file: class, byte order, type, machine.
std::string elf_header(char elf_class, char order, uint16_t type, uint16_t machine) {
  std::string bytes(64, '\0');
  bytes.replace(0, 4,
                "\x7f"
                "ELF");
  bytes[4] = elf_class;
  bytes[5] = order;
  bytes[6] = 1;
  bytes[16] = static_cast<char>(type);
  bytes[18] = static_cast<char>(machine & 0xff);
  bytes[19] = static_cast<char>(machine >> 8);
  bytes[54] = 56;  // e_phentsize
  return bytes;
}

TEST(ElfFile, ReadsAPlugin) {
  const ElfFacts facts = inspect_library_file(fixtures / "c_backend" / "libc_backend.so");
  EXPECT_TRUE(facts.exports_query);
  EXPECT_TRUE(std::any_of(facts.needed.begin(), facts.needed.end(), [](const std::string& name) {
    return name.find("libc.so") != std::string::npos;
  }));
  EXPECT_EQ(facts.sanitizer, host_sanitizer());  // the fixtures are built like the host
}

TEST(ElfFile, SeesALibraryThatIsNoPlugin) {
  EXPECT_FALSE(inspect_library_file(fixtures / "no_entry" / "libno_entry.so").exports_query);
}

TEST(ElfFile, SaysWhatAFileIsInstead) {
  EXPECT_NE(refusal(written("empty.so", "")).find("empty"), std::string::npos);
  EXPECT_NE(refusal(written("text.so", "hello")).find("no shared library"), std::string::npos);
  EXPECT_NE(refusal(written("windows.so", "MZ\x90")).find("Windows"), std::string::npos);
  EXPECT_NE(refusal(testing::TempDir()).find("a directory"), std::string::npos);
  EXPECT_NE(refusal("/no/such/file.so").find("No such file"), std::string::npos);
}

TEST(ElfFile, RefusesOtherMachines) {
  EXPECT_NE(refusal(written("32.so", elf_header(1, 1, 3, 3))).find("found 32-bit ELF"),
            std::string::npos);
  EXPECT_NE(refusal(written("big.so", elf_header(2, 2, 3, 21))).find("byte order"),
            std::string::npos);
  EXPECT_NE(refusal(written("other.so", elf_header(2, 1, 3, 0x102))).find("another machine"),
            std::string::npos);
}

TEST(ElfFile, RefusesOtherKindsOfElf) {
#if defined(__x86_64__)
  const uint16_t machine = 62;
#else
  const uint16_t machine = 183;
#endif
  EXPECT_NE(refusal(written("object.so", elf_header(2, 1, 1, machine))).find("ELF type 1"),
            std::string::npos);
  EXPECT_NE(refusal(written("static.so", elf_header(2, 1, 3, machine))).find("no dynamic section"),
            std::string::npos);
}

TEST(ElfFile, DoesNotWaitForAPipe) {
  const auto path = std::filesystem::path(testing::TempDir()) / "libpipe.so";
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(refusal(path).find("a pipe"), std::string::npos);
}

TEST(ElfFile, ASanitizersLibraryNeedsTheSameHost) {
  EXPECT_NO_THROW(check_sanitizer(TN_SANITIZER_NONE, "x"));
  EXPECT_NO_THROW(check_sanitizer(host_sanitizer(), "x"));
  const uint32_t other =
      host_sanitizer() == TN_SANITIZER_THREAD ? TN_SANITIZER_MEMORY : TN_SANITIZER_THREAD;
  try {
    check_sanitizer(other, "x");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(sanitizer_name(other)), std::string::npos);
  }
}

}  // namespace
}  // namespace tenon
