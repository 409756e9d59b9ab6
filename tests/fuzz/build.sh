#!/usr/bin/env bash
# Builds the fuzz targets and their seeds with clang:  build.sh FOLDER [CLANG]
# Exit status 77 (skipped) where there is no clang that can.
set -euo pipefail
folder=$1
clang=${2:-clang}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n; }' |
    "$clang" -fsanitize=fuzzer,address,undefined -w -x c - -o /dev/null 2>/dev/null; then
    echo "skipped: '$clang' is not there, or cannot do -fsanitize=fuzzer (Debian: clang, libclang-rt-dev)"
    exit 77
fi
cmake -S "$source" -B "$folder" -G Ninja --log-level=WARNING -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_COMPILER="$clang" -DBICROSS_FUZZ=ON
cmake --build "$folder" --target fuzz
"$folder/tests/fuzz/make_seeds" "$folder/seeds"
