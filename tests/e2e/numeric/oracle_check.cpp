// oracle_check CHECKPOINT PREFIX: compares a checkpoint with the outputs of llama2.c that lie at
// PREFIX.ids.txt (prompt ids, then the id that follows each position) and PREFIX.logits.f32 (of the
// first positions). Exit code 0 when logits agree within 2e-4 and every greedy id is equal.
#include <cstdio>
#include <exception>
#include <sstream>

#include "model_testing.hpp"

namespace {

constexpr double most_difference = 2e-4;

std::vector<int32_t> ids_of_line(const std::string& line) {
  std::istringstream stream(line);
  std::string label;
  stream >> label;
  std::vector<int32_t> ids;
  for (int32_t id = 0; stream >> id;)
    ids.push_back(id);
  return ids;
}

int run(const char* checkpoint, const std::string& prefix) {
  std::istringstream file(tenon::read_text(prefix + ".ids.txt"));
  std::string line;
  std::getline(file, line);
  const std::vector<int32_t> prompt = ids_of_line(line);
  std::getline(file, line);
  const std::vector<int32_t> next = ids_of_line(line);
  if (prompt.empty() || next.size() < prompt.size()) throw std::runtime_error("bad ids file");

  // Teacher-forced over the reference's own text: position i predicts next[i].
  std::vector<int32_t> ids = prompt;
  ids.insert(ids.end(), next.begin() + static_cast<std::ptrdiff_t>(prompt.size()) - 1,
             next.end() - 1);
  tenon::Session session = tenon::Session::open(tenon::deployment_of(checkpoint));
  const tenon::Logits found = tenon::logits_of(session, ids);
  const tenon::Logits expected = tenon::read_logits(prefix + ".logits.f32", found.vocabulary);
  const double difference = tenon::largest_difference(found, expected);

  const std::vector<int32_t> best = found.argmax();
  size_t wrong = 0;
  for (size_t i = prompt.size() - 1; i < best.size(); ++i)
    wrong += best[i] != next[i] ? 1 : 0;
  std::printf("%s: %zu positions, largest difference of logits %.3g, wrong greedy ids %zu\n",
              prefix.c_str(), ids.size(), difference, wrong);
  return difference < most_difference && wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CHECKPOINT PREFIX\n", argv[0]);
    return 2;
  }
  return run(argv[1], argv[2]);
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
