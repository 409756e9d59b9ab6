#!/usr/bin/env bash
# Help, suggestions and how much is said.  cli_help.sh PROGRAM
# shellcheck source=tests/cli_support.sh
. "$(dirname "$0")/cli_support.sh"

# widest COLUMNS ARGUMENTS...: the longest line of its standard output
widest() {
    local columns=$1
    shift
    COLUMNS=$columns "$program" "$@" 2>/dev/null | awk 'length($0) > most { most = length($0) } END { print most + 0 }'
}

# --- the overview ---
commands=$("$program" help | awk '/^  [a-z]/ { print $1 }' | grep -vxE 'help|version')
[ "$(wc -w <<<"$commands")" -ge 17 ] || fail "the overview has only these commands: $commands"
expect 2 '^Usage: bicross COMMAND' # alone
expect 0 '^First steps$' help
expect 0 '^Usage: bicross COMMAND' --help
expect 0 '^bicross [0-9]' version
expect 0 '^bicross [0-9]' --version
[ -n "$("$program" help 2>/dev/null)" ] || fail "help is not on stdout"
[ -z "$("$program" 2>/dev/null)" ] || fail "the program alone wrote to stdout"

# --- help of each command, within the width ---
for command in $commands; do
    cmp -s <("$program" help "$command") <("$program" "$command" --help) || fail "help $command is not $command --help"
    expect 0 "^Usage: bicross $command" help "$command"
    for columns in 60 80 100; do
        found=$(widest $columns help "$command")
        [ "$found" -le $columns ] || fail "help $command has a line of $found columns at $columns"
    done
    [ "$(widest 300 help "$command")" -le 100 ] || fail "help $command is wider than 100 columns"
done
[ "$(widest 300 help train)" -gt 80 ] || fail "help train does not use a wide terminal"
[ "$(widest 60 help)" -le 60 ] || fail "the overview is wider than 60 columns"
expect 0 '^General$' help train
expect 0 'depth as colours: \.png$' help predict # the formats' endings

# --- what was meant ---
expect 2 "^error: there is no command 'trian'; the nearest is 'train'" trian
expect 2 "^error: there is no command 'versoin'; the nearest is 'version'" versoin
expect 2 "^error: there is no command 'prdict'; the nearest is 'predict'" help prdict
expect 2 "^error: there is no option '--spiks'; the nearest is '--spikes'" predict --spiks=a.npy
expect 2 "^Try 'bicross help predict'\.$" predict --spiks a.npy
expect 2 "^error: there is no option '-weights'; the nearest is '--weights'" predict -weights
expect 2 "^error: there is no option '-q'$" predict -q
expect 2 '^error: --verbose takes no value' train --verbose=2

# --- how much is said ---
world=(synth --scenario syn2real --split source --count 2 --size 32x64)
"$program" "${world[@]}" --out source >result.txt 2>facts.txt || fail "no samples were made: $(cat facts.txt)"
"$program" reconstruct --spikes source/spikes/000000.npy --out a.png 2>facts.txt || fail "no picture: $(cat facts.txt)"
grep -q '^source/spikes/000000.npy: 128 frames' facts.txt || fail "what was read is not told: $(cat facts.txt)"
"$program" reconstruct --spikes source/spikes/000000.npy --out b.png --quiet 2>quiet.txt
[ -s quiet.txt ] && fail "--quiet says: $(cat quiet.txt)"
"$program" reconstruct --quiet --spikes source/spikes/000000.npy --at 128 --out never.png 2>quiet.txt
[ "$(cat quiet.txt)" = "error: frame 128 was asked for, but source/spikes/000000.npy has frames 0 to 127" ] ||
    fail "an error with --quiet: $(cat quiet.txt)"
"$program" "${world[@]}" --out again --quiet 2>quiet.txt | grep -q '^wrote 2 samples' || fail "--quiet keeps the result back"
expect 0 '^device [0-9]+: .*driver' "${world[@]}" --out again --quiet --verbose # the last one counts
expect 0 '^kernels: [0-9]+ programs from source' "${world[@]}" --out again --verbose
expect 0 '^done in [0-9.]+ s' "${world[@]}" --out again --verbose
"$program" "${world[@]}" --out again --verbose --quiet 2>quiet.txt >result.txt
[ -s quiet.txt ] && fail "--verbose --quiet says: $(cat quiet.txt)"

# --- compiling is said where it happens ---
export POCL_CACHE_DIR=$folder/pocl XDG_CACHE_HOME=$folder/programs
mkdir pocl
expect 0 '^compiling kernels for .*, once' "${world[@]}" --out again
"$program" "${world[@]}" --out again 2>&1 | grep -q 'compiling' && fail "kernels that are there already are said to be compiled"

left=$(find . -name '*.tmp-*' -o -name 'never*')
[ -z "$left" ] || fail "these files should not be there: $left"
finish
