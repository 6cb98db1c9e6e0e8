#include "host_runtime/work.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "host_runtime/completion.hpp"

namespace tenon::host_runtime {
namespace {

class Copy final : public Work {
 public:
  Copy(const char* what, const void* source, void* destination, std::uint64_t size,
       std::vector<std::byte> staged)
      : what_(what),
        staged_(std::move(staged)),
        source_(staged_.empty() ? source : staged_.data()),
        destination_(destination),
        size_(size) {}

  void execute() override { std::memcpy(destination_, source_, size_); }
  WorkLabel label() const override { return {TN_OP_none, what_, "copy", size_, size_}; }

 private:
  const char* what_;
  std::vector<std::byte> staged_;
  const void* source_;
  void* destination_;
  std::uint64_t size_;
};

class Fill final : public Work {
 public:
  Fill(std::byte* destination, std::uint64_t size, std::uint32_t pattern,
       std::uint32_t pattern_size)
      : destination_(destination), size_(size), pattern_size_(pattern_size) {
    for (std::uint32_t i = 0; i < pattern_size; ++i) {
      pattern_[i] = static_cast<std::byte>(pattern >> (8 * i));
    }
  }

  // The filled part is copied behind itself, twice as much each time.
  void execute() override {
    std::memcpy(destination_, pattern_, pattern_size_);
    for (std::uint64_t filled = pattern_size_; filled < size_;) {
      const std::uint64_t more = std::min(filled, size_ - filled);
      std::memcpy(destination_ + filled, destination_, more);
      filled += more;
    }
  }
  WorkLabel label() const override { return {TN_OP_none, "fill", "copy", 0, size_}; }

 private:
  std::byte* destination_;
  std::uint64_t size_;
  std::uint32_t pattern_size_;
  std::byte pattern_[4]{};
};

class Prefetch final : public Work {
 public:
  Prefetch(const std::byte* begin, std::uint64_t size) : begin_(begin), size_(size) {}

  void execute() override {
    constexpr std::uint64_t line = 64;
    for (std::uint64_t offset = 0; offset < size_; offset += line) {
      __builtin_prefetch(begin_ + offset);
    }
  }
  WorkLabel label() const override { return {TN_OP_none, "prefetch", "cmo", size_, 0}; }

 private:
  const std::byte* begin_;
  std::uint64_t size_;
};

class HostCall final : public Work {
 public:
  HostCall(StreamExecutor& executor, tn_host_function function, void* context)
      : executor_(executor), function_(function), context_(context) {}

  void execute() override {
    const StreamExecutor::BlockingSection section(executor_);
    function_(context_);
  }
  WorkLabel label() const override { return {TN_OP_none, "call_host", "host", 0, 0}; }

 private:
  StreamExecutor& executor_;
  tn_host_function function_;
  void* context_;
};

class Op final : public Work {
 public:
  Op(const plugin::OpDescription& description, const void* args, std::span<std::byte> workspace,
     const Accelerator& accelerator, ThreadPool& threads)
      : arguments_(description, args),
        workspace_(workspace),
        accelerator_(accelerator),
        threads_(threads) {}

  void execute() override {
    copy_ns_ =
        accelerator_.run(arguments_.description().op, arguments_.data(), workspace_, threads_)
            .copy_ns;
  }
  WorkLabel label() const override {
    WorkLabel label = label_of(arguments_);
    label.copy_ns = copy_ns_;
    return label;
  }
  plugin::OwnedArguments* arguments() override { return &arguments_; }

 private:
  plugin::OwnedArguments arguments_;
  std::span<std::byte> workspace_;
  const Accelerator& accelerator_;
  ThreadPool& threads_;
  std::atomic<std::uint64_t> copy_ns_{0};  // of the last run; graphs may replay on two streams
};

}  // namespace

void execute_recorded(Work& work, Profiler& profiler, ProfileTicket ticket,
                      const std::string& stream_name) {
  if (!ticket) return work.execute();
  const std::uint64_t begin = device_clock_ns();
  work.execute();
  profiler.add(ticket, work.label(), stream_name, begin, device_clock_ns());
}

std::unique_ptr<Work> make_copy(const char* what, const void* source, void* destination,
                                std::uint64_t size, std::vector<std::byte> staged) {
  return std::make_unique<Copy>(what, source, destination, size, std::move(staged));
}

std::unique_ptr<Work> make_fill(std::byte* destination, std::uint64_t size, std::uint32_t pattern,
                                std::uint32_t pattern_size) {
  return std::make_unique<Fill>(destination, size, pattern, pattern_size);
}

std::unique_ptr<Work> make_prefetch(const std::byte* begin, std::uint64_t size) {
  return std::make_unique<Prefetch>(begin, size);
}

std::unique_ptr<Work> make_host_call(StreamExecutor& executor, tn_host_function function,
                                     void* context) {
  return std::make_unique<HostCall>(executor, function, context);
}

std::unique_ptr<Work> make_op(const plugin::OpDescription& description, const void* args,
                              std::span<std::byte> workspace, const Accelerator& accelerator,
                              ThreadPool& threads) {
  return std::make_unique<Op>(description, args, workspace, accelerator, threads);
}

const char* engine_name(tn_op_class op_class) {
  switch (op_class) {
    case TN_CLASS_CUBE:
    case TN_CLASS_ATTENTION:
      return "cube";
    case TN_CLASS_VECTOR:
      return "vector";
    case TN_CLASS_COPY:
      return "copy";
    default:
      return "communication";
  }
}

WorkLabel label_of(const plugin::OwnedArguments& arguments) {
  const plugin::OpDescription& description = arguments.description();
  WorkLabel label{description.op, description.name, engine_name(description.op_class)};
  for (const plugin::OperandField& field : description.operands) {
    const std::uint64_t bytes = plugin::operand_of(arguments.data(), field).storage_bytes;
    (field.written() ? label.bytes_written : label.bytes_read) += bytes;
  }
  return label;
}

}  // namespace tenon::host_runtime
