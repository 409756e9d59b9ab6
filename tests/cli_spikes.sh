#!/usr/bin/env bash
# Spike files and folders of frames are what was meant, or it is said.  cli_spikes.sh PROGRAM
# shellcheck source=tests/cli_support.sh
. "$(dirname "$0")/cli_support.sh"

# expect_not PATTERN ARGUMENTS...: succeeds, and its output has no such pattern.
expect_not() {
    local pattern=$1 output
    shift
    output=$("$program" "$@" 2>&1 </dev/null) || fail "'$*' failed: $output"
    grep -qE -- "$pattern" <<<"$output" && fail "'$*' said '$output', expected no /$pattern/"
}

# put_npy FILE "(A, B, C)" DATA...: an array of bytes that are the values of DATA, one after the other.
put_npy() {
    local file=$1 header
    header="{'descr': '|u1', 'fortran_order': False, 'shape': $2, }"
    shift 2
    {
        printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"
        cat "$@"
    } >"$file"
}

size="--size 32x64 --scenario syn2real"
# shellcheck disable=SC2086
expect 0 'wrote 12 samples' synth $size --split source --count 12 --out world

# --- frames in the order of their numbers ---
mkdir padded plain mixed gaps twice
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    cp "world/rgb/$(printf %06d $i).png" "padded/f$(printf %03d $i).png"
    cp "world/rgb/$(printf %06d $i).png" plain/f$i.png
done
expect_not warning simulate --frames padded --out padded.npy --fps-up 8
expect_not warning simulate --frames plain --out plain.npy --fps-up 8
cmp -s padded.npy plain.npy || fail "1, 2, 10 are not simulated in the order of 001, 002, 010"
cp plain/f0.png mixed/a_1.png
cp plain/f1.png mixed/a_2.png
cp plain/f2.png mixed/b_3.png
expect 1 'frames of one sequence.*found a_2.png and b_3.png' simulate --frames mixed --out never.npy
cp plain/f0.png plain/f1.png plain/f2.png plain/f6.png plain/f7.png plain/f9.png gaps
expect 0 'warning: .*gaps.* has 2 gaps, the first between f2.png and f6.png .*differ by 1' simulate --frames gaps \
    --out gaps.npy --fps-up 8
cp plain/f1.png twice/f1.png
cp plain/f1.png twice/f01.png
expect 1 'one frame of each number, found f01.png and f1.png' simulate --frames twice --out never.npy

# --- a camera that watches what moves ---
mkdir moving
for i in 0 1 2; do cp world/rgb/00000$i.png moving; done
expect 0 'wrote moving.npy: 26 frames of 64 x 32' simulate --frames moving --out moving.npy --fps-up 13 --interpolate motion
expect 0 'wrote again.npy' simulate --frames moving --out again.npy --fps-up 13 --interpolate motion
cmp -s moving.npy again.npy || fail "the same video gives other spikes"
expect 0 'wrote fading.npy' simulate --frames moving --out fading.npy --fps-up 13
cmp -s moving.npy fading.npy && fail "--interpolate motion changes nothing"
expect 0 'wrote coarse.npy' simulate --frames moving --out coarse.npy --fps-up 13 --interpolate motion --sub-frames 2
cmp -s coarse.npy moving.npy && fail "--sub-frames changes nothing"
expect 0 'wrote scsim.npy' simulate --frames moving --out scsim.npy --fps-up 13 --noise scsim
expect 0 'wrote dim.npy' simulate --frames moving --out dim.npy --fps-up 13 --gain 0.5
expect 0 'wrote high.npy' simulate --frames moving --out high.npy --fps-up 13 --theta 2
cmp -s dim.npy high.npy || fail "half the light and twice the threshold are not the same to an ideal camera"
expect 2 '--interpolate must be one of linear\|motion' simulate --frames moving --out never.npy --interpolate flow
expect 2 '--sub-frames' simulate --frames moving --out never.npy --sub-frames 0
expect 2 '--gain' simulate --frames moving --out never.npy --gain 0

# --- which axis is time ---
spikes=world/spikes/000000.npy
expect 0 "$spikes: 128 frames of 64 x 32 \(width x height\)" reconstruct --spikes $spikes --out thw.png
expect 0 "$spikes: 128 frames of 64 x 32 \(width x height\), rate 0\.[0-9]{4}" inspect $spikes
head -c 12800000 /dev/zero >zeros
put_npy hwt.npy '(250, 400, 128)' zeros
asked='found shape \(250, 400, 128\): is this \(height, width, frames\)\? Say --axes hwt, or --axes thw'
expect 2 "$asked" reconstruct --spikes hwt.npy --out never.png
expect 0 "$asked" inspect hwt.npy
expect 0 'hwt.npy: 128 frames of 400 x 250' reconstruct --spikes hwt.npy --axes hwt --out hwt.png
expect 0 '8-bit, 400 x 250' inspect hwt.png
expect 0 'statistics: rate 0.0000, interval not measured, .*fixed pattern not measured' inspect --axes hwt hwt.npy
expect 0 "statistics: rate 0\\.[0-9]{4}, interval [0-9.]+ frames, .*Fano factor of 50 frames [0-9.]+" inspect $spikes
expect 0 'hwt.npy: 250 frames of 128 x 400' inspect --axes thw hwt.npy
expect 2 'expected 64 x 32 pixels .* by --size, found 400 x 250' reconstruct --spikes hwt.npy --axes hwt --size 32x64 \
    --out never.png
expect 2 'must be one of thw\|hwt' reconstruct --spikes hwt.npy --axes hht --out never.png
expect 2 '--no-flip goes with .dat files' reconstruct --spikes $spikes --no-flip --out never.png
head -c 12000 zeros >picture
put_npy picture.npy '(40, 100, 3)' picture # no spikes, which is no failure
expect 0 'NPY .u1, 40 x 100 x 3' inspect picture.npy
mkdir -p turned/spikes
put_npy turned/spikes/1.npy '(250, 400, 128)' zeros

# --- raw files say what they are ---
expect 0 'wrote video.dat: 260 frames of 64 x 32' simulate --frames gaps --out video.dat --fps-up 52 --bit-order msb
expect_file video.dat.ini
expect 0 'video.dat: 260 frames of 64 x 32 \(width x height\)' reconstruct --spikes video.dat --out dat.png
expect 0 'wrote video.npy: 260 frames' simulate --frames gaps --out video.npy --fps-up 52
expect 0 '' reconstruct --spikes video.npy --out npy.png
cmp -s dat.png npy.png || fail "a raw file and an array of the same frames give different pictures"
expect 0 'raw spikes, 260 frames of 64 x 32' inspect --size 32x64 --bit-order msb video.dat
expect 2 'found 64 x 32 in video.dat.ini.* 32 x 64 .* was asked for' inspect --size 64x32 video.dat
expect 2 'bit order msb in video.dat.ini.*bit order lsb was asked for' inspect --bit-order lsb video.dat
expect 2 '--axes goes with .npy and .npz files' inspect --axes thw video.dat
cp video.dat other.dat
sed 's/frames = 260/frames = 100/' video.dat.ini >other.dat.ini
expect 1 'other.dat is not what other.dat.ini describes: expected 100 frames .* found 260' inspect other.dat
rm other.dat.ini
expect 1 'expected whole frames of 12500 bytes \(400 x 250 pixels, as nothing says its size\)' inspect other.dat

# --- and are doubted where nothing says their size ---
head -c 62500 zeros >camera.dat
expect 0 'camera.dat: 5 frames of 400 x 250 .*the size is assumed: say --size HxW' inspect camera.dat
expect_not assumed inspect --size 250x400 camera.dat
head -c 1000000 zeros >large.dat
expect 2 'is it 80 frames of 400 x 250 \(width x height\), or 8 frames of 1000 x 1000\?.*--size' inspect large.dat
expect 2 'or 8 frames of 1000 x 1000' reconstruct --spikes large.dat --out never.png
expect 0 'large.dat: 8 frames of 1000 x 1000' reconstruct --spikes large.dat --size 1000x1000 --out large.png

# --- the same for folders and predictions ---
write_folders world world turned 1 constant supervised
expect 0 'supervised 1/1' train --config folders.ini --stage supervised
weights=run/supervised/weights.safetensors
expect 2 "turned/spikes/1.npy: $asked.*data.npy_axes" eval --config folders.ini --weights $weights
expect 2 'must be one of auto\|thw\|hwt' eval --config folders.ini --weights $weights --set data.npy_axes=thh
expect 2 'dat_width and dat_height must both' eval --config folders.ini --weights $weights --set data.dat_width=64
expect 0 "$spikes: 128 frames of 64 x 32 .*" predict --weights $weights --spikes $spikes --depth thw.pfm
expect 2 "$asked" predict --weights $weights --spikes hwt.npy --depth never.pfm
expect 0 'hwt.npy: 128 frames of 400 x 250' predict --weights $weights --spikes hwt.npy --axes hwt --depth hwt.pfm
expect 0 'PFM, 400 x 250' inspect hwt.pfm
expect 0 'window 2 of 2' predict --weights $weights --spikes video.dat --stream --depth window.npy
expect_file window-0000.npy window-0001.npy

# --- what spikes tell of a camera: a pixel that never fires, one that fires always, 126 in every fourth frame ---
ones() {
    head -c "$1" /dev/zero | tr '\0' '\1'
}
repeat() { # COUNT FILE...
    local count=$1
    shift
    for _ in $(seq "$count"); do cat "$@"; done
}
{ ones 50; head -c 1 zeros; ones 77; } >bright
{ head -c 90 zeros; ones 1; head -c 37 zeros; } >dim
mkdir camera
repeat 64 bright dim dim dim >frames
put_npy camera/1.npy '(256, 8, 16)' frames
repeat 75 bright dim dim dim >frames # two windows, and 44 frames more
put_npy camera/2.npy '(300, 8, 16)' frames
expect 0 'wrote noise.npz: 16 x 8 pixels \(width x height\), 2 of 2 windows of 128 frames, mean rate 0.2539' calibrate \
    --spikes camera/1.npy --out noise.npz
found='fixed pattern: standard deviation [0-9]+\.[0-9] %, beside 1 dead pixels \(below 0.1\) and 1 hot ones \(above 3\)'
expect 0 "$found" calibrate --spikes camera --out both.npz
expect 0 '4 of 4 windows of 128 frames, mean rate 0.2539' calibrate --spikes camera --out again.npz
cmp -s both.npz again.npz || fail "the same spikes give other files"
expect 0 'sensor, 16 x 8 pixels \(width x height\), light of 4 images' inspect both.npz
expect 0 "$found" inspect both.npz
expect 0 'at most a rate of 0.2500 to 0.2500, 90 % of them 0.2500 to 0.2500' inspect both.npz
expect 0 'wrote raw.npz: 64 x 32 pixels .* 2 of 2 windows' calibrate --spikes video.dat --out raw.npz
mkdir sizes
cp camera/1.npy sizes
cp world/spikes/000002.npy sizes/2.npy
expect 1 'sizes/2.npy: expected 16 x 8 pixels .* as in sizes/1.npy, found 64 x 32: one camera has one size' calibrate \
    --spikes sizes --out never.npz
head -c 1000 zeros | tr '\0' '\1' >frames
put_npy short.npy '(10, 10, 10)' frames
expect 1 'short.npy: expected at least one window of 128 frames, found none in 1 file$' calibrate --spikes short.npy --out never.npz
head -c 1025024 zeros >frames
put_npy dark.npy '(128128, 2, 4)' frames
expect 1 'dark.npy: expected spikes, found that no pixel fires in 1000 images' calibrate --spikes dark.npy --out never.npz
expect 1 'missing.npy' calibrate --spikes missing.npy --out never.npz
expect 1 'cannot write never/there.npz' calibrate --spikes camera --out never/there.npz
expect 2 '--out must be a file name that ends in .npz' calibrate --spikes camera --out never.npy
expect 2 '--no-flip goes with .dat files' calibrate --spikes camera --no-flip --out never.npz

# --- or a simulated one is given its pixels ---
expect 0 'wrote mapped.npy: 26 frames' simulate --frames moving --out mapped.npy --fps-up 13 --maps both.npz
cmp -s mapped.npy fading.npy && fail "--maps changes nothing"
expect 0 'wrote spikes.npz' simulate --frames moving --out spikes.npz --fps-up 13
expect 1 'expected an array response, Nl or pattern' simulate --frames moving --out never.npy --maps spikes.npz
expect 1 'missing.npz' simulate --frames moving --out never.npy --maps missing.npz
expect 2 '--maps must be a file name that ends in .npz' simulate --frames moving --out never.npy --maps both.npy

# --- and a configuration's spikes are simulated likewise ---
mkdir watched
cp -r moving watched/rgb
printf '[data]\nkind = folder\nsource = watched\nsimulate = true\n' >watched.ini
watched() { # what is found of the spikes with a setting
    "$program" data watched.ini --set "$1" 2>&1 | grep -o 'spikes at a rate of [0-9.]*' || fail "no spikes with $1"
}
plain=$(watched data.gain=1)
[ "$(watched data.gain=0.5)" = "$(watched data.theta=2)" ] || fail "half the light and twice the threshold differ"
for setting in gain=0.5 fps_up=64 interpolate=motion maps=both.npz noise=scsim; do
    [ "$(watched data.$setting)" = "$plain" ] && fail "data.$setting changes nothing: $plain"
done
expect 2 'data.fps_up must be a whole number from 64' data watched.ini --set data.fps_up=63
expect 2 'data.sub_frames must be' data watched.ini --set data.sub_frames=0
expect 1 'missing.npz' data watched.ini --set data.maps=missing.npz

# --- and source spikes get it ---
expect 0 '^sensor = "noise.npz"$' train --print-config --set augment.sensor=noise.npz
expect 2 'augment.sensor is "noise.npz" and crossdomain.calibrate is true' train --print-config \
    --set augment.sensor=noise.npz --set crossdomain.calibrate=true
write_folders world world world 1 constant neuromorphic
expect 0 'neuromorphic 1/1' train --config folders.ini --stage neuromorphic --set augment.sensor=noise.npz
expect 0 '' train --config folders.ini --stage neuromorphic --set augment.sensor=noise.npz --resume
cp both.npz noise.npz
expect 2 'was begun with another sensor than noise.npz' train --config folders.ini --stage neuromorphic \
    --set augment.sensor=noise.npz --resume
head -c 300 noise.npz >cut.npz
expect 1 'cut.npz: expected an NPZ file' train --config folders.ini --set augment.sensor=cut.npz --out never
expect 1 'missing.npz' train --config folders.ini --set augment.sensor=missing.npz --out never

left=$(find . -name '*.tmp-*' -o -name 'never*')
[ -z "$left" ] || fail "these files should not be there: $left"
finish
