#!/usr/bin/env bash
# Runs a test program, with tiny sizes, on another OpenCL implementation:
#   on_runtime.sh rusticl PROGRAM
#   on_runtime.sh oclgrind PROGRAM [OPTIONS of oclgrind]
# Exit status: the program's; 1 when Oclgrind's log is not clean; 77 (skipped) when the implementation is not there.
set -u
runtime=$1
program=$2
shift 2
export BICROSS_TEST_TINY=1
unset BICROSS_DEVICE

skip() {
    echo "skipped: $1"
    exit 77
}

case "$runtime" in
rusticl)
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q 'libRusticlOpenCL\.so\.1' || skip "rusticl is not installed (Debian: mesa-opencl-icd)"
    RUSTICL_ENABLE=llvmpipe OCL_ICD_VENDORS=libRusticlOpenCL.so.1 exec "$program"
    ;;
oclgrind)
    command -v oclgrind >/dev/null || skip "oclgrind is not installed"
    log=$(mktemp) || exit 1
    trap 'rm -f "$log"' EXIT
    oclgrind --data-races --check-api "$@" --log "$log" "$program"
    status=$?
    # Oclgrind reports to its log only; the program's own status stays what it was.
    if [ -s "$log" ]; then
        head -n 60 "$log"
        echo "oclgrind reported the problems above"
        exit 1
    fi
    exit $status
    ;;
*)
    echo "on_runtime.sh: unknown implementation '$runtime'" >&2
    exit 2
    ;;
esac
