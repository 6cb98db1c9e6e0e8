#include "tenon/parallel_setup.hpp"

#include <fmt/format.h>

#include "config/configuration_error.hpp"
#include "parallel/shard_program.hpp"

namespace tenon {
namespace {

// The first key that asks for more than one card.
std::string key_of_several(const ParallelLayout& layout) {
  return layout.tensor > 1 ? "parallel.tensor" : "parallel.data";
}

Diagnostic with_place(const ResolvedConfiguration& configuration, const LayoutMistake& mistake) {
  return configuration.mistake(mistake.key,
                               {mistake.key, mistake.what, mistake.expected, mistake.found, {}});
}

[[noreturn]] void refuse(const ResolvedConfiguration& configuration, const std::string& key,
                         std::string what, std::string expected, std::string found) {
  throw ConfigurationError(
      {with_place(configuration, {key, std::move(what), std::move(expected), std::move(found)})});
}

[[noreturn]] void refuse_several(const ResolvedConfiguration& configuration,
                                 const ParallelLayout& layout, std::string expected) {
  refuse(configuration, key_of_several(layout),
         "this version of Tenon does not run on several cards yet; it plans and times one of them",
         std::move(expected), fmt::format("{} cards", layout.ranks()));
}

}  // namespace

std::vector<Diagnostic> check_layout(const ResolvedConfiguration& configuration) {
  const std::optional<LayoutMistake> mistake = find_mistake(resolve_parallel(configuration));
  if (!mistake) return {};
  return {with_place(configuration, *mistake)};
}

Program program_of_one_rank(const ResolvedConfiguration& configuration, Program program) {
  const ParallelLayout layout = resolve_parallel(configuration);
  if (layout.is_single()) return program;
  try {
    return shard_program(program, layout);
  } catch (const LayoutError& error) {
    throw ConfigurationError({with_place(configuration, error.mistake())});
  }
}

ParallelLayout resolve_parallel(const ResolvedConfiguration& configuration) {
  const ParallelConfiguration& given = configuration.values.parallel;
  return {given.tensor, given.expert, given.data};
}

void require_one_card(const ResolvedConfiguration& configuration) {
  const ParallelLayout layout = resolve_parallel(configuration);
  if (layout.is_single()) return;
  refuse_several(configuration, layout,
                 "tensor, expert and data 1; or `tenon plan`, `tenon trace` or `tenon tune`");
}

void require_cards(const ResolvedConfiguration& configuration, const Backend& backend,
                   const std::string& name) {
  const ParallelLayout layout = resolve_parallel(configuration);
  if (layout.is_single()) return;
  const uint32_t count = backend.device_count();
  if (count > 0 && (backend.device_info(0).capabilities & TN_KEEPS_NO_CONTENTS) == 0) {
    refuse_several(configuration, layout,
                   "tensor, expert and data 1; or a device that models time without numbers "
                   "(device.options.numerics = false, where the backend has that option)");
  }
  if (count < layout.ranks()) {
    refuse(configuration, key_of_several(layout),
           fmt::format("the backend '{}' has too few devices for one rank each", name),
           fmt::format("{} devices (tensor times data; see its [device.options])", layout.ranks()),
           std::to_string(count));
  }
}

}  // namespace tenon
