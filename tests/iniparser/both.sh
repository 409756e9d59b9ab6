#!/usr/bin/env bash
# Every source that uses iniparser compiles with the types of 4.1 and with those of 4.2, whichever is installed:  both.sh COMPILER [FLAG...]
set -u
compiler=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." || exit 1
status=0

# compile VERSION SOURCE [FLAG...]
compile() {
    local version=$1 source=$2
    shift 2
    "$compiler" -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -DCL_TARGET_OPENCL_VERSION=120 -DBICROSS_VERSION='""' \
        -I. -I"$here" "-DINIPARSER_${version/./_}" "$@" -fsyntax-only "$source"
}

mapfile -t sources < <(grep -rlE 'iniparser|bc_ini_read' --include='*.c' host net bicross apps | sort)
[ ${#sources[@]} -ge 4 ] || { echo "expected at least 4 sources that use iniparser, found ${#sources[@]}"; exit 1; }
for version in 4.1 4.2; do
    for source in "${sources[@]}"; do
        compile $version "$source" "$@" || { echo "$source does not compile with iniparser $version"; status=1; }
    done
done
compile 4.1 "$here/loop.c" "$@" || { echo "loop.c should compile with iniparser 4.1"; status=1; }
compile 4.2 "$here/loop.c" "$@" 2>/dev/null && { echo "loop.c compiles with iniparser 4.2: a wrong loop would not be seen"; status=1; }
echo "${#sources[@]} sources, two versions"
exit $status
