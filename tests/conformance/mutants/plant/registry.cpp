#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "plant/mutant.hpp"

namespace tenon::mutants {
namespace {

std::vector<Mutant>& mutants() {
  static std::vector<Mutant> list;
  return list;
}

}  // namespace

const std::vector<Mutant>& all_mutants() {
  return mutants();
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::find_if(mutants().begin(), mutants().end(),
                                  [&](const Mutant& mutant) { return mutant.name == name; });
  return found == mutants().end() ? nullptr : &*found;
}

Registration::Registration(const char* name, Mutant mutant, void (*plant)(Planted&)) {
  mutant.name = name;
  mutant.plant = plant;
  auto& list = mutants();
  const auto place = std::lower_bound(
      list.begin(), list.end(), mutant,
      [](const Mutant& one, const Mutant& other) { return one.name < other.name; });
  if (place != list.end() && place->name == mutant.name) {
    std::fprintf(stderr, "[mutants] %s is registered twice\n", name);
    std::abort();
  }
  list.insert(place, mutant);
}

}  // namespace tenon::mutants
