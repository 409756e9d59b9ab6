#!/usr/bin/env bash
# Two updates of every stage on another OpenCL implementation, and on the one that the program takes: the weights are the same, but for rounding.
#   agree.sh PROGRAM rusticl
#   agree.sh PROGRAM intel FOLDER
# AGREE_SIZE: of the input, 32x64 unless it is given.
# Each stage begins with the same weights on both, and reads the same files, since worlds rendered on two devices differ in a few spikes.
set -u
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
runtime=$2 libraries=("${@:3}")
limit=1e-4 size=${AGREE_SIZE:-32x64}
# shellcheck source=tests/cli_support.sh
. "$here/cli_support.sh"

# On what is not there, this is where it is said.
"$here/on_runtime.sh" "$runtime" "$program" "${libraries[@]}" devices >devices.txt 2>&1
status=$?
if [ $status -eq 77 ]; then
    cat devices.txt
    exit 77
fi
[ $status -eq 0 ] || fail "no device: $(cat devices.txt)"

for split in source target; do
    "$program" synth --scenario syn2real --split $split --count 8 --size "$size" --out $split >/dev/null 2>&1
done
cat >agree.ini <<END
[model]
input_height = ${size%x*}
input_width = ${size#*x}
[data]
kind = folder
source = source
target = target
test = target
source_depth_scale = 256
target_depth_scale = 256
source_count = 8
target_count = 8
test_count = 1
END
for stage in pretrain neuromorphic crossmodality supervised crossdomain; do
    printf '[%s]\nsteps = 2\nbatch = 4\nschedule = constant\n' $stage >>agree.ini
done
printf 'warmup_step = 0\n' >>agree.ini

# train OUT STAGE [INIT] -- LAUNCHER...
train() {
    local out=$1 stage=$2 init=$3
    shift 3
    "$@" train --config agree.ini --stage "$stage" --out "$out" ${init:+--init "$init"} >"$out-$stage.txt" 2>&1 || cat "$out-$stage.txt"
}

# How far weights are from others, relative to these.
distance() {
    python3 - "$1" "$2" <<'END'
import array, json, math, struct, sys

def tensors(path):
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + size])
    head.pop("__metadata__", None)
    places = {name: t["data_offsets"] for name, t in head.items()}
    return {name: array.array("f", data[8 + size + a : 8 + size + b]) for name, (a, b) in places.items()}

these, those = tensors(sys.argv[1]), tensors(sys.argv[2])
assert these.keys() == those.keys() and len(these) > 50
off = sum((x - y) ** 2 for name in those for x, y in zip(these[name], those[name]))
print("%.2g" % math.sqrt(off / sum(y * y for name in those for y in those[name])))
END
}

for stage in pretrain neuromorphic crossmodality crossdomain control supervised; do
    case $stage in
    crossmodality) init=own/pretrain/weights.safetensors ;;
    crossdomain | control | supervised) init=own/crossmodality/weights.safetensors ;;
    *) init= ;;
    esac
    train own $stage "$init" "$program"
    train other $stage "$init" "$here/on_runtime.sh" "$runtime" "$program" "${libraries[@]}"
    off=$(distance other/$stage/weights.safetensors own/$stage/weights.safetensors 2>/dev/null)
    echo "$stage: weights differ by $off"
    awk "BEGIN { exit !(\"$off\" != \"\" && \"$off\" + 0 < $limit) }" || fail "$stage: weights differ by ${off:-what cannot be compared}, at most $limit is right"
done
finish
