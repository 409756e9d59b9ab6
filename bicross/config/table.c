/* Every key of the configuration: section, name, range, default, meaning. Defaults are the published values
 * where there are any (method.md 3); rows of one section stand together, in the order in which they are
 * written. */
#include "bicross/config/table.h"

#define FIELD(field) offsetof(bc_config, field), sizeof(((bc_config *)0)->field)
#define INT(section, key, field, low, high, value, help)                                                     \
    { section, key, BC_KEY_INT, FIELD(field), low, high, NULL, value, help }
#define FLOAT(section, key, field, low, high, value, help)                                                   \
    { section, key, BC_KEY_FLOAT, FIELD(field), low, high, NULL, value, help }
#define BOOL(section, key, field, value, help)                                                               \
    { section, key, BC_KEY_BOOL, FIELD(field), 0, 0, NULL, value, help }
#define CHOICE(section, key, field, words, value, help)                                                      \
    { section, key, BC_KEY_CHOICE, FIELD(field), 0, 0, words, value, help }
#define TEXT(section, key, field, value, help)                                                               \
    { section, key, BC_KEY_TEXT, FIELD(field), 0, 0, NULL, value, help }

#define LARGE 2147483647
#define MAX_SIDE 16384

/* The keys that all five training sections share. */
#define STAGE(stage, epoch_count, batch_size)                                                                \
    INT(#stage, "epochs", stage.epochs, 0, 1000000, epoch_count,                                             \
        "passes over the data; used when steps is 0"),                                                       \
        INT(#stage, "steps", stage.steps, 0, LARGE, "0", "updates; 0: epochs decide"),                       \
        INT(#stage, "batch", stage.batch, 1, 4096, batch_size, "samples per update"),                        \
        FLOAT(#stage, "lr_backbone", stage.lr_backbone, 0, 10, "1e-5", "learning rate of ResNet and ViT"),   \
        FLOAT(#stage, "lr_scratch", stage.lr_scratch, 0, 10, "1e-4", "learning rate of decoder and heads"),  \
        FLOAT(#stage, "lr_heads", stage.lr_heads, 0, 10, "1e-5",                                             \
              "learning rate of projection heads, domain classifier and front end"),                         \
        CHOICE(#stage, "schedule", stage.schedule, bc_schedule_words, "plateau", "of the learning rates"),   \
        INT(#stage, "rate_warmup", stage.rate_warmup, 0, LARGE, "0", "updates of linear warm-up (cosine)"),  \
        CHOICE(#stage, "optimiser", stage.optimiser, bc_optimiser_words, "adam", "update rule"),             \
        FLOAT(#stage, "clip_norm", stage.clip_norm, 0, 1e9, "0", "largest global gradient norm; 0: off"),    \
        BOOL(#stage, "double_backbone", stage.double_backbone, "false",                                      \
             "update the backbone twice, as the released code does"),                                        \
        INT(#stage, "validate_every", stage.validate_every, 0, LARGE, "0",                                   \
            "updates between validations; 0: once an epoch"),                                                \
        INT(#stage, "checkpoint_every", stage.checkpoint_every, 0, LARGE, "0",                               \
            "updates between checkpoints; 0: once an epoch")

/* The keys that both domains have. */
#define DOMAIN(domain, follower)                                                                             \
    FLOAT("data", #domain "_depth_scale", domain##_domain.depth_scale, 1e-3, 1e6, "256",                     \
          #domain                                                                                            \
          " and " follower                                                                                   \
          ": units a metre in 16-bit depth PNGs (KITTI 256, VKITTI 100, NYU 1000); a KIND brings its own"),  \
        INT("data", #domain "_crop_height", domain##_domain.crop_height, 0, MAX_SIDE, "0",                   \
            #domain " and " follower                                                                         \
                    ": bottom-centre crop; 0: none (KITTI 352, DrivingStereo 384; a KIND brings its own)"),  \
        INT("data", #domain "_crop_width", domain##_domain.crop_width, 0, MAX_SIDE, "0",                     \
            #domain " and " follower                                                                         \
                    ": bottom-centre crop; 0: none (KITTI 1216, DrivingStereo 864; a KIND brings its own)")

const bc_key bc_config_keys[] = {
    INT("run", "seed", seed, 0, LARGE, "0", "everything random follows from it"),
    TEXT("run", "out", out, "runs/train", "folder that receives weights, logs and results"),
    CHOICE("run", "method", method, bc_method_words, "paper",
           "a bundle of settings, each of which can be given otherwise: the paper's losses, what the "
           "released code computes, or ours beyond both"),
    CHOICE("run", "init_from", init_from, bc_init_from_words, "last",
           "weights of the stage before that the next one starts from; best: lowest AbsRel on validation, as "
           "published"),
    CHOICE("run", "validation", validate_on, bc_validation_words, "source",
           "test: on the labelled target, as the released code does, which chooses weights by the test set"),
    INT("run", "gradients_every", gradients_every, 0, LARGE, "0",
        "updates between logs of the norm of each loss term's own gradient; 0: none"),

    TEXT("device", "name", device, "",
         "number or part of a name (bicross devices); empty: BICROSS_DEVICE, else the best"),
    CHOICE("device", "gemm", gemm, bc_gemm_words, "auto",
           "provider of matrix products: our own for CPUs, our own for GPUs, or the library"),
    CHOICE("device", "convolution", convolution, bc_convolution_words, "auto",
           "auto: by Winograd's method where it pays, with errors of about 1e-5; direct: never"),
    TEXT("device", "tuning", tuning, "auto",
         "measured choices: auto (the file of bicross tune, if there is one), off, lazy (measure what it "
         "lacks), or a file"),
    TEXT("device", "shares", shares, "equal",
         "of each batch, where several ranks train (docs/cluster.md): equal, measured (as fast as each is), "
         "or "
         "numbers in that proportion, one a rank: 3,1"),
    CHOICE("device", "gradients", gradients, bc_storage_words, "float",
           "as what gradients travel between ranks; half: half the bytes, for slow networks"),

    CHOICE("model", "preset", preset, bc_preset_words, "tiny",
           "network: DPT-Hybrid as published, or a small relative"),
    CHOICE("model", "scene", scene, bc_model_scene_words, "outdoor", "scale and shift of the depth output"),
    INT("model", "input_height", input_height, 32, MAX_SIDE, "64", "network input, a multiple of 32"),
    INT("model", "input_width", input_width, 32, MAX_SIDE, "128", "network input, a multiple of 32"),
    CHOICE("model", "front_end", front_end, bc_front_end_words, "plain", "what reads the 128 spike frames"),
    CHOICE("model", "recompute", recompute, bc_recompute_words, "none",
           "blocks: training makes the inside of blocks again in backward, the same bits in less memory"),
    CHOICE("model", "storage", storage, bc_storage_words, "float",
           "half: training keeps activations for backward in 16 bits, half the memory, gradients rounded by "
           "1/2048"),
    CHOICE("model", "stem_init", stem_init, bc_stem_init_words, "fresh",
           "spike stem of crossmodality: random as published, or the RGB stem's grey mean"),
    FLOAT("model", "stem_epsilon", stem_epsilon, 1e-12, 1, "1e-8",
          "weight standardisation of a stem that reads spikes; the released code's has 1e-6"),
    BOOL("model", "last_bias", last_bias, "true",
         "the depth head's last bias starts inside the range of depths; false: drawn around 0, which is far, "
         "as in the released code"),
    TEXT("model", "init", init, "", "weights (safetensors, .pt) that training starts from; empty: random"),

    CHOICE("data", "kind", kind, bc_data_kind_words, "world", "the built-in world, or folders with files"),
    CHOICE("data", "scenario", scenario, bc_scenario_words, "syn2real",
           "world: what changes from source to target"),
    INT("data", "source_count", source_count, 0, LARGE, "256", "source samples; folder: 0 takes all"),
    INT("data", "target_count", target_count, 0, LARGE, "256", "target samples; folder: 0 takes all"),
    INT("data", "validation_count", validation_count, 0, LARGE, "32",
        "held-out source samples; folder: 0 takes all"),
    INT("data", "test_count", test_count, 0, LARGE, "64", "target test samples; folder: 0 takes all"),
    INT("data", "source_first", source_first, 0, LARGE, "0", "folder: samples left out before the first"),
    INT("data", "target_first", target_first, 0, LARGE, "0", "folder: samples left out before the first"),
    INT("data", "validation_first", validation_first, 0, LARGE, "0",
        "folder: samples left out before the first"),
    INT("data", "test_first", test_first, 0, LARGE, "0", "folder: samples left out before the first"),
    INT("data", "world_height", world_height, 32, 4096, "64", "world: rendered size"),
    INT("data", "world_width", world_width, 32, 4096, "128", "world: rendered size"),
    TEXT("data", "source", source, "",
         "folder: labelled source: a folder with rgb/ (spikes/) depth/, or KIND:PATH or KIND/VARIANT:PATH of "
         "a data set "
         "as it is published (bicross data --help)"),
    TEXT("data", "target", target, "",
         "folder: unlabelled target with spikes/ (or rgb/ to simulate from), or KIND:PATH"),
    TEXT("data", "validation", validation, "", "folder: held-out source, or KIND:PATH; empty: no validation"),
    TEXT("data", "test", test, "", "folder: labelled target for scoring, or KIND:PATH"),
    TEXT("data", "source_list", source_list, "",
         "KIND:PATH: list of the samples; empty: the published one, in PATH"),
    TEXT("data", "target_list", target_list, "", "the same of the target"),
    TEXT("data", "validation_list", validation_list, "", "the same of the validation set"),
    TEXT("data", "test_list", test_list, "", "the same of the test set"),
    DOMAIN(source, "validation"),
    DOMAIN(target, "test"),
    INT("data", "dat_width", dat_width, 0, MAX_SIDE, "0",
        "folder: pixels in a row of raw spike files (.dat); 0: what FILE.dat.ini says, else 400"),
    INT("data", "dat_height", dat_height, 0, MAX_SIDE, "0",
        "folder: rows of raw spike files (.dat); 0: what FILE.dat.ini says, else 250"),
    CHOICE("data", "dat_layout", dat_layout, bc_dat_layout_words, "auto",
           "folder: rows of .dat files: plain: one after the other; rows: each ends at a whole byte; head: "
           "each has 16 "
           "more bits; pcie: 1000 x 1000 in rows of 1024; auto: what FILE.dat.ini says, else plain"),
    BOOL("data", "dat_msb_first", dat_msb_first, "false",
         "folder: the first of eight pixels is a byte's highest bit in .dat files; false: what FILE.dat.ini "
         "says, else the lowest, as the camera writes"),
    BOOL("data", "dat_no_flip", dat_no_flip, "false",
         "folder: .dat files hold the top row first; false: what FILE.dat.ini says, else the bottom row, as "
         "the camera writes"),
    INT("data", "stride", stride, 1, 1 << 24, "128",
        "recording:PATH, outdoorspike:PATH: frames from one window of 128 to the next"),
    INT("data", "threads", threads, -1, 64, "-1",
        "folder: threads that read the samples of a set ahead of the device: the same results in less time; "
        "-1: one a core, at "
        "most four; 0: none"),
    CHOICE("data", "npy_axes", npy_axes, bc_npy_axes_words, "auto",
           "folder: order of frames, height and width in .npy spikes; auto: thw, unless the shape looks "
           "like another"),
    BOOL("data", "simulate", simulate, "false", "folder: make spikes from rgb/ where there is no spikes/"),
    CHOICE("data", "noise", noise, bc_noise_words, "ideal",
           "of simulated spikes: none, that of real streams, or SCSim's as published"),
    CHOICE("data", "interpolate", interpolate, bc_interpolate_words, "linear",
           "simulated spikes: neighbouring pictures fade into each other, or what they show moves"),
    INT("data", "sub_frames", sub_frames, 1, 1024, "16",
        "simulated spikes: images that motion makes from one picture to the next"),
    INT("data", "fps_up", fps_up, BC_LEAST_FPS_UP, 1000000, "128",
        "simulated spikes: spike frames from one picture to the next, of which a sample has 128"),
    FLOAT("data", "gain", simulation_gain, 1e-3, 1e3, "1",
          "simulated spikes: what full light adds to a pixel's integral in each frame"),
    FLOAT("data", "theta", theta, 1e-3, 1e6, "1", "simulated spikes: the threshold of the integral"),
    TEXT("data", "maps", maps, "",
         "simulated spikes: NPZ file with response and dark current of the camera's pixels; empty: drawn"),
    BOOL("data", "normalise_rgb", normalise_rgb, "true",
         "networks see RGB in [-1,1]; false: in [0,1], as the released code feeds the pictures of Respike"),
    FLOAT("data", "dmax", dmax, 0.1, 1e4, "80",
          "farthest valid depth in metres; not given: outdoors 80, indoors 10"),

    BOOL("augment", "flip", flip, "false", "mirror a sample with probability 1/2"),
    FLOAT("augment", "gain", gain, 0, 1, "0",
          "spikes: the light of an image times a factor drawn from [1/(1+gain), 1+gain]"),
    FLOAT("augment", "contrast", contrast, 0, 1, "0", "spikes: relative size of changes of contrast"),
    FLOAT("augment", "colour", colour, 0, 1, "0", "RGB: relative size of colour changes"),
    FLOAT("augment", "thin", thin, 0, 1, "0",
          "spikes: an image loses a share of [0, thin], times a smooth field in [0, 1.5]"),
    FLOAT("augment", "dark", dark, 0, 1, "0", "spikes: up to this share is added"),
    FLOAT("augment", "fixed_pattern", fixed_pattern, 0, 1, "0",
          "spikes: standard deviation of per-pixel thinning"),
    TEXT("augment", "sensor", sensor, "",
         "source spikes get the light, dark rate and fixed pattern of this file (bicross calibrate); empty: "
         "none"),

    CHOICE("loss", "depth", depth_loss, bc_depth_loss_words, "sig",
           "of labelled depth: SigLoss; squared error; MiDaS's, free of scale and shift; pseudo-labels keep "
           "SigLoss"),
    CHOICE("loss", "uncertainty", uncertainty_loss, bc_uncertainty_loss_words, "l1",
           "of predicted uncertainty u and relative error e: |u-e|; (u-e)^2; or, with the error |d-y| in "
           "metres, |d-y|/u + ln u"),

    STAGE(pretrain, "30", "16"),
    STAGE(neuromorphic, "30", "16"),

    STAGE(crossmodality, "10", "8"),
    BOOL("crossmodality", "ckd", ckd, "true", "coarse distillation (InfoNCE on layer_4)"),
    BOOL("crossmodality", "fkd", fkd, "true", "fine distillation (features of path_4)"),
    BOOL("crossmodality", "filter", filter, "true", "distil only where RGB is certain and spikes are not"),
    FLOAT("crossmodality", "ckd_weight", ckd_weight, 0, 1e6, "0.01", "weight of the coarse term"),
    FLOAT("crossmodality", "fkd_weight", fkd_weight, 0, 1e6, "0.01", "weight of the fine term"),
    FLOAT("crossmodality", "filter_quantile", filter_quantile, 0, 1, "0.75",
          "filter: the RGB network is certain below this quantile of its uncertainty over the batch"),
    FLOAT(
        "crossmodality", "filter_spike_quantile", filter_spike_quantile, 0, 1, "0.25",
        "filter: the spike network is uncertain above this one of its own; with 0.5 and 0.5 hardly a cell is "
        "both, since networks are uncertain at the same places"),
    CHOICE("crossmodality", "distillation", distillation, bc_distillation_words, "mse",
           "fine term: squared difference of features, or divergence of their softmax over channels"),
    BOOL("crossmodality", "distillation_decay", distillation_decay, "false",
         "ckd_weight and fkd_weight times 1 - epoch/epochs; where steps decides: 1 - update/steps"),

    STAGE(crossdomain, "20", "8"),
    CHOICE("crossdomain", "epoch", epoch, bc_epoch_words, "target",
           "a pass over the target, with the source over and over, or over the shorter of both"),
    BOOL("crossdomain", "scp", scp, "true", "self-correcting pseudo-labels"),
    BOOL("crossdomain", "sca", sca, "true", "self-correcting alignment (domain classifier)"),
    BOOL("crossdomain", "source_loss", source_loss, "true", "supervised loss on source spikes beside them"),
    FLOAT("crossdomain", "scp_weight", scp_weight, 0, 1e6, "1", "weight of the pseudo-label term"),
    FLOAT("crossdomain", "sca_weight", sca_weight, 0, 1e6, "0.1", "weight of the alignment term"),
    FLOAT("crossdomain", "source_weight", source_weight, 0, 1e6, "1", "weight of the source term"),
    FLOAT("crossdomain", "alpha", alpha, 0, 1, "0.999", "EMA of the teacher"),
    FLOAT("crossdomain", "beta", beta, 0, 1e3, "0.01", "gradient reversal"),
    FLOAT("crossdomain", "scp_quantile", scp_quantile, 0, 1, "0.5",
          "pseudo-labels below this uncertainty quantile are kept"),
    FLOAT("crossdomain", "horizon", horizon, 0, 1e3, "0",
          "of the teacher, as a share of the run: alpha = 1 - 1 / (horizon * updates); 0: alpha decides"),
    CHOICE(
        "crossdomain", "scp_keep", scp_keep, bc_scp_keep_words, "quantile",
        "over the batch, as published; by_depth: in each octave of depth, so that far pixels are kept too"),
    INT("crossdomain", "scp_views", scp_views, 1, 2, "1",
        "2: pseudo-labels are the mean of an image's and its mirror image's, uncertain where these differ"),
    FLOAT("crossdomain", "scp_mean", scp_mean, 0, 1, "0.15", "weight of the mean in the pseudo-label loss"),
    FLOAT("crossdomain", "scp_softness", scp_softness, 0, 10, "0",
          "the pseudo-label loss fades below this; 0: a root, as published"),
    BOOL(
        "crossdomain", "strong_view", strong_view, "false",
        "the student sees target frames shuffled in each 16, less a tenth of their spikes and at times those "
        "of a rectangle (the released code, commented out: set to -1, which is no spike)"),
    FLOAT("crossdomain", "scp_ramp", scp_ramp, 0, 1, "0",
          "share of the run over which the pseudo-label term's weight rises from 0; 0: it is there at once"),
    BOOL("crossdomain", "calibrate", calibrate, "false",
         "source spikes get the light, dark rate and fixed pattern that the target's spikes show"),
    BOOL("crossdomain", "warmup", warmup, "true", "a few updates on source spikes before the first epoch"),
    INT("crossdomain", "warmup_step", warmup_step, 0, 1000000, "4",
        "one more than the warm-up updates, as published"),
    BOOL("crossdomain", "shared_head", shared_head, "true",
         "one domain classifier for both domains; false: two, as the released code"),

    STAGE(supervised, "30", "16"),

    BOOL("eval", "whole_image", whole_image, "false",
         "learn from and score all labelled pixels, not the Garg crop alone"),
    BOOL("eval", "save_pictures", save_pictures, "true", "write pictures beside the scores"),
};

const int bc_config_key_count = (int)(sizeof bc_config_keys / sizeof bc_config_keys[0]);
_Static_assert(sizeof bc_config_keys / sizeof bc_config_keys[0] <= BC_MAX_KEYS,
               "bc_config.given is too short");
