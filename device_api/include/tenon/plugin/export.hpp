// The entry point of a backend plugin: facts, table and version negotiation.
#pragma once

#include <tenon/device_api.h>
#include <tenon/plugin/shims_objects.hpp>
#include <tenon/plugin/shims_streams.hpp>

namespace tenon::plugin {

// What an author states about a plugin; compiler and sanitizer are found here. Static strings.
struct Facts {
  const char* name;         // [a-z0-9_]+
  const char* description;  // one sentence
  const char* version;
  const char* source_revision = "";
  const char* licence = "";
};

namespace detail {

constexpr tn_sanitizer built_with() {
#if defined(__SANITIZE_ADDRESS__)
  return TN_SANITIZER_ADDRESS;
#elif defined(__SANITIZE_THREAD__)
  return TN_SANITIZER_THREAD;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return TN_SANITIZER_ADDRESS;
#elif __has_feature(thread_sanitizer)
  return TN_SANITIZER_THREAD;
#elif __has_feature(memory_sanitizer)
  return TN_SANITIZER_MEMORY;
#else
  return TN_SANITIZER_NONE;
#endif
#else
  return TN_SANITIZER_NONE;
#endif
}

#if defined(__clang__)
inline constexpr const char* compiler = "clang " __clang_version__;
#else
inline constexpr const char* compiler = "gcc " __VERSION__;
#endif

constexpr tn_plugin_facts complete(const Facts& facts) {
  return {sizeof(tn_plugin_facts), built_with(),          facts.name, facts.description,
          facts.version,           facts.source_revision, compiler,   facts.licence};
}

// Every slot of slots.def: a slot without a shim does not compile.
template <class BackendType>
constexpr tn_device_table make_table(const tn_plugin_facts* facts) {
  using namespace shims;
  constexpr auto backend_option_count = option_count_of<BackendType>;
  constexpr auto backend_option_info = option_info_of<BackendType>;
  constexpr auto backend_create = create_backend<BackendType>;
  constexpr auto get_function = function_of<BackendType>;
  tn_device_table table{};
  table.header = {sizeof(tn_device_table), 0, facts};
#define TN_SLOT(name, need, since_major, since_minor) table.name = name;
#include <tenon/slots.def>
  return table;
}

}  // namespace detail

// tn_plugin_query of a backend plugin: speaks the lower of both versions within one major version.
// A BackendType may say why this machine cannot run it:
//   static std::string machine_lacks();   // "" when it can
template <class BackendType>
tn_status answer_query(const tn_device_table& table, std::uint32_t kind,
                       std::uint32_t host_max_version, tn_plugin_answer* out,
                       tn_error* error) noexcept {
  return shims::answer(out, "tn_plugin_query", error, [&] {
    if (kind != TN_PLUGIN_DEVICE) {
      throw Failure(TN_UNSUPPORTED,
                    "[tn_plugin_query] this is a backend plugin; expected kind 1; "
                    "found " +
                        std::to_string(kind));
    }
    if (TN_VERSION_MAJOR(host_max_version) != TN_VERSION_MAJOR(TN_DEVICE_API_VERSION)) {
      throw Failure(TN_VERSION_MISMATCH,
                    "[tn_plugin_query] no common version; this plugin speaks major version " +
                        std::to_string(TN_VERSION_MAJOR(TN_DEVICE_API_VERSION)) +
                        "; the host speaks " + std::to_string(TN_VERSION_MAJOR(host_max_version)));
    }
    if constexpr (requires { BackendType::machine_lacks(); }) {
      const std::string lack = BackendType::machine_lacks();
      if (!lack.empty()) throw Failure(TN_UNSUPPORTED, "[tn_plugin_query] " + lack);
    }
    tn_plugin_answer answer{};
    answer.version = std::min<std::uint32_t>(host_max_version, TN_DEVICE_API_VERSION);
    answer.table = &table;
    return answer;
  });
}

}  // namespace tenon::plugin

// Once in a plugin, at namespace scope. BackendType has
//   static constexpr tenon::plugin::Facts facts;
//   static std::span<const tenon::plugin::Option> options();
//   static std::unique_ptr<Backend> create(Host, const OptionValues&);
#define TENON_EXPORT_DEVICE_PLUGIN(BackendType)                                                    \
  namespace {                                                                                      \
  constexpr tn_plugin_facts tenon_plugin_facts =                                                   \
      tenon::plugin::detail::complete(BackendType::facts);                                         \
  constexpr tn_device_table tenon_device_table =                                                   \
      tenon::plugin::detail::make_table<BackendType>(&tenon_plugin_facts);                         \
  }                                                                                                \
  extern "C" TN_EXPORT tn_status tn_plugin_query(uint32_t kind, const tn_host* host,               \
                                                 uint32_t host_max_version, tn_plugin_answer* out, \
                                                 tn_error* error) {                                \
    static_cast<void>(host);                                                                       \
    return tenon::plugin::answer_query<BackendType>(tenon_device_table, kind, host_max_version,    \
                                                    out, error);                                   \
  }                                                                                                \
  static_assert(true, "needs a semicolon")
