// What version 1.1 added to the structs of the device API. structs_1_0.cpp says how to read this.
#include <tenon/device_api.h>

#include <cstddef>

#define LOCK_SIZE(type, bytes) static_assert(sizeof(type) >= (bytes), "released size of " #type)
#define LOCK_FIELD(type, field, at, bytes)                                              \
  static_assert(offsetof(type, field) == (at), "released offset of " #type "." #field); \
  static_assert(sizeof(type::field) == (bytes), "released size of " #type "." #field)

LOCK_SIZE(tn_op_support, 288);
LOCK_FIELD(tn_op_support, copied_bytes, 280, 8);

LOCK_SIZE(tn_profile_record, 88);
LOCK_FIELD(tn_profile_record, copy_ns, 80, 8);

static_assert(TN_DEVICE_API_VERSION_1_1 == 0x10001U, "released value of version 1.1");
