# The package of each thing that the build needs, for the distributions that have one:
#   name | what it is | Debian, Ubuntu | Fedora | Arch | Homebrew
set(PACKAGE_TABLE
    "OPENCL|OpenCL (libOpenCL, CL/cl.h)|ocl-icd-opencl-dev|ocl-icd-devel opencl-headers|ocl-icd opencl-headers|opencl-icd-loader opencl-headers"
    "CLBLAST|CLBlast (clblast_c.h)|libclblast-dev|clblast-devel|clblast|clblast"
    "INIPARSER|iniparser|libiniparser-dev|iniparser-devel|iniparser|iniparser"
    "XXHASH|xxHash|libxxhash-dev|xxhash-devel|xxhash|xxhash"
    "ZIP|libzip|libzip-dev|libzip-devel|libzip|libzip"
    "TURBOJPEG|libjpeg-turbo (turbojpeg.h)|libturbojpeg0-dev|turbojpeg-devel|libjpeg-turbo|jpeg-turbo"
    "PROTOBUF_C|protobuf-c|libprotobuf-c-dev|protobuf-c-devel|protobuf-c|protobuf-c"
    "PROTOC_C|the compiler of protobuf-c (protoc-c)|protobuf-c-compiler|protobuf-c-compiler|protobuf-c|protobuf-c"
    "PNG|libpng|libpng-dev|libpng-devel|libpng|libpng"
    "CHECK|Check, for the tests (not with -DBUILD_TESTING=OFF)|check|check-devel|check|check")
set(PACKAGE_SYSTEMS "Debian, Ubuntu" "Fedora" "Arch" "Homebrew")
set(PACKAGE_COMMANDS "apt-get install" "dnf install" "pacman -S" "brew install")

# Column `index` of the table's line for `name`.
function(package_column name index out)
    foreach(line IN LISTS PACKAGE_TABLE)
        string(REPLACE "|" ";" columns "${line}")
        list(GET columns 0 key)
        if(key STREQUAL name)
            list(GET columns ${index} found)
            set(${out} "${found}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
    message(FATAL_ERROR "cmake/packages.cmake has no line for ${name}")
endfunction()

# One message for all that is missing, with the command that installs it on each system.
function(fail_for_missing names)
    if(NOT names)
        return()
    endif()
    set(text "These are missing:\n")
    foreach(name IN LISTS names)
        package_column(${name} 1 what)
        string(APPEND text "  ${what}\n")
    endforeach()
    string(APPEND text "Install them:\n")
    foreach(system RANGE 3)
        math(EXPR column "${system} + 2")
        set(packages "")
        foreach(name IN LISTS names)
            package_column(${name} ${column} found)
            string(REPLACE " " ";" found "${found}")
            list(APPEND packages ${found})
        endforeach()
        list(REMOVE_DUPLICATES packages)
        list(JOIN packages " " packages)
        list(GET PACKAGE_SYSTEMS ${system} title)
        list(GET PACKAGE_COMMANDS ${system} command)
        string(APPEND text "  ${title}: ${command} ${packages}\n")
    endforeach()
    list(GET names 0 first)
    message(FATAL_ERROR "${text}or say where they are: -DCMAKE_PREFIX_PATH=FOLDER for all, "
        "-D${first}_LIBRARY=FILE -D${first}_INCLUDE=FOLDER for one (programs: -DPROTOC_C=FILE).")
endfunction()
