#include "chain_report.hpp"

#include <toml++/toml.h>

#include <cmath>
#include <cstdio>
#include <map>

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
        profiles_((source_ / "configs/soc").string()) {
    for (auto&& [name, table] : *root_.get_as<toml::table>("model"))
      models_[std::string(name.str())] =
          read_model(std::string(name.str()), Fields(file_, *table.as_table()));
  }

  void steps() {
    std::printf("%-56s %9s %9s %9s %7s   of the chain: compute, communication, idle\n", "step, ms",
                "published", "by hand", "chain", "ratio");
    for (const char* kind : {"decode", "prefill"}) {
      for (const toml::node& node : *root_.get_as<toml::array>(kind))
        step(read_row(Fields(file_, *node.as_table()), kind == std::string("decode")));
    }
  }

  // With the defaults of [prefetch].
  void prefetch() {
    struct Case {
      const char* model;
      const char* profile;
      std::int64_t sequences, context, tensor, data;
      bool w8a8, captured;
    };
    const Case cases[] = {{"qwen3_8b", "910b2", 1, 1000, 2, 1, false, true},
                          {"qwen3_32b", "910b3", 1, 4250, 4, 1, true, true},
                          {"qwen3_32b", "910b3", 1, 4250, 4, 1, true, false},
                          {"qwen3_32b", "910b3", 72, 4250, 4, 1, true, true},
                          {"qwen3_235b", "910c_die", 4, 4250, 4, 4, true, true},
                          {"qwen3_235b", "910c_die", 144, 4250, 4, 4, true, true},
                          {"qwen3_235b", "910c_die", 144, 4250, 1, 16, false, true}};
    std::printf("\nWhat prefetch with its defaults gains of a step, %%\n\n");
    for (const Case& c : cases) {
      StepShape shape;
      shape.sequences = c.sequences;
      shape.context = c.context;
      shape.tensor = c.tensor;
      shape.data = c.data;
      shape.w8a8 = c.w8a8;
      shape.captured = c.captured;
      const DecoderModel& model = models_.at(c.model);
      const timing::SocProfile& profile = profiles_.get(c.profile);
      const double off = step_time(model, shape, profile).milliseconds;
      const ChainStep chain = chain_step(c.model, shape, c.profile, true, source_, plugins_);
      shape.prefetch.enabled = true;
      const double on = step_time(model, shape, profile).milliseconds;
      std::printf("%-11s %s, %4lld sequences, TP%lld DP%lld, %-8s  by hand %+6.2f  chain %+6.2f\n",
                  c.model, c.w8a8 ? "W8A8" : "BF16", static_cast<long long>(c.sequences),
                  static_cast<long long>(c.tensor), static_cast<long long>(c.data),
                  c.captured ? "captured" : "eager", (1 - on / off) * 100, chain.prefetch_gain);
    }
  }

 private:
  void step(Row row) {
    row.shape.least_rows = 1;  // the chain pads to shape buckets and no further
    const DecoderModel& model = models_.at(row.model);
    const timing::SocProfile& profile = profiles_.get(row.profile);
    const double written = step_time(model, row.shape, profile).milliseconds;
    const ChainStep chain = chain_step(row.model, row.shape, row.profile, false, source_, plugins_);
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
