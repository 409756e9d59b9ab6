# shellcheck shell=bash
# Sourced: a run of all stages that is over in seconds, to be killed and compared.
# The names of what it leaves that must be the same bits.
# shellcheck disable=SC2034
weights="pretrain/weights.safetensors pretrain/best.safetensors crossmodality/weights.safetensors crossdomain/weights.safetensors results.json"

# write_small_run SAMPLES TEST VALIDATION STEPS BATCH: small.ini
write_small_run() {
    local samples=$1 test=$2 validation=$3 steps=$4 batch=$5 stage
    cat <<END
[model]
input_height = 32
input_width = 64
[data]
world_height = 32
world_width = 64
source_count = $samples
target_count = $samples
test_count = $test
validation_count = $validation
END
    for stage in pretrain crossmodality crossdomain; do
        printf '[%s]\nsteps = %d\nbatch = %d\nschedule = cosine\nvalidate_every = 4\ncheckpoint_every = 2\n' $stage "$steps" "$batch"
    done
} >small.ini
