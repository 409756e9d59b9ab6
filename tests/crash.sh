#!/usr/bin/env bash
# Training that is killed, starved or disturbed: nothing is lost, and what continues ends in the same bits.
#   crash.sh PROGRAM [KILLS [SEED]]
set -u
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
program=$(realpath "$1") kills=${2:-20} seed=${3:-$(date +%s)}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
RANDOM=$seed
echo "random instants of seed $seed"

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# shellcheck source=tests/small_run.sh
. "$here/small_run.sh"
write_small_run 4 2 2 12 2
train="train --config small.ini"

# train_until FILE PATTERN ARGUMENTS...: starts training in the background ($pid) and waits until the file has the pattern.
train_until() {
    local file=$1 pattern=$2
    shift 2
    "$program" $train "$@" >out.txt 2>err.txt &
    pid=$!
    for _ in $(seq 600); do
        grep -q "$pattern" "$file" 2>/dev/null && return
        kill -0 $pid 2>/dev/null || break
        sleep 0.02
    done
    fail "$file never had '$pattern': $(cat err.txt)"
}

# --- SIGKILL at random instants, in all stages ---
started=$(date +%s%N)
"$program" $train --out whole >/dev/null 2>whole.txt || fail "the undisturbed run: $(cat whole.txt)"
milliseconds=$((($(date +%s%N) - started) / 1000000))
killed=0 runs=0
while [ $killed -lt "$kills" ]; do
    runs=$((runs + 1))
    for _ in $(seq 100); do
        "$program" $train --out run-$runs --resume >/dev/null 2>killed.txt &
        pid=$!
        sleep "$(printf '0.%03d' $((RANDOM % 1000 * (milliseconds < 1000 ? milliseconds : 1000) / 1000)))"
        [ $((RANDOM % 4)) -eq 0 ] && sleep "$(printf '%d' $((milliseconds / 3000)))"
        kill -KILL $pid 2>/dev/null
        wait $pid 2>/dev/null
        status=$?
        [ $status -eq 137 ] || break
        killed=$((killed + 1))
        [ $killed -ge "$kills" ] && break
    done
    [ $status -eq 137 ] || [ $status -eq 0 ] || fail "a resumed run exited with $status: $(cat killed.txt)"
    "$program" $train --out run-$runs --resume >/dev/null 2>killed.txt || fail "the last resumption: $(cat killed.txt)"
    for file in $weights; do
        cmp -s whole/"$file" run-$runs/"$file" || fail "$file differs after $killed kills"
    done
    left=$(find run-$runs -name '*.tmp-*' -o -name 'checkpoint-*')
    [ -z "$left" ] || fail "left behind: $left"
    rm -rf "run-$runs"
done
echo "$killed kills in $runs runs, each with the bits of the undisturbed one"

# --- a terminal that goes away ---
for signal in HUP TERM INT; do
    train_until hup/pretrain/log.csv '^10,' --stage pretrain --out hup --set pretrain.steps=4000
    kill -$signal $pid
    wait $pid
    status=$?
    [ $status -eq 130 ] || fail "SIG$signal: exit status $status: $(cat err.txt)"
    [ -s hup/pretrain/checkpoint.ini ] || fail "SIG$signal: nothing was saved"
    rm -rf hup
done
"$program" $train --stage pretrain --out closed >&- 2>&- <&-
cmp -s whole/pretrain/weights.safetensors closed/pretrain/weights.safetensors || fail "with closed streams: no weights, or others"
{ "$program" $train --stage pretrain --out piped 2>&1; echo $? >status.txt; } | head -c 1 >/dev/null
cmp -s whole/pretrain/weights.safetensors piped/pretrain/weights.safetensors || fail "with a broken pipe: no weights, or others"

# --- two processes ---
train_until two/pretrain/log.csv '^10,' --stage pretrain --out two --set pretrain.steps=200
"$program" $train --stage pretrain --out two --overwrite >/dev/null 2>second.txt && fail "a second process took the folder over"
grep -q "in use by process $pid on " second.txt || fail "the second process said: $(cat second.txt)"
wait $pid || fail "the first process was disturbed: $(cat err.txt)"

# --- no room, no folder, no permission ---
(ulimit -f 4096 && "$program" $train --stage pretrain --out full >/dev/null 2>full.txt) && fail "a full disk: exit status 0"
grep -q 'cannot write\|writing failed' full.txt || fail "a full disk: $(cat full.txt)"
[ "$(grep -c '^error: ' full.txt)" -eq 1 ] || fail "a full disk: not one sentence: $(cat full.txt)"
left=$(find full -name '*.tmp-*' -o -name 'weights.safetensors')
[ -z "$left" ] || fail "a full disk left $left"
train_until gone/pretrain/log.csv '^10,' --stage pretrain --out gone --set pretrain.steps=4000
rm -rf gone # may fail where the run makes files at that moment; its log is gone all the same
wait $pid && fail "a folder that vanished: exit status 0"
grep -q 'gone/pretrain' err.txt || fail "a folder that vanished: $(cat err.txt)"
"$program" $train --stage pretrain --out /proc/nowhere >/dev/null 2>denied.txt && fail "no permission: exit status 0"
grep -q '/proc/nowhere' denied.txt || fail "no permission: $(cat denied.txt)"

# --- a fresh start does not lose a run ---
"$program" $train --out whole >/dev/null 2>again.txt
[ $? -eq 2 ] || fail "a second fresh start was not refused: $(cat again.txt)"
grep -q -- '--resume.*--overwrite' again.txt || fail "a second fresh start: $(cat again.txt)"
touch whole/pretrain/mine.txt whole/pretrain/events.out.tfevents.7.other
"$program" $train --stage pretrain --out whole --overwrite >/dev/null 2>again.txt || fail "--overwrite: $(cat again.txt)"
[ "$(ls whole/pretrain/events.out.tfevents.*.bicross | wc -l)" -eq 1 ] || fail "--overwrite left old events"
[ -e whole/pretrain/mine.txt ] && [ -e whole/pretrain/events.out.tfevents.7.other ] || fail "--overwrite removed what is not ours"

[ $failures -eq 0 ] && echo "all runs survived"
exit $((failures > 0))
