#include "tenon/tune_charts.hpp"

#include <algorithm>
#include <set>

namespace tenon {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

double cap_place(const std::optional<uint64_t>& cap, uint64_t whole) {
  return static_cast<double>(cap ? std::min(*cap, whole) : whole) / mebibyte;
}

class Charts {
 public:
  Charts(const TunedBatch& batch, const Caution& caution) : batch_(batch), caution_(caution) {}

  std::vector<Chart> run() const {
    Chart caps{.title = "prefetch.max_bytes, " + rehearsed_step_text(batch_.step),
               .x_title = "MiB",
               .y_title = "cautious gain of a step in %",
               .zero_name = "off",
               .logarithmic = true};
    Chart ratios{.title = "prefetch.ratio, " + rehearsed_step_text(batch_.step),
                 .x_title = "share of the weight",
                 .y_title = "cautious gain of a step in %",
                 .zero_name = "off"};
    for (const Curve& curve : batch_.found.curves) {
      if (curve.points.empty()) continue;
      if (curve.knob.kind == KnobKind::max_bytes) caps.lines.push_back(line_of(curve));
      if (curve.knob.kind == KnobKind::ratio) ratios.lines.push_back(line_of(curve));
    }
    if (!batch_.found.one_cap.empty()) caps.lines.push_back(one_cap_line());
    std::vector<Chart> charts;
    if (!caps.lines.empty()) charts.push_back(std::move(caps));
    if (!ratios.lines.empty()) charts.push_back(std::move(ratios));
    return charts;
  }

 private:
  ChartPoint point_at(double x, const Knob& knob, const CurvePoint& point) const {
    return {x, 100 * caution_.gain(batch_.found.off, point.time), value_text(knob, point.value)};
  }

  ChartLine line_of(const Curve& curve) const {
    const Knob& knob = curve.knob;
    const bool ratio = knob.kind == KnobKind::ratio;
    const uint64_t whole = largest_weight(batch_.tuned, knob.group);
    ChartLine line{.name = ratio ? knob.group + "." + knob.name : knob.group};
    for (size_t i = 0; i < curve.points.size(); ++i) {
      const KnobValue& value = curve.points[i].value;
      const double x = ratio ? value.ratio : cap_place(value.max_bytes, whole);
      line.points.push_back(point_at(x, knob, curve.points[i]));
      line.points.back().chosen = curve.chosen == i;
    }
    std::ranges::stable_sort(line.points, {}, &ChartPoint::x);
    return line;
  }

  ChartLine one_cap_line() const {
    uint64_t whole = 0;
    for (const std::string& group : groups_of(batch_.tuned))
      whole = std::max(whole, largest_weight(batch_.tuned, group));
    const Knob knob{.kind = KnobKind::max_bytes};
    ChartLine line{.name = "all groups alike, weights whole"};
    std::set<double> drawn;
    for (const CurvePoint& point : batch_.found.one_cap) {
      const double x = cap_place(point.value.max_bytes, whole);
      if (drawn.insert(x).second) line.points.push_back(point_at(x, knob, point));
    }
    return line;
  }

  const TunedBatch& batch_;
  const Caution& caution_;
};

}  // namespace

std::vector<Chart> charts_of(const TunedBatch& batch, const Caution& caution) {
  return Charts(batch, caution).run();
}

}  // namespace tenon
