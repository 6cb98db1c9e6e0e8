// Graphs of the host runtime.
#pragma once

#include <memory>

#include <tenon/plugin/objects.hpp>

#include "host_runtime/graph_program.hpp"

namespace tenon::host_runtime {

// A handle on a program, which pending launches keep alive.
class ProgramGraph final : public plugin::Graph {
 public:
  explicit ProgramGraph(std::shared_ptr<GraphProgram> program) : program_(std::move(program)) {}

  const std::shared_ptr<GraphProgram>& program() const { return program_; }

  void update(tn_node node, std::uint32_t op, const void* args) override;

 private:
  std::shared_ptr<GraphProgram> program_;
};

}  // namespace tenon::host_runtime
