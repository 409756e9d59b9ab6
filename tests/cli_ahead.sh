#!/usr/bin/env bash
# Samples read ahead of the device: the same bits, messages and ends whatever the number of threads; recordings as a target.
# Called with the PROGRAM.
. "$(dirname "$0")/cli_support.sh"

size="--scenario syn2real --size 32x64"
# shellcheck disable=SC2086
{
    expect 0 'wrote 9 samples' synth $size --split source --count 9 --out source
    expect 0 'wrote 3 samples' synth $size --split target --count 3 --out test
}
rm -r source/spikes # simulated
mkdir camera
for i in 1 2; do
    yes "a camera's stream $i" | head -c $((256 * (300 * i + 7))) >camera/part_$i.dat # frames of 64 x 32 pixels
done
write_folders source recording:camera test 6 constant pretrain crossmodality crossdomain
cat >>folders.ini <<'END'
[data]
validation = source
simulate = true
dat_width = 64
dat_height = 32
stride = 64
END

# --- what is found ---
expect 0 'part_1_000000 to part_2_000448' data folders.ini
expect 0 'windows of 2 files every 64 frames' data folders.ini
expect 0 '20 samples read in .* with 2 threads that read ahead' data folders.ini --read 20 --set data.threads=2
expect 0 '20 samples read in .* with 0 threads' data folders.ini --read 20 --set data.threads=0
expect 2 'data.target is recordings, of which all windows count' data folders.ini --set data.target_list=list.txt
expect 2 'data.threads' data folders.ini --set data.threads=65
expect 2 'data.stride' data folders.ini --set data.stride=0

# --- the same bits ---
for threads in 0 3; do
    expect 0 'AbsRel' train --config folders.ini --stage all --out "ahead-$threads" --set data.threads=$threads
    "$program" eval --config folders.ini --weights ahead-0/crossdomain/weights.safetensors --set data.threads=$threads \
        --json scores-$threads.json >/dev/null 2>&1 || fail "eval with $threads threads"
    for file in pretrain/weights crossmodality/weights crossdomain/weights pretrain/best; do
        cmp -s ahead-0/$file.safetensors "ahead-$threads/$file.safetensors" || fail "$file differs with $threads threads"
    done
    cmp -s scores-0.json scores-$threads.json || fail "scores differ with $threads threads"
done

# --- interrupted with threads at work, continued with others ---
long="train --config folders.ini --stage pretrain --resume --set pretrain.steps=150"
# shellcheck disable=SC2086
{
    expect_interrupted stopped '[ -f long/pretrain/log.csv ] && [ "$(wc -l <long/pretrain/log.csv)" -gt 1 ]' $long --out long --set data.threads=3
    expect 0 'pretrain 150/150' $long --out long --set data.threads=1
    expect 0 'pretrain 150/150' $long --out whole --set data.threads=0
}
cmp -s long/pretrain/weights.safetensors whole/pretrain/weights.safetensors || fail "an interrupted run ended in other bits"

# --- a damaged file in the middle of an epoch ---
head -c 100 source/depth/000006.png >damaged.png
cp damaged.png source/depth/000006.png
for threads in 0 3; do
    expect 1 'source/depth/000006.png: expected a whole PNG image' train --config folders.ini --stage pretrain --out damaged-$threads \
        --set data.threads=$threads --set data.validation=
    "$program" train --config folders.ini --stage pretrain --out damaged-$threads --overwrite --set data.threads=$threads \
        --set data.validation= 2>damaged-$threads.err >/dev/null
    cmp -s <(tail -1 damaged-0.err) <(tail -1 damaged-$threads.err) || fail "$threads threads say: $(tail -1 damaged-$threads.err)"
    [ ! -e damaged-$threads/pretrain/weights.safetensors ] || fail "weights of a run on damaged files"
done

# --- recordings that are none ---
head -c 1000 /dev/zero >camera.dat
alone="data folders.ini --set data.source= --set data.validation= --set data.test= --set"
# shellcheck disable=SC2086
{
    expect 1 'camera.dat: expected whole frames of 256 bytes' $alone data.target=recording:camera.dat
    expect 1 'test: expected recordings in files ending in .npy, .npz or .dat' $alone data.target=recording:test
    expect 1 'camera/none.dat' $alone data.target=recording:camera/none.dat
}

finish
