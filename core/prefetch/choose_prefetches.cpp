#include "prefetch/choose_prefetches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "device/op_table.hpp"
#include "prefetch/consumers.hpp"
#include "prefetch/window.hpp"

namespace tenon {
namespace {

// Ratios for what this model does not have.
std::vector<std::string> notes_on(const PrefetchSettings& settings, const Program& program) {
  std::vector<std::string> notes;
  std::map<std::string, std::vector<std::string>> names;
  for (const PrefetchName& name : program.prefetch_names)
    names[name.group].push_back(name.name);
  for (const auto& [group, ratios] : settings.ratio) {
    if (!names.contains(group)) {
      notes.push_back(fmt::format("prefetch.ratio.{}: this model has no group '{}'", group, group));
      continue;
    }
    const std::vector<std::string>& known = names[group];
    for (const auto& [name, ratio] : ratios) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::optional<std::string> nearest = nearest_name(name, known);
      notes.push_back(
          fmt::format("prefetch.ratio.{}.{}: this model's group '{}' has no such name, only {}{}",
                      group, name, group, fmt::join(known, ", "),
                      nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
    }
  }
  return notes;
}

std::string tokens_text(int64_t tokens) {
  return fmt::format("{} token{}", tokens, tokens == 1 ? "" : "s");
}

class Chooser {
 public:
  Chooser(const Program& program, const Plan& plan, const PrefetchSettings& settings,
          const PrefetchDevice& device)
      : program_(program), plan_(plan), settings_(settings), device_(device) {}

  void run() {
    choice_.report.notes = notes_on(settings_, program_);
    const std::vector<PrefetchConsumer> consumers = find_consumers(program_, plan_);
    for (const PrefetchName& name : program_.prefetch_names) {
      const std::string reason = reason_against(name);
      if (reason.empty()) continue;
      left_out_.insert(&name);
      choice_.report.skipped.push_back({name.group, name.name, {}, reason});
    }
    for (const PrefetchConsumer& consumer : consumers) {
      const PrefetchWindow window =
          find_window(plan_.steps, consumer.step, settings_.through_attention);
      if (window.ops.empty()) expect_no_lost_anchor(consumer, window);
      if (!left_out_.contains(consumer.name)) choose(consumer, window);
    }
  }

  PrefetchChoice take() { return std::move(choice_); }

 private:
  // Why nothing of this name is prefetched; empty: it is.
  std::string reason_against(const PrefetchName& name) const {
    if (!device_.can_prefetch) return "the device does not prefetch";
    const std::optional<double> ratio = ratio_of(settings_, name.group, name.name);
    if (!ratio) return fmt::format("prefetch.ratio.{}.{} is not set", name.group, name.name);
    if (*ratio <= 0) return fmt::format("prefetch.ratio.{}.{} is 0", name.group, name.name);
    const int64_t tokens = plan_.bucket.tokens * settings_.replicas;
    const std::optional<int64_t> fewest = fewest_tokens(settings_, name.group);
    if (fewest && tokens < *fewest) {
      return fmt::format("the step has {}, and prefetch.min_tokens.{} is {}", tokens_text(tokens),
                         name.group, *fewest);
    }
    const std::optional<int64_t> most = most_tokens(settings_, name.group);
    if (most && tokens > *most) {
      return fmt::format("the step has {}, and prefetch.max_tokens.{} is {}", tokens_text(tokens),
                         name.group, *most);
    }
    if (!cap_of(settings_, name.group) && device_.cache_bytes == 0) {
      return fmt::format(
          "prefetch.max_bytes.{} is \"auto\", and the device does not say how large "
          "its cache is",
          name.group);
    }
    return {};
  }

  // A window that the definition wrote may be empty; one that a fusion emptied must not pass for
  // that.
  void expect_no_lost_anchor(const PrefetchConsumer& consumer, const PrefetchWindow& window) const {
    if (consumer.which >= consumer.name->before.size()) return;
    const PrefetchName::Before& before = consumer.name->before[consumer.which];
    const OpInfo* info = find_op(before.op);
    if (info == nullptr || !hides_prefetch(info->op_class, false)) return;
    const auto is_it = [&](const PlanStep& step) {
      return step.runs_operation() && (step.operation.name == before.name ||
                                       step.operation.name.starts_with(before.name + "."));
    };
    if (std::ranges::any_of(plan_.steps, is_it)) return;
    fail_input(
        "prefetch",
        fmt::format("a fusion took away the window of '{}.{}' before '{}'", consumer.name->group,
                    consumer.name->name, program_.operations[consumer.operation].name),
        fmt::format("{} '{}' before it", info->name, before.name),
        empty_window_reason(plan_, window, consumer.step));
  }

  void skip(const PrefetchConsumer& consumer, std::string reason) {
    choice_.report.skipped.push_back({consumer.name->group, consumer.name->name,
                                      program_.operations[consumer.operation].name,
                                      std::move(reason)});
  }

  // Activations that the window's ops read and write, each once: the cache holds them too.
  uint64_t activation_bytes(const PrefetchWindow& window) const {
    std::map<ValueId, uint64_t> bytes;
    for (const size_t i : window.ops) {
      const Operation& operation = plan_.steps[i].operation;
      for (const Operand& operand : operation.operands) {
        const ValueClass value_class = program_.values[operand.value].value_class;
        if (value_class != ValueClass::activation && value_class != ValueClass::output) continue;
        const auto& tensor =
            *reinterpret_cast<const tn_tensor*>(operation.args.data() + operand.offset);
        uint64_t& known = bytes[program_.root(operand.value)];
        known = std::max(known, tensor.storage_bytes);
      }
    }
    uint64_t sum = 0;
    for (const auto& [value, size] : bytes)
      sum += size;
    return sum;
  }

  void choose(const PrefetchConsumer& consumer, const PrefetchWindow& window) {
    const PlanStep& reader = plan_.steps[consumer.step];
    if (reader.device != 0) {
      return skip(consumer, fmt::format("{} runs on the fallback device", step_text(reader)));
    }
    if (device_.not_resident) {
      const std::string reason = device_.not_resident(consumer.use.weight);
      if (!reason.empty()) return skip(consumer, reason);
    }
    if (window.ops.empty()) {
      return skip(consumer, empty_window_reason(plan_, window, consumer.step));
    }
    const std::pair storage(consumer.use.weight, consumer.weight.layout);
    const auto known = taken_.find(storage);
    if (known != taken_.end()) {
      return skip(consumer,
                  fmt::format("its weight is prefetched for '{}' already", known->second));
    }

    Prefetch prefetch;
    prefetch.group = consumer.name->group;
    prefetch.name = consumer.name->name;
    prefetch.layer = program_.operations[consumer.operation].name;
    prefetch.weight = consumer.use.weight;
    prefetch.of_bytes = consumer.weight.storage_bytes;
    const AskedBytes asked =
        asked_bytes(settings_, prefetch.group, prefetch.name, prefetch.of_bytes);
    prefetch.bytes = asked.bytes;
    if (asked.is_capped) prefetch.limit = PrefetchLimit::max_bytes;
    if (device_.cache_bytes > 0) {
      // Windows never overlap, since each ends at an op that closes the next: what was prefetched
      // for an earlier reader has been read, and may leave the cache.
      const uint64_t activations = activation_bytes(window);
      const uint64_t room = device_.cache_bytes - std::min(device_.cache_bytes, activations);
      if (room < prefetch.bytes) {
        prefetch.bytes = room;
        prefetch.limit = PrefetchLimit::cache;
      }
    }
    if (prefetch.bytes == 0) {
      return skip(consumer,
                  fmt::format("{} leaves no byte of it", prefetch_limit_name(prefetch.limit)));
    }
    taken_.emplace(storage, prefetch.layer);
    prefetch.window_ops = window.ops.size();
    prefetch.anchor = step_text(plan_.steps[window.ops.front()]);
    prefetch.last = step_text(plan_.steps[window.ops.back()]);
    choice_.chosen.push_back({consumer.use, prefetch.bytes, window.ops.front(), consumer.step,
                              numbered_layer(consumer.name->pattern, prefetch.layer)});
    choice_.report.prefetches.push_back(std::move(prefetch));
  }

  const Program& program_;
  const Plan& plan_;
  const PrefetchSettings& settings_;
  const PrefetchDevice& device_;
  std::set<const PrefetchName*> left_out_;
  std::map<std::pair<uint32_t, tn_layout>, std::string> taken_;  // storage -> its reader
  PrefetchChoice choice_;
};

}  // namespace

PrefetchChoice choose_prefetches(const Program& program, const Plan& plan,
                                 const PrefetchSettings& settings, const PrefetchDevice& device) {
  Chooser chooser(program, plan, settings, device);
  chooser.run();
  return chooser.take();
}

}  // namespace tenon
