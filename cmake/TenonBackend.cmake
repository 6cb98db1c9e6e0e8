# tenon_add_backend(NAME SOURCES...): a backend plugin, lib<NAME>.so, in C or C++ from the device
# API's headers. NAME is the name of the plugin's facts, so that the loader finds the file by it.
# Part of the tree and of the installed package.
set(TENON_PLUGIN_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/plugin_exports.map")

function(tenon_add_backend name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Tenon::device_api)
  set_target_properties(${name} PROPERTIES PREFIX "lib" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
                        C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON)
  # What the headers need, unless the project asks for another standard.
  if(NOT DEFINED CMAKE_CXX_STANDARD)
    set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  endif()
  if(NOT DEFINED CMAKE_C_STANDARD)
    set_target_properties(${name} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON)
  endif()
  # One exported symbol, nothing undefined, and nothing that would keep the library from being
  # unloaded.
  target_link_options(${name} PRIVATE "LINKER:--version-script=${TENON_PLUGIN_EXPORTS}"
                      "LINKER:--no-undefined")
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${TENON_PLUGIN_EXPORTS}")
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
endfunction()
