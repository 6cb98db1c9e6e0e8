// Runs cases on the device under test and checks all that one run shows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/context.hpp"
#include "ops/op_suite.hpp"
#include "ops/placed_case.hpp"

namespace tenon::conformance {

// op_query without buffers. Throws unless the answer is TN_OK and well formed: with supported = 0 a
// reason of one terminated sentence (TN-OP-2).
tn_op_support query_op(Subject& subject, uint32_t op, const void* args, uint32_t device = 0);

class OpRunner {
 public:
  // `rule`: the one that a wrong value breaks in this test.
  OpRunner(Context& context, const OpSuite& suite, std::string rule = "TN-OP-10");

  const Grid& grid() const { return grid_; }
  Grid grid_with_seed(uint64_t seed) const;
  Subject& subject() { return subject_; }
  const std::vector<tn_stream*>& streams() const { return streams_; }

  // The answer for a case. A refusal of a form that the device must support fails the test; any
  // other is counted, with the plugin's reason.
  std::optional<tn_op_support> supported(const OpCase& values);
  bool required(const OpCase& values) const;

  // On the runner's streams; enqueue() is left to the caller.
  PlacedCase place(const OpCase& values, const tn_op_support& support,
                   const Placement& placement = {});
  // Asks, places, enqueues, reads back and checks everything; nothing where the form is not
  // supported.
  std::optional<Outputs> run(const OpCase& values, const Placement& placement = {});
  void run_all(const Cases& cases);

  // Something was tested other than by run().
  void count() { ++tested_; }
  // Throws TestUnsupported where no case could run.
  void finish() const;

 private:
  Context& context_;
  const OpSuite& suite_;
  std::string rule_;
  Subject& subject_;
  tn_device_info info_;
  Grid grid_;
  std::vector<tn_stream*> streams_;
  std::vector<tn_communicator*> communicators_;
  size_t tested_ = 0;
  std::string reason_;
};

// The first place where two runs of a case differ, any NaN equal to any other; "" for none.
std::string difference(const OpCase& values, const Outputs& one, const Outputs& other);

// Whether two plain runs give the same bits: only then can a test ask for them.
bool repeats(OpRunner& runner, const OpCase& values, const Outputs& first);

}  // namespace tenon::conformance
