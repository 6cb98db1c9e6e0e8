#include "trace/box_labels.hpp"

#include <algorithm>

namespace tenon {
namespace {

constexpr double padding = 3;

double width_of(const std::string& text) {
  return static_cast<double>(text.size()) * BoxLabels::character_width;
}

// "a.b.c_proj", "b.c_proj", "c_proj"
std::vector<std::string> dotted_forms(const std::string& name) {
  std::vector<std::string> forms{name};
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
    forms.push_back(name.substr(dot + 1));
  return forms;
}

// "c_d_proj": "c_d", "c"
std::vector<std::string> short_forms(const std::string& last) {
  std::vector<std::string> forms;
  for (size_t line = last.rfind('_'); line != std::string::npos && line > 0;
       line = last.rfind('_', line - 1))
    forms.push_back(last.substr(0, line));
  return forms;
}

std::optional<BoxLabel> first_that_fits(const LabelledBox& box,
                                        const std::vector<std::string>& forms) {
  const auto fits = [&](const std::string& form) {
    return !form.empty() && width_of(form) <= box.width - 2 * padding;
  };
  const auto found = std::ranges::find_if(forms, fits);
  if (found == forms.end()) return std::nullopt;
  return BoxLabel{*found, BoxLabel::Place::inside, box.left + padding};
}

}  // namespace

std::optional<BoxLabel> BoxLabels::place_inside(const LabelledBox& box) {
  return first_that_fits(box, dotted_forms(box.name));
}

std::optional<BoxLabel> BoxLabels::place(const LabelledBox& box) {
  const std::vector<std::string> dotted = dotted_forms(box.name);
  if (auto label = first_that_fits(box, dotted)) return label;
  if (auto label = place_outside(box, dotted.back())) return label;
  const std::vector<std::string> shorter = short_forms(dotted.back());
  if (auto label = first_that_fits(box, shorter)) return label;
  for (const std::string& form : shorter) {
    if (auto label = place_outside(box, form)) return label;
  }
  return std::nullopt;
}

std::optional<BoxLabel> BoxLabels::place_outside(const LabelledBox& box, const std::string& text) {
  const double width = width_of(text);
  if (text.empty() || width > right_ - left_) return std::nullopt;
  const double middle = box.left + box.width / 2;
  const double left = std::clamp(middle - width / 2, left_, right_ - width);
  const auto is_over = [&](const Interval& other) {
    return left < other.second + padding && other.first < left + width + padding;
  };
  for (const bool below : {box.below_first, !box.below_first}) {
    std::vector<Interval>& taken = taken_[box.row][below ? 1 : 0];
    if (std::ranges::any_of(taken, is_over)) continue;
    taken.emplace_back(left, left + width);
    return BoxLabel{text, below ? BoxLabel::Place::below : BoxLabel::Place::above, left};
  }
  return std::nullopt;
}

}  // namespace tenon
