/* The entry point of every Tenon plugin, and what both kinds of plugin share:
 * versions, status codes, errors, the host's services, build facts and options.
 *
 * A plugin is a shared library with one exported function, tn_plugin_query(). A backend plugin
 * answers with a tn_device_table (device_api.h), a model plugin with a tn_model_table
 * (model_api.h of models/). Nothing else of a plugin is looked up by name, and no C++ type, no
 * exception and no allocator crosses the boundary.
 *
 * C99; depends on the compiler's own headers only. Pointers are 64 bits wide.
 */
#ifndef TENON_PLUGIN_H_
#define TENON_PLUGIN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TN_EXPORT __attribute__((visibility("default")))
#else
#define TN_EXPORT
#endif

/*===--- Versions ----------------------------------------------------------------------------===*/

/* A version is (major << 16 | minor). A minor version only appends: slots at the end of a table,
 * fields at the end of a struct, ids at the end of a list. Within one major version every host
 * loads every plugin; the version spoken is the lower of the two. */
#define TN_VERSION(major, minor) (((uint32_t)(major) << 16) | (uint32_t)(minor))
#define TN_VERSION_MAJOR(version) ((uint32_t)(version) >> 16)
#define TN_VERSION_MINOR(version) ((uint32_t)(version)&0xffffu)

/*===--- Status and error --------------------------------------------------------------------===*/

/* Every function returns a tn_status. New codes may be added within their group; a host that does
 * not know a code treats it as the group's first one. */
typedef int32_t tn_status;
enum {
  TN_OK = 0,

  /* 0x10: the caller asked for something wrong; nothing was changed. */
  TN_INVALID_ARGUMENT = 0x10, /* a value outside what the rules allow */
  TN_INVALID_STATE = 0x11,    /* a right call at the wrong time, e.g. a capture inside a capture */
  TN_NOT_FOUND = 0x12,        /* no such option, device, node, function */

  /* 0x20: the plugin does not do this; asking again will not help. */
  TN_UNSUPPORTED = 0x20,      /* this op, dtype, layout, kind or value */
  TN_UNIMPLEMENTED = 0x21,    /* an optional slot that this plugin left empty */
  TN_VERSION_MISMATCH = 0x22, /* no common version */

  /* 0x30: a resource ran out; nothing was changed, and it may succeed later. */
  TN_OUT_OF_MEMORY = 0x30,
  TN_OUT_OF_RESOURCES = 0x31, /* streams, events, graphs, handles */

  /* 0x40: work failed. */
  TN_STREAM_FAILED = 0x40, /* earlier work of this stream failed; the stream refuses new work */
  TN_DEVICE_LOST = 0x41,   /* the device must be closed */
  TN_INTERNAL = 0x42 /* a fault of the plugin itself, e.g. an exception caught at its border */
};

#define TN_ERROR_MESSAGE_SIZE 1016

/* Where a call writes why it failed. Owned by the caller, who need not initialise it: the callee
 * writes `code` and `message` on every path, TN_OK and "" on success. Every function takes it last
 * and accepts NULL. Frozen: this struct never grows. */
typedef struct tn_error {
  tn_status code;                      /* the same value that the function returns */
  uint32_t reserved;                   /* written as 0 */
  char message[TN_ERROR_MESSAGE_SIZE]; /* UTF-8, NUL-terminated, cut at a character's border:
                                           "[where] what happened; expected ...; found ..." */
} tn_error;

/*===--- The host's services -----------------------------------------------------------------===*/

typedef enum tn_log_level {
  TN_LOG_TRACE = 0,
  TN_LOG_DEBUG = 1,
  TN_LOG_INFO = 2,
  TN_LOG_WARNING = 3,
  TN_LOG_ERROR = 4
} tn_log_level;

/* What the host offers to a plugin. Valid and unchanged from tn_plugin_query() until the library is
 * unloaded; backend_create gets the same one. All functions may be called from any thread; none of
 * them calls back into the plugin. */
typedef struct tn_host {
  uint32_t struct_size; /* sizeof(tn_host) of the host; read no field that ends past it */
  uint32_t version;     /* highest version of the queried kind's table that the host speaks: the
                           host_max_version of the query */
  void* context;        /* passed back to every function below */

  /* Returns `size` bytes aligned to `alignment` (a power of two), or NULL. Memory that the plugin
   * gets here it gives back here, with the same size and alignment; it may be no malloc heap. */
  void* (*allocate)(void* context, size_t size, size_t alignment);
  void (*release)(void* context, void* memory, size_t size, size_t alignment);

  /* Writes one line to the host's log; `level` is a tn_log_level. `component` is NUL-terminated,
   * `message` has `length` bytes. Both are copied before the call returns. */
  void (*log)(void* context, uint32_t level, const char* component, const char* message,
              size_t length);
} tn_host;

/*===--- Facts about a plugin ----------------------------------------------------------------===*/

typedef enum tn_sanitizer {
  TN_SANITIZER_NONE = 0,
  TN_SANITIZER_ADDRESS = 1,
  TN_SANITIZER_THREAD = 2,
  TN_SANITIZER_MEMORY = 3
} tn_sanitizer;

/* What was built, from what, by whom: printed by `tenon list plugins` and in every report. Static
 * memory of the plugin. No string is NULL; unknown ones are "". */
typedef struct tn_plugin_facts {
  uint32_t struct_size;
  uint32_t sanitizer;          /* tn_sanitizer the library was built with */
  const char* name;            /* short lower-case name, [a-z0-9_]+, e.g. "cpu_reference" */
  const char* description;     /* one sentence */
  const char* plugin_version;  /* the plugin's own version, e.g. "1.4.2" */
  const char* source_revision; /* commit it was built from */
  const char* compiler;        /* e.g. "gcc 12.2.0" */
  const char* licence;         /* SPDX expression */
} tn_plugin_facts;

/* How every plugin's table begins. */
typedef struct tn_table_header {
  uint32_t struct_size; /* bytes that the plugin filled, at least to the end of the last required
                           slot; the host ignores what lies past the slots it knows */
  uint32_t reserved;    /* 0 */
  const tn_plugin_facts* facts;
} tn_table_header;

/*===--- Values and options ------------------------------------------------------------------===*/

typedef enum tn_value_type {
  TN_VALUE_NONE = 0,
  TN_VALUE_BOOLEAN = 1, /* as.integer is 0 or 1 */
  TN_VALUE_INTEGER = 2,
  TN_VALUE_NUMBER = 3,
  TN_VALUE_TEXT = 4 /* NUL-terminated UTF-8 */
} tn_value_type;

/* A typed scalar. Frozen. */
typedef struct tn_value {
  uint32_t type; /* tn_value_type */
  uint32_t reserved;
  union {
    int64_t integer;
    double number;
    const char* text; /* owned by whoever made the value; the receiver copies it */
  } as;
} tn_value;

/* One setting as the host passes it. Frozen. */
typedef struct tn_option {
  const char* name;
  tn_value value;
} tn_option;

/* A setting that a plugin declares, so that the host can check a deployment's TOML and print help
 * before anything is created. The host sets struct_size; strings are static memory of the
 * plugin. */
typedef struct tn_option_info {
  uint32_t struct_size;
  uint32_t type;          /* tn_value_type, not NONE */
  const char* name;       /* [a-z0-9_]+ */
  const char* doc;        /* one sentence */
  tn_value default_value; /* of the same type, within the bounds and choices */
  tn_value minimum;       /* INTEGER and NUMBER only; NONE: no bound */
  tn_value maximum;
  const char* const* choices; /* TEXT only: NULL-terminated list of what is allowed, or NULL */
} tn_option_info;

/*===--- The one exported function -----------------------------------------------------------===*/

typedef enum tn_plugin_kind { TN_PLUGIN_DEVICE = 1, TN_PLUGIN_MODEL = 2 } tn_plugin_kind;

/* The host sets struct_size and zeroes the rest. */
typedef struct tn_plugin_answer {
  uint32_t struct_size;
  uint32_t version;  /* out: version that this table speaks, never above host_max_version */
  const void* table; /* out: const tn_device_table* or const tn_model_table*; static memory of
                         the plugin, valid while the library is loaded */
} tn_plugin_answer;

/* Asks a library for its table of one kind. Must work before anything else was called, must not
 * need any device, and may be called again, from any thread. A plugin leaves the process as it is:
 * floating-point mode, locale, signal handlers and working directory. On failure out->table is
 * NULL:
 *   TN_UNSUPPORTED       the library is not a plugin of this kind
 *   TN_VERSION_MISMATCH  it cannot speak any version <= host_max_version of that major
 *   TN_UNSUPPORTED with a reason also where the machine lacks something, e.g. an instruction set.
 */
typedef tn_status (*tn_plugin_query_function)(uint32_t kind, const tn_host* host,
                                              uint32_t host_max_version, tn_plugin_answer* out,
                                              tn_error* error);

#define TN_PLUGIN_QUERY_NAME "tn_plugin_query"

TN_EXPORT tn_status tn_plugin_query(uint32_t kind, const tn_host* host, uint32_t host_max_version,
                                    tn_plugin_answer* out, tn_error* error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENON_PLUGIN_H_ */
