// Models that do not divide by a layout: the error names the key, what was expected and found.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "parallel_programs.hpp"

namespace tenon {
namespace {

std::string refusal(const Program& program, const ParallelLayout& layout) {
  try {
    shard_program(program, layout);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

TEST(NotDivisible, Heads) {
  TinyShape shape;
  shape.heads = 6;
  EXPECT_EQ(refusal(dense_program(shape), {4, 1, 1}),
            "[parallel.tensor] the 6 heads of 'block.a' do not divide over the cards; expected a "
            "divisor of 6; found 4");
}

TEST(NotDivisible, MoreRanksThanQueryHeads) {
  TinyShape shape;
  shape.heads = 2;
  shape.kv_heads = 2;
  EXPECT_EQ(refusal(dense_program(shape), {4, 1, 1}),
            "[parallel.tensor] the 2 query heads and 2 key heads of "
            "'block.look' do not divide over the cards; expected a divisor of 2; found 4");
}

TEST(NotDivisible, KeyHeadsNeitherDividedNorShared) {
  TinyShape shape;
  shape.heads = 12;
  shape.kv_heads = 4;
  EXPECT_EQ(refusal(dense_program(shape), {6, 1, 1}),
            "[parallel.tensor] the 4 heads of 'block.b' do not divide over the cards; expected a "
            "divisor of 4, or a multiple of it; found 6");
}

TEST(NotDivisible, IntermediateSize) {
  TinyShape shape;
  shape.intermediate = 30;
  EXPECT_EQ(refusal(dense_program(shape), {4, 1, 1}),
            "[parallel.tensor] the 30 rows of 'block.g' do not divide over the cards; expected a "
            "divisor of 30; found 4");
  EXPECT_EQ(
      refusal(expert_program(shape), {4, 1, 1}),
      "[parallel.tensor] the 30 rows of 'block.many.*.g' do not divide over the cards; expected "
      "a divisor of 30; found 4");
}

TEST(NotDivisible, Vocabulary) {
  TinyShape shape;
  shape.vocabulary = 33;
  EXPECT_EQ(
      refusal(dense_program(shape), {2, 1, 1}),
      "[parallel.tensor] the 33 rows of 'words' do not divide over the cards; expected a divisor "
      "of 33; found 2");
}

TEST(NotDivisible, Experts) {
  EXPECT_EQ(
      refusal(expert_program(), {1, 3, 3}),
      "[parallel.expert] the 8 experts of 'block.many' do not divide over the cards; expected a "
      "divisor of 8; found 3");
  EXPECT_EQ(refusal(dense_program(), {2, 2, 1}),
            "[parallel.expert] the model has no experts to share out; expected 1; found "
            "2");
}

TEST(NotDivisible, ALayoutThatIsNone) {
  EXPECT_EQ(refusal(expert_program(), {2, 2, 2}),
            "[parallel.expert] experts are shared out over all cards or over none; "
            "expected 1 or 4 (parallel.tensor 2 times parallel.data 2); found 2");
}

}  // namespace
}  // namespace tenon
