#include "framework/context.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tenon::conformance {
namespace {

struct Bit {
  uint64_t bit;
  std::string_view name;
};

constexpr std::array<Bit, 10> capabilities{{
    {TN_CAN_RUN_EVERY_OP, "TN_CAN_RUN_EVERY_OP"},
    {TN_CAN_CAPTURE_GRAPHS, "TN_CAN_CAPTURE_GRAPHS"},
    {TN_CAN_IMPORT_HOST, "TN_CAN_IMPORT_HOST"},
    {TN_CAN_CALL_HOST, "TN_CAN_CALL_HOST"},
    {TN_CAN_COMMUNICATE, "TN_CAN_COMMUNICATE"},
    {TN_CAN_PREFETCH, "TN_CAN_PREFETCH"},
    {TN_CAN_PROFILE, "TN_CAN_PROFILE"},
    {TN_CAN_MAP_DEVICE_MEMORY, "TN_CAN_MAP_DEVICE_MEMORY"},
    {TN_IS_BATCH_INVARIANT, "TN_IS_BATCH_INVARIANT"},
    {TN_KEEPS_NO_CONTENTS, "TN_KEEPS_NO_CONTENTS"},
}};

// FNV-1a, so that a test's draws do not depend on which tests run beside it.
uint64_t mix(uint64_t seed, std::string_view name) {
  uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const char character : name) {
    hash ^= static_cast<unsigned char>(character);
    hash *= 1099511628211ULL;
  }
  return hash;
}

}  // namespace

Context::Context(const RunSettings& settings, const TestCase& test)
    : settings_(settings), test_(test), random_(mix(settings.seed, test.name)) {}

Context::~Context() = default;

PluginFile& Context::plugin() {
  if (!plugin_) plugin_ = std::make_unique<PluginFile>(settings_.plugin, host_);
  return *plugin_;
}

std::vector<Option> Context::options() {
  return parse_options(plugin().table(), settings_.options);
}

Subject& Context::subject() {
  if (!subject_) subject_ = std::make_unique<Subject>(plugin(), options());
  return *subject_;
}

std::unique_ptr<Subject> Context::another(const std::vector<Option>& options) {
  return std::make_unique<Subject>(plugin(), options);
}

void Context::need(uint64_t needed) {
  const tn_device_info info = subject().device_info();
  for (const Bit& capability : capabilities) {
    if ((needed & capability.bit) != 0 && (info.capabilities & capability.bit) == 0) {
      throw TestSkipped(fmt::format("{} is clear", capability.name));
    }
  }
}

void Context::finish() {
  if (subject_) subject_->finish();
  subject_.reset();
  const auto faults = host_.faults();
  if (!faults.empty()) {
    fail("TN-ABI-14", "use of the host's allocator",
         "each block released once, with its own size and alignment, and nothing written beside it",
         faults.front());
  }
}

void run_test(const TestCase& test, const RunSettings& settings) {
  Context context(settings, test);
  if (!test.requirements.without_backend) {
    Subject& subject = context.subject();
    if (subject.device_count() < test.requirements.devices) {
      throw TestSkipped(fmt::format("the backend has {} of {} devices", subject.device_count(),
                                    test.requirements.devices));
    }
    context.need(test.requirements.needs);
  }
  test.body(context);
  context.finish();
}

}  // namespace tenon::conformance
