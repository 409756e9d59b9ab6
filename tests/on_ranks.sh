#!/usr/bin/env bash
# Runs a program as several ranks on this machine:  on_ranks.sh RANKS PROGRAM [ARGUMENT...]
# Exit status 77: there is no mpirun. A rank gets one thread of PoCL, so that the ranks do not wait for each other's.
set -u
ranks=$1
shift
command -v mpirun >/dev/null || {
    echo "skipped: there is no mpirun (Debian: openmpi-bin)"
    exit 77
}
options=()
if mpirun --version 2>/dev/null | grep -q 'Open MPI\|OpenRTE'; then
    options=(--oversubscribe --bind-to none)
    [ "$(id -u)" -eq 0 ] && options+=(--allow-run-as-root)
fi
export POCL_MAX_PTHREAD_COUNT=${POCL_MAX_PTHREAD_COUNT:-1}
exec mpirun "${options[@]}" -np "$ranks" "$@"
