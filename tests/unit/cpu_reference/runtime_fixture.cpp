#include "runtime_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace runtime_test {
namespace {

std::atomic<std::uint64_t> allocated{0};

void* allocate(void* context, std::size_t size, std::size_t alignment) {
  static_cast<void>(context);
  void* memory = nullptr;
  if (size > (std::uint64_t{1} << 40) || posix_memalign(&memory, alignment, size) != 0) {
    return nullptr;
  }
  allocated += size;
  return memory;
}

void release(void* context, void* memory, std::size_t size, std::size_t alignment) {
  static_cast<void>(context);
  static_cast<void>(alignment);
  allocated -= size;
  std::free(memory);
}

void log(void* context, std::uint32_t level, const char* component, const char* message,
         std::size_t length) {
  static_cast<void>(context);
  static_cast<void>(level);
  static_cast<void>(component);
  static_cast<void>(message);
  static_cast<void>(length);
}

template <class Handle>
void forget(std::vector<Handle*>& handles, Handle* handle) {
  handles.erase(std::remove(handles.begin(), handles.end(), handle), handles.end());
}

template <class Handle>
void destroy_all(std::vector<Handle*>& handles, tn_status (*destroy)(Handle*, tn_error*)) {
  for (Handle* handle : handles)
    EXPECT_EQ(destroy(handle, nullptr), TN_OK);
  handles.clear();
}

void wait_for_future(void* context) {
  const std::unique_ptr<std::shared_future<void>> future(
      static_cast<std::shared_future<void>*>(context));
  future->wait();
}

}  // namespace

const tn_host& test_host() {
  static const tn_host host{
      sizeof(tn_host), TN_DEVICE_API_VERSION, nullptr, allocate, release, log};
  return host;
}

const tn_device_table& table() {
  static const tn_device_table* found = [] {
    tn_plugin_answer answer{};
    answer.struct_size = sizeof answer;
    tn_error error{};
    const tn_status status =
        tn_plugin_query(TN_PLUGIN_DEVICE, &test_host(), TN_DEVICE_API_VERSION, &answer, &error);
    EXPECT_EQ(status, TN_OK) << error.message;
    return static_cast<const tn_device_table*>(answer.table);
  }();
  return *found;
}

std::uint64_t allocated_bytes() {
  return allocated;
}

tn_option option(const char* name, std::int64_t value) {
  tn_option made{};
  made.name = name;
  made.value.type = TN_VALUE_INTEGER;
  made.value.as.integer = value;
  return made;
}

tn_option option(const char* name, const char* value) {
  tn_option made{};
  made.name = name;
  made.value.type = TN_VALUE_TEXT;
  made.value.as.text = value;
  return made;
}

tn_option flag(const char* name, bool value) {
  tn_option made = option(name, std::int64_t{value});
  made.value.type = TN_VALUE_BOOLEAN;
  return made;
}

TestBackend::TestBackend(const std::vector<tn_option>& options) {
  tn_error error{};
  EXPECT_EQ(table().backend_create(&test_host(), options.data(),
                                   static_cast<std::uint32_t>(options.size()), &backend_, &error),
            TN_OK)
      << error.message;
  std::uint32_t count = 0;
  EXPECT_EQ(table().device_count(backend_, &count, &error), TN_OK);
  devices_.assign(count, nullptr);
}

TestBackend::~TestBackend() {
  destroy_all(streams_, table().stream_destroy);
  destroy_all(graphs_, table().graph_destroy);
  destroy_all(events_, table().event_destroy);
  destroy_all(communicators_, table().communicator_destroy);
  destroy_all(buffers_, table().buffer_free);
  devices_.erase(std::remove(devices_.begin(), devices_.end(), nullptr), devices_.end());
  destroy_all(devices_, table().device_close);
  EXPECT_EQ(table().backend_destroy(backend_, nullptr), TN_OK);
}

tn_device* TestBackend::device(std::uint32_t index) {
  if (devices_.at(index) == nullptr) {
    EXPECT_EQ(table().device_open(backend_, index, &devices_[index], nullptr), TN_OK);
  }
  return devices_[index];
}

tn_stream* TestBackend::stream(const char* name, std::uint32_t index) {
  const tn_stream_desc desc{sizeof desc, 0, name};
  tn_stream* made = nullptr;
  EXPECT_EQ(table().stream_create(device(index), &desc, &made, nullptr), TN_OK);
  streams_.push_back(made);
  return made;
}

tn_event* TestBackend::event(std::uint32_t index) {
  tn_event* made = nullptr;
  EXPECT_EQ(table().event_create(device(index), &made, nullptr), TN_OK);
  events_.push_back(made);
  return made;
}

tn_buffer* TestBackend::buffer(std::uint64_t size, tn_memory_kind kind, std::uint32_t index) {
  tn_buffer* made = nullptr;
  tn_error error{};
  EXPECT_EQ(table().buffer_allocate(device(index), kind, size, &made, &error), TN_OK)
      << error.message;
  buffers_.push_back(made);
  return made;
}

std::vector<tn_communicator*> TestBackend::communicators(std::uint32_t count) {
  std::vector<tn_device*> devices;
  for (std::uint32_t i = 0; i < count; ++i)
    devices.push_back(device(i));
  std::vector<tn_communicator*> made(count, nullptr);
  EXPECT_EQ(table().communicator_create(devices.data(), count, made.data(), nullptr), TN_OK);
  communicators_.insert(communicators_.end(), made.begin(), made.end());
  return made;
}

void TestBackend::synchronize(tn_stream* stream) {
  tn_error error{};
  EXPECT_EQ(table().stream_synchronize(stream, &error), TN_OK) << error.message;
}

void TestBackend::destroy(tn_stream* stream) {
  forget(streams_, stream);
  EXPECT_EQ(table().stream_destroy(stream, nullptr), TN_OK);
}

void TestBackend::destroy(tn_event* event) {
  forget(events_, event);
  EXPECT_EQ(table().event_destroy(event, nullptr), TN_OK);
}

void TestBackend::destroy(tn_buffer* buffer) {
  forget(buffers_, buffer);
  EXPECT_EQ(table().buffer_free(buffer, nullptr), TN_OK);
}

void TestBackend::destroy(tn_communicator* communicator) {
  forget(communicators_, communicator);
  EXPECT_EQ(table().communicator_destroy(communicator, nullptr), TN_OK);
}

void TestBackend::destroy(tn_graph* graph) {
  forget(graphs_, graph);
  EXPECT_EQ(table().graph_destroy(graph, nullptr), TN_OK);
}

tn_buffer* TestBackend::filled_bytes(const void* bytes, std::uint64_t size, std::uint32_t index) {
  tn_buffer* made = buffer(size, TN_MEMORY_DEVICE, index);
  tn_stream* upload = stream("upload", index);
  EXPECT_EQ(table().copy_h2d(upload, bytes, made, 0, size, nullptr), TN_OK);
  synchronize(upload);
  destroy(upload);
  return made;
}

void TestBackend::read_bytes(tn_buffer* buffer, void* out, std::uint64_t size,
                             std::uint32_t index) {
  tn_stream* download = stream("download", index);
  EXPECT_EQ(table().copy_d2h(download, buffer, 0, out, size, nullptr), TN_OK);
  synchronize(download);
  destroy(download);
}

void Gate::enter(tn_stream* stream) {
  auto context = std::make_unique<std::shared_future<void>>(future_);
  const tn_status status =
      table().stream_call_host(stream, wait_for_future, context.get(), nullptr);
  ASSERT_EQ(status, TN_OK);
  static_cast<void>(context.release());
}

void Gate::open() {
  if (!opened_) promise_->set_value();
  opened_ = true;
}

tn_tensor tensor(tn_buffer* buffer, std::vector<std::int64_t> shape, tn_dtype dtype,
                 std::uint64_t byte_offset) {
  tn_tensor made{};
  made.buffer = buffer;
  made.byte_offset = byte_offset;
  made.dtype = static_cast<std::uint32_t>(dtype);
  made.rank = static_cast<std::uint32_t>(shape.size());
  std::int64_t count = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    made.shape[axis] = shape[axis];
    made.strides[axis] = count;
    count *= shape[axis];
  }
  const std::int64_t item = dtype == TN_DTYPE_F32 || dtype == TN_DTYPE_I32 ? 4
                            : dtype == TN_DTYPE_I8                         ? 1
                                                                           : 2;
  made.storage_bytes = static_cast<std::uint64_t>(count * item);
  return made;
}

tn_add_args add_args(const tn_tensor& a, const tn_tensor& b, const tn_tensor& output) {
  tn_add_args args{};
  args.struct_size = sizeof args;
  args.a = a;
  args.b = b;
  args.output = output;
  return args;
}

tn_gather_rows_args gather_args(const tn_tensor& input, const tn_tensor& index,
                                const tn_tensor& output) {
  tn_gather_rows_args args{};
  args.struct_size = sizeof args;
  args.input = input;
  args.index = index;
  args.output = output;
  return args;
}

void enqueue_failing_op(TestBackend& backend, tn_stream* stream) {
  tn_buffer* data = backend.filled<float>({1, 2});
  tn_buffer* index = backend.filled<std::int32_t>({7});
  const tn_gather_rows_args args =
      gather_args(tensor(data, {1, 1}), tensor(index, {1}, TN_DTYPE_I32),
                  tensor(data, {1, 1}, TN_DTYPE_F32, 4));
  tn_error error{};
  ASSERT_EQ(table().op_enqueue(stream, TN_OP_gather_rows, &args, nullptr, nullptr, &error), TN_OK)
      << error.message;
}

}  // namespace runtime_test
