# shellcheck shell=bash
# Sourced by the tests of the command line, which are called with the PROGRAM: works in a new folder that is removed at the end.
set -u
program=$(realpath "$1") # the scripts work in a folder of their own
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$folder/cache}
export BICROSS_SELFTEST=off # selftest.sh looks at that
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# expect STATUS PATTERN ARGUMENTS...: the exit status, and a pattern that its output (both streams) must contain.
expect() {
    local status=$1 pattern=$2 output found
    shift 2
    output=$("$program" "$@" 2>&1 </dev/null)
    found=$?
    [ $found -eq "$status" ] || fail "'$*' exited with $found, expected $status: $output"
    grep -qE -- "$pattern" <<<"$output" || fail "'$*' said '$output', expected /$pattern/"
}

# expect_file NAME...
expect_file() {
    local name
    for name in "$@"; do
        [ -s "$name" ] || fail "$name was not written"
    done
}

# expect_interrupted NAME READY ARGUMENTS...: runs in the background, its streams into NAME.out and NAME.err, until the command READY
# succeeds or half a minute is over; then SIGINT ends it with 130.
expect_interrupted() {
    local name=$1 ready=$2 pid found
    shift 2
    "$program" "$@" >"$name.out" 2>"$name.err" &
    pid=$!
    for _ in $(seq 300); do
        eval "$ready" && break
        sleep 0.1
    done
    kill -INT $pid
    wait $pid
    found=$?
    [ $found -eq 130 ] || fail "'$*', interrupted, exited with $found: $(cat "$name.out" "$name.err")"
}

# write_folders SOURCE TARGET TEST STEPS SCHEDULE STAGE...: folders.ini, to train these stages on the samples in these folders.
write_folders() {
    local source=$1 target=$2 test=$3 steps=$4 schedule=$5 stage
    shift 5
    cat <<END
[run]
out = run
[model]
input_height = 32
input_width = 64
[data]
kind = folder
source = $source
target = $target
test = $test
source_count = 0
target_count = 0
test_count = 0
END
    for stage in "$@"; do
        printf '[%s]\nsteps = %d\nbatch = 2\nschedule = %s\n' "$stage" "$steps" "$schedule"
    done
} >folders.ini

# The end of a script.
finish() {
    [ $failures -eq 0 ] && echo "all checks of the command line passed"
    exit $((failures > 0))
}
