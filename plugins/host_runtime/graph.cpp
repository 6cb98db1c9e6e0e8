#include "host_runtime/graph.hpp"

#include <string>

namespace tenon::host_runtime {

using plugin::Failure;

void ProgramGraph::update(tn_node node, std::uint32_t op, const void* args) {
  if (program_->pending > 0) {
    throw Failure(TN_INVALID_STATE, "[graph_update] a launch of the graph is pending");
  }
  if (node == TN_NO_NODE || node > program_->nodes.size()) {
    throw Failure(TN_NOT_FOUND, "[graph_update] no such node; expected 1.." +
                                    std::to_string(program_->nodes.size()) + "; found " +
                                    std::to_string(node));
  }
  const GraphNode& target = program_->nodes[node - 1];
  if (const auto* work = std::get_if<std::unique_ptr<Work>>(&target.what)) {
    plugin::OwnedArguments* arguments = (*work)->arguments();
    if (arguments != nullptr && arguments->description().op == op) return arguments->update(args);
  }
  throw Failure(TN_INVALID_ARGUMENT, "[graph_update] node " + std::to_string(node) +
                                         " is not a captured " + plugin::op_name(op) +
                                         " with fields to update");
}

}  // namespace tenon::host_runtime
