// What the wrapper is for: no layer name of a model in the core, no stream and no prefetch in a
// model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace tenon {
namespace {

namespace fs = std::filesystem;

struct Source {
  std::string name;  // from the root of the tree
  std::string code;  // without comments
};

// Where the literal that begins at `begin` ends; `begin` where none does.
size_t end_of_literal(const std::string& text, size_t begin) {
  if (text.compare(begin, 2, "R\"") == 0) {
    const size_t open = text.find('(', begin);
    if (open == std::string::npos) return text.size();
    const std::string close = ")" + text.substr(begin + 2, open - begin - 2) + "\"";
    const size_t end = text.find(close, open);
    return end == std::string::npos ? text.size() : end + close.size();
  }
  const char quote = text[begin];
  const bool separates_digits =
      quote == '\'' && begin > 0 && std::isxdigit(static_cast<unsigned char>(text[begin - 1])) != 0;
  if ((quote != '"' && quote != '\'') || separates_digits) return begin;
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\') ++i;
  }
  return text.size();
}

std::string without_comments(const std::string& text) {
  std::string code;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      i = std::min(text.find("*/", i + 2), text.size() - 2) + 2;
    } else {
      const size_t end = std::max(end_of_literal(text, i), i + 1);
      code.append(text, i, end - i);
      i = end;
    }
  }
  return code;
}

// C++ files below these folders of the tree.
std::vector<Source> sources_of(const std::vector<std::string>& folders) {
  const fs::path root = TENON_SOURCE_FOLDER;
  std::vector<Source> sources;
  for (const std::string& folder : folders) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      sources.push_back({fs::relative(entry.path(), root).string(), without_comments(text)});
    }
  }
  return sources;
}

// The definitions, without the contract that they are written in.
std::vector<Source> definitions() {
  std::vector<Source> found;
  for (Source& source : sources_of({"models"})) {
    if (!source.name.starts_with("models/include/")) found.push_back(std::move(source));
  }
  return found;
}

// Components of the registered layer names that are some model's own words: "o_proj".
std::set<std::string> layer_names() {
  static const std::regex registration(R"re(prefetch_name\(\s*"[^"]*",\s*"[^"]*",\s*"([^"]*)")re");
  static const std::regex component(R"([A-Za-z0-9]+_[A-Za-z0-9_]+)");
  std::set<std::string> names;
  for (const Source& source : definitions()) {
    for (std::sregex_iterator match(source.code.begin(), source.code.end(), registration), end;
         match != end; ++match) {
      const std::string pattern = (*match)[1];
      names.insert(std::sregex_token_iterator(pattern.begin(), pattern.end(), component),
                   std::sregex_token_iterator());
    }
  }
  return names;
}

TEST(Sources, AreReadWithoutCommentsAndWithStrings) {
  EXPECT_EQ(without_comments("a(\"b://c\"); // gone\nd /* gone */ e"), "a(\"b://c\"); \nd  e");
  EXPECT_EQ(without_comments(R"x(f("\"//", '"', 1'000) // gone)x"), R"x(f("\"//", '"', 1'000) )x");
  EXPECT_EQ(without_comments("R\"y(\"// )\" /*)y\" /* gone */ g"), "R\"y(\"// )\" /*)y\"  g");
  EXPECT_EQ(without_comments("h // gone"), "h ");
}

TEST(Sources, NoLayerNameOfAModelStandsInTheCore) {
  const std::set<std::string> names = layer_names();
  ASSERT_TRUE(names.contains("qkv_proj"));
  ASSERT_TRUE(names.contains("self_attn"));
  for (const Source& source : sources_of({"core", "plugins"})) {
    for (const std::string& name : names) {
      // The builder's own names for the two products of its `moe` call, part of its contract.
      const bool of_builder = source.name == "core/program/builder_moe.cpp" &&
                              (name == "gate_up_proj" || name == "down_proj");
      if (of_builder) continue;
      EXPECT_FALSE(std::regex_search(source.code, std::regex("\\b" + name + "\\b")))
          << source.name << " names " << name;
    }
  }
}

TEST(Sources, NoDefinitionKnowsStreamsOrPrefetches) {
  const std::vector<Source> sources = definitions();
  ASSERT_GE(sources.size(), 4U);
  static const std::regex calls(R"(\b(prefetch|\w*[Ss]tream|\w*[Ee]vent|tn_device\w*)\b)");
  for (const Source& source : sources) {
    std::smatch found;
    EXPECT_FALSE(std::regex_search(source.code, found, calls))
        << source.name << ": " << found.str();
  }
}

}  // namespace
}  // namespace tenon
