#!/usr/bin/env bash
# What fails on a device is found, said, remembered and left out (PoCL, with kernels that faulty_kernels.c makes bad).
#   selftest.sh PROGRAM FAULTY_LIBRARY
library=$(realpath "$2")
export POCL_CACHE_DIR=${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl/kcache} # what is compiled once serves all that follows
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/cli_support.sh
. "$here/cli_support.sh"
[ -e /etc/OpenCL/vendors/pocl.icd ] || { echo "skipped: PoCL is not there"; exit 77; }
export OCL_ICD_VENDORS=pocl.icd
unset BICROSS_SELFTEST BICROSS_DEVICE BICROSS_KERNELS
run="train --config $here/faults/tiny.ini --stage pretrain"

# faulty FAULT STATUS PATTERN ARGUMENTS...: expect, where this kernel is bad.
faulty() {
    printf '#!/bin/sh\nLD_PRELOAD="%s" BICROSS_FAULTY="%s" exec "%s" "$@"\n' "$library" "$1" "$program" >faulty
    chmod +x faulty
    shift
    program=$folder/faulty expect "$@"
}

# On a driver that nobody has tried.
new_driver() {
    export XDG_CACHE_HOME=$folder/$1
}

# The losses of this run are those of the undisturbed one, but for rounding.
expect_same_losses() {
    paste -d, "good/pretrain/log.csv" "$1/pretrain/log.csv" | awk -F, '
        $2 == "total" { n++; d = $3 - $6; if (d < 0) d = -d; if (d > 1e-3 * $3) { print "total is " $6 ", not " $3; bad = 1 } }
        END { if (!n) print "no losses"; exit bad || !n }' || fail "the losses of $1 are others"
}

# --- a driver without faults: checked once, and remembered ---
new_driver good.cache
# shellcheck disable=SC2086
{
    expect 0 'first run on this driver: checking' $run --out good
    expect 0 'Wrote' $run --out again
    "$program" $run --out third 2>&1 | grep -qE 'first run|checking|left out' && fail "it was checked twice"
    kept=$(echo good.cache/bicross/selftest-*.txt)
    expect_file "$kept"
    grep -q '^ok	cpu	attention	attention	tiled	1	0	' "$kept" || fail "$kept is: $(cat "$kept")"

    # what is damaged is said, and made again
    for damage in '$d' 's/^ok/no/' '/^form/d' 's/^device/Device/'; do
        sed -i "$damage" "$kept"
        expect 0 'selftest-.*txt is damaged.*checked again' $run --out damaged --overwrite
        expect 0 'Wrote' $run --out damaged --overwrite
    done
    : >"$kept"
    expect 0 'selftest-.*txt is damaged.*: nothing is left out' synth --scenario scene --split source --count 1 --size 32x32 --out data
    BICROSS_SELFTEST=on expect 2 'BICROSS_SELFTEST is "on", expected off' synth --scenario scene --split source --count 1 --out never

    # --- a source that does not compile: training takes another way to the same losses ---
    new_driver build.cache
    faulty 'build attention.cl' 0 'left out from now on: attention tiled' selftest --short
    faulty 'build attention.cl' 0 '^warning: left out on this device: attention tiled .*does not build.*see bicross selftest' $run --out build
    expect_same_losses build
    expect 0 '^warning: left out on this device: attention tiled' synth --scenario scene --split source --count 1 --size 32x32 --out data
    "$program" $run --out forced --force 2>&1 | grep -q 'left out' && fail "--force leaves something out"
    faulty 'build attention.cl' 1 'attention.cl .*does not build' $run --out forced --force --overwrite
    BICROSS_SELFTEST=off faulty 'build attention.cl' 1 'attention.cl .*does not build' $run --out forced --overwrite

    # --- a kernel that never ends: the next check goes on ---
    new_driver hang.cache
    faulty 'hang attention' 0 'WRONG cpu  attention tiled' selftest --short --seconds 4
    expect 0 '^warning: left out on this device: attention tiled \(did not end within 4 s\)' $run --out hang
    expect_same_losses hang

    # --- one that ends the process ---
    new_driver crash.cache
    faulty 'crash winograd_output' 0 'ended the process by signal 6' selftest --short
    expect 0 'left out on this device: conv winograd \(ended the process by signal 6' $run --out crash
    expect_same_losses crash

    # --- one that is wrong, for which nothing stands in ---
    new_driver wrong.cache
    faulty 'wrong sig_finish' 1 'sig loss is wrong on this device, and nothing else computes it: do not trust' selftest --short
    expect 1 'sig loss is wrong on .*--force trains all the same' $run --out never
    expect 0 'warning: wrong on this device, and nothing else computes it: sig loss' synth --scenario scene --split source --count 1 \
        --size 32x32 --out data
    expect 0 'Wrote' $run --out wrong --force
    expect_same_losses wrong

    # --- one for which the kernels for GPUs stand in, found before training: everything is checked then ---
    new_driver family.cache
    faulty 'build norm_layer.cl' 0 'left out on this device: kernels cpu \(layer_norm: .*does not build' $run --out family
    expect_same_losses family
    grep -q '^form = whole$' family.cache/bicross/selftest-*.txt || fail "the short form was kept"
    grep -q '^ok	gpu	layer_norm	' family.cache/bicross/selftest-*.txt || fail "the other kernels were not checked"
}
finish
