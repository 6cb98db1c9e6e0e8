#include "command_line/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "command_line/text_io.hpp"

namespace tenon {
namespace {

constexpr uint64_t bar_width = 30;
constexpr double mebibyte = 1024.0 * 1024.0;
constexpr std::chrono::milliseconds redraw_interval{100};

std::string amount(ProgressBar::Unit unit, uint64_t done, uint64_t total) {
  if (unit == ProgressBar::Unit::tokens) return fmt::format("{}/{} tokens", done, total);
  if (unit == ProgressBar::Unit::steps) return fmt::format("{}/{} steps", done, total);
  return fmt::format("{:.1f}/{:.1f} MiB", static_cast<double>(done) / mebibyte,
                     static_cast<double>(total) / mebibyte);
}

// floor(done * parts / total) without overflow.
uint64_t share(uint64_t done, uint64_t total, uint64_t parts) {
  return static_cast<uint64_t>(static_cast<double>(done) / static_cast<double>(total) *
                               static_cast<double>(parts));
}

}  // namespace

ProgressBar::ProgressBar(std::string label, Unit unit, Show show)
    : label_(std::move(label)),
      unit_(unit),
      shown_(show == Show::always || (show == Show::when_terminal && notes_are_on_terminal())),
      terminal_(notes_are_on_terminal()) {}

ProgressBar::~ProgressBar() {
  if (drawn_ && terminal_) write_note("\r\033[K");
}

void ProgressBar::update(uint64_t done, uint64_t total) {
  if (!shown_ || total == 0) return;
  done = std::min(done, total);
  if (terminal_) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ && done < total) return;
    next_ = now + redraw_interval;
  } else {
    const uint64_t tenths = share(done, total, 10);
    if (tenths <= tenths_) return;
    tenths_ = tenths;
  }
  draw(done, total);
}

void ProgressBar::draw(uint64_t done, uint64_t total) {
  drawn_ = true;
  const std::string numbers =
      fmt::format("{:3}%  {}", share(done, total, 100), amount(unit_, done, total));
  if (!terminal_) {
    write_note(fmt::format("{} {}\n", label_, numbers));
    return;
  }
  const uint64_t filled = share(done, total, bar_width);
  write_note(fmt::format("\r{} [{}{}] {}\033[K", label_, std::string(filled, '#'),
                         std::string(bar_width - filled, '.'), numbers));
}

}  // namespace tenon
