/* Messages and --help list the words in this order. */
#include "bicross/config/words.h"

#include "bicross/config/config.h"

const char *const bc_method_words[] = {
    [BC_METHOD_PAPER] = "paper", [BC_METHOD_CODE] = "code", [BC_METHOD_PLUS] = "bicross+", NULL};
const char *const bc_gemm_words[] = {[BC_GEMM_AUTO] = "auto",
                                     [BC_GEMM_PANEL] = "panel",
                                     [BC_GEMM_LOCAL] = "local",
                                     [BC_GEMM_CLBLAST] = "clblast",
                                     NULL};
/* Winograd's method cannot be asked for: auto takes it where it pays. */
const char *const bc_convolution_words[] = {
    [BC_CONVOLUTION_AUTO] = "auto", [BC_CONVOLUTION_DIRECT] = "direct", NULL};
const char *const bc_preset_words[] = {[BC_HYBRID] = "hybrid", [BC_TINY] = "tiny", NULL};
const char *const bc_model_scene_words[] = {[BC_OUTDOOR] = "outdoor", [BC_INDOOR] = "indoor", NULL};
const char *const bc_front_end_words[] = {[BC_FRONT_PLAIN] = "plain",
                                          [BC_FRONT_SE] = "se",
                                          [BC_FRONT_UNET] = "unet",
                                          [BC_FRONT_USENET] = "usenet",
                                          NULL};
const char *const bc_recompute_words[] = {
    [BC_RECOMPUTE_NONE] = "none", [BC_RECOMPUTE_BLOCKS] = "blocks", [BC_RECOMPUTE_UNSAID] = NULL};
const char *const bc_storage_words[] = {[BC_STORAGE_FLOAT] = "float", [BC_STORAGE_HALF] = "half", NULL};
const char *const bc_stem_init_words[] = {[BC_STEM_FRESH] = "fresh", [BC_STEM_INFLATED] = "inflated", NULL};
const char *const bc_init_from_words[] = {[BC_FROM_LAST] = "last", [BC_FROM_BEST] = "best", NULL};
const char *const bc_validation_words[] = {
    [BC_VALIDATE_SOURCE] = "source", [BC_VALIDATE_TEST] = "test", NULL};
const char *const bc_epoch_words[] = {[BC_EPOCH_TARGET] = "target", [BC_EPOCH_SHORTER] = "shorter", NULL};
const char *const bc_depth_loss_words[] = {
    [BC_DEPTH_SIG] = "sig", [BC_DEPTH_MSE] = "mse", [BC_DEPTH_SSI] = "ssi", NULL};
const char *const bc_uncertainty_loss_words[] = {
    [BC_UNCERTAINTY_L1] = "l1", [BC_UNCERTAINTY_L2] = "l2", [BC_UNCERTAINTY_L1LOG] = "l1log", NULL};
const char *const bc_distillation_words[] = {[BC_DISTIL_MSE] = "mse", [BC_DISTIL_KLD] = "kld", NULL};
const char *const bc_scp_keep_words[] = {
    [BC_KEEP_QUANTILE] = "quantile", [BC_KEEP_BY_DEPTH] = "by_depth", NULL};
const char *const bc_data_kind_words[] = {[BC_DATA_WORLD] = "world", [BC_DATA_FOLDER] = "folder", NULL};
const char *const bc_scenario_words[] = {
    [BC_SYN2REAL] = "syn2real",   [BC_WEATHER] = "weather", [BC_SCENE] = "scene",
    [BC_REALSPIKE] = "realspike", [BC_NIGHT] = "night",     NULL};
const char *const bc_npy_axes_words[] = {[BC_NPY_AUTO] = "auto", [BC_NPY_THW] = "thw", [BC_NPY_HWT] = "hwt",
                                         [BC_NPY_TWH] = "twh",   [BC_NPY_WHT] = "wht", NULL};
const char *const bc_noise_words[] = {
    [BC_NOISE_IDEAL] = "ideal", [BC_NOISE_SENSOR] = "sensor", [BC_NOISE_SCSIM] = "scsim", NULL};
const char *const bc_interpolate_words[] = {
    [BC_INTERPOLATE_LINEAR] = "linear", [BC_INTERPOLATE_MOTION] = "motion", NULL};
const char *const bc_schedule_words[] = {[BC_SCHEDULE_PLATEAU] = "plateau",
                                         [BC_SCHEDULE_COSINE] = "cosine",
                                         [BC_SCHEDULE_CONSTANT] = "constant",
                                         NULL};
const char *const bc_optimiser_words[] = {[BC_ADAM] = "adam", [BC_SGD] = "sgd", NULL};
