// A layer of experts on the emulated Ascend in virtual time: what grouped matmuls take, what a loop of
// linears takes, and which of them `auto` chooses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tenon {

// How the stacked weights of a layer lie, and how grouped_matmul takes them.
enum class StackLayout {
  view,        // as checkpoints hold them, read through strides
  contiguous,  // in the device's own layout
  copy,        // as checkpoints hold them, copied before each run
};
const char* stack_layout_name(StackLayout layout);

struct ExpertCell {
  int64_t hidden = 4096;
  int64_t intermediate = 1536;
  int64_t experts = 8;
  int64_t tokens = 1;  // a decode step of so many sequences, on all cards together
  int64_t cards = 1;   // that share the experts out
  StackLayout layout = StackLayout::view;
  bool captured = false;  // [engine] graphs
  std::string soc = "910c_die";
  std::string routing = "even";  // how rows divide over experts: the device's option of that name

  // 8, or a quarter of few experts.
  int64_t experts_per_token() const;
};

// Milliseconds: a step divided by its layers. What surrounds the experts is in it, since a loop delays
// the calls of that too, or takes it out of its graph.
struct CellTimes {
  double grouped = 0;    // moe.grouped_matmul = "always"
  double loop = 0;       // "never"
  double automatic = 0;  // "auto"
  bool chose_loop = false;

  // What `auto` takes, in terms of the better of both.
  double ratio() const;
};

// `plugins`: folder of the built plugins. Throws Error.
CellTimes measure(const ExpertCell& cell, const std::filesystem::path& plugins);

}  // namespace tenon
