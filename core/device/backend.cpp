#include "device/backend.hpp"

#include <string>

#include "base/log.hpp"
#include "device/communicator.hpp"
#include "device/device.hpp"
#include "device/status.hpp"

namespace tenon {
namespace {

tn_value to_value(const OptionValue& value) {
  tn_value result{};
  result.type = static_cast<uint32_t>(value.index() + TN_VALUE_BOOLEAN);
  if (const auto* flag = std::get_if<bool>(&value)) {
    result.as.integer = *flag ? 1 : 0;
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    result.as.integer = *integer;
  } else if (const auto* number = std::get_if<double>(&value)) {
    result.as.number = *number;
  } else {
    result.as.text = std::get<std::string>(value).c_str();
  }
  return result;
}

}  // namespace

void log_destroy_failure(const char* what, tn_status status, const tn_error& error) noexcept {
  try {
    log(LogLevel::error, "device",
        std::string("cannot destroy a ") + what + ": " + std::string(status_name(status)) + ": " +
            message_of(error));
  } catch (...) {
    // A destructor has nowhere else to report to.
    return;
  }
}

Backend::Backend(const DeviceTable& table, const tn_host& host, const std::vector<Option>& options,
                 std::shared_ptr<const void> keep_alive) {
  std::vector<tn_option> values;
  values.reserve(options.size());
  for (const Option& option : options) {
    values.push_back({option.name.c_str(), to_value(option.value)});
  }
  tn_backend* handle = nullptr;
  tn_error error;
  check_setting(table->backend_create(&host, values.data(), static_cast<uint32_t>(values.size()),
                                      &handle, &error),
                error, "backend_create");
  if (handle == nullptr) fail_run("backend_create", "the plugin answered TN_OK without a backend");
  HandleDeleter<tn_backend> deleter{keep_alive, table->backend_destroy, "backend"};
  Handle<tn_backend> owned(handle, std::move(deleter));
  state_ =
      std::make_shared<BackendState>(BackendState{std::move(keep_alive), table, std::move(owned)});
}

uint32_t Backend::device_count() const {
  uint32_t count = 0;
  tn_error error;
  check(table()->device_count(get(), &count, &error), error, "device_count");
  return count;
}

tn_device_info Backend::device_info(uint32_t index) const {
  tn_device_info info{};
  info.struct_size = sizeof info;
  tn_error error;
  check(table()->device_info(get(), index, &info, &error), error, "device_info");
  info.name[sizeof info.name - 1] = '\0';
  return info;
}

Device Backend::open(uint32_t index) const {
  tn_device* handle = nullptr;
  tn_error error;
  check(table()->device_open(get(), index, &handle, &error), error, "device_open");
  if (handle == nullptr) fail_run("device_open", "the plugin answered TN_OK without a device");
  Handle<tn_device> owned(handle, {state_, table()->device_close, "device"});
  return Device(std::make_shared<DeviceState>(
      DeviceState{state_, std::move(owned), index, device_info(index)}));
}

std::vector<Communicator> Backend::create_communicators(
    std::span<const Device* const> devices) const {
  std::vector<tn_device*> handles;
  handles.reserve(devices.size());
  for (const Device* device : devices)
    handles.push_back(device->get());
  std::vector<tn_communicator*> ranks(devices.size());
  tn_error error;
  check(table()->communicator_create(handles.data(), static_cast<uint32_t>(handles.size()),
                                     ranks.data(), &error),
        error, "communicator_create");
  std::vector<Communicator> result;
  result.reserve(ranks.size());
  for (size_t rank = 0; rank < ranks.size(); ++rank) {
    if (ranks[rank] == nullptr) fail_run("communicator_create", "the plugin left a rank out");
    result.emplace_back(devices[rank]->state(), ranks[rank], static_cast<uint32_t>(rank),
                        static_cast<uint32_t>(ranks.size()));
  }
  return result;
}

}  // namespace tenon
