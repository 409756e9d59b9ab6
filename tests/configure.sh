#!/usr/bin/env bash
# What CMake says and chooses: all that is missing at once, with its packages; an optimised build without being asked; no tests with
# BUILD_TESTING=OFF.  configure.sh CMAKE COMPILER
set -u
cmake=$1 compiler=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
failures=0

# configure NAME OPTION...: into $folder/NAME, what it says into $folder/NAME.log.
configure() {
    local name=$1
    shift
    "$cmake" -S "$source" -B "$folder/$name" -DCMAKE_C_COMPILER="$compiler" "$@" >"$folder/$name.log" 2>&1
}

# expect FILE PATTERN
expect() {
    grep -qE -- "$2" "$folder/$1" && return
    echo "FAILED: expected /$2/ in $1: $(cat "$folder/$1")"
    failures=$((failures + 1))
}

# Nothing is found below a folder that is not there.
configure nowhere -DCMAKE_FIND_ROOT_PATH="$folder/empty" -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DBUILD_TESTING=ON \
    -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DPROTOC_C= &&
    { echo "FAILED: CMake goes on without libraries"; failures=$((failures + 1)); }
for what in OpenCL iniparser xxHash libzip protobuf-c protoc-c libpng Check; do
    expect nowhere.log "^ *.*$what"
done
expect nowhere.log 'Debian, Ubuntu: apt-get install ocl-icd-opencl-dev .*libpng-dev check$'
expect nowhere.log 'Fedora: dnf install .*libpng-devel check-devel$'
expect nowhere.log 'Arch: pacman -S .*libpng check$'
expect nowhere.log 'Homebrew: brew install .*libpng check$'
grep -q clblast "$folder/nowhere.log" && { echo "FAILED: CLBlast is not needed"; failures=$((failures + 1)); }

configure plain -DBUILD_TESTING=OFF || { cat "$folder/plain.log"; failures=$((failures + 1)); }
expect plain/CMakeCache.txt '^CMAKE_BUILD_TYPE:STRING=Release$'
expect plain/compile_commands.json ' -O[23] '
grep -qE 'tests/|Werror' "$folder/plain/compile_commands.json" && { echo "FAILED: tests are built, or warnings are errors"; failures=$((failures + 1)); }
grep -q '^CHECK_' "$folder/plain/CMakeCache.txt" && { echo "FAILED: Check was looked for"; failures=$((failures + 1)); }
exit $((failures > 0))
