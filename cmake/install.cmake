# What `cmake --install` puts where. The man page and the completions are printed by the program from its tables of options.
set(DESCRIPTIONS ${CMAKE_BINARY_DIR}/descriptions)
file(MAKE_DIRECTORY ${DESCRIPTIONS})
set(DESCRIPTION_FILES "")
foreach(kind IN ITEMS man bash zsh fish)
    set(file ${DESCRIPTIONS}/${kind})
    add_custom_command(OUTPUT ${file} COMMAND bicross --describe ${kind} > ${file} DEPENDS bicross VERBATIM)
    list(APPEND DESCRIPTION_FILES ${file})
endforeach()
add_custom_target(descriptions ALL DEPENDS ${DESCRIPTION_FILES})

install(TARGETS bicross RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY apps/configs DESTINATION ${CMAKE_INSTALL_DATADIR}/bicross)
install(DIRECTORY vendor_notes/tuning DESTINATION ${CMAKE_INSTALL_DATADIR}/bicross FILES_MATCHING PATTERN "*.ini")
install(FILES ${DESCRIPTIONS}/man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME bicross.1)
install(FILES ${DESCRIPTIONS}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME bicross)
install(FILES ${DESCRIPTIONS}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _bicross)
install(FILES ${DESCRIPTIONS}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME bicross.fish)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The library, for pkg-config and for CMake's find_package(bicross).
set(BICROSS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/bicross)
install(FILES library/bicross.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS bicross_shared bicross_static EXPORT bicross
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT bicross FILE bicrossConfig.cmake NAMESPACE bicross:: DESTINATION ${BICROSS_CMAKE_DIR})
include(CMakePackageConfigHelpers)
write_basic_package_version_file(bicrossConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bicrossConfigVersion.cmake DESTINATION ${BICROSS_CMAKE_DIR})

# Folders relative to where the file itself lies, so that the installed tree may be moved.
file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
list(TRANSFORM STATIC_NEEDS PREPEND "-l" OUTPUT_VARIABLE PC_STATIC)
list(JOIN PC_STATIC " " PC_STATIC)
configure_file(cmake/bicross.pc.in bicross.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bicross.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
