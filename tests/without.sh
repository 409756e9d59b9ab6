#!/usr/bin/env bash
# The program without CLBlast, libjpeg-turbo and MPI, built in a tree of its own: says so, needs none of them, trains and predicts.
#   without.sh CMAKE COMPILER FOLDER
set -u
cmake=$1 compiler=$2 build=$3
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$cmake" -S "$source" -B "$build" -G Ninja --log-level=WARNING -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug -DBUILD_TESTING=OFF \
    -DBICROSS_WERROR=ON -DBICROSS_CLBLAST=OFF -DBICROSS_JPEG=OFF -DBICROSS_MPI=OFF >/dev/null &&
    "$cmake" --build "$build" --target bicross >"$build/build.log" || { tail -n 40 "$build/build.log"; exit 1; }
set -- "$build/bicross"
# shellcheck source=tests/cli_support.sh
. "$source/tests/cli_support.sh"

for library in CLBlast JPEG MPI; do
    expect 0 "^$library: none" --version
done
readelf -d "$program" | grep -E 'NEEDED.*(clblast|jpeg|mpi)' && fail "it is linked with what it was built without"
expect 0 '' devices
expect 0 'neuromorphic' train --config "$source/tests/faults/tiny.ini" --stage neuromorphic --set neuromorphic.steps=2 --set neuromorphic.batch=1
expect 0 'wrote 1 sample' synth --size 32x32 --scenario syn2real --split target --count 1 --out world
expect 0 'depth .* m' predict --weights run/neuromorphic/weights.safetensors --spikes world/spikes/000000.npy --depth out.pfm
expect_file out.pfm
# The kernels for GPUs, where CLBlast is the rule on a GPU.
BICROSS_KERNELS=gpu expect 0 'depth .* m' predict --weights run/neuromorphic/weights.safetensors --spikes world/spikes/000000.npy --depth gpu.pfm
expect 2 'device.gemm = clblast, but the program was built without CLBlast' train --config "$source/tests/faults/tiny.ini" \
    --stage neuromorphic --out never --set device.gemm=clblast
printf '\xff\xd8\xff\xe0 a JPEG' >photo.jpg
expect 0 'pretrain' train --config "$source/tests/faults/tiny.ini" --stage pretrain
expect 1 'photo.jpg: expected a PNG image, found a JPEG image, which this program was built without' predict \
    --weights run/pretrain/weights.safetensors --rgb photo.jpg --depth never.pfm
[ -e never.pfm ] && fail "something was written that was refused"
finish
