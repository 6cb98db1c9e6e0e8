/* Streams and events of a backend whose work is done when a call returns: whatever was enqueued has
 * passed, every event is complete, and no wait waits. */
#include "c_backend.h"

tn_status stream_create(tn_device* device, const tn_stream_desc* desc, tn_stream** out_stream,
                        tn_error* error) {
  tn_status status;
  *out_stream = NULL;
  if (desc != NULL && desc->struct_size < sizeof *desc) {
    return answer(error, TN_INVALID_ARGUMENT, "[stream_create] struct_size is too small");
  }
  if (desc != NULL && desc->flags != 0) {
    return answer(error, TN_UNSUPPORTED, "[stream_create] unknown flags; expected 0");
  }
  *out_stream = make_object(sizeof **out_stream, &status, error);
  if (*out_stream != NULL) (*out_stream)->device = device;
  return status;
}

tn_status stream_destroy(tn_stream* stream, tn_error* error) {
  return destroy_object(stream, error);
}

tn_status stream_synchronize(tn_stream* stream, tn_error* error) {
  (void)stream;
  return answer_ok(error);
}

tn_status stream_query(tn_stream* stream, bool* out_done, tn_error* error) {
  (void)stream;
  *out_done = true;
  return answer_ok(error);
}

tn_status event_create(tn_device* device, tn_event** out_event, tn_error* error) {
  tn_status status;
  *out_event = make_object(sizeof **out_event, &status, error);
  if (*out_event != NULL) (*out_event)->device = device;
  return status;
}

tn_status event_destroy(tn_event* event, tn_error* error) {
  return destroy_object(event, error);
}

tn_status event_record(tn_event* event, tn_stream* stream, tn_error* error) {
  (void)event;
  (void)stream;
  return answer_ok(error);
}

tn_status event_wait(tn_stream* stream, tn_event* event, tn_error* error) {
  (void)event;
  (void)stream;
  return answer_ok(error);
}

tn_status event_synchronize(tn_event* event, tn_error* error) {
  (void)event;
  return answer_ok(error);
}

tn_status event_query(tn_event* event, bool* out_done, tn_error* error) {
  (void)event;
  *out_done = true;
  return answer_ok(error);
}
