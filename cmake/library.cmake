# libbicross (library/bicross.h), shared and static: one process on one device, so without MPI. Only what the header declares is exported.
file(GLOB LIBRARY_SOURCES CONFIGURE_DEPENDS library/*.c)
if(MPI_C_FOUND)
    list(APPEND LIBRARY_SOURCES host/team/alone.c) # in place of host/team/mpi.c
endif()
add_library(bc_library OBJECT ${LIBRARY_SOURCES})
add_storey(bc_library library)
target_link_libraries(bc_library PRIVATE bc_bicross)
set_target_properties(bc_host bc_net bc_bicross bc_library PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)

add_library(bicross_shared SHARED $<TARGET_OBJECTS:bc_library>)
target_link_libraries(bicross_shared PRIVATE bc_bicross)
target_link_options(bicross_shared PRIVATE -Wl,--as-needed)
set_target_properties(bicross_shared PROPERTIES OUTPUT_NAME bicross EXPORT_NAME bicross LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(bicross_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# All of our objects in one archive; what it needs is named, not where it lies on the machine that built it.
set(ALL_OBJECTS $<TARGET_OBJECTS:bc_host> $<TARGET_OBJECTS:bc_net> $<TARGET_OBJECTS:bc_bicross>)
add_library(bicross_static STATIC $<TARGET_OBJECTS:bc_library> $<FILTER:${ALL_OBJECTS},EXCLUDE,host/team/mpi\\.c>)
set_target_properties(bicross_static PROPERTIES OUTPUT_NAME bicross EXPORT_NAME static LINKER_LANGUAGE C)
target_include_directories(bicross_static INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set(STATIC_NEEDS "")
foreach(library IN ITEMS ${OPENCL_LIBRARY} ${CLBLAST_LIBRARY} ${XXHASH_LIBRARY} ${ZIP_LIBRARY} ${PROTOBUF_C_LIBRARY} ${INIPARSER_LIBRARY}
        ${TURBOJPEG_LIBRARY})
    get_filename_component(name ${library} NAME)
    string(REGEX REPLACE "^lib|\\.(so|a|dylib|tbd)(\\.[0-9.]+)?$" "" name ${name})
    list(APPEND STATIC_NEEDS ${name})
endforeach()
list(APPEND STATIC_NEEDS png m pthread)
target_link_libraries(bicross_static INTERFACE ${STATIC_NEEDS})
