// Damaged libraries end in a sentence, never in a crash: every cut and thousands of flipped bytes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/error.hpp"
#include "plugin/elf_file.hpp"

namespace tenon {
namespace {

std::vector<std::byte> plugin_bytes() {
  std::ifstream file(std::filesystem::path(TENON_FIXTURES) / "c_backend" / "libc_backend.so",
                     std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

// Whether it reads; the reading may only end in Error. The bytes lie in a block of exactly their
// size, so that a sanitizer sees a read past them.
bool reads(const std::vector<std::byte>& bytes) {
  try {
    read_elf_facts(bytes, "hostile");
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find("[hostile]"), 0u);
    return false;
  }
}

TEST(ElfHostile, EveryCutOfTheHeadersIsRefused) {
  const auto whole = plugin_bytes();
  ASSERT_TRUE(reads(whole));
  for (size_t size = 0; size < 1024; ++size) {
    EXPECT_FALSE(reads({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)})) << size;
  }
}

TEST(ElfHostile, CutsAnywhereDoNotCrash) {
  const auto whole = plugin_bytes();
  size_t refused = 0;
  for (size_t size = 0; size < whole.size(); size += 61) {
    refused += reads({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}) ? 0 : 1;
  }
  EXPECT_GT(refused, 10u);
}

TEST(ElfHostile, FlippedBytesDoNotCrash) {
  const auto whole = plugin_bytes();
  std::mt19937 random(7);  // NOLINT: the same bytes every time
  size_t refused = 0;
  for (int round = 0; round < 4000; ++round) {
    auto bytes = whole;
    // Half of the rounds in the headers, where it hurts.
    const size_t limit = round % 2 == 0 ? 1024 : bytes.size();
    for (int flips = 0; flips < 4; ++flips) {
      bytes[random() % limit] = static_cast<std::byte>(random());
    }
    refused += reads(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, 500u);
}

TEST(ElfHostile, WordsOfOnesInEveryPlace) {
  const auto whole = plugin_bytes();
  const size_t end = std::min<size_t>(whole.size() - 8, 4096);
  for (size_t at = 16; at < end; at += 4) {
    auto bytes = whole;
    std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), 8, std::byte{0xff});
    reads(bytes);
  }
}

}  // namespace
}  // namespace tenon
