#include "model_testing.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tenon {

std::filesystem::path demo_checkpoint(const std::string& name) {
  return std::filesystem::path(TENON_SOURCE_FOLDER) / "examples/demo" / name;
}
std::filesystem::path tests_data() {
  return std::filesystem::path(TENON_SOURCE_FOLDER) / "tests/data";
}
std::filesystem::path fixture_plugins() {
  return TENON_FIXTURE_PLUGINS;
}

Deployment deployment_of(const std::filesystem::path& checkpoint,
                         const std::vector<std::string>& settings) {
  Deployment deployment;
  deployment.read_environment = false;
  deployment.plugin_folders = {TENON_BUILT_PLUGINS};
  const auto set = [&](const std::string& assignment) {
    deployment.settings.push_back({assignment, "test " + assignment});
  };
  set("model.path=\"" + checkpoint.string() + "\"");
  set("model.activation_dtype=f32");
  set("device.backend=cpu_reference");
  set("device.validate=true");
  for (const std::string& setting : settings)
    set(setting);
  return deployment;
}

Deployment deployment_on(const char* backend, const std::filesystem::path& checkpoint,
                         std::vector<std::string> settings) {
  settings.insert(settings.begin(), std::string("device.backend=") + backend);
  return deployment_of(checkpoint, settings);
}

std::string placement_name(const Placement& placement) {
  std::string name = std::string(std::get<0>(placement)) + "_on_" + std::get<1>(placement);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<int32_t> Logits::argmax() const {
  std::vector<int32_t> best;
  for (size_t i = 0; i < rows(); ++i) {
    best.push_back(static_cast<int32_t>(std::ranges::max_element(row(i)) - row(i).begin()));
  }
  return best;
}

Logits logits_of(Session& session, std::span<const int32_t> ids) {
  Logits logits;
  logits.vocabulary = static_cast<size_t>(session.vocabulary());
  EvaluateOptions options;
  options.keep_logits = true;
  options.on_logits = [&](std::span<const float> rows) {
    logits.values.insert(logits.values.end(), rows.begin(), rows.end());
  };
  session.evaluate(ids, options);
  return logits;
}

Logits logits_of(const Deployment& deployment, std::span<const int32_t> ids) {
  Session session = Session::open(deployment);
  return logits_of(session, ids);
}

Logits read_logits(const std::filesystem::path& file, size_t vocabulary) {
  const std::string bytes = read_text(file);
  Logits logits;
  logits.vocabulary = vocabulary;
  logits.values.resize(bytes.size() / sizeof(float));
  std::memcpy(logits.values.data(), bytes.data(), logits.values.size() * sizeof(float));
  return logits;
}

double largest_difference(const Logits& a, const Logits& b) {
  const size_t count = std::min(a.values.size(), b.values.size());
  if (count == 0 || a.vocabulary != b.vocabulary) {
    throw std::runtime_error("largest_difference: nothing to compare");
  }
  double largest = 0;
  for (size_t i = 0; i < count; ++i) {
    const double difference = std::abs(static_cast<double>(a.values[i]) - b.values[i]);
    if (!(difference <= largest)) largest = difference;  // a NaN is taken over
  }
  return largest;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace tenon
