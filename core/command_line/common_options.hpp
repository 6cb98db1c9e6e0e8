// Flags that several verbs share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tenon/tenon.hpp>

#include "command_line/argument_parser.hpp"

namespace tenon {

// CONFIG, --model, --device, --set and --plugin-path.
void add_deployment_options(ArgumentParser& parser, Deployment& deployment);

// --validate, as a setting.
void add_validate_option(ArgumentParser& parser, Deployment& deployment);

// --temperature, --top-k, --top-p, --min-p, --repetition-penalty and --seed, as settings: their
// values are checked together with the rest of the configuration.
void add_sampling_options(ArgumentParser& parser, Deployment& deployment);

// -n/--max-tokens. The handler's value goes through parse_count.
void add_max_tokens_option(ArgumentParser& parser, int64_t& max_tokens);

// --quiet.
void add_quiet_option(ArgumentParser& parser, bool& quiet);

// Session::open, with a progress bar unless `quiet`.
Session open_session(const Deployment& deployment, bool quiet);

// Writes what [trace] file asks for and, unless `quiet`, says so.
void end_trace(Session& session, bool quiet);

// "stop", "length" or "cancelled".
std::string finish_name(Finish finish);

// For people: tokens, time to first token, speeds. Ends with a newline.
std::string statistics_text(const Generation& generation);

}  // namespace tenon
