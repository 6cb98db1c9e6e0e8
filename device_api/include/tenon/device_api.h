/* The device API: what a backend plugin implements, version 1.2.
 *
 * A backend offers devices. On a device the host allocates buffers, creates streams (in-order
 * queues) and events (points in a stream), and enqueues copies and ops. Ops are data: an id and an
 * argument struct (ops.h), so that a new op never changes this table.
 *
 * How a host uses it:
 *
 *   tn_plugin_query -> table -> backend_create -> device_open -> buffer_allocate ...
 *        |                                            |
 *        op_query (per shape bucket)             stream_create
 *                                                     |
 *        copy_h2d, op_enqueue, event_record ... -> stream_synchronize, copy_d2h
 *
 * Numbered rules with their consequences: device_api/RULES.md. The essentials:
 *
 * - Outputs (`out_...`) are written on every path: NULL or zero together with an error, never a
 *   handle together with an error, never NULL together with success. Structs that the caller passes
 *   to be filled are zeroed by the caller but for struct_size; the callee writes no byte past it
 *   and leaves it as it was. Zero in a field means "unknown" or "no".
 * - A value that the callee does not know (an enum value, a flag, a reserved field that is not
 *   zero) is TN_UNSUPPORTED, never ignored.
 * - A table may end anywhere after its last required slot; a host treats missing and NULL optional
 *   slots as TN_UNIMPLEMENTED and refuses a table with a NULL required slot.
 * - Threads: functions on no object, on a backend, a device or a buffer may be called from any
 *   thread at any time between its creation and its destruction. A stream, a graph, a communicator
 *   is used by one thread at a time, except that stream_query and stream_synchronize may be called
 *   beside it. An event may be waited for and queried from any thread, and is recorded by one at a
 *   time.
 * - Destroying needs all objects made from the object to be gone, consumes the handle whatever it
 *   returns, and works on a lost device; a NULL handle is TN_INVALID_ARGUMENT. buffer_free,
 *   graph_destroy and communicator_destroy need no work in flight that uses them; event_destroy
 *   needs no record in flight (pending waits keep their meaning); stream_destroy first waits for
 *   its work. After the last backend_destroy no thread of the plugin runs.
 * - A stream whose work failed refuses new work with TN_STREAM_FAILED until it is destroyed;
 *   stream_synchronize, event_synchronize and event_query answer TN_STREAM_FAILED with the first
 *   error's text. An error while work runs, also inline, is the stream's and not op_enqueue's.
 *   event_record on a failed stream is accepted and its event carries the failure; a stream that
 *   waits for it fails too. Events recorded before the failing work complete normally; host
 *   functions behind it are not called; buffers survive.
 * - Strings, arrays and structs that the caller passes are the caller's and live during the call.
 */
#ifndef TENON_DEVICE_API_H_
#define TENON_DEVICE_API_H_

#include <tenon/ops.h>
#include <tenon/plugin.h>
#include <tenon/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TN_DEVICE_API_VERSION_1_0 TN_VERSION(1, 0)
#define TN_DEVICE_API_VERSION_1_1 TN_VERSION(1, 1)
#define TN_DEVICE_API_VERSION_1_2 TN_VERSION(1, 2)
#define TN_DEVICE_API_VERSION TN_DEVICE_API_VERSION_1_2 /* what these headers describe */

/*===--- Devices -----------------------------------------------------------------------------===*/

typedef enum tn_device_kind {
  TN_DEVICE_CPU = 1,
  TN_DEVICE_GPU = 2,
  TN_DEVICE_NPU = 3,
  TN_DEVICE_OTHER = 4
} tn_device_kind;

/* What a device can do beyond the required slots. A bit that is set is tested to work. A bit that
 * is clear is tested to be refused with a sentence, except RUN_EVERY_OP, CAN_PREFETCH,
 * IS_BATCH_INVARIANT and KEEPS_NO_CONTENTS, which then promise nothing. */
/* The whole op set of the negotiated version, collectives apart: may serve as fallback. */
#define TN_CAN_RUN_EVERY_OP (UINT64_C(1) << 0)
#define TN_CAN_CAPTURE_GRAPHS (UINT64_C(1) << 1)    /* all graph_ slots */
#define TN_CAN_IMPORT_HOST (UINT64_C(1) << 2)       /* buffer_import_host */
#define TN_CAN_CALL_HOST (UINT64_C(1) << 3)         /* stream_call_host */
#define TN_CAN_COMMUNICATE (UINT64_C(1) << 4)       /* communicators and the collective ops */
#define TN_CAN_PREFETCH (UINT64_C(1) << 5)          /* prefetch moves something */
#define TN_CAN_PROFILE (UINT64_C(1) << 6)           /* profiling_ slots */
#define TN_CAN_MAP_DEVICE_MEMORY (UINT64_C(1) << 7) /* buffer_host_pointer on SHARED buffers */
/* A row's result does not depend, bit for bit, on the other rows of its batch, on how a prompt was
 * cut into pieces, nor on the KV block size. */
#define TN_IS_BATCH_INVARIANT (UINT64_C(1) << 8)
/* Since 1.2: a model of time without numbers. Calls are checked and take (virtual) time, nothing is
 * computed, buffers have no contents, what is read back means nothing, and no profile is claimed. A
 * host plans and measures on such a device; it does not generate. */
#define TN_KEEPS_NO_CONTENTS (UINT64_C(1) << 9)

/* Conformance profiles that a device claims; the suite tests what is claimed. CORE: all required
 * slots and copy_cast between equal dtypes. DENSE: embedding, rms_norm, add_rms_norm, linear, rope,
 * swiglu, add, mul, scale, kv_write, paged_attention, gather_rows, argmax, batched_matmul, all of
 * copy_cast. MOE: moe_gate, moe_permute, grouped_matmul, moe_unpermute. QUANTISED: static_quant,
 * dynamic_quant and the W8A8 forms of what the other claimed profiles hold. */
#define TN_PROFILE_CORE (UINT64_C(1) << 0)
#define TN_PROFILE_DENSE (UINT64_C(1) << 1)
#define TN_PROFILE_MOE (UINT64_C(1) << 2)
#define TN_PROFILE_QUANTISED (UINT64_C(1) << 3)
#define TN_PROFILE_PREFETCH (UINT64_C(1) << 4)
#define TN_PROFILE_GRAPH (UINT64_C(1) << 5)
#define TN_PROFILE_COLLECTIVES (UINT64_C(1) << 6)

typedef struct tn_device_info {
  uint32_t struct_size;                /* set by the caller */
  uint32_t kind;                       /* tn_device_kind */
  char name[64];                       /* for people, NUL-terminated */
  uint64_t capabilities;               /* TN_CAN_..., TN_IS_... */
  uint64_t profiles;                   /* TN_PROFILE_... */
  uint64_t memory_bytes;               /* total, of kind DEVICE */
  uint64_t cache_bytes;                /* last-level cache that prefetch fills; 0: unknown */
  uint32_t preferred_activation_dtype; /* tn_dtype when the deployment does not say */
  uint32_t kv_block_multiple;          /* block_size must be a multiple of this, >= 1 */
  uint32_t kv_block_maximum;           /* largest block_size; 0: no limit */
  uint32_t compute_units;              /* cores; for information */
  /* Since 1.2, both 0 where they are not known: what calls cost the thread that makes them, for
   * choices between many small ops and few large ones. */
  uint64_t
      enqueue_ns; /* one op_enqueue that does not wait; the device idles if its ops are shorter */
  uint64_t
      read_back_ns; /* copy_d2h of a few bytes and stream_synchronize, once the work before them
                            has ended */
} tn_device_info;

typedef struct tn_device_memory {
  uint32_t struct_size; /* set by the caller */
  uint32_t reserved0;
  uint64_t total_bytes; /* of kind DEVICE */
  uint64_t free_bytes;  /* what buffer_allocate may still hand out, apart from fragmentation */
} tn_device_memory;

/*===--- Streams, graphs, profiling ----------------------------------------------------------===*/

typedef struct tn_stream_desc {
  uint32_t struct_size; /* set by the caller */
  uint32_t flags;       /* 0 */
  const char* name;     /* for error messages and traces; copied; may be NULL */
} tn_stream_desc;

/* Runs on a thread of the backend, never on the caller's, when the stream reaches it; must not call
 * the device API. */
typedef void (*tn_host_function)(void* context);

/* Answer of op_query. */
typedef struct tn_op_support {
  uint32_t struct_size; /* set by the caller */
  uint32_t supported;   /* 1: op_enqueue will take these arguments, whatever the buffers hold */
  uint32_t capturable;  /* 1: also during capture; else op_enqueue there is TN_UNSUPPORTED */
  uint32_t reserved0;
  uint64_t workspace_bytes; /* enough for all contents of the operands; 0: none needed */
  char reason[256];         /* why not, when supported is 0: one sentence, NUL-terminated */
  /* Since 1.1: bytes that every run of the op first copies, because it does not take the layout or
   * the strides of an operand as they are; 0: none, or not known. */
  uint64_t copied_bytes;
  /* Since 1.2: how long the op would occupy the device, such copies included, if nothing it reads
   * lies in a cache, and rows divide evenly over experts; 0: not known. The same question has the
   * same answer for the life of the backend. */
  uint64_t estimated_ns;
} tn_op_support;

/* An id of a captured op, for graph_update; meaningful only within its graph. */
typedef uint32_t tn_node;
#define TN_NO_NODE 0u

/* One finished piece of work, in the clock of the device (virtual for an emulation). */
typedef struct tn_profile_record {
  uint32_t struct_size;
  uint32_t op;              /* tn_op; TN_OP_none for other work */
  const char* what;         /* "linear", "copy_h2d", "prefetch", ...; valid during the callback */
  const char* stream_name;  /* valid during the callback */
  const char* engine;       /* "cube", "vector", "cmo", "copy", ...; valid during the callback */
  uint64_t sequence_number; /* order of enqueue on the device, from 0 at profiling_start */
  uint64_t begin_ns;
  uint64_t end_ns;
  uint64_t bytes_read;
  uint64_t bytes_written;
  uint64_t cache_hit_bytes;
  uint64_t copy_ns; /* since 1.1: part of the time that such a copy took (copied_bytes); 0: none, or
                       not known */
  /* Since 1.2; 0 where they are not known. */
  uint64_t
      host_begin_ns; /* the call that enqueued it, or launched its graph, in the device's clock */
  uint64_t host_end_ns;
  uint64_t compute_ns; /* part of the time that its engine computed and did not wait for memory */
  uint64_t late_bytes; /* of a prefetch: bytes that were not there when the first op that reads any
                          of them began */
} tn_profile_record;

typedef void (*tn_profile_sink)(void* context, const tn_profile_record* record);

/*===--- Native layouts ----------------------------------------------------------------------===*/

typedef enum tn_tensor_role { TN_ROLE_WEIGHT = 1, TN_ROLE_KV_CACHE = 2 } tn_tensor_role;

/* One way in which the program reads a tensor. Frozen. */
typedef struct tn_layout_use {
  uint32_t op;         /* tn_op */
  uint32_t operand;    /* index among the op's TN_OPERAND lines, from 0 */
  uint32_t transposed; /* 1: read through a view with its last two dimensions swapped */
  uint32_t reserved0;
} tn_layout_use;

typedef struct tn_layout_request {
  uint32_t struct_size;      /* set by the caller */
  uint32_t role;             /* tn_tensor_role */
  const tn_tensor* tensor;   /* row-major shape and dtype as loaded; buffer is NULL */
  const tn_layout_use* uses; /* every use in the program, e.g. a tied matrix: embedding, linear */
  uint32_t use_count;        /* at most 64 */
  uint32_t reserved0;
} tn_layout_request;

typedef struct tn_layout_answer {
  uint32_t struct_size;    /* set by the caller */
  tn_layout layout;        /* TN_LAYOUT_ROW_MAJOR: leave it as it is */
  uint64_t storage_bytes;  /* of the whole tensor in that layout */
  uint64_t row_major_uses; /* bit i: use i needs a row-major copy beside it */
} tn_layout_answer;

/*===--- The table ---------------------------------------------------------------------------===*/

/* Owned by the plugin, constant. The host copies it, so a layer can stand between host and plugin
 * by offering a table of its own. Slot names are <object>_<verb>. */
typedef struct tn_device_table {
  tn_table_header header;

  /*--- Required, since 1.0 ---*/

  /* Settings that backend_create takes, by index from 0. Callable before any backend exists. */
  tn_status (*backend_option_count)(uint32_t* out_count, tn_error* error);
  tn_status (*backend_option_info)(uint32_t index, tn_option_info* out_info, tn_error* error);

  /* An option that is not declared, of another type or out of range is TN_INVALID_ARGUMENT; those
   * left out take their defaults. Several backends may live at once and share nothing. */
  tn_status (*backend_create)(const tn_host* host, const tn_option* options, uint32_t option_count,
                              tn_backend** out_backend, tn_error* error);
  tn_status (*backend_destroy)(tn_backend* backend, tn_error* error);

  tn_status (*device_count)(tn_backend* backend, uint32_t* out_count, tn_error* error);
  /* Works on a device that is not open; constant for the life of the backend. */
  tn_status (*device_info)(tn_backend* backend, uint32_t index, tn_device_info* out_info,
                           tn_error* error);
  /* A device may be opened several times; handles are independent and share its memory. */
  tn_status (*device_open)(tn_backend* backend, uint32_t index, tn_device** out_device,
                           tn_error* error);
  tn_status (*device_close)(tn_device* device, tn_error* error);
  tn_status (*device_memory)(tn_device* device, tn_device_memory* out_memory, tn_error* error);

  /* `size` may be 0. Contents are undefined. A buffer may be used on every open handle of the same
   * device. Kinds other than DEVICE may be TN_UNSUPPORTED; a backend that offers them fills
   * buffer_host_pointer. */
  tn_status (*buffer_allocate)(tn_device* device, uint32_t memory_kind, uint64_t size,
                               tn_buffer** out_buffer, tn_error* error);
  tn_status (*buffer_free)(tn_buffer* buffer, tn_error* error);

  /* Copies of `size` bytes, in stream order; size 0 does nothing; a range past the buffer's end is
   * TN_INVALID_ARGUMENT. Illegal during capture where one side is host memory.
   * h2d: `source` is consumed before the call returns, unless it lies in a PINNED buffer of this
   * backend: then it must stay unchanged until the stream has passed the copy.
   * d2h: `destination` must stay valid until the stream has passed the copy.
   * d2d: ranges must not overlap; `source` may belong to another device of the same backend. */
  tn_status (*copy_h2d)(tn_stream* stream, const void* source, tn_buffer* destination,
                        uint64_t destination_offset, uint64_t size, tn_error* error);
  tn_status (*copy_d2h)(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                        void* destination, uint64_t size, tn_error* error);
  tn_status (*copy_d2d)(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                        tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                        tn_error* error);

  /* Repeats `pattern`, of pattern_size 1, 2 or 4 bytes (low bytes first), over the range; offset
   * and size are multiples of pattern_size; a range past the end is TN_INVALID_ARGUMENT. Any kind
   * of memory. */
  tn_status (*fill)(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                    uint32_t pattern, uint32_t pattern_size, tn_error* error);

  /* `desc` may be NULL. Work of one stream runs in order; streams are independent of each other
   * except through events, and of the host except through synchronising. Every enqueueing call
   * returns without waiting for earlier work (a backend may run work inline where nothing earlier
   * is pending). */
  tn_status (*stream_create)(tn_device* device, const tn_stream_desc* desc, tn_stream** out_stream,
                             tn_error* error);
  /* Waits for pending work, then frees. Reports no failure of that work. */
  tn_status (*stream_destroy)(tn_stream* stream, tn_error* error);
  /* Waits for all work enqueued before the call; reports the stream's failure. Illegal during
   * capture. */
  tn_status (*stream_synchronize)(tn_stream* stream, tn_error* error);
  /* out_done: all work enqueued so far has passed. Reports the stream's failure. */
  tn_status (*stream_query)(tn_stream* stream, bool* out_done, tn_error* error);

  /* Before its first record an event is complete, and waiting for it does nothing. A wait binds to
   * the latest record at the time it is enqueued; recording again does not move earlier waits.
   * event_wait makes later work of `stream`, on any device of the backend, wait; the host never
   * blocks. Synchronising with an event recorded after failed work reports that failure. An event
   * may be destroyed while a wait on it is pending; the wait keeps its meaning. */
  tn_status (*event_create)(tn_device* device, tn_event** out_event, tn_error* error);
  tn_status (*event_destroy)(tn_event* event, tn_error* error);
  tn_status (*event_record)(tn_event* event, tn_stream* stream, tn_error* error);
  tn_status (*event_wait)(tn_stream* stream, tn_event* event, tn_error* error);
  tn_status (*event_synchronize)(tn_event* event, tn_error* error);
  tn_status (*event_query)(tn_event* event, bool* out_done, tn_error* error);

  /* Whether the device runs this op with these arguments: looks at shapes, strides, dtypes, layouts
   * and attributes, never at a buffer, byte_offset, storage_bytes, a communicator or a host array
   * (all may be NULL or 0); a yes holds for every offset that is a multiple of the item size. Also
   * an unknown flag, or a byte past the known size that is not zero, is supported = 0. An
   * unsupported op is TN_OK with supported = 0 and a reason; errors are for malformed calls. The
   * answer holds for every op_enqueue with the same of these. */
  tn_status (*op_query)(tn_device* device, uint32_t op, const void* args,
                        tn_op_support* out_support, tn_error* error);

  /* Enqueues one op. Everything reachable from `args` except the contents of buffers is copied
   * before the call returns. `workspace` has at least workspace_bytes, lies in a DEVICE buffer, is
   * aligned to TN_BUFFER_ALIGNMENT, overlaps no operand and may be NULL when none is needed; its
   * contents are undefined before and after. out_node, if not NULL, receives the node's id during
   * capture and TN_NO_NODE otherwise. */
  tn_status (*op_enqueue)(tn_stream* stream, uint32_t op, const void* args,
                          const tn_buffer_range* workspace, tn_node* out_node, tn_error* error);

  /*--- Optional, since 1.0 ---*/

  /* Address of a PINNED or SHARED buffer for the host, valid until it is freed. */
  tn_status (*buffer_host_pointer)(tn_buffer* buffer, void** out_pointer, tn_error* error);
  /* Makes host memory a SHARED buffer without a copy. `memory` keeps its own alignment (a plugin
   * that cannot read it there refuses the import), is never written through an op's input, and must
   * outlive the buffer. */
  tn_status (*buffer_import_host)(tn_device* device, void* memory, uint64_t size,
                                  tn_buffer** out_buffer, tn_error* error);

  tn_status (*stream_call_host)(tn_stream* stream, tn_host_function function, void* context,
                                tn_error* error);

  /* Time between two completed records, in nanoseconds of the device's clock; a record that is not
   * complete or was never made is TN_INVALID_STATE. */
  tn_status (*event_elapsed)(tn_event* begin, tn_event* end, int64_t* out_nanoseconds,
                             tn_error* error);

  /* A hint: bring min(max_bytes, what is left) bytes of `tensor` from `offset` on into the cache,
   * in stream order. It may do nothing; no value ever depends on it. max_bytes 0, or an offset at
   * or past storage_bytes, is TN_INVALID_ARGUMENT. */
  tn_status (*prefetch)(tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                        uint64_t max_bytes, tn_error* error);

  /* Which layout the device wants for a weight or cache, given all its uses. The host then casts
   * with copy_cast, whole tensors at a time. Looks at no buffer. Every use whose bit in
   * row_major_uses is clear, and copy_cast both ways, supports the answered layout. A private id
   * means the same within one plugin_version only. */
  tn_status (*layout_for)(tn_device* device, const tn_layout_request* request,
                          tn_layout_answer* out_answer, tn_error* error);

  /* Capture: between begin and end, work enqueued on `stream`, and on every stream that waits for
   * an event recorded in the capture, becomes nodes of a graph instead of running. All such streams
   * must be joined into `stream` again (event_record on the fork, event_wait on `stream`) before
   * the end; a fork left open is TN_INVALID_STATE naming it, and ends the capture without a graph.
   * Illegal inside, TN_INVALID_STATE without ending the capture: copies from or to the host or
   * PINNED memory, casts between layouts, stream_synchronize, stream_query, stream_call_host,
   * graph_launch and a second capture on a capturing stream, synchronising or querying an event
   * recorded in the capture, and waiting for an event that was recorded outside it and is not
   * complete. Buffers, workspaces and communicators that nodes use must outlive the graph; events
   * need not. */
  tn_status (*graph_capture_begin)(tn_stream* stream, tn_error* error);
  tn_status (*graph_capture_end)(tn_stream* stream, tn_graph** out_graph, tn_error* error);
  /* Enqueues all nodes as one piece of stream work. Device tensors are read as they are then; host
   * arrays and attributes are those captured or last updated. A graph may be launched again while
   * a launch is pending on the same stream; on another stream that is TN_INVALID_STATE. It is
   * launched on the device it was captured on. */
  tn_status (*graph_launch)(tn_graph* graph, tn_stream* stream, tn_error* error);
  /* Replaces the fields of a node that ops.def marks updatable by those of `args`; any other
   * difference is TN_INVALID_ARGUMENT. While a launch is pending: TN_INVALID_STATE. */
  tn_status (*graph_update)(tn_graph* graph, tn_node node, uint32_t op, const void* args,
                            tn_error* error);
  tn_status (*graph_destroy)(tn_graph* graph, tn_error* error);

  /* One handle for each rank, in the order of `devices`; all of one backend, none twice. */
  tn_status (*communicator_create)(tn_device* const* devices, uint32_t device_count,
                                   tn_communicator** out_communicators, tn_error* error);
  tn_status (*communicator_destroy)(tn_communicator* communicator, tn_error* error);

  /* Records all work of the device from start to stop; stop waits for pending work, then calls
   * `sink`, on the calling thread, once for each record in order of begin_ns. start while recording
   * and stop while not are TN_INVALID_STATE. */
  tn_status (*profiling_start)(tn_device* device, tn_error* error);
  tn_status (*profiling_stop)(tn_device* device, tn_profile_sink sink, void* context,
                              tn_error* error);

  /* An experimental function by its "name@since", e.g. "stream_priority@1.0"; cast to the type that
   * its header declares; valid while the library is loaded. Unknown: TN_NOT_FOUND. How they become
   * stable: docs/lifecycle.md. */
  tn_status (*get_function)(const char* name, void (**out_function)(void), tn_error* error);
} tn_device_table;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENON_DEVICE_API_H_ */
