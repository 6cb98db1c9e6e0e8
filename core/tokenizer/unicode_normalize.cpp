#include "tokenizer/unicode_normalize.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

// The longest decomposition of one character has 18 code points (U+FDFA).
constexpr size_t max_decomposition = 32;

bool is_mark(char32_t value) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(value));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

// Nothing before this character can reorder or compose with it: the only characters that compose
// with something before them are marks and the vowels and final consonants of Hangul.
bool is_boundary(char32_t value) {
  if (value < 0x300) return true;
  if (value >= 0x1160 && value <= 0x11FF) return false;
  return !is_mark(value);
}

int combining_class(utf8proc_int32_t value) {
  return utf8proc_get_property(value)->combining_class;
}

// Collects the decomposed characters between two boundaries and writes them out in the form.
class Normalizer {
 public:
  Normalizer(NormalForm form, std::string& out)
      : composes_(form == NormalForm::nfc || form == NormalForm::nfkc),
        compatible_(form == NormalForm::nfkc || form == NormalForm::nfkd),
        out_(out) {}

  void push(char32_t value) {
    if (stands_for_itself(value)) {
      flush_before(value);
      segment_.push_back(static_cast<utf8proc_int32_t>(value));
      return;
    }
    std::array<utf8proc_int32_t, max_decomposition> parts{};
    int boundary_class = 0;
    const int options = UTF8PROC_DECOMPOSE | (compatible_ ? UTF8PROC_COMPAT : 0);
    const auto count = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(value), parts.data(), max_decomposition,
        static_cast<utf8proc_option_t>(options), &boundary_class);
    if (count < 0 || count > static_cast<utf8proc_ssize_t>(max_decomposition)) {
      fail_run("tokenizer", fmt::format("cannot decompose U+{:04X}", static_cast<uint32_t>(value)));
    }
    if (count > 0) flush_before(static_cast<char32_t>(parts[0]));
    segment_.insert(segment_.end(), parts.begin(), parts.begin() + count);
  }

  void flush() {
    if (segment_.size() > 1) arrange();
    for (const utf8proc_int32_t value : segment_)
      append_utf8(out_, static_cast<char32_t>(value));
    segment_.clear();
  }

 private:
  bool stands_for_itself(char32_t value) const {
    if (value < 0x80) return true;
    if (compatible_) return false;
    const bool hangul = value >= 0xAC00 && value <= 0xD7A3;
    return !hangul &&
           utf8proc_get_property(static_cast<utf8proc_int32_t>(value))->decomp_seqindex ==
               UINT16_MAX;
  }

  void flush_before(char32_t first) {
    if (is_boundary(first)) flush();
  }

  // Canonical order (a stable sort of each run of non-starters), then composition.
  void arrange() {
    auto run = segment_.begin();
    while (run != segment_.end()) {
      if (combining_class(*run) == 0) {
        ++run;
        continue;
      }
      const auto end =
          std::find_if(run, segment_.end(), [](auto value) { return combining_class(value) == 0; });
      std::stable_sort(run, end,
                       [](auto a, auto b) { return combining_class(a) < combining_class(b); });
      run = end;
    }
    if (!composes_) return;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    const auto count = utf8proc_normalize_utf32(
        segment_.data(), static_cast<utf8proc_ssize_t>(segment_.size()), options);
    if (count < 0) fail_run("tokenizer", "cannot compose a text", "", utf8proc_errmsg(count));
    segment_.resize(static_cast<size_t>(count));
  }

  bool composes_;
  bool compatible_;
  std::string& out_;
  std::vector<utf8proc_int32_t> segment_;
};

// Where the part that is certainly in form C ends, cut back so that the rest can be done alone.
size_t end_of_composed_part(std::string_view text, size_t from) {
  size_t at = from;
  size_t last_boundary = from;
  while (at < text.size()) {
    const Utf8Step step = read_utf8(text, at);
    const bool plain =
        step.value < 0x300 ||
        (is_boundary(step.value) &&
         utf8proc_get_property(static_cast<utf8proc_int32_t>(step.value))->decomp_seqindex ==
             UINT16_MAX) ||
        (step.value >= 0xAC00 && step.value <= 0xD7A3);
    if (!plain) return last_boundary;
    last_boundary = at;
    at += step.size;
  }
  return text.size();
}

template <class Map>
std::string map_characters(std::string_view text, Map&& map) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    map(out, step.value);
    at += step.size;
  }
  return out;
}

}  // namespace

std::string unicode_normalize(std::string_view text, NormalForm form) {
  std::string out;
  out.reserve(text.size());
  Normalizer normalizer(form, out);
  for (size_t at = 0; at < text.size();) {
    if (form == NormalForm::nfc) {
      const size_t end = end_of_composed_part(text, at);
      out.append(text, at, end - at);
      at = end;
    }
    // From here to the next boundary that starts a plain part.
    bool first = true;
    while (at < text.size()) {
      const Utf8Step step = read_utf8(text, at);
      if (!first && form == NormalForm::nfc && step.value < 0x300) break;
      normalizer.push(step.value);
      at += step.size;
      first = false;
    }
    normalizer.flush();
  }
  return out;
}

std::string unicode_lowercase(std::string_view text) {
  return map_characters(text, [](std::string& out, char32_t value) {
    if (value == 0x130) {  // the only character whose lower case is two
      out.append("i\xCC\x87");
      return;
    }
    const auto lower = utf8proc_tolower(static_cast<utf8proc_int32_t>(value));
    append_utf8(out, static_cast<char32_t>(lower));
  });
}

std::string without_marks(std::string_view text) {
  return map_characters(text, [](std::string& out, char32_t value) {
    if (!is_mark(value)) append_utf8(out, value);
  });
}

bool is_white_space(char32_t value) {
  return (value >= 0x9 && value <= 0xD) || value == 0x20 || value == 0x85 || value == 0xA0 ||
         value == 0x1680 || (value >= 0x2000 && value <= 0x200A) || value == 0x2028 ||
         value == 0x2029 || value == 0x202F || value == 0x205F || value == 0x3000;
}

}  // namespace tenon::tok
