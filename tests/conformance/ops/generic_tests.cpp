#include "ops/generic_tests.hpp"

#include <fmt/format.h>

namespace tenon::conformance {
namespace {

using Body = void (*)(Context&, const OpSuite&);

class GenericTests {
 public:
  GenericTests() {
    for (const NamedSuite& named : op_suites())
      add_all(named);
    const NamedSuite core{find_op(TN_OP_copy_cast), "copy_cast_of_equal_dtypes",
                          copy_cast_of_equal_dtypes_suite};
    add(core, "values", {.rules = {"TN-OP-10", "TN-OP-8", "TN-LAY-1", "TN-DEV-6"}}, values);
    add_calls(core);
  }

 private:
  static void add(const NamedSuite& named, const char* what, Requirements requirements, Body body) {
    const bool collective = named.op->op_class == TN_CLASS_COMMUNICATION;
    if (collective) {
      requirements.needs |= TN_CAN_COMMUNICATE;
      requirements.devices = 2;
    }
    if (requirements.profile == TN_PROFILE_CORE) requirements.profile = named.suite().profile;
    register_test({fmt::format("ops/{}/{}", named.name, what), std::move(requirements),
                   [body, suite = named.suite](Context& context) { body(context, suite()); }});
  }

  // How the op is asked for and taken, whatever it computes.
  static void add_calls(const NamedSuite& named) {
    add(named, "query_ignores_buffers", {.rules = {"TN-OP-1"}}, query_ignores_buffers);
    add(named, "unsupported_is_sentence",
        {.rules = {"TN-OP-2", "TN-ABI-18"}, .without_contents = true}, unsupported_is_sentence);
    add(named, "estimate_is_constant", {.rules = {"TN-OP-19"}, .without_contents = true},
        estimate_is_constant);
    add(named, "enqueue_of_unsupported_refused", {.rules = {"TN-OP-4", "TN-ABI-18"}},
        enqueue_of_unsupported_refused);
    add(named, "unknown_tail", {.rules = {"TN-ABI-18", "TN-ABI-17"}}, unknown_tail);
    add(named, "arguments_copied", {.rules = {"TN-OP-7"}, .needs = TN_CAN_CALL_HOST},
        arguments_copied);
    add(named, "out_node", {.rules = {"TN-OP-18"}}, out_node);
  }

  static void add_all(const NamedSuite& named) {
    const OpSuite& suite = named.suite();
    add(named, "values", {.rules = {"TN-OP-10", "TN-OP-3", "TN-OP-8", "TN-DEV-6"}}, values);
    add(named, "random", {.rules = {"TN-OP-10", "TN-OP-8"}}, random);
    add(named, "zero_rows", {.rules = {"TN-OP-11"}}, zero_rows);
    if (!suite.strided.empty()) add(named, "strided", {.rules = {"TN-OP-12", "TN-OP-8"}}, strided);
    add(named, "operands_untouched", {.rules = {"TN-OP-8"}}, operands_untouched);
    add(named, "query_truth", {.rules = {"TN-OP-3"}}, offsets);
    if (!named.op->aliases.empty()) add(named, "aliases", {.rules = {"TN-OP-9"}}, aliases);
    add(named, "workspace_content", {.rules = {"TN-OP-6", "TN-OP-5"}}, workspace_content);
    if (suite.not_read) add(named, "not_read", {.rules = {"TN-OP-14"}}, not_read);
    if (suite.written_as_zero)
      add(named, "written_as_zero", {.rules = {"TN-OP-15"}}, written_as_zero);
    if (suite.ties) add(named, "ties", {.rules = {"TN-OP-16"}}, ties);
    if (suite.bad_index)
      add(named, "bad_index_stays_inside", {.rules = {"TN-OP-13"}}, bad_index_stays_inside);

    add_calls(named);
    add(named, "prefetch_changes_nothing",
        {.rules = {"TN-PRE-1"}, .profile = TN_PROFILE_PREFETCH, .needs = TN_CAN_PREFETCH},
        prefetch_changes_nothing);
    add(named, "captured_equals_eager",
        {.rules = {"TN-GRAPH-5", "TN-GRAPH-6", "TN-GRAPH-1", "TN-OP-18"},
         .profile = TN_PROFILE_GRAPH,
         .needs = TN_CAN_CAPTURE_GRAPHS},
        captured_equals_eager);
    if (named.op->id == TN_OP_linear || named.op->id == TN_OP_grouped_matmul) {
      add(named, "quantised_values",
          {.rules = {"TN-OP-10", "TN-OP-12", "TN-DEV-6"}, .profile = TN_PROFILE_QUANTISED},
          quantised_values);
    }
  }
};

const GenericTests registered;

template <class Keep>
Cases filtered(Cases cases, Keep&& keep) {
  Cases kept;
  for (OpCase& values : cases) {
    if (keep(values)) kept.push_back(std::move(values));
  }
  return kept;
}

}  // namespace

Cases spread(Cases cases, size_t count) {
  if (cases.size() <= count) return cases;
  Cases kept;
  for (size_t i = 0; i < count; ++i)
    kept.push_back(std::move(cases[i * cases.size() / count]));
  return kept;
}

Cases without_quantised(Cases cases) {
  return filtered(std::move(cases), [](const OpCase& values) { return !values.quantised; });
}

Cases only_quantised(Cases cases) {
  return filtered(std::move(cases), [](const OpCase& values) { return values.quantised; });
}

}  // namespace tenon::conformance
