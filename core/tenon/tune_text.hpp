// What `tenon tune` found, for people, for programs and as a picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rehearsal/rehearsed_step.hpp"
#include "tune/knobs.hpp"
#include "tune/plot.hpp"
#include "tune/search.hpp"

namespace tenon {

// One batch that was tuned. `written`: the step under the settings that are written at the end, which
// are those of one batch, limited for the others.
struct TunedBatch {
  RehearsedStep step = {};
  TunedStep tuned = {};
  SearchResult found = {};
  bool prefetch_enabled = false;  // in the deployment as it was
  StepTime written = {};
};

struct TuneReport {
  std::string model = {};  // architecture and parallel layout
  Caution caution = {};
  size_t most_evaluations = 0;
  std::vector<TunedBatch> batches = {};
  std::vector<std::string> left_out = {};  // "attn.o: nothing lies between ..."
  std::string table = {};                  // [prefetch] as written
};

// For the head of a written [prefetch]: a line for each batch.
std::vector<std::string> tuning_comments(const TuneReport& report);

std::string tune_text(const TuneReport& report, PlotCharacters characters);
std::string tune_json(const TuneReport& report, const std::string& toml);
std::string tune_svg(const TuneReport& report);

}  // namespace tenon
