// Names of boxes: inside where they fit, otherwise beside them, never one over the other.
#include "trace/box_labels.hpp"

#include <gtest/gtest.h>

namespace tenon::box_labels_test {
namespace {

using Place = BoxLabel::Place;

LabelledBox box(const std::string& name, double left, double width) {
  return {name, 0, left, width, false};
}

TEST(BoxLabels, AsManyPartsOfANameAsFit) {
  const auto text = [](double width) {
    const auto label = BoxLabels::place_inside(box("model.layers.3.mlp.up", 0, width));
    return label ? label->text : "none";
  };
  EXPECT_EQ(text(200), "model.layers.3.mlp.up");
  EXPECT_EQ(text(80), "3.mlp.up");
  EXPECT_EQ(text(20), "up");
  EXPECT_EQ(text(10), "none");
}

TEST(BoxLabels, OutsideOfANarrowBoxAndOverNoOther) {
  BoxLabels labels(0, 1000);
  const auto above = labels.place(box("a.qkv_proj", 100, 4));
  ASSERT_TRUE(above);
  EXPECT_EQ(above->text, "qkv_proj");
  EXPECT_EQ(above->place, Place::above);
  const auto below = labels.place(box("a.rope_key", 106, 4));
  ASSERT_TRUE(below);
  EXPECT_EQ(below->place, Place::below);
  EXPECT_FALSE(labels.place(box("a.norm", 110, 4)));
  LabelledBox other = box("a.norm", 110, 4);
  other.row = 1;
  EXPECT_TRUE(labels.place(other)) << "another row has room of its own";
}

TEST(BoxLabels, ShortenedInsideWhereThereIsNoRoomBeside) {
  BoxLabels labels(0, 1000);
  labels.place(box("first_proj", 100, 4));
  labels.place(box("second_proj", 100, 4));
  const auto label = labels.place(box("a.gate_up_proj", 100, 60));
  ASSERT_TRUE(label);
  EXPECT_EQ(label->text, "gate_up");
  EXPECT_EQ(label->place, Place::inside);
}

TEST(BoxLabels, StayInThePicture) {
  BoxLabels labels(0, 1000);
  const auto first = labels.place(box("qkv_proj", 0, 2));
  const auto last = labels.place(box("down_proj", 998, 2));
  ASSERT_TRUE(first && last);
  EXPECT_EQ(first->left, 0);
  EXPECT_LE(last->left + 9 * BoxLabels::character_width, 1000.001);
}

TEST(BoxLabels, NoneInAPictureNarrowerThanTheName) {
  BoxLabels labels(0, 10);
  EXPECT_FALSE(labels.place(box("qkvproj", 0, 2)));
}

}  // namespace
}  // namespace tenon::box_labels_test
