#!/usr/bin/env bash
# The built program from end to end: exit statuses, messages, files.  cli.sh PROGRAM
# shellcheck source=tests/cli_support.sh
. "$(dirname "$0")/cli_support.sh"

# --- help and usage ---
commands="demo train eval predict export synth simulate reconstruct calibrate data report convert inspect devices selftest bench tune"
expect 0 'Usage: bicross COMMAND' --help
expect 0 '^bicross [0-9]' --version
expect 2 'Usage: bicross COMMAND'
expect 2 "^error: there is no command 'dmeo'; the nearest is 'demo'" dmeo
for command in $commands; do
    expect 0 "^  bicross $command" "$command" --help
    expect 2 "^error: there is no option '--wrong'; the nearest is '--" "$command" --wrong
    [ "$("$program" "$command" --wrong 2>/dev/null)" = "" ] || fail "$command wrote a mistake to stdout"
done
expect 2 '--weights FILE is missing' predict
expect 2 '--weights needs a value' predict --weights
expect 2 'give either --spikes PATH or --rgb PATH' predict --weights w.safetensors
expect 2 '--depth must be a file name that ends in .png, .pfm or .npy' predict --weights w.safetensors --rgb a.png --depth a.txt
expect 2 'must be one of tfp\|tfi' reconstruct --spikes a.npy --out a.png --method tpf
expect 2 '--size must be HEIGHTxWIDTH' inspect --size 250 a.dat
expect 2 '--seeds must be a whole number from 1' demo --seeds 0
expect 2 'given twice' inspect a.npy --size 1x1 --size 2x2
expect 2 "unexpected argument 'b.npy'|given twice" inspect a.npy b.npy
expect 2 'takes no value' devices --json=yes
expect 2 '--out must be a file name that ends in .npy, .npz or .dat' simulate --frames . --out a.mp4
expect 2 'ending in .safetensors, .pt, .pth, .npy, .npz, .dat, .pfm or .png, found ".txt"' inspect a.txt

# --- devices and configuration ---
expect 0 '"devices": \[' devices --json
expect 1 'nosuchdevice' devices --device nosuchdevice
expect 1 'nosuchdevice' synth --device nosuchdevice --scenario scene --split source --count 1 --out never
expect 2 "'lr_backbone'" train --set pretrain.lr_bacbone=1
expect 2 '\[crossdomain\]' train --set crosdomain.alpha=1
expect 2 'multiples of 32' train --set model.input_width=100
expect 2 'crossdomain.alpha must be a number from 0 to 1' train --set crossdomain.alpha=7
printf '[runn]\nseed = 1\n' >section.ini
expect 2 'section.ini: unknown section \[runn\]; the nearest is \[run\]' train --config section.ini
printf '[run]\nsede = 1\n' >key.ini
expect 2 "key.ini: \[run\] has no key 'sede'; the nearest is 'seed'" train --config key.ini
printf '[run]\nseed 1\n' >line.ini
expect 1 'line.ini, line 2' train --config line.ini
expect 1 'missing.ini' train --config missing.ini
expect 0 '^seed = 5$' train --print-config --seed 5
"$program" train --print-config --set crossdomain.alpha=0.98 >written.ini
expect 0 '^alpha = 0.98$' train --config written.ini --print-config

# --- measuring (that it runs, not how fast) ---
expect 2 'give both' bench --svg growth.svg
expect 2 "'nosuchcase'" bench --ops --only nosuchcase --json never.json
expect 0 '^hybrid conv2d\(96x96x256, 3x3x256x256, none, none\) backward$' bench --list --only 'hybrid conv2d(96x96x256'
expect 0 '^start-up' bench --list --start-up
expect 0 ' ms .* % of .*tiny add\(8x4x8x256, 8x4x8x256\) backward' bench --only 'tiny add(8x4x8x256' --json bench.json
expect 0 'growth batch tiny' bench --growth --only 'growth batch tiny 128x128 batch 1 ' --json growth.json --svg growth.svg
for file in bench.json growth.json; do
    expect_file $file
    { [ "$(head -c 1 $file)" = "{" ] && [ "$(tail -n 1 $file)" = "]}" ] && grep -q '"seconds": [0-9]' $file; } ||
        fail "$file is not whole: $(cat $file)"
    if command -v python3 >/dev/null; then
        python3 -m json.tool $file >/dev/null || fail "$file is not JSON: $(cat $file)"
    fi
done
expect_file growth.svg
grep -q '</svg>' growth.svg || fail "growth.svg is not whole"
expect 1 'never' bench --only 'tiny add(8x4x8x256' --json never/there.json

# --- shares of the ceiling that are kept and compared (whatever they are) ---
product='product gemm NN(2048x2048'
expect 2 'give --check or --keep, not both' bench --check a.txt --keep b.txt
for option in --list --growth --start-up; do
    expect 2 "not with --list" bench $option --check a.txt
done
expect 2 "'nosuchcase'" bench --ops --only nosuchcase --keep never.txt
expect 1 'never' bench --only 'tiny add(8x4x8x256' --keep never/there.txt
expect 1 'missing.txt' bench --only "$product" --check missing.txt
printf '[board]\n5 %% fast\n' >bad.txt
expect 1 "bad.txt, line 2: expected 'SHARE % TIME ms CASE'.*found '5 % fast'" bench --only "$product" --check bad.txt
expect 1 'bench.json, line 1: expected' bench --only "$product" --keep bench.json
mkdir tables
echo 'no table' >tables/README.md
expect 1 'no table in tables speaks for .*, driver .*: bicross bench --keep tables/NAME.txt makes one' bench --only "$product" --check tables
expect 0 'kept in tables/kept.txt: 1 shares' bench --only "$product" --keep tables/kept.txt
grep -qE '^\[.*, driver .*\]$' tables/kept.txt || fail "tables/kept.txt is: $(cat tables/kept.txt)"
sed 's/^.* ms  \(product .*\)/0.01 % 0.2 ms \1\n1 % 1 ms product gemm NN(2048x2048) of old/' tables/kept.txt >other.txt
mv other.txt tables/kept.txt
"$program" bench --only "$product" --check tables >compared.txt || fail "what is faster fell: $(cat compared.txt)"
for line in 'missing, only in the table: product gemm NN(2048x2048) of old' 'no share fell by more than 15 %'; do
    grep -qF "$line" compared.txt || fail "no '$line' in: $(cat compared.txt)"
done
"$program" bench --only 'tiny add(8x4x8x256' --check tables/kept.txt >compared.txt || fail "what is new fell: $(cat compared.txt)"
for line in 'new, not in the table: tiny add(8x4x8x256' 'nothing was compared'; do
    grep -qF "$line" compared.txt || fail "no '$line' in: $(cat compared.txt)"
done
expect 0 'kept in tables/kept.txt: 4 shares' bench --only 'tiny add(8x4x8x256' --keep tables/kept.txt
sed 's/^.* ms  product/9000 % 0.0001 ms product/' tables/kept.txt >high.txt
"$program" bench --only "$product" --check high.txt >fell.txt 2>&1
[ $? -eq 1 ] || fail "what fell is no failure"
for line in 'measured again, pass 6 of 6: 1 cases that' 'fell: ' '1 of 1 cases: the share of the ceiling fell by more than 15 %'; do
    grep -qF "$line" fell.txt || fail "no '$line' in: $(cat fell.txt)"
done
sed 's/^\[.*/[board, driver 0]/; s/^.* ms  product/0.01 % 1 ms product/' tables/kept.txt >board.txt
expect 0 "warning: board.txt is of 'board, driver 0', which is another device or driver" bench --only "$product" --check board.txt
expect 2 "board.txt is of 'board, driver 0'.*in another file" bench --only "$product" --keep board.txt
expect_interrupted interrupted "grep -q ' ms ' interrupted.out" bench --ops --keep never.txt

# --- tuning (that the file is made, taken and checked, not what is in it) ---
expect 2 'one of hybrid\|tiny\|all' tune --network tony
expect 0 'measured 0 classes of work.*nothing for this device' tune --network tiny --seconds 0 --output empty.ini
expect 0 '[0-9]+ choices? for this device' tune --network tiny --seconds 20 --output tuning.ini
line='conv3x3 forward 16->16 at 4096 pixels = '
grep -qE "^$line(direct|tile|winograd) ; " tuning.ini || echo "${line}direct" >>tuning.ini # a slow machine does not come to it
expect 0 'tuning: tuning.ini, [0-9]+ choices? for this device' bench --only 'tiny add(8x4x8x256' --set device.tuning=tuning.ini
cache=$XDG_CACHE_HOME
export XDG_CACHE_HOME=$folder/tuned
expect 0 'Tuning: none' devices
mkdir -p tuned/bicross
cp tuning.ini tuned/bicross
expect 0 'Tuning: .*tuning.ini, [0-9]+ choices?' devices
expect 0 'tuning: .*tuning.ini, [0-9]+ choices?' bench --only 'tiny add(8x4x8x256'
"$program" bench --only 'tiny add(8x4x8x256' --set device.tuning=off 2>&1 | grep -q 'tuning:' && fail "tuning is not off"
sed -i 's/driver .*\]/driver 0.0]/' tuned/bicross/tuning.ini
expect 0 'nothing for this device and driver: ignored' devices
sed -i "s/^$line[a-z]*/${line}dierct/" tuned/bicross/tuning.ini
expect 0 "tuning.ini, line [0-9]+: 'dierct' is not known to this version: skipped" devices
expect 0 "tuning.ini, line [0-9]+: 'dierct' is not known to this version: skipped" bench --only 'tiny add(8x4x8x256'
printf '\000\001' >tuned/bicross/tuning.ini
expect 0 'Tuning: cannot be used: .*not text' devices
expect 1 'not text' bench --only 'tiny add(8x4x8x256'
export XDG_CACHE_HOME=$cache
expect 1 'missing.ini' bench --only 'tiny add(8x4x8x256' --set device.tuning=missing.ini

# --- files that are missing or broken ---
expect 1 'missing.safetensors' predict --weights missing.safetensors --rgb a.png
expect 1 'missing.npy' reconstruct --spikes missing.npy --out never.png
expect 1 'nowhere' report nowhere
expect 1 'nowhere' simulate --frames nowhere --out never.npy
printf 'short' >short.safetensors
expect 1 'short.safetensors' inspect short.safetensors
printf 'short' >short.png
expect 1 'short.png' inspect short.png

# --- the world as files, and back ---
size="--size 32x64 --scenario syn2real --count 2"
# shellcheck disable=SC2086
{
    expect 0 'wrote 2 samples of 64 x 32' synth $size --split source --out source
    expect 0 'wrote 2 samples of 64 x 32' synth $size --split target --out target
    expect 0 'wrote 2 samples' synth $size --split target --part test --out test
}
expect_file source/rgb/000001.png source/depth/000001.png source/spikes/000001.npy
expect 0 'NPY .u1, 128 x 32 x 64' inspect source/spikes/000000.npy
expect 0 '16-bit grey, 64 x 32' inspect source/depth/000000.png
expect 0 '8-bit, 64 x 32' inspect source/rgb/000000.png
head -c 20000 source/spikes/000000.npy >cut.npy
expect 1 'cut.npy' inspect cut.npy
expect 1 'cut.npy' reconstruct --spikes cut.npy --out never.png
expect 0 '' reconstruct --spikes source/spikes/000000.npy --out tfp.png
expect 0 '' reconstruct --spikes source/spikes/000000.npy --method tfi --at 60 --out tfi.png
expect_file tfp.png tfi.png
cmp -s tfp.png tfi.png && fail "tfp and tfi gave the same picture"
expect 2 'has frames 0 to 127' reconstruct --spikes source/spikes/000000.npy --at 128 --out never.png
expect 0 'wrote video.dat: 256 frames of 64 x 32' simulate --frames source/rgb --out video.dat --fps-up 256
expect 0 'raw spikes, 256 frames of 64 x 32' inspect --size 32x64 video.dat
mkdir -p raw/spikes raw/depth
cp video.dat raw/spikes/000000.dat
cp test/depth/000000.png raw/depth
printf 'x' >>video.dat
expect 0 'video.dat: 256 frames .* the last frame is cut off: its 1 bytes are passed over' inspect --size 32x64 video.dat
expect 0 'wrote video.npy: 256 frames' simulate --frames source/rgb --out video.npy --fps-up 256 --noise sensor

# --- training on those folders, all stages ---
write_folders source target test 3 cosine pretrain crossmodality crossdomain
printf 'no image' >target/depth/000000.png # labels of the target are used by the supervised stage alone
rm target/depth/000001.png
expect 1 'target/depth' train --config folders.ini --stage supervised --out early
expect 1 'pretrain/weights.safetensors' train --config folders.ini --stage crossmodality --out early
expect 0 'AbsRel' train --config folders.ini --stage all
expect_file run/pretrain/weights.safetensors run/crossmodality/weights.safetensors run/crossdomain/weights.safetensors \
    run/crossdomain/log.csv run/crossdomain/config.ini run/report.html run/table.txt run/results.json
weights=run/crossdomain/weights.safetensors
expect 1 'its stem reads 128 channels, expected 3' train --config folders.ini --stage pretrain --out early --init $weights
expect 2 "\[augment\] was 'flip = false' there, now 'flip = true'" train --config folders.ini --stage all --resume --set augment.flip=true
expect 0 'AbsRel' eval --config folders.ini --weights $weights --json eval.json --save-dir images
expect_file eval.json images/000001_depth.png images/000001_uncertainty.pfm images/000001.png
expect 0 'AbsRel' eval --config folders.ini --weights $weights --set data.test=raw --set data.dat_width=64 \
    --set data.dat_height=32
expect 1 'raw/spikes/000000.dat' eval --config folders.ini --weights $weights --set data.test=raw
cmp -s eval.json run/results.json || fail "eval and train give different scores"
expect 0 'wrote seen/report.html' eval --config folders.ini --weights $weights --report seen
expect_file seen/results.json seen/pictures/test-1.png seen/device.txt run/pictures/test-1.png
cmp -s seen/results.json run/results.json || fail "eval --report has other scores"
grep -q '  bicross eval --config folders.ini ' seen/history.txt || fail "seen/history.txt does not say what was called"
expect 0 'wrote both.html' report run seen --out both.html
expect_file both.html
expect 2 'give it --out FILE' report run seen
expect 0 '[0-9]+ tensors, [0-9]+ elements' inspect $weights
expect 0 'depth .* m' predict --weights $weights --spikes test/spikes/000000.npy --depth depth.pfm --uncertainty u.npy \
    --color color.png
expect_file depth.pfm u.npy color.png
expect 0 'PFM, 64 x 32' inspect depth.pfm
expect 0 'windows/s, a window takes p50' predict --weights $weights --spikes video.npy --stream --depth window.png
expect_file window-0000.png window-0001.png
expect 0 'depth .* m' predict --weights run/pretrain/weights.safetensors --rgb test/rgb/000000.png
expect 2 'reads spikes' predict --weights $weights --rgb test/rgb/000000.png
expect 1 'expected at least 128 from frame 100' predict --weights $weights --spikes test/spikes/000000.npy --at 100 \
    --depth never.pfm
head -c 100000 $weights >cut.safetensors
expect 1 'cut.safetensors' predict --weights cut.safetensors --spikes test/spikes/000000.npy --depth never.pfm
expect 1 'never' eval --config folders.ini --weights $weights --json never/there.json
rm test/depth/000001.png
expect 1 '000001' eval --config folders.ini --weights $weights --json never.json
expect 2 'data.test is empty' eval --config folders.ini --weights $weights --set data.test=

# --- interruption: saved, exit status 130, and the same command goes on ---
long="train --config folders.ini --stage pretrain --out long --resume --set pretrain.steps=150"
# shellcheck disable=SC2086
expect_interrupted interrupted '[ -f long/pretrain/log.csv ] && [ "$(wc -l <long/pretrain/log.csv)" -gt 1 ]' $long
grep -q -- '--resume' interrupted.err || fail "an interrupted run said: $(cat interrupted.err)"
ls long/pretrain/checkpoint* >/dev/null 2>&1 || fail "an interrupted run left no checkpoint"
# shellcheck disable=SC2086
expect 0 'pretrain 150/150' $long
expect_file long/pretrain/weights.safetensors
ls long/pretrain/checkpoint-* >/dev/null 2>&1 && fail "a finished run left a checkpoint"

# --- nothing half-written ---
left=$(find . -name '*.tmp-*' -o -name 'never*')
[ -z "$left" ] || fail "these files should not be there: $left"

finish
