// What version 1.2 added to the structs of the device API. structs_1_0.cpp says how to read this.
#include <tenon/device_api.h>

#include <cstddef>

#define LOCK_SIZE(type, bytes) static_assert(sizeof(type) >= (bytes), "released size of " #type)
#define LOCK_FIELD(type, field, at, bytes)                                              \
  static_assert(offsetof(type, field) == (at), "released offset of " #type "." #field); \
  static_assert(sizeof(type::field) == (bytes), "released size of " #type "." #field)

LOCK_SIZE(tn_device_info, 136);
LOCK_FIELD(tn_device_info, enqueue_ns, 120, 8);
LOCK_FIELD(tn_device_info, read_back_ns, 128, 8);

LOCK_SIZE(tn_op_support, 296);
LOCK_FIELD(tn_op_support, estimated_ns, 288, 8);

LOCK_SIZE(tn_profile_record, 120);
LOCK_FIELD(tn_profile_record, host_begin_ns, 88, 8);
LOCK_FIELD(tn_profile_record, host_end_ns, 96, 8);
LOCK_FIELD(tn_profile_record, compute_ns, 104, 8);
LOCK_FIELD(tn_profile_record, late_bytes, 112, 8);

static_assert(TN_KEEPS_NO_CONTENTS == 0x200, "released value of a capability");
static_assert(TN_DEVICE_API_VERSION_1_2 == 0x10002U, "released value of version 1.2");
