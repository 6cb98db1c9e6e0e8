// Damaged files: flipped bytes, truncations, insertions. Whatever comes out is an error or a file
// that tiles exactly; sanitizer builds find the rest.
#include <gtest/gtest.h>

#include <random>

#include "checkpoint/safetensors_header.hpp"
#include "checkpoint_files.hpp"

namespace tenon::header_damage_test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> valid_files() {
  std::vector<std::string> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(TENON_TEST_DATA) / "checkpoint" / "safetensors-cases")) {
    if (entry.path().filename().string().starts_with("ok_")) {
      files.push_back(test::read_whole(entry.path()));
    }
  }
  return files;
}

// Copies into a buffer of exactly this size, so that a sanitizer sees a read past the end.
bool is_accepted(const std::string& file) {
  const std::vector<char> exact(file.begin(), file.end());
  const auto bytes = std::as_bytes(std::span(exact));
  try {
    const SafetensorsHeader header = parse_safetensors(bytes, "damaged");
    uint64_t data = 0;
    for (const TensorInfo& tensor : header.tensors) {
      EXPECT_EQ(tensor.bytes() * 8, tensor.elements() * stored_dtype_bits(tensor.dtype));
      if (!tensor.data.empty()) {
        EXPECT_GE(tensor.data.data(), bytes.data() + 8);
        EXPECT_LE(tensor.data.data() + tensor.data.size(), bytes.data() + bytes.size());
      }
      data += tensor.bytes();
    }
    EXPECT_LE(data + 8, bytes.size());
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_TRUE(std::string(error.what()).starts_with("[damaged] "));
    return false;
  }
}

TEST(HeaderDamage, ThereAreValidFilesToDamage) {
  const auto files = valid_files();
  EXPECT_GE(files.size(), 11U);
  for (const std::string& file : files)
    EXPECT_TRUE(is_accepted(file));
}

TEST(HeaderDamage, EveryTruncationIsRefused) {
  for (const std::string& file : valid_files()) {
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_FALSE(is_accepted(file.substr(0, size))) << size << " of " << file.size();
    }
  }
}

TEST(HeaderDamage, TrailingBytesAreRefused) {
  for (const std::string& file : valid_files())
    EXPECT_FALSE(is_accepted(file + '\0'));
}

TEST(HeaderDamage, EveryBitFlipIsSurvived) {
  size_t refused = 0;
  for (const std::string& file : valid_files()) {
    for (size_t at = 0; at < file.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        std::string damaged = file;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
        if (!is_accepted(damaged)) ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000U);
}

TEST(HeaderDamage, RandomEditsAreSurvived) {
  std::mt19937 random(20240607);
  const auto files = valid_files();
  using namespace std::string_literals;
  const std::string alphabet = "{}[]\":,0123456789eE.-\\u\x00\xff \n"s;
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string file = files[below(files.size())];
    const size_t edits = 1 + below(4);
    for (size_t i = 0; i < edits; ++i) {
      const size_t at = below(file.size());
      const char letter = alphabet[below(alphabet.size())];
      if (below(2) == 0) {
        file[at] = letter;
      } else {
        file.insert(at, 1, letter);
        if (at > 8) ++file[0];  // keep the header length right, so that the damage is in the JSON
      }
    }
    if (!is_accepted(file)) ++refused;
  }
  EXPECT_GT(refused, 10'000U);
}

}  // namespace
}  // namespace tenon::header_damage_test
