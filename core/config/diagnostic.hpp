// One mistake in the configuration, and how it reads.
#pragma once

#include <string>
#include <vector>

#include "config/config_value.hpp"

namespace tenon {

struct SourceText;

struct Diagnostic {
  std::string origin;       // the file as named by the user, "environment NAME" or "flag TEXT"
  SourcePosition position;  // in that file; line 0 if there is none
  std::string where;        // the key, or what was being read; empty: `what` is a whole message
  std::string what;
  std::string expected;
  std::string found;
  std::string hint;         // the nearest valid name, or empty
  std::string source_line;  // empty if there is none

  // "file:line:col", or the origin alone.
  std::string place() const;
  // One line: "PLACE: error: [where] what; expected ...; found ...".
  std::string message() const;
  // The message, then the source line with a caret and "did you mean ..." where known. No newline
  // at the end.
  std::string text() const;
};

// Collects the mistakes of one origin. `file` is null for flags and environment, and outlives the
// reporter. After max_mistakes one last entry says that there are more: a file of another kind is
// one long list of mistakes, and the first ones tell.
class DiagnosticReporter {
 public:
  static constexpr int max_mistakes = 100;

  DiagnosticReporter(std::string origin, const SourceText* file, std::vector<Diagnostic>& into)
      : origin_(std::move(origin)), file_(file), into_(into) {}

  struct Mistake {
    std::string where;
    std::string what;
    std::string expected;
    std::string found;
    std::string hint;
  };
  // The position counts only when there is a file.
  void report(SourcePosition position, Mistake mistake);

 private:
  std::string origin_;
  const SourceText* file_;
  std::vector<Diagnostic>& into_;
  int count_ = 0;
};

}  // namespace tenon
