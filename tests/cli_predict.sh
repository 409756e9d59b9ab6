#!/usr/bin/env bash
# Predictions of one file or many, recorded or live, and what is drawn of them; reconstruction of whole streams.  cli_predict.sh PROGRAM
# shellcheck source=tests/cli_support.sh
. "$(dirname "$0")/cli_support.sh"

# same FILE FILE
same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

size="--size 32x64 --scenario syn2real"
world="--set data.world_height=32 --set data.world_width=64 --set model.input_height=32 --set model.input_width=64 \
    --set data.source_count=2 --set data.test_count=2 --set data.validation_count=0"
for stage in pretrain neuromorphic; do
    # shellcheck disable=SC2086
    expect 0 "$stage 1/1" train --stage $stage --out run $world --set $stage.steps=1 --set $stage.batch=1 --set $stage.schedule=constant
done
# shellcheck disable=SC2086
expect 0 'wrote 3 samples' synth $size --split target --count 3 --out world
spikes=run/neuromorphic/weights.safetensors
pictures=run/pretrain/weights.safetensors

# --- several inputs, each as if it were alone ---
for i in 0 1 2; do
    expect 0 'depth .* m' predict --weights $spikes --spikes world/spikes/00000$i.npy --depth alone-$i.pfm --uncertainty alone-$i.npy
done
expect 0 '^000001: depth' predict --weights $spikes --spikes world/spikes/000000.npy world/spikes/000001.npy --depth words.pfm
expect 0 '^000002: depth' predict --weights $spikes --spikes world/spikes --depth folder.pfm --uncertainty folder.npy
expect 0 '^000002: depth' predict --weights $spikes --spikes 'world/spikes/00000[12].npy' --depth pattern.pfm
for i in 0 1 2; do
    same alone-$i.pfm folder-00000$i.pfm
    same alone-$i.npy folder-00000$i.npy
done
same alone-1.pfm words-000001.pfm
same alone-2.pfm pattern-000002.pfm
expect_file pattern-000001.pfm
[ -e pattern-000000.pfm ] && fail "the pattern took a file that it does not match"
expect 0 '^000002: depth' predict --weights $pictures --rgb world/rgb --color rgb.png
expect_file rgb-000000.png rgb-000002.png
mkdir -p a b/c
cp world/spikes/000000.npy a/1.npy
cp world/spikes/000001.npy b/c/1.npy
expect 0 '^b-c-1: depth' predict --weights $spikes --spikes a/ b --depth below.pfm
same alone-0.pfm below-a-1.pfm
same alone-1.pfm below-b-c-1.pfm
cp world/spikes/000001.npy a-1.npy
expect 1 'inputs with names of their own, found .*a.1.npy and ' predict --weights $spikes --spikes ./a-1.npy ./a/1.npy --depth never.pfm
expect 1 'expected files, found none that match' predict --weights $spikes --spikes 'world/*.nothing' --depth never.pfm
expect 1 'files ending in .png, .jpg' predict --weights $pictures --rgb world/spikes --depth never.pfm
expect 1 'there is no|No such file' predict --weights $spikes --spikes nowhere.npy --depth never.pfm
expect 2 '--spikes needs a value: PATH' predict --weights $spikes --spikes --depth never.pfm

# --- colours ---
expect 0 'colours from .* m to .* m, as in the first depth map' predict --weights $spikes --spikes world/spikes --color first.png
expect 0 'depth' predict --weights $spikes --spikes world/spikes/000000.npy --color map.png --map turbo --no-bar --range 2:80
expect 0 '8-bit, 64 x 32' inspect map.png
expect 0 'depth' predict --weights $spikes --spikes world/spikes/000000.npy --color barred.png --map turbo --range 2:80
expect 0 '8-bit, [3-9][0-9]{2} x 1[0-9]{2}' inspect barred.png
for range in 0:80 80:2 2 2:80x 2:inf :5 a:b; do
    expect 2 '--range must be NEAR:FAR' predict --weights $spikes --spikes world/spikes/000000.npy --color never.png --range $range
done
expect 2 '--range is of colours' predict --weights $spikes --spikes world/spikes/000000.npy --range 2:80
expect 2 '--map must be one of viridis' predict --weights $spikes --spikes world/spikes/000000.npy --map jet
expect 0 'depth' predict --weights $spikes --spikes world/spikes --sheet sheet.png
expect_file sheet.png
expect 0 'depth' predict --weights $spikes --against $spikes --spikes world/spikes --sheet both.png
expect_file both.png
expect 2 '--against is shown in --sheet' predict --weights $spikes --against $spikes --spikes world/spikes
expect 2 'they cannot be compared' predict --weights $spikes --against $pictures --spikes world/spikes --sheet never.png
expect 0 'a field of view of 70 degrees' predict --weights $spikes --spikes world/spikes --cloud cloud.ply
expect_file cloud-000000.ply
expect 0 'depth' predict --weights $spikes --spikes world/spikes/000000.npy --cloud one.ply --focal 50,60 --centre 10,20.5
grep -qa 'focal length 50, 60, centre 10, 20.5 pixels$' one.ply || fail "one.ply does not say its camera"
for camera in '--focal 0' '--focal 5,' '--focal x' '--centre 5' '--centre 5,x'; do
    # shellcheck disable=SC2086 # two words
    expect 2 "${camera% *} must be" predict --weights $spikes --spikes world/spikes/000000.npy --cloud never.ply $camera
done
expect 2 'ends in .ply' predict --weights $spikes --spikes world/spikes/000000.npy --cloud never.obj
expect 2 'the camera of --cloud' predict --weights $spikes --spikes world/spikes/000000.npy --focal 3
expect 0 'depth' predict --weights $pictures --rgb world/rgb/000000.png --sheet sheet_rgb.png
expect_file sheet_rgb.png

# --- a stream: from a file, a pipe and standard input, the same maps ---
mkdir video
cp world/rgb/00000[012].png video
expect 0 'wrote video.dat: 400 frames' simulate --frames video --out video.dat --fps-up 200
expect 0 'window 3 of 3' predict --weights $spikes --spikes video.dat --stream --depth file.npy
mkfifo pipe
cat video.dat >pipe &
expect 0 'a window takes p50 .* from its last frame on$' predict --weights $spikes --spikes pipe --size 32x64 --stream --depth pipe.npy
wait
"$program" predict --weights $spikes --spikes - --size 32x64 --stream --depth in.npy <video.dat >in.out 2>in.err ||
    fail "from standard input: $(cat in.err)"
for i in 0 1 2; do
    same file-000$i.npy pipe-000$i.npy
    same file-000$i.npy in-000$i.npy
done
[ -e file-0003.npy ] && fail "there is a map of a window that is not whole"
"$program" predict --weights $spikes --spikes - --size 32x64 --stream --drop <video.dat >drop.out 2>drop.err
grep -qE '; [0-2] of 3 dropped$' drop.out || fail "--drop said: $(cat drop.out drop.err)"
expect 2 'a pipe is read with --stream, and alone' predict --weights $spikes --spikes - --depth never.pfm
expect 2 'a pipe is read with --stream, and alone' predict --weights $spikes --spikes - video.dat --stream
expect 2 '--drop goes with --stream' predict --weights $spikes --spikes video.dat --drop
expect 1 '^error: - ended before 128 frames of 64 x 32' predict --weights $spikes --spikes - --size 32x64 --stream
expect 0 '^video, window 3 of 3' predict --weights $spikes --spikes video.dat b/c/1.npy --stream --depth many.npy
same file-0002.npy many-video-0002.npy
expect_file many-b-c-1-0000.npy

# --- frames for another program ---
"$program" predict --weights $spikes --spikes video.dat --stream --raw float32 --depth raw.npy >raw 2>raw.err || fail "--raw: $(cat raw.err)"
for i in 0 1 2; do tail -c $((32 * 64 * 4)) raw-000$i.npy; done >expected
same raw expected
"$program" predict --weights $spikes --spikes video.dat --stream --raw rgb24 >raw 2>raw.err || fail "--raw: $(cat raw.err)"
[ "$(wc -c <raw)" -eq $((3 * 32 * 64 * 3)) ] || fail "three frames of 64 x 32 in rgb24 are $(wc -c <raw) bytes"
(
    set -o pipefail
    "$program" predict --weights $spikes --spikes video.dat --stream --raw rgb24 2>raw.err | head -c 10 >raw
) && fail "frames that nobody took are no failure"
grep -q 'cannot write frames to standard output: Broken pipe' raw.err || fail "a reader that leaves: $(cat raw.err)"

# --- Ctrl-C: a live stream ends, what is written is whole ---
sleep 60 >pipe &
sleeper=$!
cat video.dat >pipe &
expect_interrupted live '[ -s live-0002.npy ]' predict --weights $spikes --spikes pipe --size 32x64 --stream --depth live.npy
grep -q 'interrupted after 3 windows' live.err || fail "a live stream, interrupted, said: $(cat live.err)"
grep -q 'windows/s' live.out || fail "a live stream, interrupted, does not say its speed"
same file-0002.npy live-0002.npy
kill $sleeper

# --- reconstruction ---
expect 0 'wrote 4 pictures, one every 100 frames' reconstruct --spikes video.dat --out tfp.png --every 100
expect_file tfp-0000.png tfp-0003.png
[ -e tfp-0004.png ] && fail "a picture after the last frame"
expect 0 '' reconstruct --spikes video.dat --out one.png --at 200
same one.png tfp-0002.png
expect 0 'wrote 2 pictures' reconstruct --spikes video.dat --out late.png --every 100 --at 200
same tfp-0003.png late-0001.png
expect 0 '' reconstruct --spikes video.dat --out tfi.png --method tfi --at 200 --window 30
expect 0 '' reconstruct --spikes video.dat --out whole.png --window 400
expect 0 '' reconstruct --spikes video.dat --out longer.png --window 16777216
same whole.png longer.png
for option in --normalize '--gamma 2.2'; do
    # shellcheck disable=SC2086
    expect 0 '' reconstruct --spikes video.dat --out bright.png --at 200 $option
    cmp -s one.png bright.png && fail "$option changes nothing"
done
expect 2 'frame 400 was asked for, but video.dat has frames 0 to 399' reconstruct --spikes video.dat --out never.png --at 400
expect 2 '--gamma must be a number' reconstruct --spikes video.dat --out never.png --gamma 0

[ -n "$(find . -name 'never*')" ] && fail "something was written that was refused: $(find . -name 'never*')"
finish
