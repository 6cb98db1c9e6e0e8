// Options (TN-OPT).
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

#include "rules/entry_point.hpp"
#include "rules/equal.hpp"

namespace tenon::conformance::options_test {
namespace {

std::vector<tn_option_info> declared(const tn_device_table& table) {
  uint32_t count = UINT32_MAX;
  tn_error error{};
  check_ok("TN-OPT-1", "backend_option_count", table.backend_option_count(&count, &error), error);
  std::vector<tn_option_info> options(count);
  for (uint32_t i = 0; i < count; ++i) {
    options[i].struct_size = sizeof options[i];
    check_ok("TN-OPT-1", "backend_option_info", table.backend_option_info(i, &options[i], &error),
             error);
    check(options[i].name != nullptr, "TN-OPT-2", fmt::format("option {}", i), "a name", "NULL");
  }
  return options;
}

tn_value integer_value(uint32_t type, int64_t value) {
  tn_value made{};
  made.type = type;
  made.as.integer = value;
  return made;
}

tn_value number_value(double value) {
  tn_value made{};
  made.type = TN_VALUE_NUMBER;
  made.as.number = value;
  return made;
}

tn_value text_value(const char* value) {
  tn_value made{};
  made.type = TN_VALUE_TEXT;
  made.as.text = value;
  return made;
}

// Creates a backend that must be refused.
void check_option_refused(Context& context, const char* what, const char* name,
                          const tn_value& value) {
  const tn_option option{name, value};
  auto* backend = reinterpret_cast<tn_backend*>(&context);
  tn_error error{};
  check_refused("TN-OPT-3", fmt::format("backend_create with option {} {}", name, what),
                TN_INVALID_ARGUMENT,
                context.plugin().table()->backend_create(&context.plugin().host().host(), &option,
                                                         1, &backend, &error),
                error);
  check(backend == nullptr, "TN-ERR-4", "backend_create was refused", "NULL", "a handle");
}

// Everything that device_info says of every device.
std::vector<std::string> description(Subject& subject) {
  std::vector<std::string> lines;
  for (uint32_t i = 0; i < subject.device_count(); ++i) {
    const tn_device_info info = subject.device_info(i);
    lines.push_back(fmt::format("{} {} {} {} {} {} {} {} {} {}", info.kind,
                                std::string(info.name, strnlen(info.name, sizeof info.name)),
                                info.capabilities, info.profiles, info.memory_bytes,
                                info.cache_bytes, info.preferred_activation_dtype,
                                info.kv_block_multiple, info.kv_block_maximum, info.compute_units));
  }
  return lines;
}

}  // namespace

CONFORMANCE_TEST(options, are_declared_before_any_backend,
                 {.rules = {"TN-OPT-1", "TN-ERR-4"}, .without_backend = true}) {
  const EntryPoint entry(context);
  SuiteHost host;
  const tn_device_table& table = entry.device_table(host.host());
  const auto count = static_cast<uint32_t>(declared(table).size());
  for (const uint32_t index : {count, count + 1, UINT32_MAX}) {
    tn_option_info info{};
    std::memset(&info, 0xee, sizeof info);
    info.struct_size = sizeof info;
    tn_error error{};
    check_refused("TN-OPT-1", fmt::format("backend_option_info({}) of {}", index, count),
                  TN_NOT_FOUND, table.backend_option_info(index, &info, &error), error);
    check(info.name == nullptr && info.doc == nullptr && info.type == TN_VALUE_NONE, "TN-ERR-4",
          "the answer of a refused backend_option_info", "zero", "other bytes");
  }
}

CONFORMANCE_TEST(options, are_well_formed, {.rules = {"TN-OPT-2"}, .without_backend = true}) {
  std::set<std::string> names;
  for (const tn_option_info& info : declared(context.plugin().table().get())) {
    const std::string name = info.name;
    const auto holds = [&](bool is, const char* expected, const std::string& found) {
      check(is, "TN-OPT-2", fmt::format("option \"{}\"", name), expected, found);
    };
    holds(!name.empty() &&
              name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos,
          "a name of [a-z0-9_]", name);
    holds(names.insert(name).second, "a name of its own", "one that another option has");
    holds(info.doc != nullptr && info.doc[0] != '\0', "a sentence of documentation", "none");
    holds(info.type >= TN_VALUE_BOOLEAN && info.type <= TN_VALUE_TEXT, "a type",
          fmt::format("type {}", info.type));
    holds(info.default_value.type == info.type, "a default of its type",
          fmt::format("type {}", info.default_value.type));
    const bool numeric = info.type == TN_VALUE_INTEGER || info.type == TN_VALUE_NUMBER;
    for (const tn_value* bound : {&info.minimum, &info.maximum}) {
      holds(bound->type == TN_VALUE_NONE || (numeric && bound->type == info.type),
            "bounds of its type, on numbers only", fmt::format("a bound of type {}", bound->type));
    }
    holds(info.choices == nullptr || info.type == TN_VALUE_TEXT, "choices on texts only",
          "choices");
    const auto between = [&](auto value, auto low, auto high) {
      holds((info.minimum.type == TN_VALUE_NONE || value >= low) &&
                (info.maximum.type == TN_VALUE_NONE || value <= high),
            "a default within the bounds", fmt::format("{}", value));
    };
    switch (info.type) {
      case TN_VALUE_BOOLEAN:
        holds(info.default_value.as.integer == 0 || info.default_value.as.integer == 1, "0 or 1",
              fmt::format("{}", info.default_value.as.integer));
        break;
      case TN_VALUE_INTEGER:
        between(info.default_value.as.integer, info.minimum.as.integer, info.maximum.as.integer);
        break;
      case TN_VALUE_NUMBER:
        between(info.default_value.as.number, info.minimum.as.number, info.maximum.as.number);
        break;
      default: {
        holds(info.default_value.as.text != nullptr, "a default text", "NULL");
        if (info.choices == nullptr) break;
        bool listed = false;
        for (const char* const* choice = info.choices; *choice != nullptr; ++choice)
          listed = listed || std::string_view(*choice) == info.default_value.as.text;
        holds(listed, "a default that is a listed choice", info.default_value.as.text);
      }
    }
  }
}

CONFORMANCE_TEST(options, that_are_not_declared_are_refused,
                 {.rules = {"TN-OPT-3", "TN-ERR-4"}, .without_backend = true}) {
  std::set<std::string> names;
  for (const tn_option_info& info : declared(context.plugin().table().get()))
    names.insert(info.name);
  std::vector<std::string> wrong = {"no_such_option", ""};
  for (const std::string& name : names) {  // near misses
    wrong.push_back(name + "s");
    wrong.push_back(name.substr(0, name.size() - 1));
  }
  for (const std::string& name : wrong) {
    if (names.contains(name)) continue;
    check_option_refused(context, "that does not exist", name.c_str(),
                         integer_value(TN_VALUE_INTEGER, 1));
  }
}

CONFORMANCE_TEST(options, of_another_type_are_refused,
                 {.rules = {"TN-OPT-3"}, .without_backend = true}) {
  for (const tn_option_info& info : declared(context.plugin().table().get())) {
    if (info.type != TN_VALUE_TEXT) {
      check_option_refused(context, "as a text", info.name, text_value("1"));
    }
    // An integer for a number is left open.
    if (info.type != TN_VALUE_INTEGER && info.type != TN_VALUE_NUMBER) {
      check_option_refused(context, "as an integer", info.name, integer_value(TN_VALUE_INTEGER, 1));
    }
    if (info.type != TN_VALUE_BOOLEAN) {
      check_option_refused(context, "as a boolean", info.name, integer_value(TN_VALUE_BOOLEAN, 1));
    }
    if (info.type != TN_VALUE_NUMBER) {
      check_option_refused(context, "as a number", info.name, number_value(1));
    }
    check_option_refused(context, "of type NONE", info.name, integer_value(TN_VALUE_NONE, 1));
    check_option_refused(context, "of an unknown type", info.name, integer_value(99, 1));
  }
}

CONFORMANCE_TEST(options, out_of_range_are_refused,
                 {.rules = {"TN-OPT-3"}, .without_backend = true}) {
  for (const tn_option_info& info : declared(context.plugin().table().get())) {
    const bool low = info.minimum.type != TN_VALUE_NONE;
    const bool high = info.maximum.type != TN_VALUE_NONE;
    if (info.type == TN_VALUE_INTEGER) {
      if (low && info.minimum.as.integer > INT64_MIN) {
        for (const int64_t value : {info.minimum.as.integer - 1, INT64_MIN})
          check_option_refused(context, "below its minimum", info.name,
                               integer_value(TN_VALUE_INTEGER, value));
      }
      if (high && info.maximum.as.integer < INT64_MAX) {
        for (const int64_t value : {info.maximum.as.integer + 1, INT64_MAX})
          check_option_refused(context, "above its maximum", info.name,
                               integer_value(TN_VALUE_INTEGER, value));
      }
    } else if (info.type == TN_VALUE_NUMBER) {
      constexpr double infinity = std::numeric_limits<double>::infinity();
      if (low) {
        check_option_refused(context, "below its minimum", info.name,
                             number_value(std::nextafter(info.minimum.as.number, -infinity)));
      }
      if (high) {
        check_option_refused(context, "above its maximum", info.name,
                             number_value(std::nextafter(info.maximum.as.number, infinity)));
      }
      if (low && high) {
        check_option_refused(context, "that is no number", info.name,
                             number_value(std::numeric_limits<double>::quiet_NaN()));
      }
    } else if (info.type == TN_VALUE_BOOLEAN) {
      check_option_refused(context, "of 2", info.name, integer_value(TN_VALUE_BOOLEAN, 2));
      check_option_refused(context, "of -1", info.name, integer_value(TN_VALUE_BOOLEAN, -1));
    } else if (info.choices != nullptr) {
      check_option_refused(context, "that is no listed choice", info.name,
                           text_value("no such choice"));
    }
  }
}

CONFORMANCE_TEST(options, left_out_take_their_defaults,
                 {.rules = {"TN-OPT-4"}, .without_contents = true}) {
  const tn_device_table& table = context.plugin().table().get();
  std::vector<Option> given;
  for (const tn_option_info& info : declared(table)) {
    const tn_value& value = info.default_value;
    switch (info.type) {
      case TN_VALUE_BOOLEAN:
        given.push_back({info.name, value.as.integer != 0});
        break;
      case TN_VALUE_INTEGER:
        given.push_back({info.name, value.as.integer});
        break;
      case TN_VALUE_NUMBER:
        given.push_back({info.name, value.as.number});
        break;
      default:
        given.push_back({info.name, std::string(value.as.text)});
    }
  }
  const auto left_out = context.another({});
  const auto explicitly = context.another(given);
  check_equal("TN-OPT-4", "device_info with every default given", description(*left_out),
              description(*explicitly));
  left_out->finish();
  explicitly->finish();
}

// The texts, and the array around them, are gone when backend_create has returned.
CONFORMANCE_TEST(options, texts_are_copied, {.rules = {"TN-OPT-5"}, .without_contents = true}) {
  const tn_device_table& table = context.plugin().table().get();
  uint32_t count = 0;
  for (const tn_option_info& info : declared(table)) {
    if (info.type != TN_VALUE_TEXT) continue;
    ++count;
    tn_backend* backend = nullptr;
    tn_error error{};
    {
      EndOfPage name;
      EndOfPage text;
      EndOfPage array;
      const char* value = info.default_value.as.text;
      tn_option option{};
      option.name = static_cast<char*>(name.place(info.name, std::strlen(info.name) + 1));
      option.value = text_value(static_cast<char*>(text.place(value, std::strlen(value) + 1)));
      const auto* placed = static_cast<tn_option*>(array.place(&option, sizeof option));
      check_ok("TN-OPT-5", "backend_create",
               table.backend_create(&context.plugin().host().host(), placed, 1, &backend, &error),
               error);
    }
    uint32_t devices = 0;
    tn_device* device = nullptr;
    tn_stream* stream = nullptr;
    check_ok("TN-OPT-5", "device_count", table.device_count(backend, &devices, &error), error);
    check_ok("TN-OPT-5", "device_open", table.device_open(backend, 0, &device, &error), error);
    check_ok("TN-OPT-5", "stream_create", table.stream_create(device, nullptr, &stream, &error),
             error);
    check_ok("TN-OPT-5", "stream_destroy", table.stream_destroy(stream, &error), error);
    check_ok("TN-OPT-5", "device_close", table.device_close(device, &error), error);
    check_ok("TN-OPT-5", "backend_destroy", table.backend_destroy(backend, &error), error);
  }
  if (count == 0) throw TestSkipped("the plugin declares no option that is a text");
}

}  // namespace tenon::conformance::options_test
