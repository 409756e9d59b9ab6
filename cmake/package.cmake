# `cpack` makes a .deb and a .tar.gz (./run package). They are made without MPI (the preset `package`): it would bring Open MPI to everybody
# for the few who have several devices, and a cluster has an MPI of its own, with which the program must be built anyway.
set(CPACK_PACKAGE_NAME bicross)
set(CPACK_PACKAGE_VENDOR "BiCross")
set(CPACK_PACKAGE_CONTACT "The BiCross authors <bicross@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "depth from spike cameras, on any OpenCL device")
set(CPACK_PACKAGE_DESCRIPTION "Trains and runs networks that give depth and its uncertainty from the stream of a spike camera, without
depth labels of the domain where it is used (BiCross, ICRA 2024): the program bicross, and the library
libbicross for programs of one's own. Runs on any OpenCL 1.2 device, CPU or GPU.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(DPKG_SHLIBDEPS)
if(DPKG_SHLIBDEPS)
    list(APPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "pocl-opencl-icd | opencl-icd")
include(CPack)
