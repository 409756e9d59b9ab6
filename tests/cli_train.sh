#!/usr/bin/env bash
# Training from the command line: runs that stop after so many updates, and the control. Called with the PROGRAM.
. "$(dirname "$0")/cli_support.sh"

for split in source target; do
    expect 0 'wrote 4 samples' synth --size 32x64 --scenario syn2real --count 4 --split $split --out $split
done
write_folders source target target 3 cosine pretrain crossmodality crossdomain
printf '[augment]\nflip = true\nthin = 0.3\n' >>folders.ini
train=(train --config folders.ini)

# --- stopping: counted over the stages of a call, and what goes on ends in the same bits ---
for nonsense in 0 -1 1.5 many ''; do
    expect 2 '--stop-after.*a whole number from 1' "${train[@]}" --stop-after "$nonsense" --out never
done
expect 2 'there is no option' "${train[@]}" --stop-afterwards 3 --out never
expect 0 'AbsRel' "${train[@]}" --out whole
for after in 2 4; do # within a stage, and more than a stage
    parts=parts-$after
    expect 0 "Stopped after $after updates; --resume goes on" "${train[@]}" --stop-after $after --out $parts
    for _ in 1 2 3 4 5; do
        [ -e $parts/results.json ] && break
        "$program" "${train[@]}" --stop-after $after --out $parts --resume >said.txt 2>&1 || fail "it does not go on: $(cat said.txt)"
    done
    for stage in pretrain crossmodality crossdomain; do
        cmp -s whole/$stage/weights.safetensors $parts/$stage/weights.safetensors || fail "$parts: other weights of $stage"
    done
    cmp -s whole/results.json $parts/results.json || fail "$parts: other scores"
done
expect 0 'Stopped after 1 updates' "${train[@]}" --stage pretrain --stop-after 1 --out one
expect_file one/pretrain/checkpoint.ini one/pretrain/checkpoint-1.student.safetensors one/pretrain/checkpoint-1.optimiser.safetensors
grep -q '^1,total,' one/pretrain/log.csv || fail "the update that it stopped after is not in the log: $(cat one/pretrain/log.csv)"
[ -e one/pretrain/weights.safetensors ] && fail "a run that stopped left final weights"
expect 2 'holds a checkpoint of an earlier run: --resume' "${train[@]}" --stage pretrain --out one
expect 0 'Wrote one/report.html' "${train[@]}" --stage pretrain --stop-after 2 --resume --out one # its end
cmp -s whole/pretrain/weights.safetensors one/pretrain/weights.safetensors || fail "one update and the rest: other weights"
expect 0 'Stopped after 3 updates' "${train[@]}" --stop-after 3 --out edge # between two stages
expect_file edge/pretrain/weights.safetensors
[ -e edge/crossmodality ] && fail "it went on to the next stage"

# --- the control: as many updates from the same weights, beside crossdomain ---
before=$(cd whole/crossdomain && cksum ./*)
expect 1 'never/crossmodality/weights.safetensors' "${train[@]}" --stage control --out never
rm -rf never
expect 0 'control 3/3' "${train[@]}" --stage control --out whole
expect_file whole/control/weights.safetensors whole/control/log.csv whole/results.json
[ "$before" = "$(cd whole/crossdomain && cksum ./*)" ] || fail "the control changed the folder of crossdomain"
expect 0 '' "${train[@]}" --stage crossdomain --out same --init whole/crossmodality/weights.safetensors \
    --set crossdomain.scp=false --set crossdomain.sca=false
cmp -s <(tail -c 1000000 whole/control/weights.safetensors) <(tail -c 1000000 same/crossdomain/weights.safetensors) ||
    fail "the control is not crossdomain without its target terms"
expect 0 'control of|stage control' eval --config folders.ini --weights whole/control/weights.safetensors
expect 0 'Stopped after 1 updates' "${train[@]}" --stage control --stop-after 1 --overwrite --out whole
expect 2 "\[crossdomain\] was 'alpha = 0.999' there" "${train[@]}" --stage control --resume --out whole --set crossdomain.alpha=0.5
expect 0 '' "${train[@]}" --stage control --resume --out whole --set supervised.batch=1
cmp -s <(tail -c 1000000 whole/control/weights.safetensors) <(tail -c 1000000 same/crossdomain/weights.safetensors) ||
    fail "a control that went on is another"

left=$(find . -name '*.tmp-*' -o -name 'never*')
[ -z "$left" ] || fail "these files should not be there: $left"

finish
