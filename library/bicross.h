/* libbicross: depth and its uncertainty from spike streams, by networks that `bicross train` made, on any OpenCL device.
 *
 *     bicross_error error;
 *     bicross_device *device;
 *     bicross_network *network;
 *     if (bicross_device_open(NULL, &device, &error) == BICROSS_OK &&
 *         bicross_network_load(device, "weights.safetensors", 0, &network, &error) == BICROSS_OK)
 *         bicross_predict_spikes(network, words, height, width, depth, uncertainty, &error);
 *
 * A device and its networks are one thread's at a time; other devices may be other threads'. Nothing is printed, and the process is
 * never ended. The interface is C99, and grows only by functions while the library's version begins with 0. */
#ifndef BICROSS_H
#define BICROSS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BICROSS_PUBLIC __attribute__((visibility("default")))
#else
#define BICROSS_PUBLIC
#endif

typedef enum bicross_status {
    BICROSS_OK = 0,
    BICROSS_E_ARGUMENT, /* a caller's mistake: an impossible size, a network of the other input */
    BICROSS_E_FILE,     /* a file is missing or cannot be read */
    BICROSS_E_FORMAT,   /* a file was read but is not what it should be */
    BICROSS_E_MEMORY,   /* host or device memory does not suffice */
    BICROSS_E_DEVICE,   /* no OpenCL device, or none that fits */
    BICROSS_E_OPENCL,   /* an OpenCL or CLBlast call failed */
    BICROSS_E_NUMERIC   /* the network gave NaN or infinity */
} bicross_status;

/* What went wrong, in one sentence; filled on failure. Every function takes NULL for it. */
typedef struct bicross_error {
    bicross_status status;
    char text[1024];
} bicross_error;

enum {
    BICROSS_FRAMES = 128,    /* that a network sees */
    BICROSS_WORDS = 4,       /* of 32 bits, for the frames of a pixel */
    BICROSS_SIDE_MAX = 32768 /* pixels of an image's side */
};

/* "0.2.0" */
BICROSS_PUBLIC const char *bicross_version(void);

/* --- the device --- */

typedef struct bicross_device bicross_device;
/* `selector`: the number or a part of the name of a device, as `bicross devices` lists them; NULL: what BICROSS_DEVICE says, else the best.
 * On failure *out is NULL. */
BICROSS_PUBLIC bicross_status bicross_device_open(const char *selector, bicross_device **out,
                                                  bicross_error *error);
/* After its networks. NULL is allowed. */
BICROSS_PUBLIC void bicross_device_close(bicross_device *device);
BICROSS_PUBLIC const char *bicross_device_name(const bicross_device *device);

/* --- the network --- */

typedef struct bicross_network bicross_network;
enum {
    BICROSS_DEPTH_ONLY = 1, /* the uncertainty is not computed, which saves time */
    BICROSS_WHOLE_IMAGE =
        2 /* the network sees all of the image, not the bottom-centre crop that it learned from */
};
/* Reads weights, safetensors or torch.save's. `flags`: of the above. On failure *out is NULL. */
BICROSS_PUBLIC bicross_status bicross_network_load(bicross_device *device, const char *weights,
                                                   unsigned flags, bicross_network **out,
                                                   bicross_error *error);
BICROSS_PUBLIC void bicross_network_close(bicross_network *network); /* NULL is allowed */
/* 1: it reads pictures (bicross_predict_rgb); 0: spikes. */
BICROSS_PUBLIC int bicross_network_reads_rgb(const bicross_network *network);
/* 0: the weights have no uncertainty head, or BICROSS_DEPTH_ONLY was said. */
BICROSS_PUBLIC int bicross_network_has_uncertainty(const bicross_network *network);
/* Height and width of the crop that the network sees of an image, which may not be smaller; 0: all of it. */
BICROSS_PUBLIC void bicross_network_crop(const bicross_network *network, int *height, int *width);

/* --- predicting --- */

/* 128 frames as bytes, 0 or another value for a spike, (128, height, width), become packed spikes: words (height, width, 4); bit t % 32 of
 * word t / 32 is frame t. */
BICROSS_PUBLIC void bicross_pack_spikes(const uint8_t *frames, int height, int width, uint32_t *words);
/* Packed spikes become `depth` (height, width) in metres, 0 outside the crop, and `uncertainty` likewise, the relative error to expect; NULL
 * where it is not wanted. The first call of a size compiles and plans, those after it are quick. What is written after a failure is
 * undefined. Same inputs on one device give the same bits. */
BICROSS_PUBLIC bicross_status bicross_predict_spikes(bicross_network *network, const uint32_t *words,
                                                     int height, int width, float *depth, float *uncertainty,
                                                     bicross_error *error);
/* A picture, (height, width, 3) of red, green and blue, likewise. */
BICROSS_PUBLIC bicross_status bicross_predict_rgb(bicross_network *network, const uint8_t *rgb, int height,
                                                  int width, float *depth, float *uncertainty,
                                                  bicross_error *error);

#ifdef __cplusplus
}
#endif

#endif
