# Headers that most files include anyway, parsed once for each kind of target: it saves a third of
# the compile time. The scripts turn it on. Off by default, and for clang-tidy: a build without it is
# what shows a file that forgot an include.
option(TENON_PRECOMPILED_HEADERS "Parse common headers once" OFF)
if(NOT TENON_PRECOMPILED_HEADERS)
  function(tenon_precompile)
  endfunction()
  return()
endif()

# ccache takes part only if it may trust the precompiled file (its manual, "Precompiled headers").
if(TENON_CCACHE)
  set(launcher "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${TENON_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()

set(tenon_common_headers
    <algorithm> <array> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span> <sstream>
    <string> <string_view> <vector> <fmt/format.h>)
set(empty_source "${CMAKE_CURRENT_BINARY_DIR}/empty.cpp")
file(WRITE "${empty_source}.new" "int main() { return 0; }\n")
file(COPY_FILE "${empty_source}.new" "${empty_source}" ONLY_IF_DIFFERENT)

# Libraries are compiled with -fPIC and programs with -fPIE, which cannot share.
add_library(tenon_precompiled_library OBJECT "${empty_source}")
target_link_libraries(tenon_precompiled_library PRIVATE fmt::fmt)
target_precompile_headers(tenon_precompiled_library PRIVATE ${tenon_common_headers})
add_executable(tenon_precompiled_program "${empty_source}")
target_link_libraries(tenon_precompiled_program PRIVATE fmt::fmt)
target_precompile_headers(tenon_precompiled_program PRIVATE ${tenon_common_headers})
if(TENON_BUILD_TESTS)
  find_package(GTest REQUIRED)
  add_executable(tenon_precompiled_test "${empty_source}")
  target_link_libraries(tenon_precompiled_test PRIVATE fmt::fmt GTest::gtest)
  target_compile_options(tenon_precompiled_test PRIVATE ${TENON_TEST_OPTIONS})
  target_precompile_headers(tenon_precompiled_test PRIVATE ${tenon_common_headers} <gtest/gtest.h>)
endif()

# tenon_precompile(TARGET library|program|test)
function(tenon_precompile target kind)
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM tenon_precompiled_${kind})
endfunction()
