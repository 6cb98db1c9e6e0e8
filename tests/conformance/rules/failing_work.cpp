#include "rules/failing_work.hpp"

#include <memory>
#include <vector>

#include "framework/outcome.hpp"
#include "rules/op_call.hpp"

namespace tenon::conformance {
namespace {

struct Attempt {
  const char* what;
  std::function<void(tn_stream*)> enqueue;
};

template <class Args>
void add(std::vector<Attempt>& attempts, Subject& subject, const char* what, uint32_t op,
         const Args& args) {
  try {
    const auto prepared = std::make_shared<Op<Args>>(subject, op, args);
    attempts.push_back({what, [prepared](tn_stream* stream) { prepared->enqueue(stream); }});
  } catch (const TestUnsupported&) {  // the next one may do
  }
}

std::vector<Attempt> attempts_on(Subject& subject, int32_t value) {
  std::vector<Attempt> attempts;
  tn_buffer* data = subject.filled(std::vector<float>(64, 1.0F));
  tn_buffer* output = subject.buffer(256);
  tn_buffer* index = subject.filled<int32_t>({value});
  const tn_tensor rows = tensor(data, {2, 4});
  const tn_tensor row = tensor(output, {1, 4});
  const tn_tensor bad = tensor(index, {1}, TN_DTYPE_I32);

  tn_gather_rows_args gather{};
  gather.input = rows;
  gather.index = bad;
  gather.output = row;
  add(attempts, subject, "gather_rows", TN_OP_gather_rows, gather);

  tn_embedding_args embedding{};
  embedding.table = rows;
  embedding.token_ids = bad;
  embedding.output = row;
  add(attempts, subject, "embedding", TN_OP_embedding, embedding);

  tn_kv_write_args write{};
  write.key = tensor(data, {1, 1, 4});
  write.value = tensor(data, {1, 1, 4}, TN_DTYPE_F32, 16);
  write.slot_mapping = bad;
  write.key_cache = tensor(output, {2, 2, 1, 4});
  write.value_cache = tensor(output, {2, 2, 1, 4}, TN_DTYPE_F32, 64);
  add(attempts, subject, "kv_write", TN_OP_kv_write, write);
  return attempts;
}

}  // namespace

FailingWork::FailingWork(Subject& subject, int32_t index) {
  for (const Attempt& attempt : attempts_on(subject, index)) {
    tn_stream* probe = subject.stream("probe");
    attempt.enqueue(probe);
    tn_error error{};
    const tn_status status = subject.table().stream_synchronize(probe, &error);
    subject.destroy(probe);
    if (status == TN_OK) continue;
    check_refused("TN-ERR-8", "stream_synchronize after work that fails", TN_STREAM_FAILED, status,
                  error);
    enqueue_ = attempt.enqueue;
    what_ = attempt.what;
    return;
  }
  throw TestSkipped("no work fails on this device: an index out of range gives undefined values");
}

}  // namespace tenon::conformance
