#!/usr/bin/env bash
# Every published scenario on a small tree in the layouts of its publishers: what `data` finds, and two updates of each stage.
# Called with the PROGRAM.
configs=$(realpath "$(dirname "$0")/../apps/configs")
. "$(dirname "$0")/cli_support.sh"

# pictures NAME SCENARIO SPLIT HEIGHTxWIDTH: two samples of the built-in world, to be laid out
pictures() {
    expect 0 'wrote 2 samples' synth --scenario "$2" --split "$3" --count 2 --size "$4" --out "$1"
}

# place FROM INDEX RGB SPIKES DEPTH: sample INDEX of FROM under these names ("": none)
place() {
    local names=("$3" "$4" "$5") files=("rgb/00000$2.png" "spikes/00000$2.npy" "depth/00000$2.png") i
    for i in 0 1 2; do
        [ -n "${names[i]}" ] || continue
        mkdir -p "$(dirname "${names[i]}")"
        cp "$1/${files[i]}" "${names[i]}"
    done
}

# scenario NAME SOURCE TARGET FOUND OPTIONS...: data, all stages and eval of the published configuration on these sets
scenario() {
    local name=$1 found=$4 stage
    local sets=(--set "data.source=$2" --set "data.validation=$2" --set "data.target=$3" --set "data.test=$3")
    local small=(--set model.preset=tiny --set model.input_height=64 --set model.input_width=64)
    shift 4
    for stage in pretrain crossmodality crossdomain; do
        small+=(--set "$stage.steps=2" --set "$stage.batch=2")
    done
    expect 0 "$found" data "$configs/published.ini" "${sets[@]}" "${small[@]}" "$@" --sheet "$name.png"
    expect_file "$name.png"
    expect 0 'AbsRel' train --config "$configs/published.ini" --stage all --out "$name" "${sets[@]}" "${small[@]}" "$@"
    expect 0 'AbsRel' eval --config "$configs/published.ini" --weights "$name/crossdomain/weights.safetensors" "${sets[@]}" "${small[@]}" "$@"
}

expect 0 'vkitti2 +Virtual KITTI 2.0.3; depth PNG 100 units a metre, crop 1216 x 352' data --kinds
expect 2 'expected a configuration, or --kinds' data
expect 1 'expected the files of Virtual KITTI 2.0.3' data "$configs/published.ini"

# --- synthetic to real: spikes of the source beside its pictures, those of the target simulated ---
pictures street syn2real source 375x1242
drive=kitti/2011_09_26/2011_09_26_drive_00
camera=v/Scene01/clone/frames
for i in 0 1; do
    place street $i $camera/rgb/Camera_0/rgb_0000$i.jpg $camera/spike/Camera_0/spike_0000$i.npy $camera/depth/Camera_0/depth_0000$i.png
    place street $i ${camera/01/18}/rgb/Camera_0/rgb_0000$i.jpg ${camera/01/18}/spike/Camera_0/spike_0000$i.npy \
        ${camera/01/18}/depth/Camera_0/depth_0000$i.png
    for number in 35 39; do
        place street $i ${drive}${number}_sync/image_02/data/000000000$i.png "" \
            ${drive}${number}_sync/proj_depth/groundtruth/image_02/000000000$i.png
    done
done
scenario syn2real vkitti2:v ekitti:kitti '2 samples, the first of 1242 x 375 .*, of which the bottom centre 1216 x 352 is seen'

# --- scene change: KITTI by a list, DrivingStereo as released ---
pictures road scene target 400x881
for split in train test; do
    printf '2011_09_26/2011_09_26_drive_00%s_sync/image_02/data/0000000001.png x 721.5377\n' 35 39 >kitti/eigen_${split}_files_with_gt.txt
    for i in 0 1; do
        place road $i stereo/input/$split/day/rgb/$i.jpg stereo/input/$split/day/spike/npy/$i.npy stereo/input/$split/day/depth/$i.png
    done
done
scenario scene kitti:kitti drivingstereo:stereo '2 samples, the first of 1242 x 375'

# --- weather: split by names ---
for weather in cloudy foggy; do
    for i in 0 1 2 3 4; do
        place road $((i % 2)) weather/$weather/left-image-half-size/$i.jpg "" weather/$weather/depth-map-half-size/$i.png
    done
done
scenario weather weather/cloudy:weather weather/foggy:weather '4 samples, the first of 881 x 400 .*, of which the bottom centre 864 x 384 is seen'

# --- real spikes: rooms ---
pictures room realspike source 480x640
pictures camera realspike target 250x400
for i in 0 1; do
    place room $i nyu/train/rgb/$i.png nyu/train/spikes/$i.npy nyu/train/depth/$i.png
    place room $i nyu/test/rgb/$i.png nyu/test/spikes/$i.npy nyu/test/depth/$i.png
    for split in train val; do
        place camera $i respike/indoor/reconstruction/$split/s/left/$i.png respike/indoor/spike/$split/s/left/$i.npy \
            respike/indoor/depth_trans/$split/s/$i.png
    done
done
scenario rooms nyu:nyu respike:respike '2 samples, the first of 640 x 480' --set model.scene=indoor --set data.dmax=10

finish
