// Regular expressions as Hugging Face's tokenizers mean them (Oniguruma's Ruby syntax), run by
// PCRE2.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::tok {

// Immutable after construction; may be shared between threads.
class Regex {
 public:
  // `where` names the pattern in messages. Throws Error{input} if the pattern is malformed or uses
  // a construct that the two engines read differently and that is not translated.
  Regex(std::string_view pattern, std::string where);

  struct Compiled;

 private:
  friend class RegexSearch;
  std::shared_ptr<const Compiled> compiled_;
};

struct RegexMatch {
  size_t begin;
  size_t end;
};

// The scratch memory of one thread's searches with one expression.
class RegexSearch {
 public:
  explicit RegexSearch(const Regex& regex);
  RegexSearch(RegexSearch&&) noexcept;
  RegexSearch& operator=(RegexSearch&&) noexcept;
  ~RegexSearch();

  // The first match at or after `from`, as byte offsets into `subject`, which must be valid UTF-8
  // (it is not checked here). Look-around sees nothing outside `subject`. Throws Error{input} if
  // the match needs more steps or memory than is reasonable for the length of the subject.
  std::optional<RegexMatch> find(std::string_view subject, size_t from);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same expression in PCRE2's syntax: \s, \w, \v and {,n} spelt out; anything else that would
// mean something different there is refused with Error{input}.
std::string to_pcre2_syntax(std::string_view pattern, const std::string& where);

}  // namespace tenon::tok
