#include "tenon/trace_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <vector>

namespace tenon {
namespace {

constexpr size_t most_rows = 12;
constexpr size_t most_rows_of_name = 3;  // the layers of a model are much alike

double microseconds(uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

double percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

using Interval = std::pair<uint64_t, uint64_t>;

// Length of their union.
uint64_t covered(std::vector<Interval> intervals) {
  std::ranges::sort(intervals);
  uint64_t sum = 0;
  uint64_t end = 0;
  for (const auto& [from, to] : intervals) {
    const uint64_t begin = std::max(from, end);
    if (to <= begin) continue;
    sum += to - begin;
    end = to;
  }
  return sum;
}

std::string engines_line(const StepTimeline& step) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Interval>> busy;
  std::vector<Interval> any;
  for (const TimelineSpan& span : step.spans) {
    if (!busy.contains(span.engine)) order.push_back(span.engine);
    busy[span.engine].emplace_back(span.begin_ns, span.end_ns);
    any.emplace_back(span.begin_ns, span.end_ns);
  }
  std::ranges::sort(order);
  std::vector<Interval> host;
  for (const TimelineSpan& span : step.spans)
    host.emplace_back(span.host_begin_ns, span.host_end_ns);
  std::string text;
  if (const uint64_t calls = covered(std::move(host)); calls > 0)
    text = fmt::format("host {:.1f} %, ", percent(calls, step.duration_ns()));
  for (const std::string& engine : order)
    text +=
        fmt::format("{} {:.1f} %, ", engine, percent(covered(busy[engine]), step.duration_ns()));
  return text + fmt::format("no engine {:.1f} %",
                            100.0 - percent(covered(std::move(any)), step.duration_ns()));
}

std::string bytes_line(const StepTimeline& step) {
  uint64_t read = 0;
  uint64_t hit = 0;
  uint64_t written = 0;
  for (const TimelineSpan& span : step.spans) {
    written += span.bytes_written;
    if (span.op == TN_OP_none) continue;
    read += span.bytes_read;
    hit += span.cache_hit_bytes;
  }
  return fmt::format(
      "{} bytes read by ops, {} ({:.1f} %) from the cache, {} from memory; {} written", read, hit,
      percent(hit, read), read - hit, written);
}

struct Totals {
  uint64_t count = 0;
  uint64_t late = 0;
  uint64_t bytes = 0;
  uint64_t overlap_ns = 0;
  uint64_t lateness_ns = 0;
  uint64_t late_bytes = 0;
  uint64_t window_ns = 0;

  void add(const PrefetchSpan& prefetch) {
    ++count;
    late += prefetch.late() ? 1 : 0;
    bytes += prefetch.bytes;
    overlap_ns += prefetch.overlap_ns;
    lateness_ns += prefetch.lateness_ns;
    late_bytes += prefetch.late_bytes;
    window_ns += prefetch.window_ns;
  }
  uint64_t needed_ns() const { return overlap_ns + lateness_ns; }
  double in_time_percent() const { return bytes == 0 ? 100 : 100 - percent(late_bytes, bytes); }
  double hidden_percent() const {
    return needed_ns() == 0 ? 100 : percent(overlap_ns, needed_ns());
  }
};

std::string name_of(const Prefetch& prefetch) {
  return prefetch.group + "." + prefetch.name;
}

std::string name_table(const StepTimeline& step, const PrefetchReport& report) {
  std::vector<std::string> order;
  std::map<std::string, Totals> totals;
  for (size_t i = 0; i < step.prefetches.size(); ++i) {
    const std::string name = name_of(report.prefetches[i]);
    if (!totals.contains(name)) order.push_back(name);
    totals[name].add(step.prefetches[i]);
  }
  std::string text = fmt::format(
      "\nby name, averages of one prefetch:\n"
      "  {:<14} {:>5} {:>5} {:>11} {:>7} {:>10} {:>10} {:>7} {:>9} {:>11}\n",
      "name", "count", "late", "bytes", "in time", "needed us", "window us", "hidden", "late us",
      "late bytes");
  for (const std::string& name : order) {
    const Totals& t = totals[name];
    fmt::format_to(
        std::back_inserter(text),
        "  {:<14} {:>5} {:>5} {:>11} {:>5.0f} % {:>10.1f} {:>10.1f} {:>5.0f} % {:>9.1f} {:>11}\n",
        name, t.count, t.late, t.bytes / t.count, t.in_time_percent(),
        microseconds(t.needed_ns() / t.count), microseconds(t.window_ns / t.count),
        t.hidden_percent(), microseconds(t.lateness_ns / t.count), t.late_bytes / t.count);
  }
  return text;
}

// "swiglu", "add_rms_norm .. dynamic_quant, 3 ops"
std::string window_text(const StepTimeline& step, const PrefetchSpan& prefetch) {
  if (!prefetch.anchor || !prefetch.consumer) return "unknown";
  const TimelineSpan& anchor = step.spans[*prefetch.anchor];
  size_t ops = 0;
  size_t last = *prefetch.anchor;
  for (size_t i = *prefetch.anchor; i < *prefetch.consumer; ++i) {
    if (step.spans[i].op == TN_OP_none || step.spans[i].stream != anchor.stream) continue;
    ++ops;
    last = i;
  }
  if (ops < 2) return anchor.what;
  return fmt::format("{} .. {}, {} ops", anchor.what, step.spans[last].what, ops);
}

// Indices of prefetches, the latest first, a few of each name.
std::vector<size_t> rows_to_show(const StepTimeline& step, const PrefetchReport* report) {
  std::vector<size_t> order(step.prefetches.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](size_t i) {
    return std::pair(step.prefetches[i].lateness_ns, step.prefetches[i].late_bytes);
  });
  if (report != nullptr) {
    std::map<std::string, size_t> shown;
    std::erase_if(order, [&](size_t i) {
      return ++shown[name_of(report->prefetches[i])] > most_rows_of_name;
    });
  }
  order.resize(std::min(order.size(), most_rows));
  return order;
}

std::string prefetch_rows(const StepTimeline& step, const PrefetchReport* report) {
  const std::vector<size_t> order = rows_to_show(step, report);
  size_t width = 5;
  for (const size_t i : order)
    width = std::max(width, step.spans[step.prefetches[i].span].name.size());
  std::string text = fmt::format(
      "\nthe latest first:\n  {:<{}} {:>11} {:>7} {:>10} {:>10} {:>7} {:>9} "
      "{:>11}  {}\n",
      "read by", width, "bytes", "in time", "needed us", "window us", "hidden", "late us",
      "late bytes", "window; why it was late");
  for (const size_t i : order) {
    const PrefetchSpan& p = step.prefetches[i];
    const std::string reason = lateness_reason(step, p);
    fmt::format_to(
        std::back_inserter(text),
        "  {:<{}} {:>11} {:>5.0f} % {:>10.1f} {:>10.1f} {:>5.0f} % {:>9.1f} {:>11}  {}{}\n",
        step.spans[p.span].name, width, p.bytes, 100 * p.in_time(),
        microseconds(p.overlap_ns + p.lateness_ns), microseconds(p.window_ns), 100 * p.hidden(),
        microseconds(p.lateness_ns), p.late_bytes, window_text(step, p),
        reason.empty() ? "" : "; " + reason);
  }
  if (order.size() < step.prefetches.size()) {
    fmt::format_to(std::back_inserter(text), "  and {} more, none of them later{}\n",
                   step.prefetches.size() - order.size(),
                   report != nullptr ? " than those of its name" : "");
  }
  return text;
}

std::string prefetch_line(const StepTimeline& step) {
  if (step.prefetches.empty()) return "none";
  Totals total;
  for (const PrefetchSpan& prefetch : step.prefetches)
    total.add(prefetch);
  return fmt::format(
      "{} of {} bytes, {} ({:.1f} %) missing when their readers began; {:.1f} % of their time "
      "hidden, {} late by {:.1f} us together",
      total.count, total.bytes, total.late_bytes, percent(total.late_bytes, total.bytes),
      total.hidden_percent(), total.late, microseconds(total.lateness_ns));
}

}  // namespace

std::string lateness_reason(const StepTimeline& step, const PrefetchSpan& prefetch) {
  if (!prefetch.late() && prefetch.late_bytes == 0) return {};
  if (!prefetch.late()) {
    return fmt::format("in time, but {} bytes had left the cache when its reader began",
                       prefetch.late_bytes);
  }
  const TimelineSpan& own = step.spans[prefetch.span];
  // At least: what its reader brought, it did not have to.
  const uint64_t needed = prefetch.overlap_ns + prefetch.lateness_ns;
  std::string text;
  if (needed > prefetch.window_ns) {
    text = fmt::format("would need at least {:.1f} us more than its window",
                       microseconds(needed - prefetch.window_ns));
  }
  const uint64_t opens = own.begin_ns - prefetch.delay_ns;
  const bool waited_for_host = own.host_end_ns > opens;
  if (!prefetch.delayed_by && !waited_for_host && !text.empty()) return text;
  if (!text.empty()) text += ", ";
  text += fmt::format("began {:.1f} us into it", microseconds(prefetch.delay_ns));
  if (prefetch.delayed_by) {
    text += fmt::format(": {} was busy with {}", own.engine, step.spans[*prefetch.delayed_by].name);
  } else if (waited_for_host) {
    text += ": the host had not asked for it";
  }
  return text;
}

std::string timeline_text(const StepTimeline& step, const PrefetchReport* report) {
  std::string text = fmt::format("time      {:.3f} ms\nengines   {}\nbytes     {}\nprefetch  {}\n",
                                 static_cast<double>(step.duration_ns()) / 1e6, engines_line(step),
                                 bytes_line(step), prefetch_line(step));
  if (step.ops_elsewhere > 0) {
    text += fmt::format(
        "elsewhere {} of the step's ops ran on the fallback device; this trace does not show "
        "them\n",
        step.ops_elsewhere);
  }
  if (step.prefetches.empty()) return text;
  if (report != nullptr && report->prefetches.size() != step.prefetches.size()) report = nullptr;
  if (report != nullptr) text += name_table(step, *report);
  return text + prefetch_rows(step, report);
}

}  // namespace tenon
