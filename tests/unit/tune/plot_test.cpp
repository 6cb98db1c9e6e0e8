// Plots as they stand in a terminal.
#include "tune/plot.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

Chart example() {
  return {.title = "prefetch.max_bytes",
          .x_title = "MiB",
          .y_title = "gain of a step, %",
          .zero_name = "off",
          .logarithmic = true,
          .lines = {{"attn",
                     {{1, -0.5, "1MiB"},
                      {2, 0.25, "2MiB"},
                      {4, 1.5, "4MiB", true},
                      {8, 1.25, "8MiB"},
                      {13, 1.0, "auto"}}},
                    {"mlp", {{1, 0.25, "1MiB"}, {16, 2.25, "16MiB", true}}}}};
}

TEST(Plot, Ascii) {
  EXPECT_EQ(plot_text(example(), PlotCharacters::ascii), R"(prefetch.max_bytes: gain of a step, %
     3 +
       |
       |                                                               @
     2 +                                                     ..........
       |                                           ..........
       |                              ..@...........
       |                         ........           ...o..........
     1 +               ...........                                o
       |     ..........   ....
       |x....        ...o.
     0 +------.......---------------------------------------------------
       |o.....
       |
    -1 +
       ++---------------+---------------+--------------+---------------+
        1               2               4              8              16 MiB
  o attn, @ 4MiB: +1.50
  x mlp, @ 16MiB: +2.25
  - off
)");
}

TEST(Plot, Unicode) {
  EXPECT_EQ(plot_text(example(), PlotCharacters::unicode), R"(prefetch.max_bytes: gain of a step, %
     3 ┤
       │
       │                                                             ⣀⣀★
     2 ┤                                                   ⢀⣀⣀⠤⠤⠔⠒⠊⠉⠉
       │                                          ⢀⣀⡠⠤⠤⠒⠒⠊⠉⠁
       │                             ⢀⡠⠔★⣒⣒⡲⠤⠴⠶⠶⢍⣉⣁⣀⣀
       │                        ⢀⣀⣠⠴⠮⠓⠒⠉⠉            ⠉⠉●⠉⠒⠒⠒⠢⠤⠤⠤⣀⣀⣀
     1 ┤               ⣀⣀⡠⠤⠔⠒⠒⣉⠭⠓⠉                                ●
       │     ⢀⣀⣀⠤⠤⠔⠒⠊⠉⠉   ⢀⡠⠔⠉
       │■⠒⠒⠊⠉⠁       ⢀⣀⠤●⠊⠁
     0 ┤╌╌╌╌╌╌╌⢀⣀⠤⠔⠒⠉⠁╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
       │ ⣀⣀⠤⠔⠒⠉⠁
       │●
    -1 ┤
       └┬───────────────┬───────────────┬──────────────┬───────────────┬
        1               2               4              8              16 MiB
  ● attn, ★ 4MiB: +1.50
  ■ mlp, ★ 16MiB: +2.25
  ╌ off
)");
}

TEST(Plot, SaysWhatItCutsOff) {
  Chart chart = example();
  chart.lines[0].points[0].y = -60;
  const std::string text = plot_text(chart, PlotCharacters::ascii);
  EXPECT_NE(text.find("    -6 +o"), std::string::npos) << text;
  EXPECT_NE(text.find("  what lies below -6 is drawn there\n"), std::string::npos) << text;
}

TEST(Plot, OnePointAndNoPoint) {
  const Chart one{.title = "one", .zero_name = "off", .lines = {{"line", {{3, 0, "3"}}}}};
  EXPECT_NE(plot_text(one, PlotCharacters::ascii).find('o'), std::string::npos);
  const Chart none{.title = "none", .zero_name = "off", .lines = {{"line", {}}}};
  EXPECT_NE(plot_text(none, PlotCharacters::ascii).find("off"), std::string::npos);
}

}  // namespace
}  // namespace tenon
