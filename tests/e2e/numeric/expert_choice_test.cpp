// `auto` for grouped matmul against both forms, in virtual time: a handful of the cells of
// bench/grouped_matmul_choice, around the places where the better form changes.
#include <gtest/gtest.h>

#include <iterator>

#include "expert_cell.hpp"

namespace tenon::expert_choice_test {
namespace {

constexpr double most_ratio = 1.05;

ExpertCell cell(int64_t tokens, int64_t experts, StackLayout layout, int64_t cards = 1,
                bool captured = false) {
  ExpertCell cell;
  cell.tokens = tokens;
  cell.experts = experts;
  cell.layout = layout;
  cell.cards = cards;
  cell.captured = captured;
  return cell;
}

using Layout = StackLayout;
const ExpertCell cells[] = {
    cell(1, 8, Layout::view),
    cell(4096, 128, Layout::view),
    cell(1, 8, Layout::contiguous),
    cell(64, 128, Layout::contiguous, 8),
    cell(1, 8, Layout::copy),
    cell(8, 8, Layout::copy),
    cell(8, 128, Layout::copy),
    cell(64, 128, Layout::copy),
    cell(4096, 8, Layout::copy),
    cell(4096, 128, Layout::copy),
    cell(8, 128, Layout::copy, 8),
    cell(4096, 128, Layout::copy, 8),
    cell(1, 8, Layout::copy, 1, true),
    cell(1, 128, Layout::copy, 1, true),
    cell(64, 32, Layout::copy, 8, true),
};

class ExpertChoiceCells : public testing::TestWithParam<size_t> {};

TEST_P(ExpertChoiceCells, IsWithinFivePerCentOfTheBetterForm) {
  const CellTimes times = measure(cells[GetParam()], TENON_BUILT_PLUGINS);
  EXPECT_GT(times.grouped, 0);
  EXPECT_GT(times.loop, 0);
  EXPECT_LE(times.ratio(), most_ratio) << (times.chose_loop ? "loop" : "grouped") << " of grouped "
                                       << times.grouped << " and loop " << times.loop;
  // What was chosen is what ran.
  EXPECT_DOUBLE_EQ(times.automatic, times.chose_loop ? times.loop : times.grouped);
}

INSTANTIATE_TEST_SUITE_P(Cells, ExpertChoiceCells, testing::Range(size_t{0}, std::size(cells)));

TEST(ExpertChoices, DifferWithTheCell) {
  EXPECT_TRUE(measure(cell(1, 128, Layout::copy), TENON_BUILT_PLUGINS).chose_loop);
  EXPECT_FALSE(measure(cell(1, 128, Layout::view), TENON_BUILT_PLUGINS).chose_loop);
  EXPECT_FALSE(measure(cell(1, 8, Layout::copy), TENON_BUILT_PLUGINS).chose_loop);
}

}  // namespace
}  // namespace tenon::expert_choice_test
