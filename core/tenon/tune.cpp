// `tenon tune`: prefetch settings for a deployment, found by rehearsing its steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "config/load.hpp"
#include "tenon/configuration.hpp"
#include "tenon/device_setup.hpp"
#include "tenon/prefetch_settings.hpp"
#include "tenon/rehearsal.hpp"
#include "tenon/tune_text.hpp"
#include "tune/token_limits.hpp"
#include "tune/write_toml.hpp"

namespace tenon {
namespace {

// Before memory for the weights is asked for.
void require_model_of_time(const ResolvedConfiguration& configuration, PluginRegistry& registry) {
  const OpenedDevice opened = open_device(configuration, registry);
  if (opened.device.can(TN_KEEPS_NO_CONTENTS) && opened.device.can(TN_CAN_PROFILE)) return;
  fail_input("tune", "the device does not model time, and tuning by the clock is not there yet",
             "a device that takes time and keeps no contents, for example --device "
             "ascend_emu,timing=true,numerics=false,soc=910b3",
             opened.name);
}

PrefetchSettings enabled_prefetch(ResolvedConfiguration configuration, const Program& program,
                                  const PrefetchConfiguration& prefetch) {
  configuration.values.prefetch = prefetch;
  configuration.values.prefetch.enabled = true;
  return *resolve_prefetch(configuration, program);
}

bool is_prefetch_given(const ResolvedConfiguration& configuration) {
  return std::ranges::any_of(configuration.settings, [](const auto& entry) {
    const ConfigSetting& setting = entry.second;
    return setting.path.front() == "prefetch" && setting.origin.kind != OriginKind::builtin;
  });
}

// Equal steps that begin at different moments may be a nanosecond apart, which must not decide.
uint64_t rounded(uint64_t ns) {
  constexpr uint64_t resolution_ns = 100;
  return (ns + resolution_ns / 2) / resolution_ns * resolution_ns;
}

class Tuner {
 public:
  Tuner(const ResolvedConfiguration& configuration, PluginRegistry& registry,
        const TuneOptions& options)
      : configuration_(configuration),
        options_(options),
        rehearsal_(open_rehearsal(configuration, registry)),
        own_(enabled_prefetch(configuration, program(), configuration.values.prefetch)),
        guide_(enabled_prefetch(configuration, program(), load_configuration({}).values.prefetch)) {
    report_.caution.margin_ns = static_cast<uint64_t>(std::llround(options.margin_us * 1000));
    report_.caution.threshold = options.threshold / 100;
    report_.most_evaluations = static_cast<size_t>(options.evaluations);
    const ParallelConfiguration& parallel = configuration.values.parallel;
    report_.model = fmt::format("{}, tensor {}, expert {}, data {}", program().architecture,
                                parallel.tensor, parallel.expert, parallel.data);
  }

  TuneReport run() {
    for (const RehearsedStep& step : steps())
      report_.batches.push_back(tune_batch(step));
    const std::optional<PrefetchSettings> settings = settings_for_all();
    for (TunedBatch& batch : report_.batches)
      batch.written = time_of_written(batch, settings);
    report_.table = prefetch_table(settings, groups(), tuning_comments(report_));
    return std::move(report_);
  }

 private:
  const Program& program() const { return rehearsal_.program(); }

  std::vector<RehearsedStep> steps() const {
    std::vector<int64_t> sequences = options_.sequences;
    if (sequences.empty()) sequences = {configuration_.values.engine.max_num_seqs};
    std::ranges::sort(sequences);
    sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
    int64_t context = options_.context;
    if (context == 0) context = usual_context(sequences);
    std::vector<RehearsedStep> steps;
    steps.reserve(sequences.size());
    for (const int64_t count : sequences)
      steps.push_back({count, options_.rows, context});
    return steps;
  }

  // One that each of the steps has room for, so that their times differ by the sequences alone.
  int64_t usual_context(const std::vector<int64_t>& sequences) const {
    int64_t context = INT64_MAX;
    for (const int64_t count : sequences)
      context = std::min(context, rehearsal_.usual_context({count, options_.rows}));
    return context;
  }

  std::vector<std::string> groups() const {
    std::set<std::string> groups;
    for (const PrefetchName& name : program().prefetch_names)
      groups.insert(name.group);
    return {groups.begin(), groups.end()};
  }

  StepTime time(const RehearsedStep& step, const std::optional<PrefetchSettings>& settings) {
    rehearsal_.set_prefetch(settings);
    const PrefetchReport* report = rehearsal_.prefetch_report(step);
    StepTime time;
    if (report != nullptr) {
      time.prefetched_bytes = report->bytes();
      time.prefetches = report->prefetches.size();
    }
    time.ns = rounded(rehearsal_.run(step).duration_ns());
    return time;
  }

  // What a step prefetches if everything is asked for.
  TunedStep look_at(const RehearsedStep& step) {
    PrefetchSettings all;
    all.through_attention = true;
    all.replicas = own_.replicas;
    for (const PrefetchName& name : program().prefetch_names)
      all.ratio[name.group][name.name] = 1;
    rehearsal_.set_prefetch(all);
    const PrefetchReport report = *rehearsal_.prefetch_report(step);
    std::map<std::pair<std::string, std::string>, std::set<uint64_t>> sizes;
    for (const Prefetch& prefetch : report.prefetches)
      sizes[{prefetch.group, prefetch.name}].insert(prefetch.of_bytes);
    TunedStep tuned;
    tuned.tokens = rehearsal_.plan(step).bucket.tokens * own_.replicas;
    tuned.cache_bytes = rehearsal_.executor().device_info().cache_bytes;
    for (const auto& [name, bytes] : sizes)
      tuned.names.push_back({name.first, name.second, {bytes.begin(), bytes.end()}});
    report_.left_out.clear();
    std::set<std::string> said;
    for (const SkippedPrefetch& skipped : report.skipped) {
      const std::string name = skipped.group + "." + skipped.name;
      if (sizes.contains({skipped.group, skipped.name}) || !said.insert(name).second) continue;
      report_.left_out.push_back(fmt::format("{}: {}", name, skipped.reason));
    }
    return tuned;
  }

  TunedBatch tune_batch(const RehearsedStep& step) {
    TunedBatch batch{.step = step, .tuned = look_at(step)};
    batch.prefetch_enabled = configuration_.values.prefetch.enabled;
    SearchOptions search;
    search.step = batch.tuned;
    search.guide = guide_;
    if (is_prefetch_given(configuration_)) search.deployment = own_;
    search.evaluations = report_.most_evaluations;
    search.caution = report_.caution;
    const size_t before = report_.batches.size() * search.evaluations;
    const size_t all = steps().size() * search.evaluations;
    search.progress = [this, before, all](size_t done, size_t /*most*/) {
      if (options_.progress) options_.progress(before + done, all);
    };
    batch.found =
        search_prefetch([&](const auto& settings) { return time(step, settings); }, search);
    return batch;
  }

  StepTime time_of_written(const TunedBatch& batch,
                           const std::optional<PrefetchSettings>& settings) {
    if (!settings) return batch.found.off;
    const PrefetchEffect effect = effect_of(*settings, batch.tuned);
    if (effect.nothing()) return batch.found.off;
    const std::optional<TimedSettings>& best = batch.found.best;
    if (best && effect_of(best->settings, batch.tuned) == effect) return best->time;
    return time(batch.step, settings);
  }

  // Those of the largest batch that gains, kept out of the others where these are better without.
  std::optional<PrefetchSettings> settings_for_all() {
    const TunedBatch* main = nullptr;
    for (const TunedBatch& batch : report_.batches) {
      if (batch.found.prefetch) main = &batch;
    }
    if (main == nullptr) return std::nullopt;
    std::vector<OtherStep> others;
    for (const TunedBatch& batch : report_.batches) {
      if (&batch == main) continue;
      const size_t spent = std::min(batch.found.evaluations, report_.most_evaluations);
      others.push_back(
          {batch.tuned.tokens,
           [this, step = batch.step](const auto& settings) { return time(step, settings); },
           batch.found.off, report_.most_evaluations - spent});
    }
    return limit_tokens(*main->found.answer(), main->tuned, std::move(others), report_.caution);
  }

  const ResolvedConfiguration& configuration_;
  const TuneOptions& options_;
  Rehearsal rehearsal_;
  PrefetchSettings own_;
  PrefetchSettings guide_;
  TuneReport report_;
};

std::string whole_toml(const Deployment& deployment, const ResolvedConfiguration& configuration,
                       const TuneOptions& options, const std::string& table) {
  if (configuration.file == nullptr)
    return replace_prefetch(given_settings(configuration, deployment.plugin_folders), table);
  const std::filesystem::path from =
      std::filesystem::absolute(configuration.file->name).parent_path();
  std::string text = replace_prefetch(configuration.file->text, table);
  if (options.output.empty()) return text;
  return move_paths(text, from, std::filesystem::absolute(options.output).parent_path());
}

void check_options(const TuneOptions& options) {
  constexpr int64_t fixed_points = 3;
  if (options.evaluations < fixed_points) {
    fail_input("evaluations", "too few to compare off, the defaults and the deployment",
               fmt::format("at least {}", fixed_points), std::to_string(options.evaluations));
  }
  if (!(options.margin_us >= 0 && options.margin_us <= 1e6)) {
    fail_input("margin", "no cost of a prefetch", "0 to 1000000 microseconds",
               fmt::format("{}", options.margin_us));
  }
  if (!(options.threshold >= 0 && options.threshold <= 100)) {
    fail_input("threshold", "no share of a step", "0 to 100 per cent",
               fmt::format("{}", options.threshold));
  }
}

}  // namespace

Tuning tune(const Deployment& deployment, const TuneOptions& options) {
  check_options(options);
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  require_model_of_time(configuration, registry);
  const TuneReport report = Tuner(configuration, registry, options).run();
  Tuning result;
  result.toml = whole_toml(deployment, configuration, options, report.table);
  result.text = tune_text(report, options.ascii ? PlotCharacters::ascii : PlotCharacters::unicode);
  result.json = tune_json(report, result.toml);
  result.svg = tune_svg(report);
  return result;
}

}  // namespace tenon
