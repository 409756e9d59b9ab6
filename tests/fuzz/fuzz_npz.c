/* NPZ files, as archives, as sensors and as spikes: a sensor that was read has values of one, and is the same after it was written and
 * read again; windows of spikes are the same in any order. */
#include "bicross/data/sensor.h"
#include "bicross/data/spike_reader.h"
#include "bicross/formats/npz.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.npz", copy[] = "again.npz";

static void check_array(bc_npz *npz, const char *name) {
    bc_error err = {0};
    bc_npy npy;
    if (!fuzz_good(bc_npz_array(&err, path, npz, name, &npy), &err))
        return;
    float *values = malloc((npy.count + 1) * sizeof *values);
    FUZZ_CHECK(values && bc_npy_floats(&err, path, &npy, values) == BC_OK, "%s", err.text);
    free(values);
    bc_npy_close(&npy);
}

static void check_archive(void) {
    bc_error err = {0};
    bc_npz *npz;
    if (!fuzz_good(bc_npz_open(&err, path, BC_NPZ_FILE, &npz), &err))
        return;
    check_array(npz, "pattern");
    check_array(npz, "light");
    check_array(npz, "other");
    bc_npz_close(npz);
}

static void check_values(const bc_sensor *sensor) {
    FUZZ_CHECK(sensor->height > 0 && sensor->width > 0 && sensor->image_count > 0, "nothing was taken");
    for (int i = 0; i < sensor->height * sensor->width; i++)
        FUZZ_CHECK(sensor->pattern[i] >= 0, "a response of %g was taken", (double)sensor->pattern[i]);
    for (int i = 0; i < sensor->image_count; i++)
        FUZZ_CHECK(sensor->images[i].low >= 0 && sensor->images[i].low <= sensor->images[i].high &&
                       sensor->images[i].high <= 1,
                   "light of %g to %g was taken", (double)sensor->images[i].low,
                   (double)sensor->images[i].high);
}

static void check_sensor(void) {
    bc_error err = {0};
    bc_sensor sensor, again;
    if (!fuzz_good(bc_sensor_read(&err, path, &sensor), &err))
        return;
    check_values(&sensor);
    size_t pixels = (size_t)sensor.height * (size_t)sensor.width;
    FUZZ_CHECK(bc_sensor_write(&err, copy, &sensor) == BC_OK, "%s", err.text);
    FUZZ_CHECK(bc_sensor_read(&err, copy, &again) == BC_OK, "not read again: %s", err.text);
    FUZZ_CHECK(again.height == sensor.height && again.width == sensor.width &&
                   again.image_count == sensor.image_count &&
                   memcmp(again.pattern, sensor.pattern, pixels * sizeof *again.pattern) == 0 &&
                   memcmp(again.images, sensor.images, (size_t)again.image_count * sizeof *again.images) == 0,
               "read again, it is another");
    bc_sensor_release(&again);
    bc_sensor_release(&sensor);
}

/* The last frame alone, and with all others: reading back starts over. */
static void check_spikes(void) {
    bc_error err = {0};
    bc_spike_reader *reader;
    bc_spike_stream last, all;
    if (!fuzz_good(bc_spike_reader_open(&err, path, NULL, &reader), &err))
        return;
    int frames = bc_spike_reader_info(reader).frames;
    bool good = fuzz_good(bc_spike_reader_window(reader, &err, frames - 1, 1, &last), &err);
    if (good && fuzz_good(bc_spike_reader_window(reader, &err, 0, frames, &all), &err)) {
        for (int i = 0; i < all.height * all.width; i++)
            FUZZ_CHECK(last.words[i] ==
                           (all.words[i * all.words_per_pixel + (frames - 1) / 32] >> (frames - 1) % 32 & 1),
                       "pixel %d has another last frame", i);
        bc_spikes_release(&all);
    }
    bc_spikes_release(&last);
    bc_spike_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    check_archive();
    check_sensor();
    check_spikes();
    return 0;
}
