#include "tokenizer/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "base/error.hpp"

namespace tenon::tok {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using CodePtr = std::unique_ptr<pcre2_code, Release<pcre2_code_free>>;
using CompileContextPtr =
    std::unique_ptr<pcre2_compile_context, Release<pcre2_compile_context_free>>;
using MatchDataPtr = std::unique_ptr<pcre2_match_data, Release<pcre2_match_data_free>>;
using MatchContextPtr = std::unique_ptr<pcre2_match_context, Release<pcre2_match_context_free>>;

constexpr uint32_t max_heap_kib = 1U << 20;  // one GiB for one search

std::string message_of(int code) {
  std::array<unsigned char, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

CodePtr compile(const std::string& pattern, const std::string& where) {
  const CompileContextPtr context(pcre2_compile_context_create(nullptr));
  if (!context) throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  // Ruby's ^ and $ always match at line ends.
  CodePtr compiled(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                 PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &code, &offset,
                                 context.get()));
  if (!compiled) {
    fail_input(where, fmt::format("malformed regular expression: {}", message_of(code)), "",
               pattern);
  }
  // Without executable memory PCRE2 interprets the expression: slower, same answers.
  pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
  return compiled;
}

}  // namespace

struct Regex::Compiled {
  CodePtr code;
  std::string where;
};

Regex::Regex(std::string_view pattern, std::string where) {
  auto compiled = std::make_shared<Compiled>();
  compiled->code = compile(to_pcre2_syntax(pattern, where), where);
  compiled->where = std::move(where);
  compiled_ = std::move(compiled);
}

struct RegexSearch::State {
  std::shared_ptr<const Regex::Compiled> regex;
  MatchDataPtr data;
  MatchContextPtr context;
};

RegexSearch::RegexSearch(const Regex& regex) : state_(std::make_unique<State>()) {
  state_->regex = regex.compiled_;
  state_->data.reset(pcre2_match_data_create(1, nullptr));
  state_->context.reset(pcre2_match_context_create(nullptr));
  if (!state_->data || !state_->context) throw std::bad_alloc();
  pcre2_set_heap_limit(state_->context.get(), max_heap_kib);
}

RegexSearch::RegexSearch(RegexSearch&&) noexcept = default;
RegexSearch& RegexSearch::operator=(RegexSearch&&) noexcept = default;
RegexSearch::~RegexSearch() = default;

std::optional<RegexMatch> RegexSearch::find(std::string_view subject, size_t from) {
  const uint64_t limit = 10'000'000ULL + 16ULL * subject.size();
  pcre2_set_match_limit(state_->context.get(),
                        static_cast<uint32_t>(std::min<uint64_t>(limit, UINT32_MAX)));
  const auto match = [&](uint32_t options) {
    return pcre2_match(state_->regex->code.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()),
                       subject.size(), from, PCRE2_NO_UTF_CHECK | options, state_->data.get(),
                       state_->context.get());
  };
  int code = match(0);
  // The compiled code works on a small fixed stack, the interpreter on the heap.
  if (code == PCRE2_ERROR_JIT_STACKLIMIT) code = match(PCRE2_NO_JIT);
  if (code == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (code < 0) {
    fail_input(state_->regex->where,
               fmt::format("the regular expression gave up at byte {} of the text: {}", from,
                           message_of(code)));
  }
  const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(state_->data.get());
  return RegexMatch{bounds[0], bounds[1]};
}

}  // namespace tenon::tok
