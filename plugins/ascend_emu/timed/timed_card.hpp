// What the objects of one card with virtual time have in common.
#pragma once

#include <cstdint>
#include <memory>

#include "ascend_emu/timed/card_clock.hpp"
#include "host_runtime/backend_state.hpp"

namespace tenon::ascend_emu {

struct TimedCard {
  std::shared_ptr<host_runtime::BackendState> backend;
  std::uint32_t index = 0;  // of the card in the backend
  std::shared_ptr<CardClock> clock;
  bool numerics = true;  // false: nothing is computed and no memory is touched
};

}  // namespace tenon::ascend_emu
