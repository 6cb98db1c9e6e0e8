// Structs other than arguments, and constants, of the device API as released in version 1.0.
//
// A released number in this file never changes. A build that stops here has moved something that
// binaries rely on: append instead (a slot at the end of the table, a field at the end of a struct
// that is not frozen, an id at the end of its list), and lock what is new in a file of its version.
#include <tenon/device_api.h>

#include <cstddef>
#include <type_traits>

// Frozen structs never grow, others may at their end.
#define LOCK_FROZEN(type, bytes) static_assert(sizeof(type) == (bytes), "frozen size of " #type)
#define LOCK_SIZE(type, bytes) static_assert(sizeof(type) >= (bytes), "released size of " #type)
#define LOCK_FIELD(type, field, at, bytes)                                              \
  static_assert(offsetof(type, field) == (at), "released offset of " #type "." #field); \
  static_assert(sizeof(type::field) == (bytes), "released size of " #type "." #field)

LOCK_FROZEN(tn_error, 1024);
LOCK_FIELD(tn_error, code, 0, 4);
LOCK_FIELD(tn_error, reserved, 4, 4);
LOCK_FIELD(tn_error, message, 8, 1016);

LOCK_SIZE(tn_host, 40);
LOCK_FIELD(tn_host, struct_size, 0, 4);
LOCK_FIELD(tn_host, version, 4, 4);
LOCK_FIELD(tn_host, context, 8, 8);
LOCK_FIELD(tn_host, allocate, 16, 8);
LOCK_FIELD(tn_host, release, 24, 8);
LOCK_FIELD(tn_host, log, 32, 8);

LOCK_SIZE(tn_plugin_facts, 56);
LOCK_FIELD(tn_plugin_facts, struct_size, 0, 4);
LOCK_FIELD(tn_plugin_facts, sanitizer, 4, 4);
LOCK_FIELD(tn_plugin_facts, name, 8, 8);
LOCK_FIELD(tn_plugin_facts, description, 16, 8);
LOCK_FIELD(tn_plugin_facts, plugin_version, 24, 8);
LOCK_FIELD(tn_plugin_facts, source_revision, 32, 8);
LOCK_FIELD(tn_plugin_facts, compiler, 40, 8);
LOCK_FIELD(tn_plugin_facts, licence, 48, 8);

LOCK_FROZEN(tn_table_header, 16);
LOCK_FIELD(tn_table_header, struct_size, 0, 4);
LOCK_FIELD(tn_table_header, reserved, 4, 4);
LOCK_FIELD(tn_table_header, facts, 8, 8);

LOCK_FROZEN(tn_value, 16);
LOCK_FIELD(tn_value, type, 0, 4);
LOCK_FIELD(tn_value, reserved, 4, 4);
LOCK_FIELD(tn_value, as, 8, 8);

LOCK_FROZEN(tn_option, 24);
LOCK_FIELD(tn_option, name, 0, 8);
LOCK_FIELD(tn_option, value, 8, 16);

LOCK_SIZE(tn_option_info, 80);
LOCK_FIELD(tn_option_info, struct_size, 0, 4);
LOCK_FIELD(tn_option_info, type, 4, 4);
LOCK_FIELD(tn_option_info, name, 8, 8);
LOCK_FIELD(tn_option_info, doc, 16, 8);
LOCK_FIELD(tn_option_info, default_value, 24, 16);
LOCK_FIELD(tn_option_info, minimum, 40, 16);
LOCK_FIELD(tn_option_info, maximum, 56, 16);
LOCK_FIELD(tn_option_info, choices, 72, 8);

LOCK_SIZE(tn_plugin_answer, 16);
LOCK_FIELD(tn_plugin_answer, struct_size, 0, 4);
LOCK_FIELD(tn_plugin_answer, version, 4, 4);
LOCK_FIELD(tn_plugin_answer, table, 8, 8);

LOCK_FROZEN(tn_buffer_range, 24);
LOCK_FIELD(tn_buffer_range, buffer, 0, 8);
LOCK_FIELD(tn_buffer_range, offset, 8, 8);
LOCK_FIELD(tn_buffer_range, size, 16, 8);

LOCK_FROZEN(tn_tensor, 152);
LOCK_FIELD(tn_tensor, buffer, 0, 8);
LOCK_FIELD(tn_tensor, byte_offset, 8, 8);
LOCK_FIELD(tn_tensor, storage_bytes, 16, 8);
LOCK_FIELD(tn_tensor, dtype, 24, 4);
LOCK_FIELD(tn_tensor, layout, 28, 4);
LOCK_FIELD(tn_tensor, rank, 32, 4);
LOCK_FIELD(tn_tensor, reserved0, 36, 4);
LOCK_FIELD(tn_tensor, shape, 40, 48);
LOCK_FIELD(tn_tensor, strides, 88, 48);
LOCK_FIELD(tn_tensor, reserved1, 136, 16);

LOCK_SIZE(tn_device_info, 120);
LOCK_FIELD(tn_device_info, struct_size, 0, 4);
LOCK_FIELD(tn_device_info, kind, 4, 4);
LOCK_FIELD(tn_device_info, name, 8, 64);
LOCK_FIELD(tn_device_info, capabilities, 72, 8);
LOCK_FIELD(tn_device_info, profiles, 80, 8);
LOCK_FIELD(tn_device_info, memory_bytes, 88, 8);
LOCK_FIELD(tn_device_info, cache_bytes, 96, 8);
LOCK_FIELD(tn_device_info, preferred_activation_dtype, 104, 4);
LOCK_FIELD(tn_device_info, kv_block_multiple, 108, 4);
LOCK_FIELD(tn_device_info, kv_block_maximum, 112, 4);
LOCK_FIELD(tn_device_info, compute_units, 116, 4);

LOCK_SIZE(tn_device_memory, 24);
LOCK_FIELD(tn_device_memory, struct_size, 0, 4);
LOCK_FIELD(tn_device_memory, reserved0, 4, 4);
LOCK_FIELD(tn_device_memory, total_bytes, 8, 8);
LOCK_FIELD(tn_device_memory, free_bytes, 16, 8);

LOCK_SIZE(tn_stream_desc, 16);
LOCK_FIELD(tn_stream_desc, struct_size, 0, 4);
LOCK_FIELD(tn_stream_desc, flags, 4, 4);
LOCK_FIELD(tn_stream_desc, name, 8, 8);

LOCK_SIZE(tn_op_support, 280);
LOCK_FIELD(tn_op_support, struct_size, 0, 4);
LOCK_FIELD(tn_op_support, supported, 4, 4);
LOCK_FIELD(tn_op_support, capturable, 8, 4);
LOCK_FIELD(tn_op_support, reserved0, 12, 4);
LOCK_FIELD(tn_op_support, workspace_bytes, 16, 8);
LOCK_FIELD(tn_op_support, reason, 24, 256);

LOCK_SIZE(tn_profile_record, 80);
LOCK_FIELD(tn_profile_record, struct_size, 0, 4);
LOCK_FIELD(tn_profile_record, op, 4, 4);
LOCK_FIELD(tn_profile_record, what, 8, 8);
LOCK_FIELD(tn_profile_record, stream_name, 16, 8);
LOCK_FIELD(tn_profile_record, engine, 24, 8);
LOCK_FIELD(tn_profile_record, sequence_number, 32, 8);
LOCK_FIELD(tn_profile_record, begin_ns, 40, 8);
LOCK_FIELD(tn_profile_record, end_ns, 48, 8);
LOCK_FIELD(tn_profile_record, bytes_read, 56, 8);
LOCK_FIELD(tn_profile_record, bytes_written, 64, 8);
LOCK_FIELD(tn_profile_record, cache_hit_bytes, 72, 8);

LOCK_FROZEN(tn_layout_use, 16);
LOCK_FIELD(tn_layout_use, op, 0, 4);
LOCK_FIELD(tn_layout_use, operand, 4, 4);
LOCK_FIELD(tn_layout_use, transposed, 8, 4);
LOCK_FIELD(tn_layout_use, reserved0, 12, 4);

LOCK_SIZE(tn_layout_request, 32);
LOCK_FIELD(tn_layout_request, struct_size, 0, 4);
LOCK_FIELD(tn_layout_request, role, 4, 4);
LOCK_FIELD(tn_layout_request, tensor, 8, 8);
LOCK_FIELD(tn_layout_request, uses, 16, 8);
LOCK_FIELD(tn_layout_request, use_count, 24, 4);
LOCK_FIELD(tn_layout_request, reserved0, 28, 4);

LOCK_SIZE(tn_layout_answer, 24);
LOCK_FIELD(tn_layout_answer, struct_size, 0, 4);
LOCK_FIELD(tn_layout_answer, layout, 4, 4);
LOCK_FIELD(tn_layout_answer, storage_bytes, 8, 8);
LOCK_FIELD(tn_layout_answer, row_major_uses, 16, 8);

// Function types outside the table.
#define LOCK_TYPE(what, ...) static_assert(std::is_same_v<what, __VA_ARGS__>, "released type")
LOCK_TYPE(decltype(tn_host::allocate), void* (*)(void*, size_t, size_t));
LOCK_TYPE(decltype(tn_host::release), void (*)(void*, void*, size_t, size_t));
LOCK_TYPE(decltype(tn_host::log), void (*)(void*, uint32_t, const char*, const char*, size_t));
LOCK_TYPE(tn_plugin_query_function,
          tn_status (*)(uint32_t, const tn_host*, uint32_t, tn_plugin_answer*, tn_error*));
LOCK_TYPE(decltype(&tn_plugin_query), tn_plugin_query_function);
LOCK_TYPE(tn_host_function, void (*)(void*));
LOCK_TYPE(tn_profile_sink, void (*)(void*, const tn_profile_record*));

#define LOCK_VALUE(name, value) static_assert((name) == (value), "released value of " #name)

// plugin.h
LOCK_VALUE(TN_OK, 0);
LOCK_VALUE(TN_INVALID_ARGUMENT, 16);
LOCK_VALUE(TN_INVALID_STATE, 17);
LOCK_VALUE(TN_NOT_FOUND, 18);
LOCK_VALUE(TN_UNSUPPORTED, 32);
LOCK_VALUE(TN_UNIMPLEMENTED, 33);
LOCK_VALUE(TN_VERSION_MISMATCH, 34);
LOCK_VALUE(TN_OUT_OF_MEMORY, 48);
LOCK_VALUE(TN_OUT_OF_RESOURCES, 49);
LOCK_VALUE(TN_STREAM_FAILED, 64);
LOCK_VALUE(TN_DEVICE_LOST, 65);
LOCK_VALUE(TN_INTERNAL, 66);
LOCK_VALUE(TN_LOG_TRACE, 0);
LOCK_VALUE(TN_LOG_DEBUG, 1);
LOCK_VALUE(TN_LOG_INFO, 2);
LOCK_VALUE(TN_LOG_WARNING, 3);
LOCK_VALUE(TN_LOG_ERROR, 4);
LOCK_VALUE(TN_SANITIZER_NONE, 0);
LOCK_VALUE(TN_SANITIZER_ADDRESS, 1);
LOCK_VALUE(TN_SANITIZER_THREAD, 2);
LOCK_VALUE(TN_SANITIZER_MEMORY, 3);
LOCK_VALUE(TN_VALUE_NONE, 0);
LOCK_VALUE(TN_VALUE_BOOLEAN, 1);
LOCK_VALUE(TN_VALUE_INTEGER, 2);
LOCK_VALUE(TN_VALUE_NUMBER, 3);
LOCK_VALUE(TN_VALUE_TEXT, 4);
LOCK_VALUE(TN_PLUGIN_DEVICE, 1);
LOCK_VALUE(TN_PLUGIN_MODEL, 2);
LOCK_VALUE(TN_ERROR_MESSAGE_SIZE, 1016u);

// types.h
LOCK_VALUE(TN_DTYPE_NONE, 0);
LOCK_VALUE(TN_DTYPE_F32, 1);
LOCK_VALUE(TN_DTYPE_F16, 2);
LOCK_VALUE(TN_DTYPE_BF16, 3);
LOCK_VALUE(TN_DTYPE_I8, 4);
LOCK_VALUE(TN_DTYPE_I32, 5);
LOCK_VALUE(TN_DTYPE_I64, 6);
LOCK_VALUE(TN_DTYPE_U8, 7);
LOCK_VALUE(TN_LAYOUT_ROW_MAJOR, 0);
LOCK_VALUE(TN_LAYOUT_FRACTAL_NZ, 1);
LOCK_VALUE(TN_MEMORY_DEVICE, 1);
LOCK_VALUE(TN_MEMORY_PINNED, 2);
LOCK_VALUE(TN_MEMORY_SHARED, 3);
LOCK_VALUE(TN_LAYOUT_PRIVATE, 0x80000000u);
LOCK_VALUE(TN_BUFFER_ALIGNMENT, 0x100u);
LOCK_VALUE(TN_MAX_RANK, 6u);

// device_api.h
LOCK_VALUE(TN_DEVICE_CPU, 1);
LOCK_VALUE(TN_DEVICE_GPU, 2);
LOCK_VALUE(TN_DEVICE_NPU, 3);
LOCK_VALUE(TN_DEVICE_OTHER, 4);
LOCK_VALUE(TN_ROLE_WEIGHT, 1);
LOCK_VALUE(TN_ROLE_KV_CACHE, 2);
LOCK_VALUE(TN_CAN_RUN_EVERY_OP, 1u);
LOCK_VALUE(TN_CAN_CAPTURE_GRAPHS, 2u);
LOCK_VALUE(TN_CAN_IMPORT_HOST, 4u);
LOCK_VALUE(TN_CAN_CALL_HOST, 8u);
LOCK_VALUE(TN_CAN_COMMUNICATE, 16u);
LOCK_VALUE(TN_CAN_PREFETCH, 32u);
LOCK_VALUE(TN_CAN_PROFILE, 64u);
LOCK_VALUE(TN_CAN_MAP_DEVICE_MEMORY, 128u);
LOCK_VALUE(TN_IS_BATCH_INVARIANT, 0x100u);
LOCK_VALUE(TN_PROFILE_CORE, 1u);
LOCK_VALUE(TN_PROFILE_DENSE, 2u);
LOCK_VALUE(TN_PROFILE_MOE, 4u);
LOCK_VALUE(TN_PROFILE_QUANTISED, 8u);
LOCK_VALUE(TN_PROFILE_PREFETCH, 16u);
LOCK_VALUE(TN_PROFILE_GRAPH, 32u);
LOCK_VALUE(TN_PROFILE_COLLECTIVES, 64u);
LOCK_VALUE(TN_NO_NODE, 0u);
LOCK_VALUE(TN_DEVICE_API_VERSION_1_0, 0x10000u);
