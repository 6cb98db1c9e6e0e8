#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>

#include "plant/mutant.hpp"

namespace tenon::mutants {
namespace {

std::vector<Mutant>& mutants() {
  static std::vector<Mutant> list;
  return list;
}

// For as long as the list.
std::string_view kept(std::string text) {
  static std::deque<std::string> texts;
  return texts.emplace_back(std::move(text));
}

void insert(const Mutant& mutant) {
  auto& list = mutants();
  const auto place = std::lower_bound(
      list.begin(), list.end(), mutant,
      [](const Mutant& one, const Mutant& other) { return one.name < other.name; });
  if (place != list.end() && place->name == mutant.name) {
    std::fprintf(stderr, "[mutants] %s is registered twice\n", std::string(mutant.name).c_str());
    std::abort();
  }
  list.insert(place, mutant);
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
  insert(mutant);
  if (mutant.also_on.empty()) return;
  mutant.base = mutant.also_on;
  mutant.name = kept(std::string(name) + "_on_" + std::string(mutant.also_on));
  insert(mutant);
}

}  // namespace tenon::mutants
