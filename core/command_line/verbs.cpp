#include "command_line/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tenon/tenon.hpp>

#include "base/error.hpp"
#include "base/nearest_name.hpp"

namespace tenon {
namespace {

constexpr std::array table{
    Verb{"run", "Continue a prompt and stream the text to standard output.", command_run},
    Verb{"chat", "Talk to a model, one message a line.", command_chat},
    Verb{"eval", "Negative log-likelihood and perplexity of a text; its logits.", command_eval},
    Verb{"tokenize", "Text to token ids, or back.", command_tokenize},
    Verb{"inspect", "Verdict on a checkpoint folder or a safetensors file; its tensors.",
         command_inspect},
    Verb{"check", "Find every mistake of a deployment without running it.", command_check},
    Verb{"config", "Print the resolved configuration, each value with its origin.", command_config},
    Verb{"plan", "Print where each op of a step runs, and the memory it needs.", command_plan},
    Verb{"trace", "Record a step as a Chrome/Perfetto trace; say which prefetch came late and why.",
         command_trace},
    Verb{"tune", "Find the [prefetch] settings with the shortest step, or that it is best off.",
         command_tune},
    Verb{"list", "List devices, models or plugins.", command_list},
    Verb{"conformance", "Check a backend plugin against the rules of the device API.",
         command_conformance},
};

// Promised for later versions, so that asking for one is not answered as a slip of the keyboard.
constexpr std::array<std::string_view, 2> later_verbs{"bench", "serve"};

}  // namespace

std::span<const Verb> verbs() {
  return table;
}

const Verb& find_verb(const std::string& name) {
  const auto* const found =
      std::find_if(table.begin(), table.end(), [&](const Verb& verb) { return verb.name == name; });
  if (found != table.end()) return *found;
  if (std::find(later_verbs.begin(), later_verbs.end(), name) != later_verbs.end()) {
    fail_input("tenon",
               fmt::format("the verb \"{}\" belongs to a later version, tenon {} does not have it "
                           "yet",
                           name, version()));
  }
  std::vector<std::string> names;
  std::string list;
  for (const Verb& verb : table) {
    names.emplace_back(verb.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  const auto guess = nearest_name(name, names);
  fail_input("tenon", fmt::format("unknown verb \"{}\"", name),
             guess ? fmt::format("one of {}; did you mean \"{}\"?", list, *guess)
                   : fmt::format("one of {}; see \"tenon --help\"", list));
}

}  // namespace tenon
