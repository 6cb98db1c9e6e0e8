// Grouped matmuls or a loop over experts: for every cell what `auto` chooses and what it should have
// chosen, in virtual time of the emulated Ascend, as tables in Markdown. Ends with 1 if a choice costs
// more than 5 % over the better one.
//
//   grouped_matmul_choice [--quick] [SOC [ROUTING]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "expert_cell.hpp"

namespace {

using namespace tenon;

constexpr double most_ratio = 1.05;

std::string cell_text(const CellTimes& times) {
  char text[96];
  std::snprintf(text, sizeof text, "%s %.3g / %.3g, %.3f", times.chose_loop ? "loop" : "grouped",
                times.grouped, times.loop, times.ratio());
  return text;
}

class Report {
 public:
  Report(std::vector<int64_t> tokens, std::vector<int64_t> experts)
      : tokens_(std::move(tokens)), experts_(std::move(experts)) {}

  void table(ExpertCell cell) {
    std::printf("\n%s, %lld x %lld, %s, rows %s, experts on %lld card%s, %s\n\n| tokens |",
                stack_layout_name(cell.layout), static_cast<long long>(cell.hidden),
                static_cast<long long>(cell.intermediate), cell.soc.c_str(), cell.routing.c_str(),
                static_cast<long long>(cell.cards), cell.cards == 1 ? "" : "s",
                cell.captured ? "graphs" : "eager");
    for (const int64_t experts : experts_)
      std::printf(" %lld experts |", static_cast<long long>(experts));
    std::printf("\n|---|");
    for (size_t i = 0; i < experts_.size(); ++i)
      std::printf("---|");
    for (const int64_t tokens : tokens_) {
      std::printf("\n| %lld |", static_cast<long long>(tokens));
      for (const int64_t experts : experts_) {
        cell.tokens = tokens;
        cell.experts = experts;
        const CellTimes times = measure(cell, TENON_BUILT_PLUGINS);
        std::printf(" %s |", cell_text(times).c_str());
        std::fflush(stdout);
        note(cell, times);
      }
    }
    std::printf("\n");
  }

  // Whether every choice was good enough.
  bool finish() const {
    std::printf("\n%zu cells; the worst: %s, %.1f %% over the better form\n", cells_,
                worst_.c_str(), (worst_ratio_ - 1) * 100);
    return worst_ratio_ <= most_ratio;
  }

 private:
  void note(const ExpertCell& cell, const CellTimes& times) {
    ++cells_;
    if (times.ratio() <= worst_ratio_) return;
    worst_ratio_ = times.ratio();
    worst_ = std::to_string(cell.tokens) + " tokens, " + std::to_string(cell.experts) +
             " experts of " + std::to_string(cell.hidden) + " x " +
             std::to_string(cell.intermediate) + ", " + stack_layout_name(cell.layout) + ", " +
             std::to_string(cell.cards) + " cards" + (cell.captured ? ", graphs" : "");
  }

  std::vector<int64_t> tokens_;
  std::vector<int64_t> experts_;
  size_t cells_ = 0;
  double worst_ratio_ = 0;
  std::string worst_;
};

std::vector<int64_t> powers_of_two(int64_t first, int64_t last, int64_t step) {
  std::vector<int64_t> values;
  for (int64_t value = first; value <= last; value *= step)
    values.push_back(value);
  return values;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    std::vector<std::string> words(arguments + 1, arguments + count);
    const bool quick = !words.empty() && words.front() == "--quick";
    if (quick) words.erase(words.begin());
    Report report(powers_of_two(1, 4096, quick ? 8 : 2), powers_of_two(8, 256, quick ? 4 : 2));
    std::printf(
        "Each cell: the choice of auto; milliseconds of a layer, grouped / loop; auto over the "
        "better\n");
    const std::pair<int64_t, int64_t> sizes[] = {{4096, 1536}, {2048, 768}};
    for (const auto& [hidden, intermediate] : sizes) {
      for (const bool captured : {false, true}) {
        for (const int64_t cards : {1, 8}) {
          for (const StackLayout layout :
               {StackLayout::view, StackLayout::contiguous, StackLayout::copy}) {
            ExpertCell cell;
            if (!words.empty()) cell.soc = words[0];
            if (words.size() > 1) cell.routing = words[1];
            cell.hidden = hidden;
            cell.intermediate = intermediate;
            cell.captured = captured;
            cell.cards = cards;
            cell.layout = layout;
            report.table(cell);
          }
        }
      }
    }
    return report.finish() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
