#include "plugin/transcript.hpp"

#include <fmt/format.h>

namespace tenon {

std::string_view outcome_name(LoadOutcome outcome) {
  switch (outcome) {
    case LoadOutcome::loaded:
      return "loaded";
    case LoadOutcome::refused:
      return "refused";
    case LoadOutcome::skipped:
      break;
  }
  return "skipped";
}

void Transcript::append(const Transcript& other) {
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
}

std::string Transcript::text() const {
  std::string text;
  const TranscriptEntry* previous = nullptr;
  for (const TranscriptEntry& entry : entries_) {
    const bool same_folder =
        previous != nullptr && previous->folder == entry.folder && previous->origin == entry.origin;
    if (!same_folder && !entry.folder.empty()) {
      text += fmt::format("  folder {} ({})\n", entry.folder.string(), entry.origin);
    }
    previous = &entry;
    const std::string subject = entry.folder.empty() ? "file " + entry.candidate.string()
                                                     : "  " + entry.candidate.filename().string();
    if (entry.candidate.empty()) {
      text += fmt::format("    {}\n", entry.reason);
      continue;
    }
    text += fmt::format("  {}: {}", subject, outcome_name(entry.outcome));
    if (!entry.plugin.empty()) text += fmt::format(" as '{}'", entry.plugin);
    if (!entry.reason.empty()) text += ": " + entry.reason;
    text += "\n";
    if (!entry.system_message.empty()) {
      text += fmt::format("      dlerror: {}\n", entry.system_message);
    }
  }
  return text;
}

}  // namespace tenon
