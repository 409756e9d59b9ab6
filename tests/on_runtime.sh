#!/usr/bin/env bash
# Runs a program, tests with tiny sizes, on another OpenCL implementation:
#   on_runtime.sh rusticl PROGRAM [ARGUMENT ...]
#   on_runtime.sh oclgrind PROGRAM SHADOW_LIBRARY [ARGUMENT ...]  (oclgrind_shadow.c; BICROSS_OCLGRIND_LIMITS: more of Oclgrind's options)
#   on_runtime.sh intel PROGRAM FOLDER [ARGUMENT ...]            of Intel's libraries, without its loader (./run test --with-intel)
# Exit status: the program's; 1 when Oclgrind's log is not clean; 77 (skipped) when the implementation is not there.
set -u
runtime=$1
program=$2
export BICROSS_TEST_TINY=1
unset BICROSS_DEVICE

skip() {
    echo "skipped: $1"
    exit 77
}

# Oclgrind reports to its log only; the program's own status stays what it was. Without optimisation, because its checks do
# not know all that the optimiser makes (vendor_notes/oclgrind.md); without the program cache, whose key does not tell.
run_under_oclgrind() {
    local log status
    log=$(mktemp) || exit 1
    trap 'rm -f "$log"' EXIT
    # shellcheck disable=SC2086 # the limits are words
    env -u HOME -u XDG_CACHE_HOME oclgrind ${BICROSS_OCLGRIND_LIMITS:-} --build-options -cl-opt-disable --data-races --uninitialized --check-api \
        --log "$log" bash -c 'LD_PRELOAD="$0:$LD_PRELOAD" exec "$@"' "$1" "$program" "${@:2}"
    status=$?
    if [ -s "$log" ]; then
        head -n 60 "$log"
        echo "oclgrind reported the problems above"
        exit 1
    fi
    exit $status
}

case "$runtime" in
rusticl)
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q 'libRusticlOpenCL\.so\.1' || skip "rusticl is not installed (Debian: mesa-opencl-icd)"
    BICROSS_KERNELS=gpu RUSTICL_ENABLE=llvmpipe OCL_ICD_VENDORS=libRusticlOpenCL.so.1 exec "$program" "${@:3}"
    ;;
oclgrind)
    export BICROSS_TEST_INTERPRETED=1
    command -v oclgrind >/dev/null || skip "oclgrind is not installed"
    run_under_oclgrind "${@:3}"
    ;;
intel)
    [ -e "$3/libintelocl.so" ] || skip "Intel's OpenCL runtime for CPUs is not installed (./run test --with-intel)"
    OCL_ICD_VENDORS=$3/libintelocl.so LD_LIBRARY_PATH=$3 exec "$program" "${@:4}"
    ;;
*)
    echo "on_runtime.sh: unknown implementation '$runtime'" >&2
    exit 2
    ;;
esac
