// tokenizer.json, parsed strictly: no duplicate keys, no absurd nesting.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tokenizer/json_node.hpp"

namespace tenon::tok {

// Ids above this are taken for a damaged file: a table of all ids would not be reasonable.
inline constexpr int64_t max_token_id = (1 << 24) - 1;

struct VocabEntry {
  std::string text;
  int32_t id;
};

struct MergeEntry {
  std::string left;
  std::string right;
};

// The two long lists are kept apart from the tree because they hold nearly all of the file.
struct TokenizerFile {
  std::string name;                      // as it appears in messages
  std::unique_ptr<nlohmann::json> tree;  // without the contents of model.vocab and model.merges
  std::vector<VocabEntry> vocab;         // in the order of the file
  std::vector<MergeEntry> merges;        // index = rank

  TokenizerFile();
  TokenizerFile(TokenizerFile&&) noexcept;
  TokenizerFile& operator=(TokenizerFile&&) noexcept;
  ~TokenizerFile();

  JsonNode root() const;
};

// Throws Error{input} for a missing file, a directory, or a file that is not such JSON.
TokenizerFile read_tokenizer_file(const std::filesystem::path& path);

}  // namespace tenon::tok
