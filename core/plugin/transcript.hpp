// What a search for plugins did: printed by `tenon list plugins --explain`, and with every failure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

enum class LoadOutcome {
  loaded,
  refused,  // it should have worked: the reason says what is wrong
  skipped,  // nothing is wrong with it: another kind, another name, hidden by an earlier one
};

std::string_view outcome_name(LoadOutcome outcome);

// One candidate, or one folder without candidates.
struct TranscriptEntry {
  std::filesystem::path folder;     // empty for an explicit path
  std::string origin;               // why the folder is searched; "path" for an explicit path
  std::filesystem::path candidate;  // empty: the entry is about the folder
  LoadOutcome outcome = LoadOutcome::skipped;
  std::string plugin;  // the name the plugin gives itself, if it was loaded
  std::string reason;
  std::string system_message;  // dlerror, or ""
};

class Transcript {
 public:
  void add(TranscriptEntry entry) { entries_.push_back(std::move(entry)); }
  void append(const Transcript& other);
  const std::vector<TranscriptEntry>& entries() const { return entries_; }

  // One line for each folder and, indented, one for each candidate:
  //   folder /opt/tenon/plugins (--plugin-path)
  //     libcpu.so: refused: [...] the library is for another machine; ...
  std::string text() const;

 private:
  std::vector<TranscriptEntry> entries_;
};

}  // namespace tenon
