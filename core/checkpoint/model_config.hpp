// A checkpoint's config.json (or a JSON file like it) behind typed getters.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Both ends belong to the range.
struct IntegerRange {
  int64_t min;
  int64_t max;
};
struct NumberRange {
  double min;
  double max;
};

// Keys are dotted paths through objects: "rope_scaling.factor". A key whose value is null, or that
// lies in an object that is missing or null, counts as absent. A getter without a default refuses
// an absent key; a default itself is not checked. All errors are Error{input} and name the file,
// the key, what was expected and what was found. Copies share the document; reading is thread-safe.
class ModelConfig {
 public:
  enum class Kind { absent, integer, number, boolean, text, list, object };

  // Throws Error{input} if the file is missing, over 16 MiB, not JSON, has duplicate keys (compared
  // after unescaping) or is no object.
  static ModelConfig read(const std::filesystem::path& file);
  // The same from text; `where` stands for the file in messages.
  static ModelConfig parse(std::string_view text, std::string where);

  const std::string& where() const { return where_; }

  bool has(std::string_view key) const { return kind(key) != Kind::absent; }
  // `integer` is written without fraction and exponent; `number` is any other number.
  Kind kind(std::string_view key) const;
  // Names inside an object, sorted, null values left out; "" is the whole document; empty if
  // absent.
  std::vector<std::string> keys(std::string_view object) const;

  // 3.0 and "3" are not integers.
  int64_t integer(std::string_view key, IntegerRange range,
                  std::optional<int64_t> fallback = std::nullopt) const;
  // Takes integers too.
  double number(std::string_view key, NumberRange range,
                std::optional<double> fallback = std::nullopt) const;
  bool boolean(std::string_view key, std::optional<bool> fallback = std::nullopt) const;
  std::string text(std::string_view key,
                   const std::optional<std::string>& fallback = std::nullopt) const;
  // Every item must be an integer in the range.
  std::vector<int64_t> integer_list(
      std::string_view key, IntegerRange range,
      const std::optional<std::vector<int64_t>>& fallback = std::nullopt) const;
  std::vector<std::string> text_list(
      std::string_view key,
      const std::optional<std::vector<std::string>>& fallback = std::nullopt) const;

  // Throws the Error{input} that a getter throws: for rules that span several keys.
  [[noreturn]] void refuse(std::string_view key, std::string_view what, std::string_view expected,
                           std::string_view found) const;

 private:
  struct Document;
  ModelConfig(std::shared_ptr<const Document> document, std::string where);
  [[noreturn]] void refuse_missing(std::string_view key, std::string_view expected) const;

  std::shared_ptr<const Document> document_;
  std::string where_;
};

}  // namespace tenon
