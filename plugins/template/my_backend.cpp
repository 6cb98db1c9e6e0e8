// A backend to start from: one device with the host's memory, whose work is done when the call that
// enqueues it returns. It conforms to the profile core. Copy the folder, rename, and replace what
// stands here by calls of your device's runtime; docs/write-a-backend.md leads on from there.
// The authoring header turns exceptions into errors, checks pointers, struct sizes and ranges, and
// fills the table. Slots that are not overridden answer "unimplemented", ops "unsupported".
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tenon/device_plugin.hpp>

namespace {

namespace plugin = tenon::plugin;
using plugin::Failure;
using plugin::Support;
using Size = std::uint64_t;  // bytes

// The device's memory, shared by all handles that are open on it. Any thread may allocate.
class Memory {
 public:
  Memory(plugin::Host host, Size total) : host_(host), total_(total) {}

  unsigned char* allocate(Size size) {
    const std::lock_guard lock(mutex_);
    const bool fits = size <= total_ - used_;
    void* bytes = fits ? host_.allocate(block(size), TN_BUFFER_ALIGNMENT) : nullptr;
    if (bytes == nullptr) throw Failure(TN_OUT_OF_MEMORY, "[buffer_allocate] no memory left");
    used_ += size;
    return static_cast<unsigned char*>(bytes);
  }

  // As it was allocated: the host's allocator wants size and alignment back (TN-ABI-14).
  void release(unsigned char* bytes, Size size) noexcept {
    const std::lock_guard lock(mutex_);
    host_.release(bytes, block(size), TN_BUFFER_ALIGNMENT);
    used_ -= size;
  }

  tn_device_memory state() {
    const std::lock_guard lock(mutex_);
    return {0, 0, total_, total_ - used_};
  }

 private:
  static std::size_t block(Size size) { return size + 1; }  // never none (TN-MEM-2)

  std::mutex mutex_;
  plugin::Host host_;
  Size total_;
  Size used_ = 0;
};

class Buffer : public plugin::Buffer {
 public:
  Buffer(Memory& memory, Size size) : memory_(memory), size_(size), bytes_(memory.allocate(size)) {}
  ~Buffer() override { memory_.release(bytes_, size_); }
  Size size() const override { return size_; }
  unsigned char* bytes() { return bytes_; }

 private:
  Memory& memory_;
  Size size_;
  unsigned char* bytes_;
};

// Every buffer that arrives here was made here.
unsigned char* bytes_of(plugin::Buffer& buffer, Size offset) {
  return static_cast<Buffer&>(buffer).bytes() + offset;
}

// With work that is done at once an event is always complete, and nothing waits. A device with a
// queue records a point of the queue here, and waits for the point that was recorded last (TN-EVT).
class Event : public plugin::Event {
 public:
  void synchronize() override {}
  bool query() override { return true; }
};

unsigned char* bytes_of(const tn_tensor& tensor) {
  return bytes_of(plugin::from_handle(tensor.buffer), tensor.byte_offset);
}

std::size_t item_size(std::uint32_t dtype) {
  constexpr std::size_t sizes[] = {0, 4, 2, 2, 1, 4};  // none, f32, f16, bf16, i8, i32
  return dtype < std::size(sizes) ? sizes[dtype] : 0;  // 0: none that copy_cast takes
}

// One function answers the query and guards the op, so that a yes is a promise (TN-OP-3).
Support support_of(const tn_copy_cast_args& args) {
  const tn_tensor& input = args.input;
  const tn_tensor& output = args.output;
  if (item_size(input.dtype) == 0 || input.dtype != output.dtype) {
    return Support::no("copy_cast: takes equal dtypes of f32, f16, bf16, i8 and i32 only");
  }
  if (input.layout != TN_LAYOUT_ROW_MAJOR || output.layout != TN_LAYOUT_ROW_MAJOR) {
    return Support::no("copy_cast: takes row-major tensors only");
  }
  if (input.rank == 0 || input.rank > TN_MAX_RANK || input.rank != output.rank ||
      std::memcmp(input.shape, output.shape, sizeof input.shape) != 0) {
    return Support::no("copy_cast: takes equal shapes of rank 1 to 6");
  }
  return {};
}

void copy_elements(const tn_copy_cast_args& args, std::uint32_t axis, const unsigned char* in,
                   unsigned char* out) {
  const std::size_t size = item_size(args.input.dtype);
  if (axis == args.input.rank) std::memcpy(out, in, size);
  for (std::int64_t i = 0; axis < args.input.rank && i < args.input.shape[axis]; ++i)
    copy_elements(args, axis + 1, in + i * args.input.strides[axis] * size,
                  out + i * args.output.strides[axis] * size);
}

class Stream : public plugin::Stream {
 public:
  void copy_h2d(const void* from, plugin::Buffer& to, Size offset, Size size) override {
    if (size > 0) std::memcpy(bytes_of(to, offset), from, size);
  }
  void copy_d2h(plugin::Buffer& from, Size offset, void* to, Size size) override {
    if (size > 0) std::memcpy(to, bytes_of(from, offset), size);
  }
  void copy_d2d(plugin::Buffer& from, Size from_offset, plugin::Buffer& to, Size to_offset,
                Size size) override {
    std::memcpy(bytes_of(to, to_offset), bytes_of(from, from_offset), size);
  }
  void fill(plugin::Buffer& buffer, Size offset, Size size, std::uint32_t pattern,
            std::uint32_t pattern_size) override {
    for (Size i = 0; i < size; ++i)
      *bytes_of(buffer, offset + i) = static_cast<unsigned char>(pattern >> 8 * (i % pattern_size));
  }
  void synchronize() override {}
  bool query() override { return true; }
  void record(plugin::Event&) override {}
  void wait(plugin::Event&) override {}

  void enqueue_copy_cast(const tn_copy_cast_args& args, const plugin::Workspace&) override {
    const Support support = support_of(args);
    if (!support.supported) throw Failure(TN_UNSUPPORTED, "[op_enqueue] " + support.reason);
    copy_elements(args, 0, bytes_of(args.input), bytes_of(args.output));
  }
};

class Device : public plugin::Device {
 public:
  explicit Device(Memory& memory) : memory_(memory) {}

  tn_device_memory memory() override { return memory_.state(); }
  std::unique_ptr<plugin::Buffer> allocate(tn_memory_kind kind, Size size) override {
    if (kind != TN_MEMORY_DEVICE) throw Failure(TN_UNSUPPORTED, "[buffer_allocate] not this kind");
    return std::make_unique<Buffer>(memory_, size);
  }
  std::unique_ptr<plugin::Stream> create_stream(const std::string&) override {
    return std::make_unique<Stream>();
  }
  std::unique_ptr<plugin::Event> create_event() override { return std::make_unique<Event>(); }
  Support query_copy_cast(const tn_copy_cast_args& args) override { return support_of(args); }

 private:
  Memory& memory_;
};

class MyBackend : public plugin::Backend {
 public:
  static constexpr plugin::Facts facts{"my_backend", "A backend to start from.", "0.1.0"};
  static constexpr plugin::Option declared[] = {
      plugin::Option::integer("memory_mib", 1024, 1, 1 << 20, "Memory of the device in MiB.")};
  static std::span<const plugin::Option> options() { return declared; }
  static std::unique_ptr<plugin::Backend> create(plugin::Host host,
                                                 const plugin::OptionValues& options) {
    return std::make_unique<MyBackend>(host, options.integer("memory_mib") << 20);
  }

  MyBackend(plugin::Host host, Size memory_bytes) : memory_(host, memory_bytes) {}

  std::uint32_t device_count() override { return 1; }
  tn_device_info device_info(std::uint32_t) override {
    tn_device_info info{};
    info.kind = TN_DEVICE_OTHER;
    std::strcpy(info.name, "my device");
    info.profiles = TN_PROFILE_CORE;  // what the suite holds you to; no capability bits yet
    info.memory_bytes = memory_.state().total_bytes;
    info.preferred_activation_dtype = TN_DTYPE_F32;
    info.kv_block_multiple = 1;
    return info;
  }
  std::unique_ptr<plugin::Device> open_device(std::uint32_t) override {
    return std::make_unique<Device>(memory_);
  }

 private:
  Memory memory_;
};

}  // namespace

TENON_EXPORT_DEVICE_PLUGIN(MyBackend);
