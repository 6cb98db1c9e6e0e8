#!/usr/bin/env bash
# Installs the build, moves the tree, and runs the demo from the new place: nothing of it may know
# where it was built. Usage: install_test.sh BUILD_FOLDER CHECKPOINT
set -euo pipefail
build=$1
checkpoint=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
cd "$work"
text=$(moved/bin/tenon run --quiet --model "$checkpoint" -p "Once upon a time" -n 8)
echo "text: $text"
[ "$text" = ", there was a little girl named Lily" ]
moved/bin/tenon list plugins --explain | grep -q "$work/moved/.*libcpu_reference.so"

# The headers stand alone.
echo '#include <tenon/device_api.h>' >c.c
cc -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only -Imoved/include c.c
printf '#include <tenon/device_plugin.hpp>\n#include <tenon/model.hpp>\n#include <tenon/tenon.hpp>\n' >cpp.cpp
c++ -std=c++20 -fsyntax-only -Imoved/include cpp.cpp
