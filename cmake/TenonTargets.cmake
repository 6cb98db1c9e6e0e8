# tenon_library(NAME SOURCES ... DEPENDS ... PRIVATE ...): one small static library of the core.
# Its headers are included by folder name, for example "base/error.hpp".
function(tenon_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(tenon_${name} STATIC ${arg_SOURCES})
  target_include_directories(tenon_${name} PUBLIC "${PROJECT_SOURCE_DIR}/core"
                             "${PROJECT_SOURCE_DIR}/core/include")
  target_link_libraries(tenon_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE})
  tenon_precompile(tenon_${name} library)
endfunction()

# tenon_plugin(NAME SOURCES ... PRIVATE ...): a plugin, lib<NAME>.so in the plugin folder.
# Whatever a plugin links stays its own business: nothing of it is exported.
function(tenon_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;PRIVATE" ${ARGN})
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_PRIVATE})
  set_target_properties(${name} PROPERTIES PREFIX "lib"
                        LIBRARY_OUTPUT_DIRECTORY "${TENON_PLUGIN_OUTPUT_DIRECTORY}")
  # One exported symbol, and nothing that would keep the library from being unloaded.
  target_link_options(${name} PRIVATE
                      "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/plugin_exports.map")
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  install(TARGETS ${name} LIBRARY DESTINATION "${TENON_PLUGIN_INSTALL_DIRECTORY}")
endfunction()

# tenon_test(NAME SOURCES ... DEPENDS ...): a GoogleTest binary registered with CTest test by test.
function(tenon_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest GTest::gtest_main)
  tenon_precompile(${name} test)
  target_compile_options(${name} PRIVATE ${TENON_TEST_OPTIONS})
  target_compile_definitions(${name} PRIVATE TENON_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  # Values of parameters may be addresses: names of tests must be the same in every run.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
