// Where the ranks of a communicator meet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/plugin/objects.hpp>
#include <tenon/plugin/owned_arguments.hpp>

#include "host_runtime/completion.hpp"
#include "host_runtime/kernel_types.hpp"

namespace tenon::host_runtime {

// The n-th collective that one rank enqueues meets the n-th of every other rank. A place is
// reserved when the collective is enqueued, and then either reached by the rank's stream or given
// up. The last rank to arrive does the arithmetic for all. Thread-safe.
class CollectiveGroup {
 public:
  CollectiveGroup(std::uint32_t world_size, ThreadPool& threads)
      : threads_(threads), reserved_(world_size, 0) {}

  std::uint32_t world_size() const { return static_cast<std::uint32_t>(reserved_.size()); }

  std::uint64_t reserve(std::uint32_t rank);

  // The rank's stream has reached its place. The result is done when all ranks have; it fails when
  // one gave up, when the arguments do not match, or for a bad count.
  std::shared_ptr<Completion> arrive(std::uint32_t rank, std::uint64_t place,
                                     std::shared_ptr<const plugin::OwnedArguments> arguments);

  // The rank will never come: all others fail with `text`.
  void give_up(std::uint64_t place, const std::string& text);

  // No place will be reached any more.
  void close();

 private:
  struct Meeting {
    std::shared_ptr<Completion> completion = std::make_shared<Completion>();
    std::vector<std::shared_ptr<const plugin::OwnedArguments>> arguments;
    std::uint32_t accounted_for = 0;  // ranks that arrived or gave up
  };

  Meeting& meeting_at(std::uint64_t place);
  void run(const Meeting& meeting);

  ThreadPool& threads_;
  std::mutex mutex_;
  std::vector<std::uint64_t> reserved_;        // by rank; guarded by mutex_, as the rest
  std::map<std::uint64_t, Meeting> meetings_;  // until all ranks are accounted for
  bool closed_ = false;                        // meetings that begin now can never be complete
};

// One rank's handle. Destroying any of them fails the collectives that are still incomplete.
class RankCommunicator final : public plugin::Communicator {
 public:
  RankCommunicator(std::shared_ptr<CollectiveGroup> group, std::uint32_t rank, std::uint32_t device)
      : group_(std::move(group)), rank_(rank), device_(device) {}
  ~RankCommunicator() override { group_->close(); }

  const std::shared_ptr<CollectiveGroup>& group() const { return group_; }
  std::uint32_t rank() const { return rank_; }
  std::uint32_t device() const { return device_; }

 private:
  std::shared_ptr<CollectiveGroup> group_;
  std::uint32_t rank_;
  std::uint32_t device_;
};

// One rank's part in a collective, without its place: eager work has one place, a node of a graph a
// new one for each launch.
struct CollectivePart {
  std::shared_ptr<CollectiveGroup> group;
  std::uint32_t rank = 0;
  std::shared_ptr<const plugin::OwnedArguments> arguments;
};

bool is_collective(const plugin::OpDescription& description);

// Reads the communicator and world_size out of a collective's arguments. Failure
// TN_INVALID_ARGUMENT unless the communicator is that of a rank on `device` in a group of that
// size.
CollectivePart make_collective_part(const plugin::OpDescription& description, const void* args,
                                    std::uint32_t device);

// The same refusals, for a collective that will meet nobody.
void check_communicator(const plugin::OpDescription& description, const void* args,
                        std::uint32_t device);

}  // namespace tenon::host_runtime
