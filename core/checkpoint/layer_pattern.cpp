#include "checkpoint/layer_pattern.hpp"

#include <array>

#include "base/error.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace tenon {
namespace {

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
  void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};

}  // namespace

struct LayerPattern::Expression {
  std::unique_ptr<pcre2_code, FreeCode> code;
};

LayerPattern::LayerPattern(const std::string& text, const std::string& where) {
  if (!text.starts_with("re:")) {
    name_ = text;
    return;
  }
  const std::string pattern = text.substr(3);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_ANCHORED, &error, &offset, nullptr);
  if (code == nullptr) {
    std::array<PCRE2_UCHAR, 160> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    fail_input(where, "'" + pattern + "' is no regular expression", "",
               reinterpret_cast<const char*>(message.data()));
  }
  auto expression = std::make_shared<Expression>();
  expression->code.reset(code);
  expression_ = std::move(expression);
}

bool LayerPattern::matches(const std::string& layer) const {
  if (!expression_) return name_ == layer || name_ == "Linear";
  const std::unique_ptr<pcre2_match_data, FreeMatch> match(
      pcre2_match_data_create_from_pattern(expression_->code.get(), nullptr));
  return pcre2_match(expression_->code.get(), reinterpret_cast<PCRE2_SPTR>(layer.data()),
                     layer.size(), 0, 0, match.get(), nullptr) >= 0;
}

}  // namespace tenon
