#include "tokenizer/aho_corasick.hpp"

#include <algorithm>

namespace tenon::tok {

AhoCorasick::AhoCorasick(const std::vector<std::string_view>& patterns) : nodes_(2) {
  first_.fill(none);
  for (uint32_t i = 0; i < patterns.size(); ++i)
    insert(patterns[i], i);
  link();
}

void AhoCorasick::insert(std::string_view pattern, uint32_t index) {
  uint32_t node = start;
  for (const char c : pattern) {
    const auto byte = static_cast<unsigned char>(c);
    uint32_t next = child(node, byte);
    if (next == none) {
      next = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
      auto& edges = nodes_[node].edges;
      const auto place = std::find_if(edges.begin(), edges.end(),
                                      [&](const Edge& edge) { return edge.byte > byte; });
      edges.insert(place, {byte, next});
      if (node == start) first_[byte] = next;
    }
    node = next;
  }
  if (nodes_[node].pattern != none) return;
  nodes_[node].pattern = index;
  nodes_[node].length = static_cast<uint32_t>(pattern.size());
}

void AhoCorasick::link() {
  nodes_[dead].fail = dead;
  std::vector<uint32_t> queue = {start};
  for (size_t head = 0; head < queue.size(); ++head) {
    const uint32_t node = queue[head];
    for (const Edge& edge : nodes_[node].edges) {
      queue.push_back(edge.to);
      Node& next = nodes_[edge.to];
      if (next.pattern != none) {
        next.fail = dead;
        continue;
      }
      next.fail = node == start ? start : step(nodes_[node].fail, edge.byte);
      const Node& suffix = nodes_[next.fail];
      next.pattern = suffix.pattern;
      next.length = suffix.length;
    }
  }
}

uint32_t AhoCorasick::child(uint32_t node, unsigned char byte) const {
  if (node == start) return first_[byte];
  const auto& edges = nodes_[node].edges;
  const auto found =
      std::lower_bound(edges.begin(), edges.end(), byte,
                       [](const Edge& edge, int wanted) { return edge.byte < wanted; });
  return found != edges.end() && found->byte == byte ? found->to : none;
}

uint32_t AhoCorasick::step(uint32_t node, unsigned char byte) const {
  while (node != dead) {
    const uint32_t next = child(node, byte);
    if (next != none) return next;
    if (node == start) return start;
    node = nodes_[node].fail;
  }
  return dead;
}

std::optional<AhoCorasick::Match> AhoCorasick::find(std::string_view text, size_t from) const {
  std::optional<Match> best;
  uint32_t node = start;
  for (size_t at = from; at < text.size(); ++at) {
    node = step(node, static_cast<unsigned char>(text[at]));
    if (node == dead) break;
    const Node& reached = nodes_[node];
    if (reached.pattern != none) best = Match{at + 1 - reached.length, at + 1, reached.pattern};
    if (node == start && best) break;
  }
  return best;
}

}  // namespace tenon::tok
