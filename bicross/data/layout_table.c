/* What is known of data sets. "As released" is how the released code of BiCross has them (its loaders); "as published" how they
 * unpack, with spikes, which none of the RGB sets has, beside the pictures. */
#include "bicross/data/layout.h"

#define COUNT(forms) (int)(sizeof(forms) / sizeof(forms)[0])
#define TRAIN_SCENES_1 "0001 0002 0006 0020"
#define TRAIN_SCENES_2 "Scene01 Scene02 Scene06 Scene20"
#define VARIANTS "clone fog morning overcast rain sunset 15-deg-left 15-deg-right 30-deg-left 30-deg-right"

#define VKITTI_1(scenes)                                                                                     \
    {                                                                                                        \
        .lead = "vkitti_1.3.1_rgb/{scene}/{variant}/{n}{.picture}",                                          \
        .pictures = "vkitti_1.3.1_rgb/{scene}/{variant}/{n}{.picture}",                                      \
        .spikes = "vkitti_1.3.1_spike/{scene}/{variant}/{n}{.spikes}",                                       \
        .depth = "vkitti_1.3.1_depthgt/{scene}/{variant}/{n}{.depth}", .part = "scene", .values = scenes     \
    }
#define VKITTI_1_RELEASED(scenes)                                                                            \
    {                                                                                                        \
        .lead = "input/{scene}/rgb/{n}{.picture}", .pictures = "input/{scene}/rgb/{n}{.picture}",            \
        .spikes = "input/{scene}/spike/npy/{n}{.spikes}", .depth = "input/{scene}/depth/{n}{.depth}",        \
        .part = "scene", .values = scenes                                                                    \
    }
static const bc_layout_form vkitti1[] = {
    {"as published", VKITTI_1(TRAIN_SCENES_1), VKITTI_1("0018")},
    {"as released", VKITTI_1_RELEASED(TRAIN_SCENES_1), VKITTI_1_RELEASED("0018")},
};

#define VKITTI_2(scenes)                                                                                     \
    {                                                                                                        \
        .lead = "{scene}/{variant}/frames/rgb/Camera_0/rgb_{n}{.picture};"                                   \
                "vkitti_2.0.3_rgb/{scene}/{variant}/frames/rgb/Camera_0/rgb_{n}{.picture}",                  \
        .pictures = "{scene}/{variant}/frames/rgb/Camera_0/rgb_{n}{.picture};"                               \
                    "vkitti_2.0.3_rgb/{scene}/{variant}/frames/rgb/Camera_0/rgb_{n}{.picture}",              \
        .spikes = "{scene}/{variant}/frames/spike/Camera_0/spike_{n}{.spikes};"                              \
                  "vkitti_2.0.3_spike/{scene}/{variant}/frames/spike/Camera_0/spike_{n}{.spikes}",           \
        .depth = "{scene}/{variant}/frames/depth/Camera_0/depth_{n}{.depth};"                                \
                 "vkitti_2.0.3_depth/{scene}/{variant}/frames/depth/Camera_0/depth_{n}{.depth}",             \
        .part = "scene", .values = scenes                                                                    \
    }
#define VKITTI_2_RELEASED(scenes)                                                                            \
    {                                                                                                        \
        .lead = "input/{scene}/rgb/rgb_{n}{.picture}", .pictures = "input/{scene}/rgb/rgb_{n}{.picture}",    \
        .spikes = "input/{scene}/spike/npy/spike_{n}{.spikes}",                                              \
        .depth = "input/{scene}/depth/depth_{n}{.depth}", .part = "scene", .values = scenes                  \
    }
static const bc_layout_form vkitti2[] = {
    {"as published", VKITTI_2(TRAIN_SCENES_2), VKITTI_2("Scene18")},
    {"as released", VKITTI_2_RELEASED(TRAIN_SCENES_2), VKITTI_2_RELEASED("Scene18")},
};

/* Depth of KITTI's "annotated depth maps", unpacked beside the drives or into them, as BTS wants them. */
#define KITTI_FILES                                                                                          \
    .lead = "{date}/{drive}/image_02/data/{n}{.picture}",                                                    \
    .pictures = "{date}/{drive}/image_02/data/{n}{.picture}",                                                \
    .spikes = "{date}/{drive}/spike/npy/{n}{.spikes};{date}/{drive}/spike/{n}{.spikes}",                     \
    .depth = "{date}/{drive}/proj_depth/groundtruth/image_02/{n}{.depth};"                                   \
             "train/{drive}/proj_depth/groundtruth/image_02/{n}{.depth};"                                    \
             "val/{drive}/proj_depth/groundtruth/image_02/{n}{.depth};"                                      \
             "data_depth_annotated/train/{drive}/proj_depth/groundtruth/image_02/{n}{.depth};"               \
             "data_depth_annotated/val/{drive}/proj_depth/groundtruth/image_02/{n}{.depth};"                 \
             "data_depth_annotated/{drive}/proj_depth/groundtruth/image_02/{n}{.depth}"
#define KITTI_LINE                                                                                           \
    .line = "{date}/{drive}/image_02/data/{n}.png;{date}/{drive}/image_02/data/{n}.jpg;{date}/{drive} {n} l"
#define KITTI_RELEASED_FILES                                                                                 \
    .lead = "input/{date}/{drive}/rgb/{n}{.picture}", .pictures = "input/{date}/{drive}/rgb/{n}{.picture}",  \
    .spikes = "input/{date}/{drive}/spike/npy/{n}{.spikes}",                                                 \
    .depth = "input/{date}/{drive}/depth/{n}{.depth}"
#define EIGEN(split) .list = "kitti_eigen_" split ".txt;eigen_" split "_files_with_gt.txt;" split "_files.txt"
static const bc_layout_form kitti[] = {
    {"as published", {KITTI_FILES, EIGEN("train"), KITTI_LINE}, {KITTI_FILES, EIGEN("test"), KITTI_LINE}},
    {"as released",
     {KITTI_RELEASED_FILES, EIGEN("train"), KITTI_LINE},
     {KITTI_RELEASED_FILES, EIGEN("test"), KITTI_LINE}},
};

#define EKITTI_TRAIN                                                                                         \
    .part = "drive", .values = "2011_09_26_drive_0035_sync 2011_09_26_drive_0046_sync "                      \
                               "2011_09_26_drive_0064_sync 2011_09_30_drive_0020_sync"
#define EKITTI_TEST .part = "drive", .values = "2011_09_26_drive_00{variant}_sync"
#define EKITTI_RELEASED_FILES                                                                                \
    .lead = "input/{drive}/rgb/{n}{.picture}", .pictures = "input/{drive}/rgb/{n}{.picture}",                \
    .spikes = "input/{drive}/spike/npy/{n}{.spikes}", .depth = "input/{drive}/depth/{n}{.depth}"
static const bc_layout_form ekitti[] = {
    {"as published", {KITTI_FILES, EKITTI_TRAIN}, {KITTI_FILES, EKITTI_TEST}},
    {"as released", {EKITTI_RELEASED_FILES, EKITTI_TRAIN}, {EKITTI_RELEASED_FILES, EKITTI_TEST}},
};

#define STEREO_TRAIN                                                                                         \
    .part = "sequence", .values = "2018-07-31-11-07-48 2018-07-31-11-22-31 2018-08-17-09-45-58 "             \
                                  "2018-10-11-17-08-31 2018-10-16-11-13-47 2018-10-17-14-35-33 "             \
                                  "2018-10-17-15-38-01 2018-10-24-11-01-00"
#define STEREO_TEST .part = "sequence", .values = "2018-08-01-11-13-14"
#define STEREO_RELEASED(split)                                                                               \
    {                                                                                                        \
        .lead = "input/" split "/{sequence}/rgb/{n}{.picture}",                                              \
        .pictures = "input/" split "/{sequence}/rgb/{n}{.picture}",                                          \
        .spikes = "input/" split "/{sequence}/spike/npy/{n}{.spikes}",                                       \
        .depth = "input/" split "/{sequence}/depth/{n}{.depth}"                                              \
    }
static const bc_layout_form drivingstereo[] = {
    {"as published",
     {.lead = "train-left-image/{sequence}/{n}{.picture}",
      .pictures = "train-left-image/{sequence}/{n}{.picture}",
      .spikes = "train-spike/{sequence}/{n}{.spikes}",
      .depth = "train-depth-map/{sequence}/{n}{.depth}",
      STEREO_TRAIN},
     {.lead = "test-left-image/left-image-half-size/{sequence}_{n}{.picture};"
              "test-left-image/{sequence}/{n}{.picture}",
      .pictures = "test-left-image/left-image-half-size/{sequence}_{n}{.picture};"
                  "test-left-image/{sequence}/{n}{.picture}",
      .spikes = "test-spike/{sequence}_{n}{.spikes};test-spike/{sequence}/{n}{.spikes}",
      .depth = "test-depth-map/depth-map-half-size/{sequence}_{n}{.depth};"
               "test-depth-map/{sequence}/{n}{.depth}",
      STEREO_TEST}},
    {"as released", STEREO_RELEASED("train"), STEREO_RELEASED("test")},
};

#define WEATHER                                                                                              \
    .lead = "{variant}/left-image-half-size/{n}{.picture}",                                                  \
    .pictures = "{variant}/left-image-half-size/{n}{.picture}",                                              \
    .spikes = "{variant}/spike-half-size/{n}{.spikes}", .depth = "{variant}/depth-map-half-size/{n}{.depth}"
#define WEATHER_RELEASED                                                                                     \
    .lead = "{variant}/input/half/rgb/{n}{.picture}", .pictures = "{variant}/input/half/rgb/{n}{.picture}",  \
    .spikes = "{variant}/input/half/spike/npy/{n}{.spikes}",                                                 \
    .depth = "{variant}/input/half/depth/{n}{.depth}"
static const bc_layout_form weather[] = {
    {"as published", {WEATHER, .from = 0, .to = 0.8f}, {WEATHER, .from = 0.8f, .to = 1}},
    {"as released", {WEATHER_RELEASED, .from = 0, .to = 0.8f}, {WEATHER_RELEASED, .from = 0.8f, .to = 1}},
};

/* As BTS unpacks NYUv2, as folders of the labelled set, and as the released code has the raw one. */
#define NYU_BTS(folder)                                                                                      \
    .lead = folder "/{scene}/rgb_{n}{.picture}", .pictures = folder "/{scene}/rgb_{n}{.picture}",            \
    .spikes = folder "/{scene}/spike_{n}{.spikes}", .depth = folder "/{scene}/sync_depth_{n}{.depth}"
#define NYU_LABELLED(folder)                                                                                 \
    {                                                                                                        \
        .lead = folder "/rgb/{n}{.picture}", .pictures = folder "/rgb/{n}{.picture}",                        \
        .spikes = folder "/spikes/{n}{.spikes};" folder "/spike/{n}{.spikes}",                               \
        .depth = folder "/depth/{n}{.depth}"                                                                 \
    }
#define NYU_RELEASED(file)                                                                                   \
    {                                                                                                        \
        .lead = "input/{scene}/{sequence}/rgb/r{t}{.picture}",                                               \
        .pictures = "input/{scene}/{sequence}/rgb/r{t}{.picture}",                                           \
        .spikes = "input/{scene}/{sequence}/spike/s{t}{.spikes}",                                            \
        .depth = "input/{scene}/{sequence}/depth/{d}{.depth}", .list = file,                                 \
        .line = "{scene}/{sequence}/r{t}.jpg {scene}/{sequence}/{d}.png"                                     \
    }
static const bc_layout_form nyu[] = {
    {"as released", NYU_RELEASED("train.txt"), NYU_RELEASED("test.txt")},
    {"as BTS has it",
     {NYU_BTS("sync"), .list = "nyudepthv2_train_files_with_gt.txt", .line = "/{scene}/rgb_{n}.jpg",
      .list_may_lack = true},
     {NYU_BTS("official_splits/test")}},
    {"in folders", NYU_LABELLED("train"), NYU_LABELLED("test")},
};

#define RESPIKE(split)                                                                                       \
    {                                                                                                        \
        .lead = "{variant}/spike/" split "/{scene}/left/{n}{.spikes}",                                       \
        .pictures = "{variant}/reconstruction/" split "/{scene}/left/{n}{.picture}",                         \
        .spikes = "{variant}/spike/" split "/{scene}/left/{n}{.spikes}",                                     \
        .depth = "{variant}/depth_trans/" split "/{scene}/{n}{.depth}"                                       \
    }
static const bc_layout_form respike[] = {{"as released", RESPIKE("train"), RESPIKE("val")}};

/* 80 of 100 folders train, as SpikeCV's loader has it; its trees say the sensor's size in config.yaml. */
#define STEREO_SPIKES                                                                                        \
    .lead = "{variant}/left/{folder}/{n}/{n}{.spikes}",                                                      \
    .spikes = "{variant}/left/{folder}/{n}/{n}{.spikes}",                                                    \
    .depth = "{variant}/left/{folder}/{n}/{n}_gt{.depth}", .part = "folder"
/* Its other sets: files in folders or not, labels beside them where there are any; nothing is split. */
#define SPIKE_FILES                                                                                          \
    .lead = "{folder}/{n}.dat;{n}.dat", .spikes = "{folder}/{n}.dat;{n}.dat",                                \
    .depth = "{folder}/{n}_gt{.depth};{n}_gt{.depth}"
static const bc_layout_form spikecv[] = {
    {"as published", {STEREO_SPIKES, .from = 0, .to = 0.8f}, {STEREO_SPIKES, .from = 0.8f, .to = 1}},
    {"in folders", {SPIKE_FILES}, {SPIKE_FILES}},
};

/* One file a sequence, without labels. */
#define OUTDOOR .lead = "{n}.dat;{folder}/{n}.dat", .spikes = "{n}.dat;{folder}/{n}.dat"
static const bc_layout_form outdoorspike[] = {{"as published", {OUTDOOR}, {OUTDOOR}}};

/* One's own. */
#define RECORDING .lead = "{n}{.spikes}", .spikes = "{n}{.spikes}", .depth = "depth/{name}{.depth}"
static const bc_layout_form recording[] = {{"in a folder", {RECORDING}, {RECORDING}}};

#define DENSE(split)                                                                                         \
    {                                                                                                        \
        .lead = split "/{sequence}/spike/r128/spike_{n}{.spikes};" split "/spike/r128/spike_{n}{.spikes}",   \
        .pictures =                                                                                          \
            split "/{sequence}/rgb/frames/frame_{n}{.picture};" split "/rgb/frames/frame_{n}{.picture}",     \
        .spikes = split "/{sequence}/spike/r128/spike_{n}{.spikes};" split "/spike/r128/spike_{n}{.spikes}", \
        .depth = split "/{sequence}/depth/data/depth_{n}{.depth};" split "/depth/data/depth_{n}{.depth}",    \
        .spike_times = split "/{sequence}/spike/r128/timestamps.txt;" split "/spike/r128/timestamps.txt",    \
        .frame_times = split "/{sequence}/depth/data/timestamps.txt;" split "/depth/data/timestamps.txt"     \
    }
static const bc_layout_form dense[] = {{"as published", DENSE("train"), DENSE("test")}};

const bc_layout bc_layouts[] = {
    {.word = "vkitti1",
     .title = "Virtual KITTI 1.3.1",
     .variants = VARIANTS,
     .depth_scale = 100,
     .crop_height = 352,
     .crop_width = 1216,
     .forms = vkitti1,
     .form_count = COUNT(vkitti1)},
    {.word = "vkitti2",
     .title = "Virtual KITTI 2.0.3",
     .variants = VARIANTS,
     .depth_scale = 100,
     .crop_height = 352,
     .crop_width = 1216,
     .forms = vkitti2,
     .form_count = COUNT(vkitti2)},
    {.word = "kitti",
     .title = "KITTI raw, split of Eigen et al.",
     .depth_scale = 256,
     .crop_height = 352,
     .crop_width = 1216,
     .forms = kitti,
     .form_count = COUNT(kitti),
     .lists_from =
         "eigen_train_files_with_gt.txt and eigen_test_files_with_gt.txt of BTS, or train_files.txt and "
         "test_files.txt of monodepth2's eigen split"},
    {.word = "ekitti",
     .title = "KITTI raw, five drives",
     .variants = "39 19 23",
     .depth_scale = 256,
     .crop_height = 352,
     .crop_width = 1216,
     .forms = ekitti,
     .form_count = COUNT(ekitti)},
    {.word = "drivingstereo",
     .title = "DrivingStereo, nine sequences",
     .depth_scale = 256,
     .crop_height = 384,
     .crop_width = 864,
     .forms = drivingstereo,
     .form_count = COUNT(drivingstereo)},
    {.word = "weather",
     .title = "DrivingStereo, weathers",
     .variants = "cloudy foggy rainy sunny",
     .depth_scale = 256,
     .crop_height = 384,
     .crop_width = 864,
     .forms = weather,
     .form_count = COUNT(weather)},
    {.word = "nyu",
     .title = "NYUv2",
     .depth_scale = 1000,
     .indoor = true,
     .forms = nyu,
     .form_count = COUNT(nyu),
     .lists_from = "the split files of the released code"},
    {.word = "respike",
     .title = "Respike",
     .variants = "indoor outdoor",
     .depth_scale = 1000,
     .indoor = true,
     .spikes = {.turned = true},
     .forms = respike,
     .form_count = COUNT(respike)},
    {.word = "spikecv",
     .title = "SpikeCV, PKU-Spike-Stereo",
     .variants = "indoor outdoor",
     .depth_scale = 1000,
     .indoor = true,
     .forms = spikecv,
     .form_count = COUNT(spikecv)},
    {.word = "dense", .title = "DENSE-Spike", .depth_scale = 256, .forms = dense, .form_count = COUNT(dense)},
    {.word = "outdoorspike",
     .title = "Outdoor-Spike",
     .depth_scale = 256,
     .spikes = {.width = 400, .height = 250},
     .recordings = true,
     .forms = outdoorspike,
     .form_count = COUNT(outdoorspike)},
    {.word = "recording",
     .title = "recordings of one's own, a file or a folder of files",
     .depth_scale = 256,
     .recordings = true,
     .forms = recording,
     .form_count = COUNT(recording)},
};
const int bc_layout_count = COUNT(bc_layouts);
