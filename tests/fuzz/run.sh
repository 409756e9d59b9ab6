#!/usr/bin/env bash
# Runs one fuzz target for some seconds from all its seeds:  run.sh FOLDER NAME SECONDS   (FOLDER as given to build.sh)
# Inputs that reach new code are kept in FOLDER/corpus/NAME when there is such a folder (./run fuzz makes it), findings in
# FOLDER/findings. Exit status 77 (skipped) when the target is not built, 1 after a finding.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(realpath "$1")
name=$2
seconds=$3
program=$folder/tests/fuzz/fuzz_$name
if [ ! -x "$program" ]; then
    echo "skipped: the fuzz targets are not built, for want of clang"
    exit 77
fi

# In memory, because every input is written to a file.
[ -w /dev/shm ] && export TMPDIR=/dev/shm
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/new" "$work/files" "$folder/findings"

new=$work/new
[ -d "$folder/corpus/$name" ] && new=$folder/corpus/$name
seeds=()
for kept in "$here/corpus/$name" "$folder/seeds/$name"; do
    [ -d "$kept" ] && seeds+=("$kept")
done
case $name in
config) seeds+=("$here/../../apps/configs") ;;
tuning) seeds+=("$here/../../vendor_notes/tuning") ;;
shares) seeds+=("$here/../../vendor_notes/speed") ;;
esac

cd "$work/files" || exit 1
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=
"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -seed=1 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$folder/findings/$name-" "$new" ${seeds[@]+"${seeds[@]}"} >"$folder/$name.log" 2>&1 && exit 0
tail -n 60 "$folder/$name.log"
echo "fuzz.$name: all of it is in $folder/$name.log"
exit 1
