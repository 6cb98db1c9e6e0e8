#include "tokenizer/tokenizer_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/mapped_file.hpp"

namespace tenon::tok {
namespace {

using nlohmann::json;

constexpr size_t max_depth = 64;

// Receives the parser's events. Everything becomes a tree, except that the entries of model.vocab
// and model.merges go straight into their lists.
class Reader {
 public:
  using number_integer_t = json::number_integer_t;
  using number_unsigned_t = json::number_unsigned_t;
  using number_float_t = json::number_float_t;
  using string_t = json::string_t;
  using binary_t = json::binary_t;

  explicit Reader(TokenizerFile& file) : file_(file) {}

  bool null() { return scalar(json(nullptr)); }
  bool boolean(bool value) { return scalar(json(value)); }
  bool number_float(number_float_t value, const string_t& /*text*/) { return scalar(json(value)); }
  bool binary(binary_t& /*value*/) { return false; }
  bool number_integer(number_integer_t value) {
    if (place_ == Place::vocab) fail_id(std::to_string(value));
    return scalar(json(value));
  }
  bool number_unsigned(number_unsigned_t value) {
    if (place_ != Place::vocab) return scalar(json(value));
    if (value > static_cast<uint64_t>(max_token_id)) fail_id(std::to_string(value));
    file_.vocab.push_back({std::move(key_), static_cast<int32_t>(value)});
    return true;
  }
  bool string(string_t& value) {
    if (place_ == Place::merges) return merge_line(value);
    if (place_ == Place::merge_pair) {
      pair_.push_back(std::move(value));
      return true;
    }
    return scalar(json(std::move(value)));
  }
  bool key(string_t& value) {
    key_ = std::move(value);
    return true;
  }
  bool start_object(size_t /*size*/) {
    if (place_ != Place::tree) fail_here("wrong type", "an object");
    const bool vocab = is_model_field("vocab");
    open(json::object());
    if (vocab) place_ = Place::vocab;
    return true;
  }
  bool end_object() {
    close();
    return true;
  }
  bool start_array(size_t /*size*/) {
    if (place_ == Place::merges) {
      place_ = Place::merge_pair;
      pair_.clear();
      return true;
    }
    if (place_ != Place::tree) fail_here("wrong type", "a list");
    const bool merges = is_model_field("merges");
    open(json::array());
    if (merges) place_ = Place::merges;
    return true;
  }
  bool end_array() {
    if (place_ == Place::merge_pair) {
      if (pair_.size() != 2) fail_here("wrong length", fmt::format("{} texts", pair_.size()));
      file_.merges.push_back({std::move(pair_[0]), std::move(pair_[1])});
      place_ = Place::merges;
      return true;
    }
    close();
    return true;
  }
  bool parse_error(size_t /*at*/, const std::string& /*token*/, const json::exception& error) {
    fail_input(file_.name, "not valid JSON", "", error.what());
  }

 private:
  enum class Place { tree, vocab, merges, merge_pair };

  // The value about to start is the field `name` of the top-level object "model".
  bool is_model_field(const char* name) const {
    return open_.size() == 2 && names_[1] == "model" && open_.back()->is_object() && key_ == name;
  }

  bool scalar(json value) {
    if (place_ != Place::tree) {
      std::string found = value.dump();
      fail_here("wrong type", found.size() > 60 ? found.substr(0, 57) + "..." : found);
    }
    add(std::move(value));
    return true;
  }

  json* add(json value) {
    if (open_.empty()) {
      *file_.tree = std::move(value);
      return file_.tree.get();
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    const auto [at, is_new] = parent.emplace(key_, std::move(value));
    if (!is_new) fail_input(file_.name, fmt::format("the key \"{}\" appears twice", key_));
    return &at.value();
  }

  void open(json value) {
    if (open_.size() >= max_depth) {
      fail_input(file_.name, "too deeply nested", fmt::format("at most {} levels", max_depth));
    }
    json* added = add(std::move(value));
    names_.push_back(open_.empty() ? std::string() : key_);
    open_.push_back(added);
  }

  void close() {
    place_ = Place::tree;
    open_.pop_back();
    names_.pop_back();
  }

  bool merge_line(const std::string& line) {
    const size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
      fail_here("a merge must name two tokens", '"' + line + '"');
    }
    file_.merges.push_back({line.substr(0, space), line.substr(space + 1)});
    return true;
  }

  [[noreturn]] void fail_id(const std::string& found) const {
    fail_input(fmt::format("{}: model.vocab[\"{}\"]", file_.name, key_), "not a token id",
               fmt::format("an integer from 0 to {}", max_token_id), found);
  }

  [[noreturn]] void fail_here(std::string_view what, std::string_view found) const {
    if (place_ == Place::vocab) fail_id(std::string(found));
    fail_input(fmt::format("{}: model.merges[{}]", file_.name, file_.merges.size()), what,
               "\"left right\" or [\"left\", \"right\"]", found);
  }

  TokenizerFile& file_;
  Place place_ = Place::tree;
  std::vector<json*> open_;         // the objects and lists around the current place
  std::vector<std::string> names_;  // the key under which each of them stands
  std::string key_;
  std::vector<std::string> pair_;
};

}  // namespace

TokenizerFile::TokenizerFile() : tree(std::make_unique<json>()) {}
TokenizerFile::TokenizerFile(TokenizerFile&&) noexcept = default;
TokenizerFile& TokenizerFile::operator=(TokenizerFile&&) noexcept = default;
TokenizerFile::~TokenizerFile() = default;

JsonNode TokenizerFile::root() const {
  return {*tree, name, ""};
}

TokenizerFile read_tokenizer_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    fail_input(path.string(), "cannot read the tokenizer", "the file tokenizer.json",
               "a directory");
  }
  if (!std::filesystem::exists(path, ignored)) {
    fail_input(path.string(), "the checkpoint has no tokenizer", "a Hugging Face tokenizer.json",
               "no such file");
  }
  const MappedFile mapped(path);
  const auto* begin = reinterpret_cast<const char*>(mapped.bytes().data());
  TokenizerFile file;
  file.name = path.string();
  Reader reader(file);
  if (mapped.bytes().empty()) fail_input(file.name, "the file is empty", "a tokenizer.json");
  json::sax_parse(begin, begin + mapped.bytes().size(), &reader);
  return file;
}

}  // namespace tenon::tok
