#include "ascend_emu/timing/trace.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/plugin/op_description.hpp>

namespace tenon::ascend_emu::timing {
namespace {

enum Row { host_row, cube_row, vector_row, cmo_row, communication_row, copy_row };

constexpr std::array<std::string_view, 6> row_names{"host", "cube",          "vector",
                                                    "cmo",  "communication", "copy"};

// Of a prefetch hidden by more ops than that, the rest are counted.
constexpr std::size_t most_named = 8;

int row_of(Engine engine) {
  switch (engine) {
    case Engine::cube:
    case Engine::cube_and_vector:
      return cube_row;
    case Engine::vector:
      return vector_row;
    case Engine::cmo:
      return cmo_row;
    case Engine::communication:
      return communication_row;
    case Engine::copy:
      return copy_row;
    default:
      return -1;  // events have no row: they show in the gaps
  }
}

std::string_view kind_name(const TimelineItem& item) {
  switch (item.kind) {
    case WorkKind::op: {
      const plugin::OpDescription* op = plugin::find_op(item.op);
      return op != nullptr ? op->name : "op";
    }
    case WorkKind::copy_with_host:
      return "copy_with_host";
    case WorkKind::copy_on_device:
      return "copy_on_device";
    case WorkKind::fill:
      return "fill";
    case WorkKind::prefetch:
      return "prefetch";
    case WorkKind::host_function:
      return "host_function";
    case WorkKind::event_record:
      return "event_record";
    case WorkKind::event_wait:
      return "event_wait";
    case WorkKind::graph_launch:
      return "graph_launch";
    case WorkKind::host_work:
      return "host_work";
    default:
      return "synchronize";
  }
}

std::string title(const TimelineItem& item) {
  return item.name.empty() ? std::string(kind_name(item)) : item.name;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

// Exact: six places are whole picoseconds.
std::string microseconds(Picoseconds time) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(time / 1'000'000),
                static_cast<long long>(time % 1'000'000));
  return text.data();
}

std::string event_text(std::string_view name, int row, Picoseconds begin, Picoseconds end,
                       const std::string& arguments) {
  return ",\n{\"ph\":\"X\",\"pid\":0,\"tid\":" + std::to_string(row) +
         ",\"name\":" + json_text(name) + ",\"ts\":" + microseconds(begin) +
         ",\"dur\":" + microseconds(end - begin) + ",\"args\":{" + arguments + "}}";
}

std::string work_arguments(const TimelineItem& item) {
  std::string text = "\"what\":" + json_text(kind_name(item)) +
                     ",\"stream\":" + std::to_string(item.stream) +
                     ",\"read_bytes\":" + std::to_string(item.read_bytes) +
                     ",\"hit_bytes\":" + std::to_string(item.hit_bytes) +
                     ",\"missed_bytes\":" + std::to_string(item.missed_bytes) +
                     ",\"written_bytes\":" + std::to_string(item.written_bytes);
  if (item.kind == WorkKind::op && item.end > item.begin) {
    const Picoseconds thousandths = item.compute * 1000 / (item.end - item.begin);
    text += ",\"busy_per_mille\":" + std::to_string(thousandths);
  }
  return text;
}

std::string hiding_ops(const Timeline& timeline, const PrefetchOutcome& outcome) {
  const TimelineItem& prefetch = timeline.items[outcome.item];
  const Picoseconds until = prefetch.begin + outcome.overlap;
  std::string text;
  std::size_t found = 0;
  // What hides a prefetch was enqueued not far from it: between it and its consumer.
  const std::size_t last = outcome.consumer.value_or(outcome.item);
  for (std::size_t i = outcome.item; i < last; ++i) {
    const TimelineItem& item = timeline.items[i];
    if (item.kind != WorkKind::op || item.begin >= until || item.end <= prefetch.begin) continue;
    if (++found <= most_named) text += (found == 1 ? "" : ",") + json_text(title(item));
  }
  text = ",\"hidden_by\":[" + text + "]";
  if (found > most_named) text += ",\"hidden_by_others\":" + std::to_string(found - most_named);
  return text;
}

std::string prefetch_arguments(const Timeline& timeline, const PrefetchOutcome& outcome) {
  std::string text = ",\"overlap_us\":" + microseconds(outcome.overlap) +
                     ",\"late\":" + (outcome.late() ? "true" : "false") +
                     ",\"late_us\":" + microseconds(outcome.lateness) +
                     ",\"late_bytes\":" + std::to_string(outcome.late_bytes);
  if (outcome.consumer) {
    text += ",\"consumer\":" + json_text(title(timeline.items[*outcome.consumer]));
  }
  return text + hiding_ops(timeline, outcome);
}

}  // namespace

void write_trace(std::ostream& out, const Timeline& timeline) {
  out << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
      << R"({"ph":"M","pid":0,"name":"process_name","args":{"name":"device"}})";
  for (std::size_t row = 0; row < row_names.size(); ++row) {
    out << ",\n{\"ph\":\"M\",\"pid\":0,\"tid\":" << row
        << ",\"name\":\"thread_name\",\"args\":{\"name\":" << json_text(row_names[row]) << "}}";
  }
  auto outcome = timeline.prefetches.begin();
  for (std::size_t i = 0; i < timeline.items.size(); ++i) {
    const TimelineItem& item = timeline.items[i];
    if (item.host_end > item.host_begin && !item.captured) {
      out << event_text(title(item), host_row, item.host_begin, item.host_end,
                        "\"what\":" + json_text(kind_name(item)));
    }
    std::string arguments = work_arguments(item);
    if (outcome != timeline.prefetches.end() && outcome->item == i) {
      arguments += prefetch_arguments(timeline, *outcome);
      ++outcome;
    }
    if (const int row = row_of(item.engine); row >= 0) {
      out << event_text(title(item), row, item.begin, item.end, arguments);
    }
  }
  out << "\n]}\n";
}

}  // namespace tenon::ascend_emu::timing
