#include "parallel/layout.hpp"

#include <fmt/format.h>

#include <utility>

namespace tenon {

std::optional<LayoutMistake> find_mistake(const ParallelLayout& layout) {
  const auto refuse_below_one = [](const char* key, int64_t found) {
    return LayoutMistake{key, "no such number of cards", "1 or more", std::to_string(found)};
  };
  if (layout.tensor < 1) return refuse_below_one("parallel.tensor", layout.tensor);
  if (layout.data < 1) return refuse_below_one("parallel.data", layout.data);
  if (layout.expert == 1 || layout.expert == layout.ranks()) return std::nullopt;
  return LayoutMistake{"parallel.expert", "experts are shared out over all cards or over none",
                       layout.is_single()
                           ? "1, for there is one card"
                           : fmt::format("1 or {} (parallel.tensor {} times parallel.data {})",
                                         layout.ranks(), layout.tensor, layout.data),
                       std::to_string(layout.expert)};
}

LayoutError::LayoutError(LayoutMistake mistake)
    : Error(ErrorKind::input,
            error_text(mistake.key, mistake.what, mistake.expected, mistake.found)),
      mistake_(std::move(mistake)) {}

}  // namespace tenon
