// Finds many texts at once, in time linear in what is searched, whatever the texts are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tenon::tok {

// At each place the leftmost match counts, and of those that begin there the longest.
// (Aho and Corasick 1975; the failure links are cut after a match so that nothing that starts
// later can displace it, as in Rust's aho-corasick crate.)
class AhoCorasick {
 public:
  struct Match {
    size_t begin;
    size_t end;
    uint32_t pattern;  // index into the list given
  };

  // No pattern may be empty. Of equal patterns the first counts.
  explicit AhoCorasick(const std::vector<std::string_view>& patterns);

  std::optional<Match> find(std::string_view text, size_t from) const;

 private:
  static constexpr uint32_t dead = 0;
  static constexpr uint32_t start = 1;
  static constexpr uint32_t none = UINT32_MAX;

  struct Edge {
    unsigned char byte;
    uint32_t to;
  };
  struct Node {
    std::vector<Edge> edges;  // by byte
    uint32_t fail = start;
    uint32_t pattern = none;
    uint32_t length = 0;  // of the pattern
  };

  void insert(std::string_view pattern, uint32_t index);
  void link();
  uint32_t child(uint32_t node, unsigned char byte) const;
  uint32_t step(uint32_t node, unsigned char byte) const;

  std::vector<Node> nodes_;
  std::array<uint32_t, 256> first_{};  // children of the start
};

}  // namespace tenon::tok
