/* The one op of the profile core: copy_cast between equal dtypes. op_query and op_enqueue ask the
 * same function, so that a yes is a promise (TN-OP-3). */
#include <stdio.h>
#include <string.h>

#include "c_backend.h"

/* 0 for a dtype that copy_cast does not take. */
static size_t item_size(uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_I8:
      return 1;
    case TN_DTYPE_F16:
    case TN_DTYPE_BF16:
      return 2;
    case TN_DTYPE_F32:
    case TN_DTYPE_I32:
      return 4;
    default:
      return 0;
  }
}

/* TN-ABI-18: what lies past the size that this plugin knows must be zero. */
static int tail_is_zero(const void* args, uint32_t size, uint32_t known) {
  uint32_t i;
  for (i = known; i < size; ++i) {
    if (((const unsigned char*)args)[i] != 0) return 0;
  }
  return 1;
}

static const char* why_not_tensor(const tn_tensor* tensor) {
  if (item_size(tensor->dtype) == 0) return "copy_cast takes f32, f16, bf16, i8 and i32";
  if (tensor->layout != TN_LAYOUT_ROW_MAJOR) return "copy_cast takes row-major tensors";
  if (tensor->rank < 1 || tensor->rank > TN_MAX_RANK) return "copy_cast takes rank 1 to 6";
  if (tensor->reserved0 != 0 || tensor->reserved1[0] != 0 || tensor->reserved1[1] != 0) {
    return "a reserved field of a tensor is set";
  }
  return NULL;
}

/* NULL: supported. Looks at no buffer (TN-OP-1). */
static const char* why_not(const tn_copy_cast_args* args) {
  const char* reason = why_not_tensor(&args->input);
  if (reason == NULL) reason = why_not_tensor(&args->output);
  if (reason != NULL) return reason;
  if (args->flags != 0) return "unknown flags of copy_cast";
  if (!tail_is_zero(args, args->struct_size, sizeof *args)) {
    return "a field of copy_cast that this plugin does not know is set";
  }
  if (args->input.dtype != args->output.dtype) return "copy_cast takes equal dtypes";
  if (args->input.rank != args->output.rank ||
      memcmp(args->input.shape, args->output.shape, sizeof args->input.shape) != 0) {
    return "copy_cast takes equal shapes";
  }
  return NULL;
}

/* Sets *reason, or answers a malformed call. */
static tn_status check_call(uint32_t op, const void* args, const char** reason, tn_error* error) {
  uint32_t size;
  *reason = NULL;
  if (args == NULL) return answer(error, TN_INVALID_ARGUMENT, "[op] the arguments are NULL");
  if (op != TN_OP_copy_cast) {
    *reason = "this backend has copy_cast only";
    return answer_ok(error);
  }
  memcpy(&size, args, sizeof size);
  if (size < sizeof(tn_copy_cast_args)) {
    return answer(error, TN_INVALID_ARGUMENT, "[op] struct_size is smaller than in version 1.0");
  }
  *reason = why_not(args);
  return answer_ok(error);
}

tn_status op_query(tn_device* device, uint32_t op, const void* args, tn_op_support* out_support,
                   tn_error* error) {
  const char* reason;
  tn_status status =
      begin_struct(out_support, offsetof(tn_op_support, copied_bytes), sizeof *out_support, error);
  (void)device;
  if (status == TN_OK) status = check_call(op, args, &reason, error);
  if (status != TN_OK) return status;
  out_support->supported = reason == NULL;
  if (reason != NULL) {
    snprintf(out_support->reason, sizeof out_support->reason, "%s", reason);
  }
  return status;
}

/* Copies along `axis` and all behind it, element by element through the strides. */
static void copy_from(const tn_copy_cast_args* args, uint32_t axis, const unsigned char* in,
                      unsigned char* out) {
  const size_t size = item_size(args->input.dtype);
  int64_t i;
  if (axis == args->input.rank) {
    memcpy(out, in, size);
    return;
  }
  for (i = 0; i < args->input.shape[axis]; ++i) {
    copy_from(args, axis + 1, in + (size_t)(i * args->input.strides[axis]) * size,
              out + (size_t)(i * args->output.strides[axis]) * size);
  }
}

tn_status op_enqueue(tn_stream* stream, uint32_t op, const void* args,
                     const tn_buffer_range* workspace, tn_node* out_node, tn_error* error) {
  const char* reason;
  char text[128];
  tn_status status = check_call(op, args, &reason, error);
  (void)stream;
  (void)workspace; /* op_query asks for none */
  if (out_node != NULL) *out_node = TN_NO_NODE;
  if (status != TN_OK) return status;
  if (reason != NULL) { /* TN-OP-4 */
    snprintf(text, sizeof text, "[op_enqueue] unsupported: %s", reason);
    return answer(error, TN_UNSUPPORTED, text);
  }
  const tn_copy_cast_args* copy = args;
  copy_from(copy, 0, copy->input.buffer->bytes + copy->input.byte_offset,
            copy->output.buffer->bytes + copy->output.byte_offset);
  return status;
}
