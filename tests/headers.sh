#!/usr/bin/env bash
# Each header compiles alone, and sees only its own storey and those below:  headers.sh COMPILER STOREYS [FLAG...]
# STOREYS: the folder of links that CMakeLists.txt makes.
set -u
compiler=$1 storeys=$(realpath "$2")
shift 2
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
includes=() status=0 count=0
for storey in cl_kernels host net bicross library apps; do
    includes+=("-I$storeys/$storey")
    while read -r header; do
        count=$((count + 1))
        "$compiler" -std=gnu11 -Wall -Wextra -Wshadow -Wcast-qual -Wmissing-prototypes -Wstrict-prototypes -Werror "${includes[@]}" "$@" -fsyntax-only -x c - <<<"#include \"$header\"" || {
            echo "$header does not compile alone"
            status=1
        }
    done < <(find "$storey" -name '*.h' | sort)
done
echo "$count headers"
exit $status
