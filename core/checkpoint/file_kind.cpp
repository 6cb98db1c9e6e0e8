#include "checkpoint/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace tenon {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view start;
  std::string_view meaning;
};

constexpr std::array signatures = {
    Signature{"version https://git-lfs"sv,
              "a Git LFS pointer (fetch the file itself with `git lfs pull`)"},
    Signature{"PK\x03\x04"sv, "a zip archive, such as a PyTorch .bin or .pt file"},
    Signature{"\x80\x02"sv, "a Python pickle, such as an old PyTorch .bin file"},
    Signature{"\x80\x03"sv, "a Python pickle"},
    Signature{"\x80\x04"sv, "a Python pickle"},
    Signature{"\x80\x05"sv, "a Python pickle"},
    Signature{"GGUF"sv, "a GGUF file"},
    Signature{"\x89HDF"sv, "an HDF5 file"},
    Signature{"\x93NUMPY"sv, "a NumPy .npy file"},
    Signature{"\x1f\x8b"sv, "a gzip archive"},
    Signature{"(\xb5\x2f\xfd"sv, "a Zstandard archive"},
    Signature{"{"sv, "a JSON text without the 8-byte header length before it"},
};

bool looks_like_html(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '<') return false;
  std::string head(text.substr(start, 512));
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  return head.starts_with("<!doctype html") || head.starts_with("<html") ||
         head.find("<html") != std::string::npos || head.starts_with("<?xml") ||
         head.starts_with("<head") || head.starts_with("<body");
}

}  // namespace

std::string_view recognise_foreign_file(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min<size_t>(bytes.size(), 1024));
  if (looks_like_html(text)) return "an HTML page, such as a download error saved under this name";
  for (const Signature& signature : signatures) {
    if (text.starts_with(signature.start)) return signature.meaning;
  }
  return {};
}

}  // namespace tenon
