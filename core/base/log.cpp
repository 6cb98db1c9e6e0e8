#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "base/error.hpp"

namespace tenon {
namespace {

std::mutex guard;

std::shared_ptr<spdlog::logger> make_logger(std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = std::make_shared<spdlog::logger>("tenon", std::move(sink));
  logger->set_pattern("[%l] %v");
  logger->flush_on(spdlog::level::warn);
  return logger;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance = [] {
    auto first = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    first->set_level(spdlog::level::warn);
    return first;
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

LogLevel current_level = LogLevel::warning;

}  // namespace

void configure_log(LogLevel level, const std::filesystem::path& file) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    } catch (const spdlog::spdlog_ex& e) {
      fail_input(file.string(), "cannot open the log file", "a path that can be written", e.what());
    }
  }
  auto next = make_logger(std::move(sink));
  if (!file.empty()) next->set_pattern("%Y-%m-%d %H:%M:%S.%e [%l] %v");
  next->set_level(to_spdlog(level));
  const std::lock_guard lock(guard);
  logger() = std::move(next);
  current_level = level;
}

LogLevel log_level() {
  const std::lock_guard lock(guard);
  return current_level;
}

void log(LogLevel level, std::string_view component, std::string_view message) {
  std::shared_ptr<spdlog::logger> target;
  {
    const std::lock_guard lock(guard);
    target = logger();
  }
  target->log(to_spdlog(level), "{}: {}", component, message);
}

}  // namespace tenon
