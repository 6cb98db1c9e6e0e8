#!/usr/bin/env bash
# Installs the build into an empty folder, moves it, copies the template and the C example from
# there to another, builds both with nothing but the installed package, and has the installed suite
# judge them; builds a program that embeds the library, and a model definition.
# Usage: sdk_test.sh BUILD_FOLDER [SANITIZER]
set -euo pipefail
build=$1
sanitizer=${2:-}  # a program that links a sanitized library needs the same one
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/tenon"
mkdir "$work/mine"
cp -r "$work/tenon/share/tenon/template" "$work/tenon/share/tenon/examples/c_backend" "$work/mine"

for plugin in template:my_backend c_backend:c_backend; do
  folder=$work/mine/${plugin%%:*}
  library=$folder/build/lib${plugin##*:}.so
  cmake --no-warn-unused-cli -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$work/tenon" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" >/dev/null
  cmake --build "$folder/build" >/dev/null

  # One exported symbol.
  exported=$(nm -D --defined-only "$library" | awk '{print $3}')
  [ "$exported" = tn_plugin_query ] || { echo "$library exports: $exported"; exit 1; }

  report=$("$work/tenon/bin/tenon-conformance" "$library" --profile core) ||
    { echo "$report"; exit 1; }
  echo "$report" | tail -12
  echo "$report" | grep -Eq '^core +conforms '
done

# The same through the command line, and by name from a folder of plugins.
TENON_PLUGIN_PATH=$work/mine/template/build \
  "$work/tenon/bin/tenon" conformance my_backend --quiet --profile core >/dev/null

# A program that embeds the library finds the plugins beside it.
cp -r "$work/tenon/share/tenon/examples/embed" "$work/mine"
cmake --no-warn-unused-cli -S "$work/mine/embed" -B "$work/mine/embed/build" \
  -DCMAKE_PREFIX_PATH="$work/tenon" ${sanitizer:+"-DCMAKE_CXX_FLAGS=-fsanitize=$sanitizer"} \
  >/dev/null
cmake --build "$work/mine/embed/build" >/dev/null
demo=$(cd "$(dirname "$0")/../../examples/demo/qwen3" && pwd)
story=$("$work/mine/embed/build/embed" "$demo" "Once upon a time")
[[ "$story" == *"little girl"* ]] || { echo "embed wrote: $story"; exit 1; }

# A model definition, as docs/write-a-model.md builds it.
mkdir "$work/mine/model"
cp "$(dirname "$0")/numeric/unfamiliar_names.cpp" "$work/mine/model/mymodel.cpp"
cat >"$work/mine/model/CMakeLists.txt" <<'LISTS'
cmake_minimum_required(VERSION 3.25)
project(mymodel CXX)
find_package(Tenon REQUIRED)
add_library(mymodel MODULE mymodel.cpp)
target_link_libraries(mymodel PRIVATE Tenon::model_api)
set_target_properties(mymodel PROPERTIES PREFIX lib CXX_STANDARD 20)
LISTS
cmake --no-warn-unused-cli -S "$work/mine/model" -B "$work/mine/model/build" \
  -DCMAKE_PREFIX_PATH="$work/tenon" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" >/dev/null
cmake --build "$work/mine/model/build" >/dev/null
models=$("$work/tenon/bin/tenon" list models --plugin-path "$work/mine/model/build")
[[ "$models" == *unfamiliar* ]] || { echo "the definition is not listed: $models"; exit 1; }

# pkg-config finds the headers wherever the tree lies.
if command -v pkg-config >/dev/null; then
  flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$work/tenon" -name tenon.pc)") \
    pkg-config --cflags tenon)
  echo '#include <tenon/device_api.h>' >"$work/alone.c"
  # shellcheck disable=SC2086
  cc -std=c99 -fsyntax-only $flags "$work/alone.c"
fi
