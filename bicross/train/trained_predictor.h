/* Predicting with a network from a file. */
#ifndef BC_BICROSS_TRAIN_TRAINED_PREDICTOR_H
#define BC_BICROSS_TRAIN_TRAINED_PREDICTOR_H

#include "bicross/train/predictor.h"
#include "bicross/train/weights.h"

/* Opens a predictor of a trained network, which must outlive it and stay where it is: its input and dmax are those that it learned with, the
 * depth outside the crop is 0, "no value" in every format. `uncertainty`: wanted where the network has it. */
bc_status bc_trained_predictor_open(bc_host *host, const bc_trained *trained, bool uncertainty,
                                    bc_predictor *out);

#endif
