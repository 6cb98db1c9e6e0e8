// The SVG as text: balanced, escaped, with every point.
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "tune/svg.hpp"

namespace tenon {
namespace {

Chart drawn_chart() {
  return {.title = "caps <of> \"groups\"",
          .x_title = "MiB",
          .y_title = "gain & loss, %",
          .zero_name = "off",
          .logarithmic = true,
          .lines = {{"attn", {{1, -0.5, "1MiB"}, {4, 1.25, "4MiB", true}, {16, 0.75, "auto"}}},
                    {"mlp", {{1, 0.1, "1MiB", true}}}}};
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

// Every element that opens is closed, in order; no bare '&' or '<' in between.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z]+)((?: [a-zA-Z0-9-]+=\"[^\"<&]*\")*)(/?)>");
  size_t end = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), tag), last; it != last; ++it) {
    const auto begin = static_cast<size_t>(it->position());
    const std::string between = svg.substr(end, begin - end);
    EXPECT_EQ(between.find_first_of("<>"), std::string::npos) << between;
    const std::regex entity("&(amp|lt|gt|quot);");
    EXPECT_EQ(count(between, "&"), static_cast<size_t>(std::distance(
                                       std::sregex_iterator(between.begin(), between.end(), entity),
                                       std::sregex_iterator())));
    end = begin + static_cast<size_t>(it->length());
    if ((*it)[1].length() > 0) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), (*it)[2].str());
      open.pop_back();
    } else if ((*it)[4].length() == 0) {
      open.push_back((*it)[2].str());
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(svg.substr(end), "\n");
}

TEST(Svg, IsWellFormed) {
  const std::string svg = svg_text("Two <charts> & more", {drawn_chart(), drawn_chart()});
  expect_well_formed(svg);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_NE(svg.find("Two &lt;charts&gt; &amp; more"), std::string::npos);
}

TEST(Svg, HoldsEveryPointAndRingsTheChosenOnes) {
  const std::string svg = svg_text("chart", {drawn_chart()});
  for (const char* tooltip :
       {"attn: 1MiB, -0.500", "attn: 4MiB, +1.250", "attn: auto, +0.750", "mlp: 1MiB, +0.100"}) {
    EXPECT_NE(svg.find(std::string("<title>") + tooltip + "</title>"), std::string::npos)
        << tooltip;
  }
  EXPECT_EQ(count(svg, "r=\"3\""), 4U);
  EXPECT_NE(svg.find(">attn: 4MiB</text>"), std::string::npos);
  EXPECT_EQ(count(svg, "class=\"ring\""), 2U);
  EXPECT_EQ(count(svg, "<polyline"), 2U);
  EXPECT_EQ(count(svg, "class=\"zero\""), 1U);
  EXPECT_NE(svg.find(">off</text>"), std::string::npos);
}

TEST(Svg, IsReadableOnDarkGround) {
  EXPECT_NE(svg_text("chart", {drawn_chart()}).find("prefers-color-scheme: dark"),
            std::string::npos);
}

}  // namespace
}  // namespace tenon
