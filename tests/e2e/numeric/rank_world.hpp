// All ranks of a deployment on devices of the reference backend, each with the program that
// shard_program makes for it and with its part of the checkpoint; one thread enqueues for all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "executor/bound_plan.hpp"
#include "executor/device_memory.hpp"
#include "expert_exchange.hpp"
#include "parallel/layout.hpp"
#include "tenon/tenon.hpp"

namespace tenon {

class RankWorld {
 public:
  RankWorld(const Deployment& deployment, const ParallelLayout& layout);

  // The next tokens of each replica's one sequence, as many for each. By rank: logits of every row.
  std::vector<std::vector<float>> run(const std::vector<std::vector<int32_t>>& tokens);

  const Program& program(size_t rank) const { return programs_[rank]; }

 private:
  // Devices of one rank, as BoundPlan takes them.
  using Devices = std::vector<DeviceMemory>;

  void load_weights(size_t rank, const std::shared_ptr<const Checkpoint>& checkpoint,
                    const Device& device, RankCommunicators communicators);
  void enqueue(BoundPlan& step, const StepMetadata& metadata, size_t rank);
  void synchronize() const;

  // Values of a rank in the memory of its plan.
  size_t row_bytes(size_t rank, ValueId value) const;
  std::vector<std::byte> read(size_t rank, const Plan& plan, ValueId value) const;
  void write(size_t rank, const Plan& plan, ValueId value, const std::vector<std::byte>& bytes);
  // By rank: an operand of the same step.
  std::vector<std::vector<std::byte>> read_all(const std::vector<Plan>& plans, size_t step,
                                               size_t operand) const;

  // The part of an exchange of rows that the ops do not do.
  void before_step(const std::vector<Plan>& plans, size_t step);
  void after_step(const std::vector<Plan>& plans, size_t step);
  void sort_arrivals(size_t rank, const Plan& plan, size_t dispatch);

  ParallelLayout layout_;
  std::shared_ptr<const void> plugin_;
  EngineDimensions dimensions_;
  std::vector<Program> programs_;
  std::vector<Devices> devices_;
  int64_t context_ = 0;  // tokens of each sequence so far
  // Of the layer of experts that runs.
  std::optional<ExpertExchange> exchange_;
  std::vector<std::vector<std::byte>> row_scales_;  // of what each rank sends
};

}  // namespace tenon
