#include "trace/timeline_svg.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/error.hpp"

namespace tenon {
namespace {

TimelineSpan op(std::string name, std::string engine, uint64_t begin, uint64_t end) {
  TimelineSpan span;
  span.name = std::move(name);
  span.what = "linear";
  span.op = TN_OP_linear;
  span.engine = std::move(engine);
  span.begin_ns = begin;
  span.end_ns = end;
  span.bytes_read = 100;
  span.cache_hit_bytes = 25;
  return span;
}

StepTimeline late_prefetch() {
  StepTimeline timeline;
  timeline.end_ns = 9000;
  timeline.spans = {op("model.layers.0.norm", "vector", 0, 1000),
                    op("model.layers.1.norm", "vector", 1000, 2000),
                    op("model.layers.1.mlp.down_proj", "cube", 2000, 6000),
                    op("model.layers.10.norm", "vector", 6000, 9000)};
  TimelineSpan prefetch = op("model.layers.1.mlp.down_proj", "cmo", 1000, 3000);
  prefetch.op = TN_OP_none;
  prefetch.what = "prefetch";
  timeline.spans.push_back(prefetch);
  PrefetchSpan found;
  found.span = 4;
  found.consumer = 2;
  found.overlap_ns = 1000;
  found.lateness_ns = 1000;
  timeline.prefetches = {found};
  return timeline;
}

std::string svg(const StepTimeline& timeline, const TimelineStretch& stretch) {
  std::ostringstream out;
  write_timeline_svg(out, timeline, stretch);
  return out.str();
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

TEST(TimelineSvg, AStretchIsThatOfOneLayerAndNotOfItsNamesake) {
  const TimelineStretch stretch = stretch_of_layer(late_prefetch(), "model.layers.1");
  EXPECT_EQ(stretch.begin_ns, 1000U);
  EXPECT_EQ(stretch.end_ns, 6000U);
}

TEST(TimelineSvg, AnUnknownLayerIsAMistakeThatNamesSomeThatThereAre) {
  try {
    stretch_of_layer(late_prefetch(), "model.layers.7");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("model.layers.0.norm"), std::string::npos) << e.what();
  }
}

TEST(TimelineSvg, ShowsTheWorkOfTheStretchAndNothingElse) {
  const std::string picture = svg(late_prefetch(), {1000, 6000});
  EXPECT_EQ(count(picture, "<rect class=\"work cube"), 1U);
  EXPECT_EQ(count(picture, "<rect class=\"work vector"), 1U);
  EXPECT_EQ(count(picture, "<rect class=\"work cmo"), 1U);
  EXPECT_EQ(count(picture, "<path class=\"tie"), 1U);
}

// 1180 pixels are 5000 ns: what is late is the second of the prefetch's two microseconds.
TEST(TimelineSvg, MarksThePartOfAPrefetchThatRanBesideItsReader) {
  const std::string picture = svg(late_prefetch(), {1000, 6000});
  EXPECT_NE(picture.find("<rect class=\"late\" x=\"346.0\""), std::string::npos) << picture;
  EXPECT_NE(picture.find("width=\"236.0\" height=\"6\""), std::string::npos) << picture;
}

// The layer after it: its picture begins when the prefetch has begun already, and its own prefetch is
// cut off on the left.
StepTimeline two_layers() {
  StepTimeline timeline = late_prefetch();
  TimelineSpan next = timeline.spans[4];
  next.name = "model.layers.10.norm";
  next.begin_ns = 5000;
  next.end_ns = 7000;
  timeline.spans.push_back(next);
  PrefetchSpan later = timeline.prefetches.front();
  later.span = 5;
  later.consumer = 3;
  timeline.prefetches.push_back(later);
  return timeline;
}

TEST(TimelineSvg, LeavesOutWhatTheNextLayerReads) {
  const std::string picture = svg(two_layers(), {1000, 6000});
  EXPECT_EQ(count(picture, "<rect class=\"work cmo"), 1U);
  EXPECT_EQ(count(picture, "<path class=\"tie"), 1U);
  EXPECT_EQ(picture.find("layers.10"), std::string::npos) << picture;
}

TEST(TimelineSvg, ABoxThatIsCutOffSaysSoAndIsTiedWhereItsReaderBegins) {
  EXPECT_EQ(count(svg(two_layers(), {1000, 6000}), "<path class=\"open"), 0U);
  const std::string picture = svg(two_layers(), {6000, 9000});
  EXPECT_EQ(count(picture, "<path class=\"open"), 1U);
  EXPECT_EQ(count(picture, "<path class=\"tie\" d=\"M110.0 "), 1U) << picture;
}

TEST(TimelineSvg, NarrowBoxesHaveNamesBesideThem) {
  StepTimeline timeline = late_prefetch();
  timeline.spans[2].end_ns = 2010;
  const std::string picture = svg(timeline, {1000, 6000});
  EXPECT_NE(picture.find(">down_proj</text>"), std::string::npos) << picture;
  EXPECT_EQ(picture.find("class=\"inside\" x=\"349"), std::string::npos);
}

TEST(TimelineSvg, NamesCannotBreakTheMarkup) {
  StepTimeline timeline = late_prefetch();
  timeline.spans[2].name = "a<b>&c\x01";
  const std::string picture = svg(timeline, {0, 9000});
  EXPECT_EQ(picture.find("a<b>"), std::string::npos);
  EXPECT_NE(picture.find("a&lt;b&gt;&amp;c "), std::string::npos);
  EXPECT_EQ(picture.find('\x01'), std::string::npos);
}

}  // namespace
}  // namespace tenon
