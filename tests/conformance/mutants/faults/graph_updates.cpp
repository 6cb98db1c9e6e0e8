// Faults of graph_update.
#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::graph_updates_faults {

MUTANT(update_ignored, {.rule = "TN-GRAPH-8",
                        .area = "graphs",
                        .kind = "ignored input",
                        .test = "graph_updates/replace_host_arrays_by_copy",
                        .what = "graph_update succeeds and the replay has the lengths of the "
                                "capture"}) {
  planted.table.graph_update = [](tn_graph*, tn_node, uint32_t, const void*, tn_error* error) {
    return accept(error);
  };
}

MUTANT(update_takes_anything, {.rule = "TN-GRAPH-8",
                               .area = "graphs",
                               .kind = "swallowed error",
                               .test = "graph_updates/of_other_fields_are_refused",
                               .what = "an update that changes more than the updatable fields "
                                       "succeeds and changes nothing"}) {
  planted.table.graph_update = [](tn_graph* graph, tn_node node, uint32_t op, const void* args,
                                  tn_error* error) {
    const tn_status status = base().graph_update(graph, node, op, args, error);
    return status == TN_INVALID_ARGUMENT ? accept(error) : status;
  };
}

MUTANT(update_of_a_pending_graph, {.rule = "TN-GRAPH-8",
                                   .area = "graphs",
                                   .kind = "missing check",
                                   .test = "graph_updates/wait_for_no_launch",
                                   .what = "an update while a launch is pending is lost with "
                                           "TN_OK",
                                   .also_on = "ascend_emu"}) {
  planted.table.graph_update = [](tn_graph* graph, tn_node node, uint32_t op, const void* args,
                                  tn_error* error) {
    const tn_status status = base().graph_update(graph, node, op, args, error);
    return status == TN_INVALID_STATE ? accept(error) : status;
  };
}

MUTANT(unknown_node_is_an_argument, {.rule = "TN-GRAPH-9",
                                     .area = "graphs",
                                     .kind = "wrong code",
                                     .test = "graph_updates/of_other_nodes_and_ops_are_refused",
                                     .what = "a node that the graph does not have is "
                                             "TN_INVALID_ARGUMENT"}) {
  planted.table.graph_update = [](tn_graph* graph, tn_node node, uint32_t op, const void* args,
                                  tn_error* error) {
    const tn_status status = base().graph_update(graph, node, op, args, error);
    if (status != TN_NOT_FOUND) return status;
    return refuse(error, TN_INVALID_ARGUMENT, "[graph_update] no such node");
  };
}

}  // namespace tenon::mutants::graph_updates_faults
