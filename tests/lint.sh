#!/usr/bin/env bash
# The sources are formatted as .clang-format says, clang-tidy finds nothing of what .clang-tidy asks for, shellcheck nothing in the scripts that users start, hadolint
# nothing in the Dockerfile, and kernels multiply and add in one way:  lint.sh BUILD
# BUILD: the build folder, for its compile_commands.json. The tests are formatted too, but not read by clang-tidy: they would
# double its time. Exit status 77 (skipped) where one of clang's two is not there and nothing else is found.
set -u
format_version=14 # others set some lines otherwise
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
status=0

# What git tracks; all there is where the sources came without git.
files() {
    git ls-files -- "$@" 2>/dev/null | grep . || find "${@%%/*}" -name "${1##*/}"
}

# each COUNT TOOL [OPTION...]: so many files of the list on stdin at a time, as many at once as there are cores.
each() {
    local count=$1
    shift
    xargs -P "$(nproc)" -n "$count" "$@"
}

format=$(command -v clang-format-$format_version || command -v clang-format)
if [ -n "$format" ] && "$format" --version | grep -q "version $format_version\."; then
    { files 'host/*.c' 'net/*.c' 'bicross/*.c' 'library/*.c' 'apps/*.c' 'tests/*.c'
      files 'host/*.h' 'net/*.h' 'bicross/*.h' 'library/*.h' 'apps/*.h' 'tests/*.h'; } |
        each 32 "$format" --dry-run -Werror || status=1
else
    echo "skipped: clang-format $format_version is not there"
    missing=yes
fi
if command -v clang-tidy >/dev/null; then
    files 'host/*.c' 'net/*.c' 'bicross/*.c' 'library/*.c' 'apps/*.c' |
        each 8 clang-tidy -p "$build" --quiet --extra-arg=-Wno-error \
            2> >(grep -v 'warnings\? generated\|^Suppressed\|^Use -header-filter' >&2) || status=1
else
    echo "skipped: clang-tidy is not there"
    missing=yes
fi
if command -v shellcheck >/dev/null; then
    files 'docs/*.sbatch' 'vendor_notes/*.sh' run | each 8 shellcheck || status=1
else
    echo "not there: shellcheck, so the scripts of users are not looked at"
fi
if command -v hadolint >/dev/null; then
    hadolint docs/cluster/Dockerfile || status=1
else
    echo "not there: hadolint, so the Dockerfile is not looked at"
fi
# PoCL 3.1 makes two instructions of mad, and fma is slow where it is none; of a * b + c every compiler makes what its device has.
if grep -nE '\b(mad|fma)\(' cl_kernels/*.cl cl_kernels/*.clh | grep -v '^cl_kernels/ceiling.cl'; then
    echo "a multiply-add in a kernel is written a * b + c"
    status=1
fi
[ $status -eq 0 ] && [ -n "${missing:-}" ] && exit 77
exit $status
