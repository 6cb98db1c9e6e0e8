/* Options, backends and devices. */
#include <stdio.h>
#include <string.h>

#include "c_backend.h"

/* TN-OPT: what the table below declares is what backend_create takes. */
static const char* const modes[] = {"plain", "fancy", NULL};

tn_status backend_option_count(uint32_t* out_count, tn_error* error) {
  *out_count = 3;
  return answer_ok(error);
}

static void describe_integer(tn_option_info* info, const char* name, const char* doc,
                             int64_t fallback, int64_t maximum) {
  info->type = TN_VALUE_INTEGER;
  info->name = name;
  info->doc = doc;
  info->default_value.type = TN_VALUE_INTEGER;
  info->default_value.as.integer = fallback;
  info->minimum.type = TN_VALUE_INTEGER;
  info->minimum.as.integer = 1;
  info->maximum.type = TN_VALUE_INTEGER;
  info->maximum.as.integer = maximum;
}

tn_status backend_option_info(uint32_t index, tn_option_info* out_info, tn_error* error) {
  tn_status status = begin_struct(out_info, sizeof *out_info, sizeof *out_info, error);
  if (status != TN_OK) return status;
  switch (index) {
    case 0:
      describe_integer(out_info, "devices", "How many devices to offer.", 1, MAXIMUM_DEVICES);
      return status;
    case 1:
      describe_integer(out_info, "memory_mib", "Memory of each device in MiB.", 1024, 1 << 20);
      return status;
    case 2:
      out_info->type = TN_VALUE_TEXT;
      out_info->name = "mode";
      out_info->doc = "Has no effect; shows an option with choices.";
      out_info->default_value.type = TN_VALUE_TEXT;
      out_info->default_value.as.text = modes[0];
      out_info->choices = modes;
      return status;
    default:
      return answer(error, TN_NOT_FOUND, "[backend_option_info] there are three options");
  }
}

/* TN-OPT-3: whether the option is declared, of its type and in range; then it is taken over. */
static int takes_option(tn_backend* backend, const tn_option* option) {
  const int64_t integer = option->value.as.integer;
  const int is_integer = option->value.type == TN_VALUE_INTEGER && integer >= 1;
  if (strcmp(option->name, "devices") == 0) {
    if (!is_integer || integer > MAXIMUM_DEVICES) return 0;
    backend->device_count = (uint32_t)integer;
    return 1;
  }
  if (strcmp(option->name, "memory_mib") == 0) {
    if (!is_integer || integer > 1 << 20) return 0;
    backend->memory_bytes = (uint64_t)integer << 20;
    return 1;
  }
  if (strcmp(option->name, "mode") != 0 || option->value.type != TN_VALUE_TEXT) return 0;
  return strcmp(option->value.as.text, modes[0]) == 0 ||
         strcmp(option->value.as.text, modes[1]) == 0;
}

tn_status backend_create(const tn_host* host, const tn_option* options, uint32_t option_count,
                         tn_backend** out_backend, tn_error* error) {
  static const char created[] = "created";
  tn_status status;
  uint32_t i;
  tn_backend* backend = make_object(sizeof *backend, &status, error);
  *out_backend = NULL;
  if (backend == NULL) return status;
  backend->host = host;
  backend->device_count = 1;
  backend->memory_bytes = UINT64_C(1) << 30;
  for (i = 0; i < option_count; ++i) {
    if (options[i].value.reserved == 0 && takes_option(backend, &options[i])) continue;
    destroy_object(backend, NULL);
    if (options[i].value.reserved != 0) {
      return answer(error, TN_UNSUPPORTED, "[backend_create] an option holds an unknown form");
    }
    return answer(error, TN_INVALID_ARGUMENT,
                  "[backend_create] an option is not allowed; expected devices 1 to 4, memory_mib "
                  "1 to 1048576, mode plain or fancy");
  }
  if (host->struct_size >= offsetof(tn_host, log) + sizeof host->log) { /* TN-ABI-13 */
    host->log(host->context, TN_LOG_INFO, "c_backend", created, sizeof created - 1);
  }
  *out_backend = backend;
  return status;
}

tn_status backend_destroy(tn_backend* backend, tn_error* error) {
  return destroy_object(backend, error);
}

tn_status device_count(tn_backend* backend, uint32_t* out_count, tn_error* error) {
  *out_count = backend->device_count;
  return answer_ok(error);
}

tn_status device_info(tn_backend* backend, uint32_t index, tn_device_info* out_info,
                      tn_error* error) {
  tn_status status =
      begin_struct(out_info, offsetof(tn_device_info, enqueue_ns), sizeof *out_info, error);
  if (status != TN_OK) return status;
  if (index >= backend->device_count) {
    return answer(error, TN_NOT_FOUND, "[device_info] no such device");
  }
  out_info->kind = TN_DEVICE_CPU;
  snprintf(out_info->name, sizeof out_info->name, "C example %u", (unsigned)index);
  out_info->profiles = TN_PROFILE_CORE; /* and no capability beyond it */
  out_info->memory_bytes = backend->memory_bytes;
  out_info->preferred_activation_dtype = TN_DTYPE_F32;
  out_info->kv_block_multiple = 1;
  out_info->compute_units = 1;
  return status;
}

tn_status device_open(tn_backend* backend, uint32_t index, tn_device** out_device,
                      tn_error* error) {
  tn_status status;
  *out_device = NULL;
  if (index >= backend->device_count) {
    return answer(error, TN_NOT_FOUND, "[device_open] no such device");
  }
  *out_device = make_object(sizeof **out_device, &status, error);
  if (*out_device == NULL) return status;
  (*out_device)->backend = backend;
  (*out_device)->index = index;
  return status;
}

tn_status device_close(tn_device* device, tn_error* error) {
  return destroy_object(device, error);
}

tn_status device_memory(tn_device* device, tn_device_memory* out_memory, tn_error* error) {
  const uint64_t* used = &device->backend->used_bytes[device->index];
  tn_status status = begin_struct(out_memory, sizeof *out_memory, sizeof *out_memory, error);
  if (status != TN_OK) return status;
  out_memory->total_bytes = device->backend->memory_bytes;
  out_memory->free_bytes = device->backend->memory_bytes - __atomic_load_n(used, __ATOMIC_RELAXED);
  return status;
}
