#include "checkpoint/header_reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "checkpoint/printable.hpp"
#include "checkpoint/strict_json.hpp"

namespace tenon {
namespace {

using nlohmann::json;

enum class Place { outside, top, metadata, entry, shape, offsets };

// Receives the parser's events and knows which of them the format allows in which place.
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  explicit HeaderReader(std::string_view where) : where_(where) {}

  HeaderContent take() { return std::move(content_); }

  bool start_object(std::size_t /*count*/) override {
    switch (place_) {
      case Place::outside:
        place_ = Place::top;
        return true;
      case Place::top:
        open_entry();
        return true;
      default:
        wrong_value("an object");
    }
  }

  bool key(string_t& name) override {
    if (place_ == Place::entry) {
      choose_field(name);
    } else {
      key_ = name;
      if (place_ == Place::metadata && content_.metadata.contains(key_)) refuse_duplicate(key_);
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::entry) require_all_fields();
    place_ = place_ == Place::top ? Place::outside : Place::top;
    return true;
  }

  bool start_array(std::size_t /*count*/) override {
    if (place_ == Place::entry && field_ == Field::shape) {
      place_ = Place::shape;
    } else if (place_ == Place::entry && field_ == Field::data_offsets) {
      place_ = Place::offsets;
      offsets_.clear();
    } else {
      wrong_value("a list");
    }
    return true;
  }

  bool end_array() override {
    if (place_ == Place::offsets) take_offsets();
    place_ = Place::entry;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::shape) {
      entry().shape.push_back(value);
    } else if (place_ == Place::offsets) {
      if (offsets_.size() == 2) wrong_value("a third number");
      offsets_.push_back(value);
    } else {
      wrong_value("the number " + std::to_string(value));
    }
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::metadata) {
      content_.metadata.emplace(key_, value);
    } else if (place_ == Place::entry && field_ == Field::dtype) {
      take_dtype(value);
    } else {
      wrong_value("the text " + quoted_name(value));
    }
    return true;
  }

  bool null() override { wrong_value("null"); }
  bool boolean(bool value) override { wrong_value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {
    wrong_value("the number " + std::to_string(value));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    wrong_value("the number " + printable(text, 40));
  }
  bool binary(binary_t& /*value*/) override { wrong_value("binary data"); }

  bool parse_error(std::size_t /*position*/, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& problem) override {
    fail_input(where_, "the header is not valid JSON", "one JSON object in UTF-8",
               json_problem(problem.what()));
  }

 private:
  enum Field : unsigned { none = 0, dtype = 1, shape = 2, data_offsets = 4, all = 7 };

  HeaderEntry& entry() { return content_.entries.back(); }

  void open_entry() {
    if (key_ == "__metadata__") {
      if (std::exchange(metadata_seen_, true)) refuse_duplicate(key_);
      place_ = Place::metadata;
      return;
    }
    content_.entries.emplace_back().name = key_;
    seen_ = 0;
    field_ = Field::none;
    place_ = Place::entry;
  }

  void choose_field(const std::string& name) {
    field_ = name == "dtype"          ? Field::dtype
             : name == "shape"        ? Field::shape
             : name == "data_offsets" ? Field::data_offsets
                                      : Field::none;
    if (field_ == Field::none) {
      fail_input(where_, tensor() + ": unknown field", "dtype, shape and data_offsets",
                 quoted_name(name));
    }
    if ((seen_ & field_) != 0) fail_input(where_, tensor() + ": field " + name + " stands twice");
    seen_ |= field_;
  }

  void require_all_fields() {
    for (const auto& [field, name] : {std::pair{Field::dtype, "dtype"},
                                      {Field::shape, "shape"},
                                      {Field::data_offsets, "data_offsets"}}) {
      if ((seen_ & field) == 0) fail_input(where_, tensor() + ": field " + name + " is missing");
    }
  }

  void take_dtype(const std::string& name) {
    const std::optional<StoredDtype> found = stored_dtype_from_name(name);
    if (!found) {
      fail_input(where_, tensor() + ": unknown dtype",
                 "a name of the format, such as F32, F16, BF16 or I8 (upper case)",
                 quoted_name(name));
    }
    entry().dtype = *found;
  }

  void take_offsets() {
    if (offsets_.size() != 2) {
      fail_input(where_, tensor() + ": data_offsets is not a pair", "[begin, end]",
                 std::to_string(offsets_.size()) + " numbers");
    }
    entry().begin = offsets_[0];
    entry().end = offsets_[1];
  }

  std::string tensor() { return "tensor " + quoted_name(entry().name); }

  [[noreturn]] void refuse_duplicate(const std::string& name) {
    fail_input(where_, "the key " + quoted_name(name) + " stands twice in the header",
               "every key once");
  }

  // What stands here is not what the format wants here.
  [[noreturn]] void wrong_value(const std::string& found) {
    switch (place_) {
      case Place::outside:
        fail_input(where_, "the header is not an object", "a JSON object", found);
      case Place::top:
        fail_input(where_, "the entry of " + quoted_name(key_) + " is not an object",
                   "an object with dtype, shape and data_offsets", found);
      case Place::metadata:
        fail_input(where_, "__metadata__: the value of " + quoted_name(key_) + " is not text",
                   "text values only", found);
      case Place::shape:
        fail_input(where_, tensor() + ": wrong dimension in shape", "a whole number from 0 up",
                   found);
      case Place::offsets:
        fail_input(where_, tensor() + ": wrong data_offsets", "two whole numbers from 0 up", found);
      case Place::entry:
        break;
    }
    const char* expected = field_ == Field::dtype   ? "text"
                           : field_ == Field::shape ? "a list of whole numbers"
                                                    : "a list of two whole numbers";
    const char* name = field_ == Field::dtype   ? "dtype"
                       : field_ == Field::shape ? "shape"
                                                : "data_offsets";
    fail_input(where_, tensor() + ": wrong type of " + name, expected, found);
  }

  std::string_view where_;
  HeaderContent content_;
  Place place_ = Place::outside;
  Field field_ = Field::none;
  unsigned seen_ = 0;  // fields of the current entry
  std::string key_;
  std::vector<uint64_t> offsets_;
  bool metadata_seen_ = false;
};

// The parser skips a byte order mark and takes NUL for the end of the text: both are refused here.
void refuse_hidden_bytes(std::string_view text, std::string_view where) {
  if (text.find('\0') != std::string_view::npos) {
    fail_input(where, "the header is not valid JSON", "text", "a NUL byte");
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    fail_input(where, "the header does not begin with '{'", "a JSON object",
               text.empty() ? "an empty header" : quoted_name(text.substr(0, 16)));
  }
}

void refuse_duplicate_names(const std::vector<HeaderEntry>& entries, std::string_view where) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const HeaderEntry& entry : entries)
    names.emplace_back(entry.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    fail_input(where, "tensor " + quoted_name(*twice) + " stands twice in the header",
               "every name once");
  }
}

}  // namespace

HeaderContent read_safetensors_header(std::string_view text, std::string_view where) {
  refuse_hidden_bytes(text, where);
  HeaderReader reader(where);
  json::sax_parse(text.begin(), text.end(), &reader);
  HeaderContent content = reader.take();
  refuse_duplicate_names(content.entries, where);
  return content;
}

}  // namespace tenon
