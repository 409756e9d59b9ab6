/* The description of a checkpoint, without tensors. What is taken from it must be usable. */
#include "bicross/train/checkpoint_state.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bc_error err = {0};
    bc_checkpoint_state state, again;
    bool found = false;
    fuzz_write("checkpoint.ini", data, size);
    if (!fuzz_good(bc_checkpoint_state_read(&err, "checkpoint.ini", &state, &found), &err))
        return 0;
    FUZZ_CHECK(found, "a checkpoint that is there was not found");
    FUZZ_CHECK(state.step > 0 && state.step <= state.steps, "step %ld of %ld was taken", state.step,
               state.steps);
    FUZZ_CHECK(!isnan(state.best) && !isnan(state.plateau_best), "a best loss of NaN was taken");
    FUZZ_CHECK(state.plateau_bad >= 0, "%d bad epochs were taken", state.plateau_bad);
    FUZZ_CHECK(state.plateau_scale >= 0 && state.plateau_scale <= 1, "a scale of %g was taken",
               (double)state.plateau_scale);
    FUZZ_CHECK(state.parts[state.finished ? BC_PART_WEIGHTS : BC_PART_STUDENT].bytes > 0, "no weights");
    FUZZ_CHECK(bc_checkpoint_state_write(&err, "again.ini", &state) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_checkpoint_state_read(&err, "again.ini", &again, &found) == BC_OK, "not read again: %s",
               err.text);
    FUZZ_CHECK(again.step == state.step && again.best == state.best &&
                   again.device.choices == state.device.choices &&
                   memcmp(again.parts, state.parts, sizeof state.parts) == 0,
               "read again, it is another");
    return 0;
}
