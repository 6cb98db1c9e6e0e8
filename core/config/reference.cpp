#include "config/reference.hpp"

#include <fmt/format.h>

#include "config/environment.hpp"
#include "config/schema_match.hpp"

namespace tenon {
namespace {

constexpr std::string_view introduction = R"(# Configuration

This page is generated from the schema in `core/config/schema.cpp`; do not edit it by hand.

A deployment is one TOML file, and TOML is the only format. Every key has a default, so that a file
holds only what differs; without a file, flags alone are enough (`--model`, `--device`, `--set`).

## Where a value comes from

The first of these that gives a key a value wins:

1. a flag: `--set dotted.key=value`, or a flag of its own such as `--temperature` (of two flags for
   one key the later one counts);
2. an environment variable: `TENON_` and the key in capitals with underscores for dots;
3. the TOML file;
4. the default.

`tenon config` prints every value with its origin, as a TOML file that gives the same configuration.

- Values of `--set` are in TOML syntax. Where a key takes a string, quotes may be left out:
  `--set engine.kv_cache=4GiB`. A whole table may be given inline: `--set 'prefetch.ratio.attn={qkv=0.5}'`.
- Variables hold what `--set` takes after the `=`. `TENON_PLUGIN_PATH` holds folders separated by
  colons. Keys with a free part (`<group>`, `<name>`) have no variable. A variable that starts like a
  table of this page, but names no key, is an error. No variable is needed for a normal run.
- `--device NAME,option=value` sets `device.backend` and `device.options.option`. When a flag or a
  variable chooses another backend than the file, the file's `[device.options]` are left out with a
  note, because they were meant for that other backend.
- Relative paths in the file start at the file's folder; those in flags and variables start at the
  current folder.

## Mistakes

An unknown table or key, a wrong type, a value out of range, or a directory in place of the file is an
error, and all mistakes of all sources are reported at once:

```text
serve.toml:4:1: error: [engine.contxt] unknown key; expected one of max_num_seqs, max_num_batched_tokens, context, block_size, kv_cache, graphs
    4 | contxt = 4096
      | ^
      did you mean "context"?
```

Columns count characters. The parser stops at the first syntax error. Numbers must be finite; an integer
is taken where a number is expected, and nothing else is converted.

Sizes are text with a unit: `"512MiB"`, `"4 GiB"`, `"1.5GB"`. `KiB`, `MiB`, `GiB`, `TiB` are powers of
1024; `KB`, `MB`, `GB`, `TB` powers of 1000.

## Keys
)";

std::string type_cell(const KeyDescription& key) {
  const auto ranged = [&](const std::string& type) {
    const std::string range = range_text(key);
    return range.empty() ? type : type + ", " + range;
  };
  switch (key.type) {
    case KeyType::boolean:
      return "boolean";
    case KeyType::integer:
      return ranged("integer");
    case KeyType::number:
      return ranged("number");
    case KeyType::string:
      return "string, not empty";
    case KeyType::path:
      return "path";
    case KeyType::paths:
      return "path or array of paths";
    case KeyType::backend:
      return "name or path, not empty";
    case KeyType::size:
      return "size, integer of bytes, or `\"auto\"`";
    case KeyType::cache_size:
      return "size, share, or `\"auto\"`";
    case KeyType::option:
      return "boolean, integer, number or string";
    case KeyType::choice:
      break;
  }
  std::string text;
  for (const std::string_view choice : key.choices) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", toml_string(choice));
  }
  return text;
}

// The default, or for keys with a free part each "rest = value" that has one.
std::string default_cell(const KeyDescription& key) {
  if (!key.default_text.empty()) return fmt::format("`{}`", key.default_text);
  const size_t fixed = key.name.find('<');
  std::string text;
  for (const std::string_view line : key.named_defaults) {
    text += fmt::format("{}`{}`", text.empty() ? "" : "<br>", line.substr(fixed));
  }
  return text.empty() ? "none" : text;
}

std::string variable_cell(const KeyDescription& key) {
  const std::string name = environment_name(key);
  return name.empty() ? "" : fmt::format("`{}`", name);
}

}  // namespace

std::string configuration_reference() {
  std::string page(introduction);
  std::string table;
  for (const KeyDescription& key : configuration_schema()) {
    const size_t dot = key.name.find('.');
    const std::string_view next = key.name.substr(0, dot);
    if (next != table) {
      table = next;
      page += fmt::format(
          "\n### [{}]\n\n| key | type | default | meaning | variable |\n"
          "|---|---|---|---|---|\n",
          table);
    }
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name.substr(dot + 1), type_cell(key),
                        default_cell(key), key.doc, variable_cell(key));
  }
  return page;
}

}  // namespace tenon
