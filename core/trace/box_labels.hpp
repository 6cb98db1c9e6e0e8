// Where the names of boxes in a picture go: into the box, or above or below one that is too narrow.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

// In pixels. Every box of a row is as high as the others.
struct LabelledBox {
  std::string name;  // dotted, as layers are named
  size_t row = 0;
  double left = 0;
  double width = 0;
  bool below_first = false;  // of a name that has to stand outside
};

struct BoxLabel {
  enum class Place { inside, above, below };
  std::string text;
  Place place = Place::inside;
  double left = 0;
};

// Gives names to the boxes of one picture, in the order in which they are drawn.
class BoxLabels {
 public:
  static constexpr double character_width = 6.8;  // of the picture's font

  // Names stay between `left` and `right`.
  BoxLabels(double left, double right) : left_(left), right_(right) {}

  // As much of the name as there is room for: its last dotted parts, then what comes before the
  // underscores of the last. A name outside is over no other of its row. Nothing where there is no
  // room.
  std::optional<BoxLabel> place(const LabelledBox& box);
  // The same without names outside, for rows of more boxes than anyone reads.
  static std::optional<BoxLabel> place_inside(const LabelledBox& box);

 private:
  using Interval = std::pair<double, double>;

  std::optional<BoxLabel> place_outside(const LabelledBox& box, const std::string& text);

  double left_;
  double right_;
  std::map<size_t, std::array<std::vector<Interval>, 2>> taken_;  // by row: above, below
};

}  // namespace tenon
