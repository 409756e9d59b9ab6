/* Seeds for the fuzz targets from the program's own writers, so that they follow the formats:  make_seeds FOLDER
 * writes FOLDER/NAME/own-* for target NAME. What the program reads but never writes lies in corpus/. */
#include "apps/bench/shares.h"
#include "bicross/data/sensor.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npz.h"
#include "bicross/train/checkpoint_state.h"
#include "bicross/train/runlog.h"
#include "host/tuning/choices.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <unistd.h>

static const float numbers[] = {0, 1.5f, -2, 1e-30f, 80, 0.25f};
static const uint8_t bytes_of_image[] = {0, 1, 2, 250, 251, 252, 7, 7, 7, 100, 0, 100, 9, 8, 7, 255, 0, 1};
static const uint16_t units[] = {0, 256, 1000, 65535, 1, 20480};

/* Folder NAME below the current one, which the seed goes to. */
static const char *seed(const char *target, const char *name) {
    static char path[128];
    bc_error err = {0};
    FUZZ_CHECK(bc_make_folder(&err, target) == BC_OK, "%s", err.text);
    snprintf(path, sizeof path, "%s/own-%s", target, name);
    return path;
}

static void check(bc_status status, const bc_error *err) {
    FUZZ_CHECK(status == BC_OK, "%s", err->text);
}

static void images(bc_error *err) {
    check(bc_png_write_rgb(err, seed("png", "rgb"), 3, 2, bytes_of_image), err);
    check(bc_png_write_grey(err, seed("png", "grey"), 3, 2, bytes_of_image), err);
    check(bc_png_write_16(err, seed("png", "16"), 3, 2, units), err);
    check(bc_pfm_write(err, seed("pfm", "floats"), 3, 2, numbers), err);
    check(bc_npy_write(err, seed("npy", "depth"), "<f4", 2, (const long[]){2, 3}, numbers), err);
}

/* What was written beside a raw spike file, after the byte that fuzz_description.c wants. */
static void description(bc_error *err, const char *name) {
    uint8_t *text, all[1024] = "1";
    size_t size;
    check(bc_file_read(err, name, &text, &size), err);
    FUZZ_CHECK(size < sizeof all, "%zu bytes", size);
    memcpy(all + 1, text, size);
    fuzz_write(seed("description", "raw"), all, 1 + size);
    free(text);
    unlink(name);
}

/* Raw spikes with what fuzz_dat.c wants before them: a sensor of 4 x 6, frames from 1 on, 5 of them. */
static void raw_spikes(bc_error *err, const bc_spike_stream *stream) {
    static const char path[] = "spikes.dat";
    const bc_spike_format format = {.height = stream->height, .width = stream->width};
    const uint8_t head[] = {(uint8_t)stream->height, 0, (uint8_t)stream->width, 0, 0, 1, 5};
    uint8_t *data, all[256];
    size_t size;
    check(bc_spikes_write(err, path, &format, stream), err);
    check(bc_file_read(err, path, &data, &size), err);
    FUZZ_CHECK(sizeof head + size <= sizeof all, "%zu bytes", size);
    memcpy(all, head, sizeof head);
    memcpy(all + sizeof head, data, size);
    fuzz_write(seed("dat", "spikes"), all, sizeof head + size);
    free(data);
    unlink(path);
    description(err, "spikes.dat.ini");
}

static void spikes(bc_error *err) {
    static const char path[] = "spikes.npy";
    bc_spike_stream stream;
    check(bc_spikes_create(err, 33, 4, 6, &stream), err);
    for (int i = 0; i < 4 * 6; i++)
        stream.words[i * stream.words_per_pixel] = 0x9e3779b9u * (uint32_t)(i + 1);
    check(bc_spikes_write(err, path, NULL, &stream), err);
    FUZZ_CHECK(rename(path, seed("npy", "spikes")) == 0, "cannot rename %s", path);
    check(bc_spikes_write(err, "spikes.npz", NULL, &stream), err);
    FUZZ_CHECK(rename("spikes.npz", seed("npz", "spikes")) == 0, "cannot rename spikes.npz");
    raw_spikes(err, &stream);
    bc_spikes_release(&stream);
}

static void sensors(bc_error *err) {
    float pattern[] = {0, 1.5f, 0.5f, 1, 3.5f, 0.25f};
    bc_light images[] = {{0.125f, 0.5f}, {0, 1}};
    const bc_sensor sensor = {2, 3, pattern, 2, images};
    check(bc_sensor_write(err, seed("npz", "sensor"), &sensor), err);
}

static void maps(bc_error *err) {
    static const float values[] = {0, 1.5f, 0.5f, 1, 3.5f, 0.25f}, intervals[] = {5, 4, 5, 6, 5, 5};
    static const long shape[] = {2, 3};
    const bc_npz_member plain[] = {{"response", {"<f4", 2, shape, values}},
                                   {"dark", {"<f4", 2, shape, values}}};
    const bc_npz_member published[] = {{"Nl", {"<f4", 2, shape, values}},
                                       {"Nd", {"<f4", 2, shape, values}},
                                       {"D_light", {"<f4", 2, shape, intervals}}};
    check(bc_npz_write(err, seed("maps", "plain"), plain, 2), err);
    check(bc_npz_write(err, seed("maps", "published"), published, 3), err);
}

static void weights(bc_error *err) {
    const bc_tensor_entry entries[] = {{.name = "a.weight", .rank = 2, .shape = (const long[]){2, 3}},
                                       {.name = "a.\"bias\"", .rank = 1, .shape = (const long[]){3}}};
    const bc_metadata pair = {"format", "pt"};
    bc_safetensors_writer *writer;
    check(bc_safetensors_write_open(err, seed("safetensors", "two"), 2, entries, &pair, 1, &writer), err);
    check(bc_safetensors_write_next(err, writer, numbers, 6), err);
    check(bc_safetensors_write_next(err, writer, numbers, 3), err);
    check(bc_safetensors_write_close(err, writer, true), err);
}

/* The same file as torch.save has it, and its pickle alone. */
static void torch_weights(bc_error *err) {
    bc_tensor_file file;
    bc_archive *archive;
    bc_archive_member member;
    uint8_t *pickle;
    int written;
    static const char two[] = "two.pt", name[] = "archive/data.pkl";
    check(bc_safetensors_open(err, seed("safetensors", "two"), &file), err);
    check(bc_torch_write(err, two, &file, &written), err);
    bc_tensor_file_close(&file);
    check(bc_archive_open(err, two, BC_FILE_SMALL, "a zip archive", &archive), err);
    check(bc_archive_find(err, name, archive, name, &member), err);
    check(bc_archive_unpack(err, name, archive, &member, &pickle), err);
    fuzz_write(seed("pickle", "two"), pickle, member.size);
    free(pickle);
    bc_archive_close(archive);
    FUZZ_CHECK(rename(two, seed("torch", "two")) == 0, "cannot rename %s", two);
}

static void settings(bc_error *err) {
    const bc_device_info device = {.name = "pocl", .driver_version = "3.1"};
    bc_config config;
    char *text;
    bc_config_defaults(&config);
    check(bc_config_text(err, &config, &text), err);
    fuzz_write(seed("config", "defaults"), text, strlen(text));
    free(text);
    bc_tuning *tuning;
    check(bc_tuning_create(err, seed("tuning", "two"), &device, &tuning), err);
    check(bc_tuning_set(err, tuning, "conv3x3 forward 256->256 at 8192 pixels", "winograd", "2.91 ms", true),
          err);
    check(bc_tuning_set(err, tuning, "gemm 64x64x64", "panel", NULL, true), err);
    check(bc_tuning_write(err, tuning), err);
    bc_tuning_release(tuning);
}

static void speeds(bc_error *err) {
    const bench_share share = {.name = "tiny conv2d(4x4, 3x3x2x2) forward", .share = 0.9, .seconds = 1e-3};
    bench_shares shares = {.device = "pthread-*, driver 3.*"};
    check(bench_shares_add(err, &shares, &share), err);
    check(bench_shares_write(err, seed("shares", "one"), &shares, "a comment"), err);
    bench_shares_release(&shares);
}

static void findings(void) {
    static const char lines[] =
        "form = whole\nok\tcpu\tconv2d\tconv\twinograd\t3\t0\t1e-07\t1e-05\t1e-06\t0.0001\t0.5\t\n"
        "WRONG\tcpu\tattention\tattention\ttiled\t1\t1\t0.17\t1e-05\t0\t0.0001\t0.5\tinference: output";
    fuzz_write(seed("findings", "two"), lines, strlen(lines));
}

static void results(void) {
    static const char text[] = "{\"scenario\": \"scene\", \"quick\": true, \"seeds\": [{\"seed\": 1, "
                               "\"arms\": {\"Pre_src\": {\"target\": {\"abs_rel\": 0.2, "
                               "\"images\": 2, \"objects\": {\"abs_rel\": null}, \"uncertainty\": "
                               "{\"by_error\": [0.2, 0.1], \"bin_pixels\": [3]}, "
                               "\"image_abs_rel\": [0.1, 0.3]}}}}]}";
    fuzz_write(seed("results", "one"), text, strlen(text));
}

static void run_folder(bc_error *err) {
    static const char *const names[] = {"total", "rate"};
    static const char folder[] = "run";
    bc_checkpoint_state state = {.stage = BC_PRETRAIN,
                                 .step = 40,
                                 .steps = 90,
                                 .best = INFINITY,
                                 .plateau_best = 0.5f,
                                 .plateau_scale = 1,
                                 .device = {"a device", "1.0", 77},
                                 .parts = {{100, 7}, [BC_PART_OPTIMISER] = {200, 8}}};
    fuzz_empty(folder);
    check(bc_checkpoint_state_write(err, seed("checkpoint", "40"), &state), err);
    bc_runlog *log;
    check(bc_runlog_open(err, folder, 0, &log), err);
    for (long step = 10; step <= 30; step += 10)
        check(bc_runlog_write(log, err, step, 2, names, numbers + step / 10), err);
    bc_runlog_close(log);
    FUZZ_CHECK(rename("run/log.csv", seed("log", "two")) == 0, "no log.csv");
    fuzz_empty(folder);
    rmdir(folder);
}

int main(int argc, char **argv) {
    bc_error err = {0};
    FUZZ_CHECK(argc == 2 && bc_make_folder(&err, argv[1]) == BC_OK && chdir(argv[1]) == 0,
               "usage: make_seeds FOLDER %s", err.text);
    images(&err);
    spikes(&err);
    sensors(&err);
    maps(&err);
    weights(&err);
    torch_weights(&err);
    settings(&err);
    speeds(&err);
    findings();
    results();
    run_folder(&err);
    return 0;
}
