#include "chain_report.hpp"

#include <toml++/toml.h>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

#include "chain.hpp"

namespace validation {
namespace {

constexpr double notable = 0.05;

struct Row {
  std::string name;
  std::string model;
  std::string profile;
  double published = 0;
  StepShape shape;
};

Row read_row(Fields fields, bool decode) {
  Row row;
  row.name = fields.text("name");
  row.model = fields.text("model");
  row.profile = fields.text("profile");
  row.published = fields.number("milliseconds");
  row.shape = step_shape(fields, decode);
  return row;
}

void print_difference(const OpCounts& written, const OpCounts& chain) {
  OpCounts all = written;
  all.insert(chain.begin(), chain.end());
  for (const auto& entry : all) {
    const std::string& op = entry.first;
    const auto of = [&op](const OpCounts& counts) {
      const auto found = counts.find(op);
      return found == counts.end() ? OpCount{} : found->second;
    };
    const OpCount a = of(written);
    const OpCount b = of(chain);
    if (std::abs(b.milliseconds - a.milliseconds) < 0.05) continue;
    std::printf("    %-16s %5lld ops %8.3f ms  ->  %5lld ops %8.3f ms\n", op.c_str(),
                static_cast<long long>(a.count), a.milliseconds, static_cast<long long>(b.count),
                b.milliseconds);
  }
}

class ChainReport {
 public:
  ChainReport(const std::string& file, std::filesystem::path source, std::filesystem::path plugins)
      : file_(file),
        root_(toml::parse_file(file)),
        source_(std::move(source)),
        plugins_(std::move(plugins)),
        profiles_((source_ / "configs/soc").string()),
        models_(read_models(file_, root_)) {}

  void steps() {
    std::printf("%-56s %9s %9s %9s %7s   of the chain: compute, communication, idle\n", "step, ms",
                "published", "by hand", "chain", "ratio");
    for (const char* kind : {"decode", "prefill"}) {
      for (const toml::node& node : rows(kind))
        step(read_row(Fields(file_, *node.as_table()), kind == std::string("decode")));
    }
  }

  // With the defaults of [prefetch].
  void prefetch() {
    std::printf("\nWhat prefetch with its defaults gains of a step, %%\n\n");
    for (const toml::node& node : rows("chain_prefetch")) {
      Fields row(file_, *node.as_table());
      StepShape shape = step_shape(row, true);
      const DecoderModel& model = models_.at(row.text("model"));
      const std::string card = row.text("profile");
      row.finish();
      const timing::SocProfile& profile = profiles_.get(card);
      const double off = step_time(model, shape, profile).milliseconds;
      const ChainStep chain = chain_step(model, shape, card, true, source_, plugins_);
      shape.prefetch.enabled = true;
      const double on = step_time(model, shape, profile).milliseconds;
      std::printf("%-11s %s, %4lld sequences, TP%lld DP%lld, %-8s  by hand %+6.2f  chain %+6.2f\n",
                  model.name.c_str(), shape.w8a8 ? "W8A8" : "BF16",
                  static_cast<long long>(shape.sequences), static_cast<long long>(shape.tensor),
                  static_cast<long long>(shape.data), shape.captured ? "captured" : "eager",
                  (1 - on / off) * 100, chain.prefetch_gain);
    }
  }

 private:
  const toml::array& rows(const char* kind) const {
    const auto* array = root_.get_as<toml::array>(kind);
    if (array == nullptr) throw std::runtime_error("[" + file_ + "] no rows of " + kind);
    return *array;
  }

  void step(Row row) {
    row.shape.least_rows = 1;  // the chain pads to shape buckets and no further
    const DecoderModel& model = models_.at(row.model);
    const timing::SocProfile& profile = profiles_.get(row.profile);
    const double written = step_time(model, row.shape, profile).milliseconds;
    const ChainStep chain = chain_step(model, row.shape, row.profile, false, source_, plugins_);
    const double ratio = chain.time.milliseconds / written;
    std::printf("%-56s %9.2f %9.2f %9.2f %7.3f   %.2f, %.2f, %.2f\n", row.name.c_str(),
                row.published, written, chain.time.milliseconds, ratio, chain.time.compute,
                chain.time.communication, chain.time.idle);
    if (std::abs(ratio - 1) > notable)
      print_difference(written_ops(model, row.shape, profile), chain.ops);
  }

  std::string file_;
  toml::table root_;
  std::filesystem::path source_;
  std::filesystem::path plugins_;
  Profiles profiles_;
  Models models_;
};

}  // namespace

void report_chain(const std::string& file, const std::filesystem::path& source,
                  const std::filesystem::path& plugins) {
  ChainReport report(file, source, plugins);
  report.steps();
  report.prefetch();
}

}  // namespace validation
