# `cmake --install` makes a tree that can be moved: bin/tenon finds ../lib/tenon/plugins. Programs and
# plugins install themselves where they are defined; this is what belongs to no target.
install(DIRECTORY device_api/include/tenon models/include/tenon core/include/tenon
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES README.md LICENSE NOTICE device_api/RULES.md device_api/CHANGELOG.md
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs configs DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# The SDK: find_package(Tenon) and pkg-config, by paths relative to where they lie, and two backends
# to start from.
include(CMakePackageConfigHelpers)
set(TENON_PACKAGE_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/cmake/Tenon")
install(EXPORT TenonTargets NAMESPACE Tenon:: DESTINATION "${TENON_PACKAGE_DIRECTORY}")
configure_package_config_file(cmake/TenonConfig.cmake.in "${CMAKE_BINARY_DIR}/TenonConfig.cmake"
                              INSTALL_DESTINATION "${TENON_PACKAGE_DIRECTORY}"
                              PATH_VARS CMAKE_INSTALL_BINDIR TENON_PLUGIN_INSTALL_DIRECTORY)
# The plugin contract is binary; what an SDK offers to a build may still change with each 0.x.
write_basic_package_version_file("${CMAKE_BINARY_DIR}/TenonConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${CMAKE_BINARY_DIR}/TenonConfig.cmake" "${CMAKE_BINARY_DIR}/TenonConfigVersion.cmake"
              cmake/TenonBackend.cmake cmake/plugin_exports.map
        DESTINATION "${TENON_PACKAGE_DIRECTORY}")
file(RELATIVE_PATH TENON_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/tenon.pc.in "${CMAKE_BINARY_DIR}/tenon.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/tenon.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(DIRECTORY plugins/template DESTINATION "${CMAKE_INSTALL_DATADIR}/tenon")
install(DIRECTORY examples/c_backend examples/embed DESTINATION "${CMAKE_INSTALL_DATADIR}/tenon/examples")
