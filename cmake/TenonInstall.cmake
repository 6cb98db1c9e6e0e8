# `cmake --install` makes a tree that can be moved: bin/tenon finds ../lib/tenon/plugins. Programs and
# plugins install themselves where they are defined; this is what belongs to no target.
install(DIRECTORY device_api/include/tenon models/include/tenon core/include/tenon
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES README.md LICENSE NOTICE device_api/RULES.md device_api/CHANGELOG.md
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs configs DESTINATION "${CMAKE_INSTALL_DOCDIR}")
