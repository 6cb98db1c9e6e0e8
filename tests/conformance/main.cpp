// tenon-conformance: any backend plugin, one command, every rule.
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signals are POSIX

#include <exception>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "command_line/text_io.hpp"
#include "runner/run.hpp"

namespace {

int report(const std::string& message, int code) {
  tenon::write_note(message.ends_with('\n') ? message : message + "\n");
  return code;
}

}  // namespace

int main(int count, char** values) {
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), which text_io handles
  try {
    return tenon::conformance::run_suite(std::vector<std::string>(values, values + count));
  } catch (const tenon::OutputClosed&) {
    return 1;  // what the reader did not see may be wrong
  } catch (const tenon::Error& error) {
    return report(error.what(), error.kind() == tenon::ErrorKind::input ? 2 : 1);
  } catch (const std::exception& error) {
    return report(std::string("[tenon-conformance] internal error: ") + error.what(), 1);
  }
}
