// The flags and arguments of one verb. CLI11 stays behind this file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenon {

// Values are handed over in the order of the command line, so that of two flags for one setting the
// later one counts. Every value is taken as it stands: what it means is the handler's business.
class ArgumentParser {
 public:
  using Handler = std::function<void(const std::string& value)>;
  enum class Times { once, repeatable };

  // `command` is "tenon run"; `summary` is the first line of its help.
  ArgumentParser(std::string command, std::string_view summary);
  ~ArgumentParser();
  ArgumentParser(const ArgumentParser&) = delete;
  ArgumentParser& operator=(const ArgumentParser&) = delete;

  // Heading in the help for what is added from here on.
  void group(std::string heading);
  // `names` is "-n,--max-tokens"; `value_name` is what the help calls the value.
  void flag(const std::string& names, const std::string& help, std::function<void()> handler);
  void flag(const std::string& names, const std::string& help, bool& target);
  void option(const std::string& names, const std::string& value_name, const std::string& help,
              Handler handler, Times times = Times::once);
  void option(const std::string& names, const std::string& value_name, const std::string& help,
              std::optional<std::string>& target);
  // The next argument that is no flag.
  void positional(const std::string& name, const std::string& help, Handler handler);
  void footer(const std::string& text);

  // False: help was asked for and has been printed. Throws Error{input} naming the flag that is
  // unknown (with the nearest name), lacks its value or is given twice.
  bool parse(std::span<const std::string> arguments);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon
