#include "rules/validated.hpp"

#include <fmt/format.h>

#include "device/status.hpp"
#include "layers/validation.hpp"

namespace tenon::conformance {
namespace {

// What a test has destroyed already is refused by the layer, which keeps count.
template <class Handle>
void destroy_each(const std::vector<Handle*>& handles, tn_status (*destroy)(Handle*, tn_error*)) {
  for (auto handle = handles.rbegin(); handle != handles.rend(); ++handle)
    destroy(*handle, nullptr);
}

}  // namespace

Validated::Validated(Context& context) : layer_(make_validation_layer(context.plugin().table())) {
  const std::vector<Option> options = context.options();
  std::vector<tn_option> given;
  for (const Option& option : options)
    given.push_back(to_option(option));
  taken("backend_create",
        api().backend_create(&context.plugin().host().host(), given.data(),
                             static_cast<uint32_t>(given.size()), &backend, &error));
  device = open(0);
  stream = make_stream();
}

Validated::~Validated() {
  destroy_each(streams_, api().stream_destroy);  // waits for their work
  destroy_each(graphs_, api().graph_destroy);
  destroy_each(events_, api().event_destroy);
  destroy_each(communicators_, api().communicator_destroy);
  destroy_each(buffers_, api().buffer_free);
  destroy_each(devices_, api().device_close);
  if (backend != nullptr) api().backend_destroy(backend, nullptr);
}

tn_device* Validated::open(uint32_t index) {
  tn_device* made = nullptr;
  taken("device_open", api().device_open(backend, index, &made, &error));
  devices_.push_back(made);
  return made;
}

tn_stream* Validated::make_stream(const char* name, tn_device* on) {
  const tn_stream_desc desc{sizeof desc, 0, name};
  tn_stream* made = nullptr;
  taken("stream_create", api().stream_create(on == nullptr ? device : on, &desc, &made, &error));
  streams_.push_back(made);
  return made;
}

tn_event* Validated::make_event() {
  tn_event* made = nullptr;
  taken("event_create", api().event_create(device, &made, &error));
  events_.push_back(made);
  return made;
}

tn_buffer* Validated::make_buffer(uint64_t size, uint32_t kind, tn_device* on) {
  tn_buffer* made = nullptr;
  const tn_status status =
      api().buffer_allocate(on == nullptr ? device : on, kind, size, &made, &error);
  if (status == TN_UNSUPPORTED && kind != TN_MEMORY_DEVICE) {
    throw TestSkipped(fmt::format("memory of kind {} is not supported", kind));
  }
  taken("buffer_allocate", status);
  buffers_.push_back(made);
  return made;
}

void Validated::taken(const char* call, tn_status status) const {
  check_ok("TN-HOST-1", fmt::format("{} through the validation layer", call), status, error);
}

void Validated::refused(const char* rule, const char* call, tn_status status) const {
  check_refused(rule, fmt::format("{}, misused", call), TN_INVALID_ARGUMENT, status, error);
  const std::string text = message_of(error);
  check(text.starts_with(fmt::format("{} [", rule)), rule, fmt::format("{}, misused", call),
        fmt::format("a message that begins with {}", rule), text);
}

}  // namespace tenon::conformance
