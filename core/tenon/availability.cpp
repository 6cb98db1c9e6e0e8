#include "tenon/availability.hpp"

#include <string>
#include <string_view>

#include "tenon/parallel_setup.hpp"

namespace tenon {
namespace {

class Checker {
 public:
  explicit Checker(const ResolvedConfiguration& configuration) : configuration_(configuration) {}

  void refuse_unless(bool available, std::string_view key, std::string_view only) {
    if (available) return;
    const ConfigSetting* setting = configuration_.find(key);
    mistakes_.push_back(configuration_.mistake(
        key, {std::string(key),
              "this version of Tenon cannot do this yet",
              std::string(only),
              setting != nullptr && !setting->raw.empty() ? setting->raw : "another value",
              {}}));
  }

  void add(std::vector<Diagnostic> mistakes) {
    for (Diagnostic& mistake : mistakes)
      mistakes_.push_back(std::move(mistake));
  }

  std::vector<Diagnostic> take() { return std::move(mistakes_); }

 private:
  const ResolvedConfiguration& configuration_;
  std::vector<Diagnostic> mistakes_;
};

}  // namespace

std::vector<Diagnostic> check_availability(const ResolvedConfiguration& configuration) {
  using Weights = WeightsConfiguration;
  const Configuration& c = configuration.values;
  Checker checker(configuration);
  checker.refuse_unless(c.device.count == 1, "device.count", "1");
  checker.refuse_unless(c.weights.residency != Weights::Residency::stacked, "weights.residency",
                        "\"resident\" or \"streamed\"");
  checker.refuse_unless(c.weights.packed_cache.empty(), "weights.packed_cache", "\"\"");
  checker.add(check_layout(configuration));
  return checker.take();
}

}  // namespace tenon
