/* Handles, element types, layouts and tensors of the device API. */
#ifndef TENON_TYPES_H_
#define TENON_TYPES_H_

#include <tenon/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===--- Handles -----------------------------------------------------------------------------===*/

/* Objects are opaque. Each belongs to the object it was made from and must be destroyed before it:
 * backend > device > { buffer, stream, event, graph, communicator }. A plugin may point a handle at
 * whatever it likes; the host only carries it. */
typedef struct tn_backend tn_backend;
typedef struct tn_device tn_device;
typedef struct tn_buffer tn_buffer;
typedef struct tn_stream tn_stream;
typedef struct tn_event tn_event;
typedef struct tn_graph tn_graph;
typedef struct tn_communicator tn_communicator;

/*===--- Element types -----------------------------------------------------------------------===*/

/* Little-endian. Ids are never renumbered. TN_DTYPE_NONE marks an absent tensor. */
typedef enum tn_dtype {
  TN_DTYPE_NONE = 0,
  TN_DTYPE_F32 = 1,
  TN_DTYPE_F16 = 2,  /* IEEE 754 binary16 */
  TN_DTYPE_BF16 = 3, /* upper half of an F32 */
  TN_DTYPE_I8 = 4,
  TN_DTYPE_I32 = 5,
  TN_DTYPE_I64 = 6,
  TN_DTYPE_U8 = 7
} tn_dtype;

/*===--- Layouts -----------------------------------------------------------------------------===*/

/* How a tensor's elements lie in its storage. Ids from TN_LAYOUT_PRIVATE on belong to the plugin
 * that gave them out: the host stores such a tensor, passes it back to the same backend, and never
 * reads it, slices it or copies it in parts. */
typedef uint32_t tn_layout;
enum {
  /* Element (i0, i1, ...) at offset sum(ik * strides[k]). */
  TN_LAYOUT_ROW_MAJOR = 0,

  /* Ascend's FRACTAL_NZ of the last two dimensions [M,N]: [ceil(N/C0)][ceil(M/16)][16][C0] with
   * C0 = 32 for one-byte types and 16 otherwise, zero padded, element (m,n) at
   * [n/C0][m/16][m%16][n%C0]; leading dimensions outside. */
  TN_LAYOUT_FRACTAL_NZ = 1
};
#define TN_LAYOUT_PRIVATE 0x80000000u

/*===--- Memory ------------------------------------------------------------------------------===*/

/* Every kind may be the operand of a copy; only DEVICE and SHARED memory may hold the tensors of an
 * op. */
typedef enum tn_memory_kind {
  TN_MEMORY_DEVICE = 1, /* the device's own; the host cannot touch it */
  TN_MEMORY_PINNED = 2, /* host memory that copies can use asynchronously */
  TN_MEMORY_SHARED = 3  /* host and device touch the same bytes, ordered by streams and events */
} tn_memory_kind;

/* Alignment of every buffer that a backend allocates, and of every workspace. */
#define TN_BUFFER_ALIGNMENT 256u

/* A range of a buffer. Frozen. */
typedef struct tn_buffer_range {
  tn_buffer* buffer;
  uint64_t offset; /* bytes */
  uint64_t size;   /* bytes */
} tn_buffer_range;

/*===--- Tensors -----------------------------------------------------------------------------===*/

#define TN_MAX_RANK 6

/* A view of a buffer. A value: it owns nothing and lives in the argument struct of an op. All zero
 * means "no tensor", the way an optional operand is left out. Frozen.
 *
 * In a layout other than row-major, shape and strides are those of the row-major tensor that was
 * cast, so that a transposed view of a weight can still be told from a plain one; the storage
 * itself is described by layout and storage_bytes alone. */
typedef struct tn_tensor {
  tn_buffer* buffer;      /* not looked at by op_query */
  uint64_t byte_offset;   /* from the buffer's start; a multiple of the item size */
  uint64_t storage_bytes; /* bytes from byte_offset that the view may touch, padding included */
  uint32_t dtype;         /* tn_dtype */
  tn_layout layout;
  uint32_t rank; /* 0 (a scalar) to TN_MAX_RANK */
  uint32_t reserved0;
  int64_t shape[TN_MAX_RANK];   /* >= 0; entries past rank are 0 */
  int64_t strides[TN_MAX_RANK]; /* in elements, >= 0; entries past rank are 0 */
  uint64_t reserved1[2];        /* 0 */
} tn_tensor;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENON_TYPES_H_ */
