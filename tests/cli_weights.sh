#!/usr/bin/env bash
# Results can be trusted: weights say what they are, labels that do not count are no score, keys that contradict each other are
# refused, a number that is none is no result.  cli_weights.sh PROGRAM
# shellcheck source=tests/cli_support.sh
. "$(dirname "$0")/cli_support.sh"

world="--set data.world_height=32 --set data.world_width=64 --set model.input_height=32 --set model.input_width=64 \
    --set data.source_count=2 --set data.test_count=2 --set data.validation_count=0 --set neuromorphic.steps=2 \
    --set neuromorphic.batch=1 --set neuromorphic.schedule=constant"
indoor="--set data.scenario=realspike --set model.scene=indoor"
synth="--size 32x64 --count 2"
# shellcheck disable=SC2086
{
    expect 0 'neuromorphic: source .* \(2 samples\), 2 updates of 1, 2 an epoch \(a pass over the source\); model tiny at 32 x 64 .*; device .*; tuning' \
        train --stage neuromorphic --out rooms $world $indoor
    expect 0 'wrote 2 samples' synth $synth --scenario realspike --split target --out rooms_data
    expect 0 'wrote 2 samples' synth $synth --scenario syn2real --split target --out streets_data
}
mkdir elsewhere
mv rooms/neuromorphic/weights.safetensors elsewhere/w.safetensors
weights=elsewhere/w.safetensors
spikes=rooms_data/spikes/000000.npy

# --- away from their folder they are still an indoor network of that input ---
expect 0 'metadata bicross.scene: indoor' inspect $weights
expect 0 'metadata bicross.dmax: 10$' inspect $weights
expect 0 'tiny of the stage neuromorphic, indoor, input 32 x 64 .*dmax 10 m' predict --weights $weights --spikes $spikes
expect 0 'depth [0-9.]+ to (10|[0-9])\.[0-9]+ m' predict --weights $weights --spikes $spikes
expect 0 'model.scene is indoor in the file, taken is outdoor' predict --weights $weights --spikes $spikes --scene outdoor
expect 2 'model.preset = tiny, but here it is hybrid' predict --weights $weights --spikes $spikes --model hybrid
printf '[data]\nkind = folder\ntest = rooms_data\ntest_count = 0\ntarget_depth_scale = 1000\n' >rooms.ini
expect 0 '2 of 2' eval --config rooms.ini --weights $weights
printf '[model]\nscene = outdoor\n' | cat rooms.ini - >outdoor.ini
expect 2 'model.scene = indoor, but here it is outdoor' eval --config outdoor.ini --weights $weights
expect 0 'taken is outdoor' eval --config outdoor.ini --weights $weights --set model.scene=outdoor

# --- the same network as an ONNX file, at its own size or another ---
expect 0 'wrote network.onnx: [0-9]+ nodes, [0-9]+ tensors, [0-9]+ bytes, opset 17; spikes \(N,128,32,64\) to depth and uncertainty \(N,32,64\)' \
    export --weights $weights --onnx network.onnx
expect 0 'spikes \(N,128,96,32\)' export --weights $weights --input 96x32 --onnx network.onnx
expect_file network.onnx
expect 2 'multiples of 32, not 33x64' export --weights $weights --input 33x64 --onnx never.onnx
expect 2 '--onnx' export --weights $weights
expect 1 'no depth network|safetensors' export --weights $spikes --onnx never.onnx
expect 1 'cannot write nowhere/network.onnx' export --weights $weights --onnx nowhere/network.onnx
expect 1 'cannot write /dev/full' export --weights $weights --onnx /dev/full

# --- no valid label is no score ---
expect 1 'rooms_data: none of the 2 samples has a valid label.*dmax = 10.*depth scale of 1 ' eval --config rooms.ini \
    --weights $weights --set data.target_depth_scale=1 --json never.json
cp -r rooms_data half_data
cp streets_data/depth/000001.png half_data/depth/000001.png # 256 units a metre: far beyond every wall at 1000
expect 0 '[0-9] of 2' eval --config rooms.ini --weights $weights --set data.test=half_data --json half.json
grep -q '"looked_at": 2' half.json || fail "half.json: $(cat half.json)"
grep -q '"abs_rel": 0,' half.json && fail "half.json has a perfect score: $(cat half.json)"

# --- keys that contradict each other ---
expect 2 'data.test is .rooms_data., but data.kind is world' eval --config rooms.ini --weights $weights --set data.kind=world
expect 2 'data.scenario is weather, but data.kind is folder' eval --config rooms.ini --weights $weights --set data.scenario=weather
expect 2 'either --resume or --overwrite' train --resume --overwrite

# --- depths that a 16-bit PNG cannot hold end no evaluation: the maps are of a format that can, which is said ---
expect 0 'written as .pfm: .*16-bit PNG' eval --config rooms.ini --weights $weights --set data.dmax=70 --save-dir far
expect_file far/000000_depth.pfm far/000000.png
LC_ALL=C sed 's/"bicross.dmax"/"bicross.dmux"/' $weights >lacking.safetensors
expect 1 'its metadata do not say bicross.dmax' predict --weights lacking.safetensors --spikes $spikes
LC_ALL=C sed 's/"bicross.dmax":"10"/"bicross.dmax":"70"/' $weights >far.safetensors
expect 0 'dmax 70 m' predict --weights far.safetensors --spikes $spikes --depth far.npy
expect 2 '16-bit PNG' predict --weights far.safetensors --spikes $spikes --depth never.png
expect 0 '2 of 2' eval --config rooms.ini --weights $weights --set data.dmax=60 --save-dir pictures
expect_file pictures/000000_depth.png pictures/000000.png

# --- the released code's method with other settings says so ---
# shellcheck disable=SC2086
expect 0 'method = code, but the released code has other settings: .*augment.flip = true.*neuromorphic.schedule = constant' \
    train --stage neuromorphic --out code $world --set run.method=code --set augment.flip=true

# --- the crop that was learned from ---
# shellcheck disable=SC2086
expect 0 '' train --stage neuromorphic --out cropped $world --set data.source_crop_height=24 --set data.source_crop_width=48
expect 0 'depth ' predict --weights cropped/neuromorphic/weights.safetensors --spikes $spikes --depth cropped.npy --color cropped.png
expect 0 'least 0,' inspect cropped.npy
expect 0 'depth ' predict --weights cropped/neuromorphic/weights.safetensors --spikes $spikes --depth whole.npy --whole-image
expect 0 'least 0\.[0-9]*[1-9]|least [1-9]' inspect whole.npy

# --- PyTorch's files are weights, too, both ways, and keep what they say of themselves ---
tensors=$("$program" inspect $weights | grep -o '^[0-9]* tensors')
expect 0 "as.pt: $tensors as F32$" convert $weights as.pt
expect 0 'metadata bicross.scene: indoor' inspect as.pt
expect 0 "$tensors as F32$" convert as.pt back.safetensors
cmp -s $weights back.safetensors || fail "back.safetensors is not what it was"
expect 0 'tiny of the stage neuromorphic, indoor' predict --weights as.pt --spikes $spikes --depth as_pt.npy
expect 0 'depth ' predict --weights $weights --spikes $spikes --depth as_safetensors.npy
cmp -s as_pt.npy as_safetensors.npy || fail "the depth is another from as.pt"
expect 0 '2 of 2' eval --config rooms.ini --weights as.pt
# shellcheck disable=SC2086
expect 0 'neuromorphic starts from as.pt:pretrained: [0-9]* tensors read, [1-9][0-9]* drawn' train --stage neuromorphic --init as.pt:pretrained --out started $world $indoor
expect 0 'others of the file left out$' convert $weights timm.pth --names timm
expect 0 '^patch_embed.backbone.stem.conv.weight +F32 +32 x 128 x 7 x 7$' inspect timm.pth
expect 0 'tensors as F32$' convert timm.pth published.safetensors
expect 0 '^pretrained.model.blocks.0.attn.qkv.bias ' inspect published.safetensors
expect 1 'no tensor pretrained.act_postprocess3.0.project.0.weight, which the network needs' predict --weights timm.pth --spikes $spikes
expect 0 '10 tensors as F32$' convert $weights:scratch.refinenet1 part.pt --names file
expect 1 'no tensor below nowhere, but [0-9]+ others' convert $weights:nowhere never.pt
expect 1 'part.pt holds no depth network.*--names file' convert part.pt never.safetensors
expect 2 'never.bin: expected a file name that ends in .safetensors, .pt or .pth' convert $weights never.bin
expect 2 'OUT is missing' convert $weights
expect 2 'OUT is given twice' convert $weights never.pt never.pth
expect 2 'names must be one of published' convert $weights never.pt --names other
head -c 100000 as.pt >cut.pt
expect 1 'cut.pt: expected a file of torch.save, which is a zip archive' predict --weights cut.pt --spikes $spikes

left=$(find . -name '*.tmp-*' -o -name 'never*')
[ -z "$left" ] || fail "these files should not be there: $left"
finish
