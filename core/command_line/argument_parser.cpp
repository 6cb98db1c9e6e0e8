#include "command_line/argument_parser.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "command_line/text_io.hpp"

namespace tenon {
namespace {

constexpr int help_column = 34;

struct Entry {
  ArgumentParser::Handler handler;
  ArgumentParser::Times times = ArgumentParser::Times::once;
  bool takes_value = true;
};

// CLI11's help without its double blank lines.
std::string help_text(const CLI::App& app) {
  std::string text = app.help();
  for (size_t at = 0; (at = text.find("\n\n\n")) != std::string::npos;)
    text.erase(at, 1);
  return text;
}

}  // namespace

struct ArgumentParser::State {
  CLI::App app;
  std::string command;
  std::string group = "Options";
  std::map<const CLI::Option*, Entry> entries;

  State(std::string_view summary, std::string name)
      : app(std::string(summary), name), command(std::move(name)) {}

  CLI::Option* find(const std::string& name) { return app.get_option_no_throw(name); }
  std::vector<std::string> flag_names() const;
  std::vector<std::string> tidied(std::span<const std::string> arguments);
  [[noreturn]] void fail_extra(const std::string& argument) const;
  void check_counts() const;
  void hand_over() const;
};

std::vector<std::string> ArgumentParser::State::flag_names() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
    for (const std::string& name : option->get_snames())
      names.push_back("-" + name);
  }
  return names;
}

// What CLI11 would get wrong or explain badly: "--name=" is the empty value (CLI11 takes the next
// argument), a value may be missing, and a flag may be given one.
std::vector<std::string> ArgumentParser::State::tidied(std::span<const std::string> arguments) {
  const auto entry_of = [&](const std::string& name) -> const Entry* {
    const auto entry = entries.find(name.starts_with('-') ? find(name) : nullptr);
    return entry == entries.end() ? nullptr : &entry->second;
  };
  std::vector<std::string> result;
  bool flags = true;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") flags = false;
    const size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    const std::string name = argument.substr(0, equals);
    const Entry* entry = flags ? entry_of(name) : nullptr;
    if (entry != nullptr && !entry->takes_value && equals != std::string::npos) {
      fail_input(command, fmt::format("{} takes no value", name), name, argument);
    }
    const bool takes_value = entry != nullptr && entry->takes_value;
    const bool empty_value = takes_value && equals + 1 == argument.size();
    result.push_back(empty_value ? name : argument);
    if (empty_value) {
      result.emplace_back();
    } else if (takes_value && equals == std::string::npos) {
      if (i + 1 == arguments.size()) {
        fail_input(command, fmt::format("{} lacks its value", name),
                   fmt::format("{} {}", name, find(name)->get_type_name()));
      }
      result.push_back(arguments[++i]);
    }
  }
  return result;
}

void ArgumentParser::State::fail_extra(const std::string& argument) const {
  if (argument.size() < 2 || argument.front() != '-') {
    fail_input(command, fmt::format("unexpected argument \"{}\"", argument),
               fmt::format("what \"{} --help\" lists", command));
  }
  const std::string name = argument.substr(0, argument.find('='));
  const auto guess = nearest_name(name, flag_names());
  fail_input(command, fmt::format("unknown flag \"{}\"", name),
             fmt::format("one of those that \"{} --help\" lists{}", command,
                         guess ? fmt::format("; did you mean \"{}\"?", *guess) : ""));
}

void ArgumentParser::State::check_counts() const {
  for (const auto& [option, entry] : entries) {
    if (entry.takes_value && entry.times == Times::once && option->count() > 1) {
      fail_input(command, fmt::format("{} is given {} times", option->get_name(), option->count()),
                 "once");
    }
  }
}

void ArgumentParser::State::hand_over() const {
  std::map<const CLI::Option*, size_t> used;
  for (const CLI::Option* option : app.parse_order()) {
    const auto entry = entries.find(option);
    if (entry == entries.end()) continue;
    entry->second.handler(option->results().at(used[option]++));
  }
}

ArgumentParser::ArgumentParser(std::string command, std::string_view summary)
    : state_(std::make_unique<State>(summary, std::move(command))) {
  state_->app.set_help_flag("-h,--help", "Print this help and exit.");
  state_->app.get_formatter()->column_width(help_column);
  state_->app.get_formatter()->label("Positionals", "Arguments");
}

ArgumentParser::~ArgumentParser() = default;

void ArgumentParser::group(std::string heading) {
  state_->group = std::move(heading);
}

void ArgumentParser::flag(const std::string& names, const std::string& help,
                          std::function<void()> handler) {
  CLI::Option* option = state_->app.add_flag(names)->description(help)->disable_flag_override();
  option->group(state_->group)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  state_->entries[option] = {[handler = std::move(handler)](const std::string&) { handler(); },
                             Times::repeatable, false};
}

void ArgumentParser::flag(const std::string& names, const std::string& help, bool& target) {
  flag(names, help, [&target] { target = true; });
}

void ArgumentParser::option(const std::string& names, const std::string& value_name,
                            const std::string& help, Handler handler, Times times) {
  CLI::Option* option = state_->app.add_option(names)->description(help)->type_name(value_name);
  option->group(state_->group)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  state_->entries[option] = {std::move(handler), times, true};
}

void ArgumentParser::option(const std::string& names, const std::string& value_name,
                            const std::string& help, std::optional<std::string>& target) {
  option(names, value_name, help, [&target](const std::string& value) { target = value; });
}

void ArgumentParser::positional(const std::string& name, const std::string& help, Handler handler) {
  CLI::Option* option = state_->app.add_option(name)->description(help);
  state_->entries[option] = {std::move(handler), Times::once, true};
}

void ArgumentParser::footer(const std::string& text) {
  state_->app.footer(text);
}

bool ArgumentParser::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed = state_->tidied(arguments);
  std::reverse(reversed.begin(), reversed.end());
  try {
    state_->app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    write_output(help_text(state_->app));
    return false;
  } catch (const CLI::ExtrasError&) {
    state_->fail_extra(state_->app.remaining().front());
  } catch (const CLI::ParseError& error) {
    fail_input(state_->command, error.what(),
               fmt::format("the form that \"{} --help\" shows", state_->command));
  }
  state_->check_counts();
  state_->hand_over();
  return true;
}

}  // namespace tenon
