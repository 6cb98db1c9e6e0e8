#include "trace/chrome_trace.hpp"

#include <fmt/format.h>

#include <iterator>
#include <ostream>
#include <string>
#include <string_view>

#include "trace/trace_rows.hpp"

namespace tenon {
namespace {

// Of a prefetch hidden by more ops than that, the rest are counted.
constexpr size_t most_named = 8;

class Writer {
 public:
  Writer(std::ostream& out, std::span<const StepTimeline> steps)
      : out_(out), steps_(steps), rows_(steps) {}

  void run() {
    add_plain(R"({"displayTimeUnit":"ns","traceEvents":[)"
              "\n"
              R"({"ph":"M","pid":0,"name":"process_name","args":{"name":"device 0"}})");
    for (size_t row = 0; row < rows_.names().size(); ++row) {
      add(",\n{{\"ph\":\"M\",\"pid\":0,\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":",
          row);
      add_text(rows_.names()[row]);
      add("}}}},\n{{\"ph\":\"M\",\"pid\":0,\"tid\":{0},\"name\":\"thread_sort_index\",\"args\":"
          "{{\"sort_index\":{0}}}}}",
          row);
    }
    for (size_t i = 0; i < steps_.size(); ++i)
      add_step(i);
    add("\n]}}\n");
    flush();
  }

 private:
  template <typename... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<Args>(args)...);
  }
  void add_plain(std::string_view text) { buffer_.append(text); }

  void add_text(std::string_view text) {
    buffer_.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        buffer_.push_back('\\');
        buffer_.push_back(c);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        add("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        buffer_.push_back(c);
      }
    }
    buffer_.push_back('"');
  }

  // Exact: three places are whole nanoseconds.
  void add_microseconds(uint64_t ns) { add("{}.{:03}", ns / 1000, ns % 1000); }

  void begin_event(std::string_view name, size_t row, uint64_t begin_ns, uint64_t end_ns) {
    add_plain(",\n{\"ph\":\"X\",\"pid\":0,\"tid\":");
    add("{},\"name\":", row);
    add_text(name);
    add_plain(",\"ts\":");
    add_microseconds(begin_ns - steps_.front().begin_ns);
    add_plain(",\"dur\":");
    add_microseconds(end_ns - begin_ns);
    add_plain(",\"args\":{");
  }

  void add_step(size_t index) {
    const StepTimeline& step = steps_[index];
    begin_event(fmt::format("step {}", index), TraceRows::step_row, step.begin_ns, step.end_ns);
    add("\"prefetches\":{}", step.prefetches.size());
    if (step.ops_elsewhere > 0) add(",\"ops_elsewhere\":{}", step.ops_elsewhere);
    add_plain("}}");
    add_host_calls(step);
    auto prefetch = step.prefetches.begin();
    for (size_t i = 0; i < step.spans.size(); ++i) {
      const TimelineSpan& span = step.spans[i];
      begin_event(span.name, rows_.row_of(index, i), span.begin_ns, span.end_ns);
      add_work(span);
      if (prefetch != step.prefetches.end() && prefetch->span == i) add_prefetch(step, *prefetch++);
      add_plain("}}");
    }
    flush();
  }

  // Work that one call started, as the launch of a graph, shares its times.
  void add_host_calls(const StepTimeline& step) {
    for (size_t i = 0; i < step.spans.size();) {
      const TimelineSpan& span = step.spans[i];
      size_t end = i + 1;
      while (end < step.spans.size() && step.spans[end].host_begin_ns == span.host_begin_ns &&
             step.spans[end].host_end_ns == span.host_end_ns)
        ++end;
      if (span.host_end_ns > span.host_begin_ns) {
        const bool one = end == i + 1;
        begin_event(one ? span.name : "graph launch", TraceRows::host_row, span.host_begin_ns,
                    span.host_end_ns);
        add_plain("\"what\":");
        add_text(one ? span.what : "graph_launch");
        if (!one) add(",\"items\":{}", end - i);
        add_plain("}}");
      }
      i = end;
    }
  }

  void add_work(const TimelineSpan& span) {
    add_plain("\"what\":");
    add_text(span.what);
    add_plain(",\"stream\":");
    add_text(span.stream);
    add(",\"read_bytes\":{},\"hit_bytes\":{},\"missed_bytes\":{},\"written_bytes\":{}",
        span.bytes_read, span.cache_hit_bytes, span.missed_bytes(), span.bytes_written);
    if (span.compute_ns > 0 && span.duration_ns() > 0)
      add(",\"busy_per_mille\":{}", span.compute_ns * 1000 / span.duration_ns());
  }

  void add_prefetch(const StepTimeline& step, const PrefetchSpan& prefetch) {
    add(",\"bytes\":{},\"late\":{},\"late_us\":", prefetch.bytes, prefetch.late());
    add_microseconds(prefetch.lateness_ns);
    add(",\"late_bytes\":{},\"overlap_us\":", prefetch.late_bytes);
    add_microseconds(prefetch.overlap_ns);
    add_plain(",\"needed_us\":");
    add_microseconds(prefetch.overlap_ns + prefetch.lateness_ns);
    add_plain(",\"window_us\":");
    add_microseconds(prefetch.window_ns);
    add_plain(",\"delay_us\":");
    add_microseconds(prefetch.delay_ns);
    const auto add_span = [&](std::string_view key, std::optional<size_t> span) {
      if (!span) return;
      add(",\"{}\":", key);
      add_text(step.spans[*span].name);
    };
    add_span("delayed_by", prefetch.delayed_by);
    add_span("anchor", prefetch.anchor);
    add_span("consumer", prefetch.consumer);
    add_plain(",\"hidden_by\":[");
    for (size_t i = 0; i < prefetch.hidden_by.size() && i < most_named; ++i) {
      if (i > 0) buffer_.push_back(',');
      add_text(step.spans[prefetch.hidden_by[i]].name);
    }
    buffer_.push_back(']');
    if (prefetch.hidden_by.size() > most_named)
      add(",\"hidden_by_others\":{}", prefetch.hidden_by.size() - most_named);
  }

  void flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  std::ostream& out_;
  std::span<const StepTimeline> steps_;
  TraceRows rows_;
  std::string buffer_;
};

}  // namespace

void write_chrome_trace(std::ostream& out, std::span<const StepTimeline> steps) {
  Writer(out, steps).run();
}

}  // namespace tenon
