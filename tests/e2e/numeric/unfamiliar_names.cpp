// A model definition as a stranger would write it out of tree: Llama's arithmetic under names that
// no other definition uses. Nothing in the host knows them.
#include <cmath>
#include <tenon/model.hpp>

namespace {

using namespace tenon::model;

void build(Builder& b) {
  const int64_t width = b.integer("breadth", 1, 1 << 20);
  const int64_t floors = b.integer("floors", 1, 1000);
  const int64_t eyes = b.integer("eyes", 1, 1000);
  const int64_t shared_eyes = b.integer("shared_eyes", 1, 1000);
  const int64_t iris = width / eyes;
  const int64_t muscle = b.integer("muscle", 1, 1 << 20);
  const int64_t words = b.integer("words", 1, 1 << 24);
  const RopeTables turns = b.rope_tables(iris);

  const Value lexicon = b.matrix("lexicon.meaning", words, width);
  Value x = b.embedding("lexicon", lexicon, b.token_ids());
  for (int64_t floor = 0; floor < floors; ++floor) {
    const Scope scope(b, "tower.floor_" + std::to_string(floor));
    const Value seen = b.rms_norm("calm", x, width, 1e-5);
    const std::vector<Value> gaze =
        b.split(b.packed_linear(
                    "gaze", seen, width,
                    {{"ask", width}, {"offer", shared_eyes * iris}, {"give", shared_eyes * iris}}),
                {width, shared_eyes * iris, shared_eyes * iris});
    Attention look;
    look.query = b.rope("turn_ask", b.reshape(gaze[0], {eyes, iris}), turns);
    look.key = b.rope("turn_offer", b.reshape(gaze[1], {shared_eyes, iris}), turns);
    look.value = b.reshape(gaze[2], {shared_eyes, iris});
    look.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(iris)));
    const Value view = b.reshape(b.attention("look", look), {width});
    x = b.add("keep", x, b.linear("tell", view, width, width));
    const Value rested = b.rms_norm("rest", x, width, 1e-5);
    const std::vector<Value> pull =
        b.split(b.packed_linear("pull", rested, width, {{"flex", muscle}, {"lift", muscle}}),
                {muscle, muscle});
    x = b.add("grow", x, b.linear("press", b.swiglu("squeeze", pull[0], pull[1]), muscle, width));
  }
  b.output(b.linear("speak", b.rms_norm("settle", b.output_rows(x), width, 1e-5), lexicon));
  b.prefetch_name("sight", "gaze", "tower.*.gaze");
}

}  // namespace

TENON_EXPORT_MODEL("unfamiliar_names", "A definition with names of its own", build,
                   "TowerForCausalLM")
