#include "tune/write_toml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "config/schema_match.hpp"
#include "config/toml_source.hpp"
#include "tune/size_text.hpp"
#include "tune/toml_statements.hpp"

namespace tenon {
namespace {

constexpr std::string_view table_name = "prefetch";

template <typename Map>
std::string inline_table(const Map& map, const auto& text_of) {
  std::vector<std::string> entries;
  entries.reserve(map.size());
  for (const auto& [key, value] : map)
    entries.push_back(fmt::format("{} = {}", join_key({key}), text_of(value)));
  return fmt::format("{{ {} }}", fmt::join(entries, ", "));
}

template <typename Map>
Map of_groups(const Map& map, const std::vector<std::string>& groups) {
  Map kept;
  for (const auto& [group, value] : map) {
    if (std::ranges::find(groups, group) != groups.end()) kept.emplace(group, value);
  }
  return kept;
}

std::string with_line_end(std::string text) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

bool sets_prefetch(const TomlStatement& statement) {
  return statement.kind != TomlStatement::Kind::blank && statement.path.front() == table_name;
}

// Comments and empty lines after the last thing that a statement of [prefetch] says belong to what
// follows it.
std::vector<bool> belongs_to_prefetch(const std::vector<TomlStatement>& statements) {
  std::vector<bool> belongs(statements.size());
  size_t first = 0;  // of a run of such statements and what lies between them
  bool inside = false;
  for (size_t i = 0; i < statements.size(); ++i) {
    if (sets_prefetch(statements[i])) {
      if (!inside) first = i;
      std::fill(belongs.begin() + static_cast<ptrdiff_t>(first),
                belongs.begin() + static_cast<ptrdiff_t>(i) + 1, true);
      inside = true;
    } else if (statements[i].kind != TomlStatement::Kind::blank) {
      inside = false;
    }
  }
  return belongs;
}

// Byte of the text at a line and column.
size_t offset_of(std::string_view text, const SourcePosition& position) {
  size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (int line = 1; line < position.line; ++line)
    at = text.find('\n', at) + 1;
  for (int column = 1; column < position.column; ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
      ++at;
  }
  return at;
}

class PathMover {
 public:
  PathMover(std::string_view text, std::filesystem::path from, std::filesystem::path to)
      : text_(text), from_(std::move(from)), to_(std::move(to)) {}

  std::string run() {
    visit(parse_toml(text_).root, {});
    std::ranges::sort(edits_);
    std::string result;
    size_t at = 0;
    for (const auto& [begin, replacement] : edits_) {
      result += text_.substr(at, begin - at);
      result += replacement;
      at = end_of_toml_string(text_, begin);
    }
    return result + std::string(text_.substr(at));
  }

 private:
  void visit(const ConfigValue& value, const std::vector<std::string>& path) {
    for (const ConfigMember& member : value.members) {
      std::vector<std::string> below = path;
      below.push_back(member.key);
      visit(member.value, below);
    }
    const KeyDescription* key = path.empty() ? nullptr : match_schema(path).key;
    if (key == nullptr) return;
    if (key->type == KeyType::path || key->type == KeyType::paths) move(value);
    if (key->type == KeyType::paths)
      std::ranges::for_each(value.items, [&](const auto& item) { move(item); });
    const bool is_file = value.text.find('/') != std::string::npos || value.text.ends_with(".so");
    if (key->type == KeyType::backend && is_file) move(value);
  }

  void move(const ConfigValue& value) {
    if (value.kind != ConfigValueKind::string || value.text.empty()) return;
    if (std::filesystem::path(value.text).is_absolute()) return;
    const std::filesystem::path moved =
        (from_ / value.text).lexically_normal().lexically_proximate(to_);
    // A backend without a slash would be looked up by its name.
    const bool bare = moved.string().find('/') == std::string::npos;
    edits_.emplace_back(offset_of(text_, value.position),
                        toml_string(bare ? "./" + moved.string() : moved.string()));
  }

  std::string_view text_;
  std::filesystem::path from_;
  std::filesystem::path to_;
  std::vector<std::pair<size_t, std::string>> edits_;
};

using Settings = std::map<std::string, ConfigSetting>;

// As if [plugins] path had named them, before what it names.
Settings with_plugin_folders(Settings settings, const std::vector<std::filesystem::path>& folders) {
  if (folders.empty()) return settings;
  ConfigSetting& setting = settings["plugins.path"];
  ConfigValue all;
  all.kind = ConfigValueKind::array;
  for (const std::filesystem::path& folder : folders)
    all.items.push_back(string_value(std::filesystem::absolute(folder).lexically_normal()));
  std::ranges::copy(setting.value.items, std::back_inserter(all.items));
  setting.path = {"plugins", "path"};
  setting.value = std::move(all);
  setting.origin.kind = OriginKind::flag;
  return settings;
}

}  // namespace

std::string prefetch_table(const std::optional<PrefetchSettings>& settings,
                           const std::vector<std::string>& groups,
                           const std::vector<std::string>& comments) {
  std::string text;
  for (const std::string& comment : comments)
    text += fmt::format("# {}\n", comment);
  text += fmt::format("[{}]\nenabled = {}\n", table_name, settings.has_value());
  if (!settings) return text;
  text += fmt::format("through_attention = {}\n", settings->through_attention);
  const auto ratio_text = [](double ratio) { return toml_text(number_value(ratio)); };
  for (const auto& [group, ratios] : of_groups(settings->ratio, groups))
    text += fmt::format("ratio.{} = {}\n", join_key({group}), inline_table(ratios, ratio_text));
  const auto caps = of_groups(settings->max_bytes, groups);
  const auto cap_text = [](const std::optional<uint64_t>& cap) {
    return fmt::format("\"{}\"", cap ? size_text(*cap) : "auto");
  };
  if (!caps.empty()) text += fmt::format("max_bytes = {}\n", inline_table(caps, cap_text));
  const auto plain = [](int64_t tokens) { return std::to_string(tokens); };
  const auto fewest = of_groups(settings->min_tokens, groups);
  if (!fewest.empty()) text += fmt::format("min_tokens = {}\n", inline_table(fewest, plain));
  const auto most = of_groups(settings->max_tokens, groups);
  if (!most.empty()) text += fmt::format("max_tokens = {}\n", inline_table(most, plain));
  return text;
}

std::string replace_prefetch(std::string_view text, const std::string& table) {
  const std::vector<TomlStatement> statements = toml_statements(text);
  const std::vector<bool> gone = belongs_to_prefetch(statements);
  std::string result;
  bool written = false;
  for (size_t i = 0; i < statements.size(); ++i) {
    const TomlStatement& statement = statements[i];
    if (!gone[i]) {
      result += text.substr(statement.begin, statement.end - statement.begin);
      continue;
    }
    // Before a header no table is open that the rest of the text would lose.
    if (written || statement.kind != TomlStatement::Kind::header) continue;
    result = with_line_end(std::move(result));
    result += table;
    written = true;
  }
  if (!written) {
    result = with_line_end(std::move(result));
    result += (result.empty() ? "" : "\n") + table;
  }
  const TomlResult check = parse_toml(result);
  if (check.mistake) {
    fail_run("prefetch", "the table cannot be replaced in this file", "one table [prefetch]",
             fmt::format("line {}: {}", check.mistake->position.line, check.mistake->what));
  }
  return result;
}

std::string move_paths(std::string_view text, const std::filesystem::path& from,
                       const std::filesystem::path& to) {
  const std::filesystem::path start = std::filesystem::absolute(from / "").lexically_normal();
  const std::filesystem::path end = std::filesystem::absolute(to / "").lexically_normal();
  if (start == end) return std::string(text);
  return PathMover(text, start, end).run();
}

std::string given_settings(const ResolvedConfiguration& configuration,
                           const std::vector<std::filesystem::path>& plugin_folders) {
  const Settings settings = with_plugin_folders(configuration.settings, plugin_folders);
  std::string text;
  std::string header;
  for (const KeyDescription& key : configuration_schema()) {
    for (const auto& [name, setting] : settings) {
      if (setting.origin.kind == OriginKind::builtin || setting.path.front() == table_name)
        continue;
      if (match_schema(setting.path).key != &key) continue;
      if (setting.path.front() != header) {
        text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", setting.path.front());
      }
      header = setting.path.front();
      const std::vector<std::string> below(setting.path.begin() + 1, setting.path.end());
      text += fmt::format("{} = {}\n", join_key(below), toml_text(setting.value));
    }
  }
  return text;
}

}  // namespace tenon
