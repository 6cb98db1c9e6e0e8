// Faults of options.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::options_faults {
namespace {

// The declaration of one option; false where there is none of this name.
bool declaration_of(const char* name, tn_option_info& info) {
  uint32_t count = 0;
  base().backend_option_count(&count, nullptr);
  for (uint32_t i = 0; i < count; ++i) {
    info = {};
    info.struct_size = sizeof info;
    base().backend_option_info(i, &info, nullptr);
    if (name != nullptr && std::strcmp(info.name, name) == 0) return true;
  }
  return false;
}

}  // namespace

MUTANT(option_past_the_end, {.rule = "TN-OPT-1",
                             .area = "options",
                             .kind = "off by one",
                             .test = "options/are_declared_before_any_backend",
                             .what = "the index that equals the count is answered with the last "
                                     "option",
                             .control = "events/start_complete"}) {
  planted.table.backend_option_info = [](uint32_t index, tn_option_info* out, tn_error* error) {
    uint32_t count = 0;
    base().backend_option_count(&count, nullptr);
    return base().backend_option_info(index == count ? count - 1 : index, out, error);
  };
}

MUTANT(option_default_of_other_type, {.rule = "TN-OPT-2",
                                      .area = "options",
                                      .kind = "wrong type",
                                      .test = "options/are_well_formed",
                                      .what = "an integer option declares its default as a number",
                                      .control = "events/start_complete"}) {
  planted.table.backend_option_info = [](uint32_t index, tn_option_info* out, tn_error* error) {
    const tn_status status = base().backend_option_info(index, out, error);
    if (status == TN_OK && out->type == TN_VALUE_INTEGER) {
      out->default_value.as.number = static_cast<double>(out->default_value.as.integer);
      out->default_value.type = TN_VALUE_NUMBER;
    }
    return status;
  };
}

MUTANT(option_default_out_of_bounds,
       {.rule = "TN-OPT-2",
        .area = "options",
        .kind = "wrong default",
        .test = "options/are_well_formed",
        .what = "the declared default lies below the declared minimum",
        .control = "events/start_complete"}) {
  planted.table.backend_option_info = [](uint32_t index, tn_option_info* out, tn_error* error) {
    const tn_status status = base().backend_option_info(index, out, error);
    if (status == TN_OK && out->type == TN_VALUE_INTEGER && out->minimum.type != TN_VALUE_NONE) {
      out->default_value.as.integer = out->minimum.as.integer - 1;
    }
    return status;
  };
}

MUTANT(unknown_option_ignored, {.rule = "TN-OPT-3",
                                .area = "options",
                                .kind = "ignored input",
                                .test = "options/that_are_not_declared_are_refused",
                                .what = "a misspelt setting is dropped in silence"}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    std::vector<tn_option> known;
    tn_option_info info{};
    for (uint32_t i = 0; i < count; ++i) {
      if (declaration_of(options[i].name, info)) known.push_back(options[i]);
    }
    return base().backend_create(host, known.data(), static_cast<uint32_t>(known.size()), out,
                                 error);
  };
}

MUTANT(option_range_clamped, {.rule = "TN-OPT-3",
                              .area = "options",
                              .kind = "missing check",
                              .test = "options/out_of_range_are_refused",
                              .what = "an integer out of range is moved to the nearest bound"}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    std::vector<tn_option> clamped(options, options + count);
    tn_option_info info{};
    for (tn_option& option : clamped) {
      if (!declaration_of(option.name, info) || info.type != TN_VALUE_INTEGER) continue;
      int64_t& value = option.value.as.integer;
      if (info.minimum.type != TN_VALUE_NONE) value = std::max(value, info.minimum.as.integer);
      if (info.maximum.type != TN_VALUE_NONE) value = std::min(value, info.maximum.as.integer);
    }
    return base().backend_create(host, clamped.data(), count, out, error);
  };
}

MUTANT(option_type_converted, {.rule = "TN-OPT-3",
                               .area = "options",
                               .kind = "wrong type",
                               .test = "options/of_another_type_are_refused",
                               .what = "a value of another type is taken for the default"}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    std::vector<tn_option> converted(options, options + count);
    tn_option_info info{};
    for (tn_option& option : converted) {
      if (declaration_of(option.name, info) && info.type != option.value.type) {
        option.value = info.default_value;
      }
    }
    return base().backend_create(host, converted.data(), count, out, error);
  };
}

MUTANT(devices_default_to_two, {.rule = "TN-OPT-4",
                                .area = "options",
                                .kind = "wrong default",
                                .test = "options/left_out_take_their_defaults",
                                .what = "without the option there are two devices, where the help "
                                        "says one"}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    std::vector<tn_option> completed(options, options + count);
    const bool given = std::any_of(completed.begin(), completed.end(), [](const tn_option& one) {
      return one.name != nullptr && std::strcmp(one.name, "devices") == 0;
    });
    tn_option devices{};
    devices.name = "devices";
    devices.value.type = TN_VALUE_INTEGER;
    devices.value.as.integer = 2;
    if (!given) completed.push_back(devices);
    return base().backend_create(host, completed.data(), static_cast<uint32_t>(completed.size()),
                                 out, error);
  };
}

// Texts as the backend keeps them: the caller's pointer, and what stood there.
struct KeptText {
  const char* pointer;
  std::string text;
};
static std::vector<KeptText> kept_texts;

MUTANT(option_text_not_copied, {.rule = "TN-OPT-5",
                                .area = "options",
                                .kind = "dangling memory",
                                .test = "options/texts_are_copied",
                                .what = "text values stay the caller's memory and are read when a "
                                        "device opens",
                                .may_crash = true}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    const tn_status status = base().backend_create(host, options, count, out, error);
    for (uint32_t i = 0; status == TN_OK && i < count; ++i) {
      if (options[i].value.type != TN_VALUE_TEXT) continue;
      kept_texts.push_back({options[i].value.as.text, options[i].value.as.text});
    }
    return status;
  };
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    for (const KeptText& kept : kept_texts) {
      if (kept.text == kept.pointer) continue;
      *out = nullptr;
      return refuse(error, TN_INTERNAL, "[device_open] an option's text cannot be understood");
    }
    return base().device_open(backend, index, out, error);
  };
}

}  // namespace tenon::mutants::options_faults
