/* The words of the configuration's choices: a word stands in its enum's place, and NULL ends them. */
#ifndef BC_BICROSS_CONFIG_WORDS_H
#define BC_BICROSS_CONFIG_WORDS_H

extern const char *const bc_method_words[];
extern const char *const bc_gemm_words[];
extern const char *const bc_convolution_words[];
extern const char *const bc_preset_words[];
extern const char *const bc_model_scene_words[];
extern const char *const bc_front_end_words[];
extern const char *const bc_recompute_words[];
extern const char *const bc_storage_words[];
extern const char *const bc_stem_init_words[];
extern const char *const bc_init_from_words[];
extern const char *const bc_validation_words[];
extern const char *const bc_epoch_words[];
extern const char *const bc_depth_loss_words[];
extern const char *const bc_uncertainty_loss_words[];
extern const char *const bc_distillation_words[];
extern const char *const bc_scp_keep_words[];
extern const char *const bc_data_kind_words[];
extern const char *const bc_scenario_words[];
extern const char *const bc_npy_axes_words[];
extern const char *const bc_noise_words[];
extern const char *const bc_interpolate_words[];
extern const char *const bc_schedule_words[];
extern const char *const bc_optimiser_words[];

#endif
