#!/usr/bin/env bash
# Several ranks of the program itself: evaluation and prediction in shares, ranks that are killed or stopped, and what goes on after.
#   mpi.sh PROGRAM [KILLS [SEED]]
set -u
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
kills=${2:-6} seed=${3:-$(date +%s)}
if "$1" --version | grep -q 'MPI: none'; then
    echo "skipped: the program was built without MPI (Debian: libopenmpi-dev)"
    exit 77
fi
command -v mpirun >/dev/null || {
    echo "skipped: there is no mpirun (Debian: openmpi-bin)"
    exit 77
}
# shellcheck source=tests/cli_support.sh
. "$here/cli_support.sh"
export POCL_MAX_PTHREAD_COUNT=1
RANDOM=$seed
echo "random instants of seed $seed"

# shellcheck source=tests/small_run.sh
. "$here/small_run.sh"
write_small_run 6 5 3 8 4

# ranks N ARGUMENTS...; train_ranks N OUT ARGUMENTS...; as $pid is mpirun, a rank is a child of it
ranks() {
    local count=$1
    shift
    "$here/on_ranks.sh" "$count" "$program" "$@" </dev/null
}
train_ranks() {
    local count=$1 out=$2
    shift 2
    ranks "$count" train --config small.ini --out "$out" "$@"
}
start_ranks() {
    local count=$1 out=$2
    shift 2
    "$here/on_ranks.sh" "$count" "$program" train --config small.ini --out "$out" "$@" </dev/null >/dev/null 2>"$out.txt" &
    pid=$!
}
a_rank() {
    pgrep -P "$pid" | shuf -n 1
}
# the_rank N
the_rank() {
    local child
    for child in $(pgrep -P "$pid"); do
        tr '\0' '\n' <"/proc/$child/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1" && echo "$child"
    done
}
# wait_for FILE PATTERN
wait_for() {
    for _ in $(seq 600); do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    fail "$1 never had '$2'"
}

# --- one sentence where all fail, and where one rank does ---
ranks 2 train --config nowhere.ini >/dev/null 2>wrong.txt && fail "a missing configuration: exit status 0"
[ "$(grep -c 'error: ' wrong.txt)" -eq 1 ] || fail "a missing configuration: not one sentence: $(cat wrong.txt)"
train_ranks 2 small --stage pretrain --set pretrain.batch=1 >/dev/null 2>wrong.txt && fail "a batch of 1: exit status 0"
grep -q 'a batch of 1 has no sample for each of 2 ranks' wrong.txt || fail "a batch of 1: $(cat wrong.txt)"
train_ranks 2 small --stage pretrain --device 0,nothing >/dev/null 2>wrong.txt && fail "a device that is not there: exit status 0"
grep -q 'error: rank 1 of 2: no OpenCL device is called "nothing"' wrong.txt || fail "a device that is not there: $(cat wrong.txt)"

# --- ranks that compute differently: they keep the same weights, which each checkpoint compares ---
one_rank="$program train --config small.ini --stage pretrain --out mixed"
"$here/on_ranks.sh" 1 $one_rank : -np 1 $one_rank --set device.gemm=local >/dev/null 2>mixed.txt </dev/null || fail "ranks that differ: $(cat mixed.txt)"

# --- shares of evaluation and prediction ---
train_ranks 2 whole >whole.txt 2>&1 || fail "the undisturbed run: $(cat whole.txt)"
grep -q 'of each batch the ranks have 2,2' whole.txt || fail "the shares are not said: $(cat whole.txt)"
grep -q '^0,share_of_rank_1,2$' whole/pretrain/log.csv || fail "the shares are not logged"
network=whole/crossdomain/weights.safetensors
"$program" eval --config small.ini --weights $network --json one.json >one.txt 2>/dev/null || fail "eval of one process"
for count in 2 3; do
    ranks $count eval --config small.ini --weights $network --json many.json --save-dir saved-$count >many.txt 2>/dev/null ||
        fail "eval of $count ranks"
    cmp -s one.json many.json || fail "eval: $count ranks have other scores than one process"
    cmp -s one.txt many.txt || fail "eval: $count ranks print something else: $(cat many.txt)"
    [ "$(find saved-$count -name '*_depth*' | wc -l)" -eq 5 ] || fail "eval: $count ranks have not saved all maps"
done
"$program" synth --scenario syn2real --split target --count 5 --out data --size 32x64 >/dev/null 2>synth.txt || fail "synth: $(cat synth.txt)"
mkdir alone together
"$program" predict --weights $network --spikes data/spikes --depth alone/d.npy >/dev/null 2>&1 || fail "predict of one process"
ranks 2 predict --weights $network --spikes data/spikes --depth together/d.npy >/dev/null 2>predict.txt || fail "predict of 2 ranks: $(cat predict.txt)"
[ "$(find alone -type f | wc -l)" -eq 5 ] && diff -rq alone together || fail "predict: 2 ranks have not written the same maps"
ranks 2 predict --weights $network --spikes data/spikes --sheet sheet.png >/dev/null 2>predict.txt && fail "a sheet of 2 ranks: exit status 0"
grep -q -- '--sheet is for one process' predict.txt || fail "a sheet of 2 ranks: $(cat predict.txt)"

# --- a rank is killed at a random instant: the job ends with a sentence, and goes on to the same bits ---
started=$(date +%s%N)
train_ranks 2 timed >/dev/null 2>&1
seconds=$((($(date +%s%N) - started) / 1000000000))
for file in $weights; do
    cmp -s whole/"$file" timed/"$file" || fail "$file: a second run has other bits"
done
killed=0 runs=0
while [ $killed -lt "$kills" ]; do
    runs=$((runs + 1))
    for _ in $(seq 100); do
        start_ranks 2 run-$runs --resume
        sleep "$(printf '%d.%03d' $((RANDOM % (seconds > 2 ? seconds - 1 : 1))) $((RANDOM % 1000)))"
        victim=$(a_rank)
        [ -n "$victim" ] && kill -KILL "$victim" 2>/dev/null
        wait $pid
        status=$?
        [ $status -eq 0 ] && break
        grep -q 'exited on signal 9' run-$runs.txt || fail "a killed rank: status $status: $(cat run-$runs.txt)"
        killed=$((killed + 1))
        [ $killed -ge "$kills" ] && break
    done
    train_ranks 2 run-$runs --resume >/dev/null 2>killed.txt || fail "the last resumption: $(cat killed.txt)"
    for file in $weights; do
        cmp -s whole/"$file" run-$runs/"$file" || fail "$file differs after $killed kills"
    done
    rm -rf "run-$runs"
done
echo "$killed kills in $runs runs, each with the bits of the undisturbed one"

# --- stopped by a signal to one rank: all stop after the same update, saved; another number of ranks goes on ---
start_ranks 2 stop --stage pretrain --set pretrain.steps=4000
wait_for stop/pretrain/log.csv '^10,'
kill -TERM "$(the_rank 1)"
wait $pid
status=$?
[ $status -eq 130 ] || fail "a stopped rank: exit status $status: $(cat stop.txt)"
grep -q '^shares = "2,2"' stop/pretrain/checkpoint.ini || fail "a stopped rank: no checkpoint that knows the shares: $(cat stop.txt)"
"$program" train --config small.ini --stage pretrain --out stop --resume --set pretrain.steps=4000 >/dev/null 2>stop.txt &
pid=$!
wait_for stop.txt 'goes on with 1 rank after 2'
kill -TERM $pid
wait $pid
start_ranks 3 stop --stage pretrain --resume --set pretrain.steps=4000
wait_for stop.txt 'goes on with 3 ranks after 1'
kill -TERM "$(the_rank 0)"
wait $pid
status=$?
[ $status -eq 130 ] || fail "rank 0, stopped: exit status $status: $(cat stop.txt)"
finish
