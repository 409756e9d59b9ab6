#!/usr/bin/env bash
# The installed tree: what is in it, that its descriptions have every command and option, and programs built against its library, shared and
# static, by pkg-config and by CMake, which predict what `bicross predict` does, to the bit.
#   install.sh PROGRAM CMAKE BUILD COMPILER PYTHON     PYTHON: one with NumPy, else that part is left out
cmake=$2 build=$(realpath "$3") compiler=$4 python=$5
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/cli_support.sh
. "$source/tests/cli_support.sh"

# same FILE FILE
same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# Installed, and then moved: nothing in it may know where it was.
"$cmake" --install "$build" --prefix "$folder/first" >install.log || fail "it cannot be installed: $(cat install.log)"
mv first prefix
program=$folder/prefix/bin/bicross
library=$(dirname "$(find prefix -name libbicross.a)")
share=prefix/share
expect_file prefix/include/bicross.h "$library/libbicross.so" "$library/pkgconfig/bicross.pc" "$library/cmake/bicross/bicrossConfig.cmake" \
    $share/bicross/configs/own.ini $share/bicross/tuning/pocl-avx512.ini $share/man/man1/bicross.1 \
    $share/bash-completion/completions/bicross $share/zsh/site-functions/_bicross $share/fish/vendor_completions.d/bicross.fish
expect 0 '^bicross [0-9]' --version
grep -rl "$folder/first" prefix --include='*.pc' --include='*.cmake' && fail "the installed tree knows where it was first"

# --- the man page and the completions ---
declare -A described=([man]=$share/man/man1/bicross.1 [bash]=$share/bash-completion/completions/bicross
    [zsh]=$share/zsh/site-functions/_bicross [fish]=$share/fish/vendor_completions.d/bicross.fish)
commands=$("$program" --help | grep -oE '^  [a-z]+ ' | tr -d ' ' | grep -vxE 'help|version')
[ "$(wc -w <<<"$commands")" -ge 17 ] || fail "the help lists only: $commands"
for kind in "${!described[@]}"; do
    file=$(<"${described[$kind]}")
    for command in $commands; do
        part=$("$program" "$command" --describe "$kind")
        [[ -n $part && $file == *"$part"* ]] || fail "$kind has nothing of $command"
        for option in $("$program" "$command" --help | grep -oE '^ +--[a-z-]+' | sed 's/^ *--//' | grep -vx help); do
            grep -qE -- "(--|-l |\\\\-\\\\-)${option//-/'\\?-'}([^a-z-]|$)" <<<"$part" || fail "$kind of $command lacks --$option"
        done
    done
done
bash -n "${described[bash]}" || fail "bash does not take its completion"
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        $shell -n "${described[$shell]}" || fail "$shell does not take its completion"
    fi
done
if command -v groff >/dev/null; then
    warnings=$(groff -man -ww -z "${described[man]}" 2>&1)
    [ -z "$warnings" ] || fail "the man page has faults: $warnings"
fi

# complete WORD...: what bash offers for the last one.
complete_words() {
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bicross; echo "${COMPREPLY[*]}"' - "${described[bash]}" "$@"
}
[ "$(complete_words bicross pred)" = predict ] || fail "bash completes 'pred' to '$(complete_words bicross pred)'"
[ "$(complete_words bicross predict --unc)" = --uncertainty ] || fail "bash completes '--unc' to '$(complete_words bicross predict --unc)'"
[ "$(complete_words bicross predict --map v)" = viridis ] || fail "bash completes '--map v' to '$(complete_words bicross predict --map v)'"

# --- what the library exports ---
nm -D --defined-only "$library/libbicross.so" | awk '{ print $3 }' | sort >exported
grep -oE '\bbicross_[a-z_]+\(' "$source/library/bicross.h" | tr -d '(' | sort -u >declared
sed -n '/^BICROSS_PUBLIC/,/;/p' "$source/library/bicross.h" | grep -oE '\bbicross_[a-z_]+\(' | tr -d '(' | sort -u >public
diff exported public || fail "the library exports other functions (<) than its header declares (>)"
[ "$(wc -l <public)" -ge 11 ] || fail "the header declares only: $(cat public)"
readelf -d "$library/libbicross.so" | grep -qE 'SONAME.*libbicross\.so\.[0-9]+\]' || fail "the library has no versioned name"

# --- programs against it ---
"$program" train --config "$source/tests/faults/tiny.ini" --stage neuromorphic --set neuromorphic.steps=2 --set neuromorphic.batch=1 \
    >train.log 2>&1 || fail "training: $(cat train.log)"
weights=run/neuromorphic/weights.safetensors
expect 0 'wrote 1 sample' synth --size 48x64 --scenario syn2real --split target --count 1 --out world
tail -c $((128 * 48 * 64)) world/spikes/000000.npy >frames
expect 0 'depth .* m' predict --weights $weights --spikes world/spikes/000000.npy --depth depth.npy --uncertainty uncertainty.npy
tail -c $((4 * 48 * 64)) depth.npy >expected

export PKG_CONFIG_PATH=$library/pkgconfig
example=$source/examples/predict.c
flags=(-std=c99 -pedantic -Wall -Wextra -Werror)
[ -n "${BICROSS_TEST_FLAGS:-}" ] && flags+=("$BICROSS_TEST_FLAGS")
# shellcheck disable=SC2046
"$compiler" "${flags[@]}" "$example" $(pkg-config --cflags --libs bicross) -o by_pkg_config || fail "the example is not built by pkg-config"
# shellcheck disable=SC2046
"$compiler" "${flags[@]}" "$example" $(pkg-config --cflags bicross) "$library/libbicross.a" \
    $(pkg-config --static --libs bicross | sed 's/-lbicross //') -o by_archive || fail "the example is not built with the static library"
"$cmake" -S "$source/examples" -B by_cmake -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/prefix" >cmake.log 2>&1 &&
    "$cmake" --build by_cmake >>cmake.log 2>&1 || fail "the example is not built by CMake: $(cat cmake.log)"
export LD_LIBRARY_PATH=$folder/$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
for example in ./by_pkg_config ./by_archive by_cmake/predict by_cmake/predict_static; do
    rm -f found
    $example $weights frames 48 64 found || fail "$example fails"
    same found expected
done
readelf -d by_archive | grep 'NEEDED.*bicross' && fail "the static program is linked with the shared library"
./by_pkg_config nowhere.safetensors frames 48 64 never 2>message && fail "weights that are not there are no failure"
grep -q '^predict: .*nowhere.safetensors' message || fail "weights that are not there: $(cat message)"
./by_pkg_config $weights frames 4800 64 never 2>message && fail "too few frames are no failure"
[ -e never ] && fail "something was written that was refused"

# --- Python ---
export BICROSS_LIBRARY=$folder/$library/libbicross.so.0
if "$python" -c 'import numpy' 2>/dev/null; then
    "$python" "$source/examples/python/predict.py" $weights world/spikes/000000.npy out.npz || fail "the example in Python fails"
    "$python" - <<'END' || fail "the example in Python predicts something else"
import numpy
out = numpy.load("out.npz")
for name in "depth", "uncertainty":
    assert numpy.array_equal(out[name], numpy.load(name + ".npy")), name
    assert out[name].any()
END
    "$python" "$source/examples/python/predict.py" $weights depth.npy never.npz 2>message && fail "an array of another shape is no failure"
    grep -q 'expected (128, height, width)' message || fail "an array of another shape: $(cat message)"
else
    echo "left out: the example in Python, as $python has no NumPy"
fi
finish
