# Compiler settings shared by every target of the tree.
include(GNUInstallDirs)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# -O2 for the host; the kernels of a backend ask for more themselves.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The build tree mirrors the installed one: bin/tenon finds ../lib/tenon/plugins in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(TENON_PLUGIN_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/tenon/plugins")
set(TENON_PLUGIN_INSTALL_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/tenon/plugins")

find_package(fmt REQUIRED)

find_program(TENON_CCACHE ccache)
if(TENON_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${TENON_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TENON_CCACHE}")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
# GCC 12 reports copies inside std::string that cannot happen: overlapping ones, and, as soon as the
# header is precompiled, ones out of bounds (GCC bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  foreach(warning restrict array-bounds stringop-overflow stringop-overread)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-${warning}>)
  endforeach()
endif()
# The scripts compile several files of a target as one (CMAKE_UNITY_BUILD): half the time. The files of
# a target therefore share one set of names in their anonymous namespaces. GCC then takes them for
# headers and warns of that.
if(NOT DEFINED CMAKE_UNITY_BUILD_BATCH_SIZE)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
if(TENON_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

# Building a test costs more than running it.
set(TENON_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)

if(TENON_SANITIZE)
  # Undefined behaviour is looked for in what is tested, not in the tests: checking their code too
  # takes a quarter more compile time.
  set(TENON_TEST_OPTIONS "")
  if(TENON_SANITIZE MATCHES "undefined")
    set(TENON_TEST_OPTIONS -fno-sanitize=undefined)
  endif()
  add_compile_options(-fsanitize=${TENON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  # Sanitized builds are for finding faults, not for speed: compile time counts. A backend's kernels
  # raise this again.
  set(CMAKE_CXX_FLAGS_RELEASE "-O0 -DNDEBUG")
  set(CMAKE_C_FLAGS_RELEASE "-O0 -DNDEBUG")
  add_link_options(-fsanitize=${TENON_SANITIZE})
endif()
