// What the objects of one card with virtual time have in common.
#pragma once

#include <cstdint>
#include <memory>

#include "ascend_emu/ascend_settings.hpp"
#include "ascend_emu/timed/card_clock.hpp"
#include "ascend_emu/timed/expert_routing.hpp"
#include "host_runtime/backend_state.hpp"

namespace tenon::ascend_emu {

struct TimedCard {
  std::shared_ptr<host_runtime::BackendState> backend;
  std::uint32_t index = 0;  // of the card in the backend
  std::shared_ptr<CardClock> clock;
  AscendSettings settings;
  std::shared_ptr<ExpertRouting> routing;  // NULL where buffers have contents
};

}  // namespace tenon::ascend_emu
