#include "op_samples.hpp"

namespace ascend_test {

tn_communicator* OpSamples::communicator() {
  if (communicator_ == nullptr) communicator_ = backend_.communicators(2)[0];
  return communicator_;
}

void OpSamples::fill(tn_copy_cast_args& args) {
  args.input = make({300, 700});
  args.output = floats({300, 700});
}

void OpSamples::fill(tn_embedding_args& args) {
  args.table = make({5000, 512});
  args.token_ids = numbers({33});
  args.output = make({33, 512});
}

void OpSamples::fill(tn_rms_norm_args& args) {
  args.input = make({96, 4096});
  args.weight = make({4096});
  args.output = make({96, 4096});
  args.epsilon = 1e-6F;
}

void OpSamples::fill(tn_add_rms_norm_args& args) {
  args.input = make({96, 4096});
  args.residual = make({96, 4096});
  args.weight = make({4096});
  args.sum = make({96, 4096});
  args.output = make({96, 4096});
  args.epsilon = 1e-6F;
}

void OpSamples::fill(tn_linear_args& args) {
  args.input = make({72, 4096});
  args.weight = make({6144, 4096});
  args.output = make({72, 6144});
}

void OpSamples::fill(tn_batched_matmul_args& args) {
  args.a = make({16, 40, 128});
  args.b = make({16, 128, 512});
  args.output = make({16, 40, 512});
}

void OpSamples::fill(tn_rope_args& args) {
  args.input = make({40, 8, 128});
  args.cosine = floats({1024, 64});
  args.sine = floats({1024, 64});
  args.positions = numbers({40});
  args.output = make({40, 8, 128});
  args.rotary_dim = 128;
}

void OpSamples::fill(tn_swiglu_args& args) {
  args.gate = make({72, 3072});
  args.up = make({72, 3072});
  args.output = make({72, 3072});
}

void OpSamples::fill(tn_add_args& args) {
  args.a = make({72, 5120});
  args.b = make({72, 5120});
  args.output = make({72, 5120});
}

void OpSamples::fill(tn_mul_args& args) {
  args.a = make({7, 5120});
  args.b = make({7, 5120});
  args.output = make({7, 5120});
}

void OpSamples::fill(tn_scale_args& args) {
  args.input = make({7, 5120});
  args.output = make({7, 5120});
  args.factor = 2;
}

void OpSamples::fill(tn_kv_write_args& args) {
  args.key = make({40, 2, 128});
  args.value = make({40, 2, 128});
  args.slot_mapping = numbers({40});
  args.key_cache = make({100, 128, 2, 128});
  args.value_cache = make({100, 128, 2, 128});
}

void OpSamples::fill(tn_paged_attention_args& args) {
  args.query = make({16, 8, 128});
  args.key_cache = make({200, 128, 2, 128});
  args.value_cache = make({200, 128, 2, 128});
  args.block_table = numbers({16, 12});
  args.query_start_loc = numbers({17});
  args.seq_lens = numbers({16});
  args.output = make({16, 8, 128});
  args.max_query_len = 1;
  args.max_seq_len = 1500;
  args.value_dim = 128;
  args.causal = 1;
  args.scale = 0.1F;
}

void OpSamples::fill(tn_moe_gate_args& args) {
  args.logits = make({72, 128});
  args.expert_ids = numbers({72, 8});
  args.expert_weights = floats({72, 8});
  args.top_k = 8;
}

void OpSamples::fill(tn_moe_permute_args& args) {
  args.input = make({72, 4096});
  args.expert_ids = numbers({72, 8});
  args.output = make({576, 4096});
  args.row_map = numbers({72, 8});
  args.group_sizes = numbers({128});
}

void OpSamples::fill(tn_grouped_matmul_args& args) {
  args.input = make({576, 1024});
  args.weight = make({32, 1024, 768});
  args.group_list = numbers({32});
  args.output = make({576, 768});
}

void OpSamples::fill(tn_moe_unpermute_args& args) {
  args.input = make({576, 4096});
  args.row_map = numbers({72, 8});
  args.expert_weights = floats({72, 8});
  args.output = make({72, 4096});
}

void OpSamples::fill(tn_static_quant_args& args) {
  args.input = make({72, 4096});
  args.quant_scale = floats({1});
  args.output = make({72, 4096}, TN_DTYPE_I8);
}

void OpSamples::fill(tn_dynamic_quant_args& args) {
  args.input = make({72, 4096});
  args.output = make({72, 4096}, TN_DTYPE_I8);
  args.row_scale = floats({72});
}

void OpSamples::fill(tn_gather_rows_args& args) {
  args.input = make({500, 4096});
  args.index = numbers({72});
  args.output = make({72, 4096});
}

void OpSamples::fill(tn_argmax_args& args) {
  args.input = make({72, 151936});
  args.output = numbers({72});
}

void OpSamples::fill(tn_all_reduce_args& args) {
  args.communicator = communicator();
  args.world_size = 2;
  args.input = make({72, 5120});
  args.output = make({72, 5120});
}

void OpSamples::fill(tn_all_gather_args& args) {
  args.communicator = communicator();
  args.world_size = 2;
  args.input = make({36, 5120});
  args.output = make({72, 5120});
}

void OpSamples::fill(tn_reduce_scatter_args& args) {
  args.communicator = communicator();
  args.world_size = 2;
  args.input = make({72, 5120});
  args.output = make({36, 5120});
}

void OpSamples::fill(tn_all_to_all_v_args& args) {
  args.communicator = communicator();
  args.world_size = 2;
  args.input = make({576, 4096});
  args.send_counts = numbers({2});
  args.receive_counts = numbers({2});
  args.output = make({576, 4096});
}

}  // namespace ascend_test
