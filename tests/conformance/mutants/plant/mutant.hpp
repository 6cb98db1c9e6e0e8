// What a mutant is: a backend of this project with one planted fault, and the list of all of them.
//
// The library answers tn_plugin_query with a copy of that backend's table, of which the mutant that
// the environment variable TENON_MUTANT names has replaced some slots. The metadata is read by
// the runner, which links the same list.
#pragma once

#include <tenon/device_api.h>

#include <string>
#include <string_view>
#include <vector>

namespace tenon::mutants {

// What a mutant may change before the table goes to the host. Static memory.
struct Planted {
  tn_device_table table;
  tn_plugin_facts facts;
  // Instead of the honest answer; NULL: honest. It may call answer_honestly().
  tn_plugin_query_function query = nullptr;
};

inline constexpr std::string_view reference_backend = "cpu_reference";

struct Mutant {
  std::string_view rule;  // the rule that the fault breaks
  std::string_view area;  // "abi", "options", ..., "ops"
  std::string_view kind;  // of fault, such as "off by one"; no kind more than five times
  std::string_view test;  // of the suite, must fail and name the rule
  std::string_view what;  // one sentence
  // How the test may also end: a fault may take the process down or stop it for good.
  bool may_crash = false;
  bool may_hang = false;
  // A test that the fault does not touch and that must pass; "none" where no test can, because the
  // library is refused before any begins.
  std::string_view control = "options/are_well_formed";
  std::string_view options = {};  // "key=value", for both tests
  // A further backend to plant the same fault in, as a mutant of its own, "<name>_on_<also_on>".
  std::string_view also_on = {};
  std::string_view base = reference_backend;  // the backend with the fault; set for the further one
  std::string_view name = {};                 // set by MUTANT
  void (*plant)(Planted&) = nullptr;
};

// In the order of their names.
const std::vector<Mutant>& all_mutants();
const Mutant* find_mutant(std::string_view name);

struct Registration {
  Registration(const char* name, Mutant mutant, void (*plant)(Planted&));
};

}  // namespace tenon::mutants

// MUTANT(fill_one_short, {.rule = "TN-COPY-5", ...}) { planted.table.fill = ...; }
#define MUTANT(name, ...)                                          \
  static void plant_##name(::tenon::mutants::Planted& planted);    \
  static const ::tenon::mutants::Registration name##_registration( \
      #name, ::tenon::mutants::Mutant __VA_ARGS__, plant_##name);  \
  static void plant_##name([[maybe_unused]] ::tenon::mutants::Planted& planted)
