// The backend object of every plugin on this runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <tenon/plugin/objects.hpp>

#include "host_runtime/backend_state.hpp"

namespace tenon::host_runtime {

// A plugin derives from it to add what tn_plugin_query asks for: facts, options, create.
class RuntimeBackend : public plugin::Backend {
 public:
  explicit RuntimeBackend(std::shared_ptr<BackendState> state) : state_(std::move(state)) {}

  std::uint32_t device_count() override;
  tn_device_info device_info(std::uint32_t index) override;
  std::unique_ptr<plugin::Device> open_device(std::uint32_t index) override;

 private:
  std::shared_ptr<BackendState> state_;
};

}  // namespace tenon::host_runtime
