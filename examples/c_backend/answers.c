#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c_backend.h"

tn_status answer(tn_error* error, tn_status code, const char* text) {
  if (error != NULL) {
    error->code = code;
    error->reserved = 0;
    snprintf(error->message, sizeof error->message, "%s", text);
  }
  return code;
}

tn_status answer_ok(tn_error* error) {
  return answer(error, TN_OK, "");
}

void* make_object(size_t size, tn_status* status, tn_error* error) {
  void* object = calloc(1, size);
  *status = object == NULL ? answer(error, TN_OUT_OF_MEMORY, "[c_backend] no memory for an object")
                           : answer_ok(error);
  return object;
}

tn_status destroy_object(void* object, tn_error* error) {
  if (object == NULL) {
    return answer(error, TN_INVALID_ARGUMENT, "[c_backend] the handle to destroy is NULL");
  }
  free(object);
  return answer_ok(error);
}

tn_status begin_struct(void* out, uint32_t first_size, uint32_t size, tn_error* error) {
  uint32_t given;
  memcpy(&given, out, sizeof given); /* struct_size comes first in all of them */
  if (given > sizeof given) {
    memset((unsigned char*)out + sizeof given, 0, (given < size ? given : size) - sizeof given);
  }
  if (given < first_size) {
    return answer(error, TN_INVALID_ARGUMENT,
                  "[c_backend] struct_size is too small; expected that of version 1.0");
  }
  return answer_ok(error);
}
