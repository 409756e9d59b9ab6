/* Depth of 128 spike frames:  predict WEIGHTS FRAMES HEIGHT WIDTH DEPTH
 * FRAMES has a byte, 0 or 1, for each frame, row and column; DEPTH becomes a 32-bit float, in metres, for each row and column.
 *     cc predict.c $(pkg-config --cflags --libs bicross) -o predict */
#include <bicross.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: predict WEIGHTS FRAMES HEIGHT WIDTH DEPTH\n");
        return 2;
    }
    int height = atoi(arguments[3]), width = atoi(arguments[4]);
    size_t pixels = height > 0 && width > 0 ? (size_t)height * (size_t)width : 0;
    uint8_t *frames = malloc(BICROSS_FRAMES * pixels);
    uint32_t *words = malloc(BICROSS_WORDS * sizeof *words * pixels);
    float *depth = malloc(sizeof *depth * pixels);
    bicross_error error = {.status = BICROSS_E_FILE, .text = "cannot read FRAMES"};
    bicross_device *device = NULL;
    bicross_network *network = NULL;

    FILE *in = fopen(arguments[2], "rb"), *out = NULL;
    if (in && frames && words && depth && fread(frames, pixels, BICROSS_FRAMES, in) == BICROSS_FRAMES &&
        bicross_device_open(NULL, &device, &error) == BICROSS_OK &&
        bicross_network_load(device, arguments[1], BICROSS_DEPTH_ONLY, &network, &error) == BICROSS_OK) {
        bicross_pack_spikes(frames, height, width, words);
        if (bicross_predict_spikes(network, words, height, width, depth, NULL, &error) == BICROSS_OK)
            out = fopen(arguments[5], "wb");
    }
    int done = out && fwrite(depth, sizeof *depth, pixels, out) == pixels;
    done = out && fclose(out) == 0 && done;
    if (!done)
        fprintf(stderr, "predict: %s\n", error.status ? error.text : "cannot write DEPTH");
    if (in)
        fclose(in);
    bicross_network_close(network);
    bicross_device_close(device);
    free(depth);
    free(words);
    free(frames);
    return done ? 0 : 1;
}
