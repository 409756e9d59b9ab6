/* The parameter store: layouts, ranges, initial values and weight files. */
#include "tests/support.h"

#include "net/store/params.h"
#include "net/store/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const bc_param_spec conv = {4, {5, 3, 2, 4}, BC_LAYOUT_CONV, BC_INIT_NORMAL, 0.5f, BC_GROUP_SCRATCH};
static const bc_param_spec linear = {2,     {19, 7},          BC_LAYOUT_LINEAR, BC_INIT_TRUNC_NORMAL,
                                     0.02f, BC_GROUP_BACKBONE};
static const bc_param_spec tokens = {3, {1, 5, 3}, BC_LAYOUT_PLAIN, BC_INIT_UNIFORM, 2, BC_GROUP_HEADS};
static const bc_param_spec scalar = {1, {1}, BC_LAYOUT_PLAIN, BC_INIT_CONSTANT, 3, BC_GROUP_BACKBONE};
static const bc_param_spec statistic = {1, {6}, BC_LAYOUT_PLAIN, BC_INIT_CONSTANT, 1, BC_GROUP_BUFFERS};

typedef struct declared {
    const char *name;
    const bc_param_spec *spec;
} declared;

static const declared usual[] = {{"head.pos", &tokens},
                                 {"body.linear.weight", &linear},
                                 {"bn.running_var", &statistic},
                                 {"decoder.conv.weight", &conv},
                                 {"body.scalar", &scalar}};
enum { USUAL = sizeof usual / sizeof *usual };

static bc_params *make(const declared *list, int count, bool trainable) {
    bc_graph *graph;
    bc_params *params;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), trainable, &params));
    for (int i = 0; i < count; i++)
        ck_assert_ptr_nonnull(bc_param_value(graph, params, list[i].name, list[i].spec));
    ck_ok(bc_params_allocate(params));
    bc_graph_release(graph);
    return params;
}

static float *count_up(size_t count) {
    float *values = malloc(count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)i;
    return values;
}

static float *read_vector(bc_params *params) {
    bc_buffer vector = bc_params_vector(params);
    float *values = malloc(vector.bytes);
    ck_assert_ptr_nonnull(values);
    ck_ok(bc_buffer_read(test_host(), vector, 0, values, vector.bytes));
    return values;
}

START_TEST(published_layouts_go_in_and_come_out) {
    bc_params *params = make(usual, USUAL, true);
    for (int i = 0; i < USUAL; i++) {
        bc_param *param = bc_params_find(params, usual[i].name);
        float *in = count_up(param->count), *out = malloc(param->count * sizeof *out);
        ck_ok(bc_param_write(params, param, in));
        ck_ok(bc_param_read(params, param, out));
        ck_assert_mem_eq(in, out, param->count * sizeof *out);
        free(in);
        free(out);
    }
    bc_params_release(params);
}
END_TEST

START_TEST(device_layouts_are_channels_last) {
    bc_params *params = make(usual, USUAL, true);
    bc_param *param = bc_params_find(params, "decoder.conv.weight");
    float *in = count_up(param->count), out[120];
    ck_assert(bc_shape_same(param->shape, (bc_shape){2, 4, 3, 5}));
    ck_ok(bc_param_write(params, param, in));
    ck_ok(bc_buffer_read(test_host(), param->value, 0, out, sizeof out));
    for (int o = 0; o < 5; o++)
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 8; k++)
                ck_assert_float_eq(out[(k * 3 + i) * 5 + o], (float)((o * 3 + i) * 8 + k));
    free(in);
    param = bc_params_find(params, "body.linear.weight");
    ck_assert(bc_shape_same(param->shape, (bc_shape){1, 1, 7, 19}));
    ck_assert(bc_shape_same(bc_params_find(params, "head.pos")->shape, (bc_shape){1, 1, 5, 3}));
    bc_params_release(params);
}
END_TEST

START_TEST(groups_lie_one_after_another) {
    bc_params *params = make(usual, USUAL, true);
    size_t step = bc_buffer_alignment(test_host()) / sizeof(float), end = 0, first, count;
    for (int group = 0; group < BC_GROUP_COUNT; group++) {
        bc_params_group_range(params, (bc_group)group, &first, &count);
        ck_assert_uint_eq(first, end);
        ck_assert_uint_eq(count % step, 0);
        end = first + count;
        for (int i = 0; i < USUAL; i++) {
            const bc_param *param = bc_params_at(params, i);
            bool inside = param->offset >= first && param->offset + param->count <= end;
            ck_assert_int_eq(inside, param->spec.group == (bc_group)group);
            ck_assert_uint_eq(param->offset % step, 0);
        }
    }
    ck_assert_uint_eq(bc_params_vector(params).bytes, end * sizeof(float));
    ck_assert_uint_eq(bc_params_grad_vector(params).bytes, end * sizeof(float));
    bc_params_release(params);
}
END_TEST

START_TEST(gaps_hold_zeros) {
    bc_params *params = make(usual, USUAL, true);
    ck_ok(bc_params_initialise(params, 1));
    float *vector = read_vector(params);
    size_t count = bc_params_vector(params).bytes / sizeof(float);
    for (int i = 0; i < USUAL; i++) {
        const bc_param *param = bc_params_at(params, i);
        memset(vector + param->offset, 0, param->count * sizeof *vector);
    }
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(vector[i] == 0, "gap at %zu holds %g", i, vector[i]);
    free(vector);
    bc_params_release(params);
}
END_TEST

START_TEST(a_parameter_is_one_value_of_a_graph) {
    bc_graph *graph, *second;
    bc_params *params;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_graph_create(test_host(), &second));
    ck_ok(bc_params_create(test_host(), true, &params));
    bc_value *value = bc_param_value(graph, params, "a", &conv);
    ck_assert_ptr_nonnull(value);
    ck_assert(value->needs_grad);
    ck_assert_ptr_eq(value, bc_param_value(graph, params, "a", &conv));
    ck_assert(!bc_param_value(graph, params, "bn", &statistic)->needs_grad);
    ck_assert_int_eq(bc_params_count(params), 2);
    ck_ok(bc_params_allocate(params));
    bc_value *other = bc_param_value(second, params, "a", &conv);
    ck_assert_ptr_nonnull(other);
    ck_assert_ptr_ne(value, other);
    bc_graph_release(graph);
    bc_graph_release(second);
    bc_params_release(params);
}
END_TEST

/* One declaration that must fail with a word in its message. */
static void refuse(bc_params *params, const char *name, const bc_param_spec *spec, const char *word) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_assert_ptr_null(bc_param_value(graph, params, name, spec));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, word) && strstr(test_error.text, name), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}

START_TEST(wrong_declarations_are_refused) {
    bc_params *params = make(usual, USUAL, true);
    bc_param_spec other = conv;
    other.shape[0] = 6;
    refuse(params, "decoder.conv.weight", &other, "declared before");
    refuse(params, "late", &conv, "allocated already");
    bc_params_release(params);
    ck_ok(bc_params_create(test_host(), true, &params));
    other.rank = 3;
    refuse(params, "rank", &other, "layout");
    other = conv;
    other.shape[2] = 0;
    refuse(params, "side", &other, "layout");
    bc_params_release(params);
}
END_TEST

START_TEST(frozen_parameters_have_no_gradients) {
    bc_params *params = make(usual, USUAL, false);
    ck_assert_uint_eq(bc_params_grad_vector(params).bytes, 0);
    ck_assert_ptr_null(bc_params_find(params, "decoder.conv.weight")->grad.mem);
    ck_ok(bc_params_zero_grad(params));
    ck_assert_int_eq(bc_params_allocate(params), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
    bc_params_release(params);
}
END_TEST

/* --- initial values --- */

static void moments(const float *values, size_t count, double *mean, double *deviation, double *largest) {
    double sum = 0, squares = 0;
    *largest = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        squares += (double)values[i] * values[i];
        *largest = fmax(*largest, fabs(values[i]));
    }
    *mean = sum / (double)count;
    *deviation = sqrt(squares / (double)count - *mean * *mean);
}

static int ascending(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* Part of the numbers of a rule that lie below x, in units of the rule's value. */
static double part_below(bc_init_rule rule, double x) {
    double normal = 0.5 * erfc(-x / sqrt(2)), cut = 0.5 * erfc(2 / sqrt(2));
    return rule == BC_INIT_UNIFORM  ? 0.5 + 0.5 * x
           : rule == BC_INIT_NORMAL ? normal
                                    : (normal - cut) / (1 - 2 * cut);
}

/* The largest distance between the values' distribution and the rule's (Kolmogorov, Smirnov). */
static double distance(float *values, int count, bc_init_rule rule, double unit) {
    double largest = 0;
    qsort(values, (size_t)count, sizeof *values, ascending);
    for (int i = 0; i < count; i++)
        largest = fmax(largest, fabs(part_below(rule, values[i] / unit) - (i + 0.5) / count));
    return largest;
}

START_TEST(rules_give_their_distributions) {
    enum { COUNT = 20011 }; /* kernels draw 32 numbers at once */
    /* deviation and bound in units of the rule's value; a normal cut at two deviations keeps 0.8796 of its
     * own */
    const struct {
        bc_init_rule rule;
        double deviation, bound;
    } rules[] = {{BC_INIT_UNIFORM, 0.57735, 1}, {BC_INIT_NORMAL, 1, 6}, {BC_INIT_TRUNC_NORMAL, 0.8796, 2}};
    static float values[COUNT];
    for (int i = 0; i < 3; i++) {
        bc_param_spec spec = {1, {COUNT}, BC_LAYOUT_PLAIN, rules[i].rule, 0.3f, BC_GROUP_HEADS};
        bc_params *params = make(&(declared){"a", &spec}, 1, false);
        double mean, deviation, largest;
        ck_ok(bc_params_initialise(params, 7));
        ck_ok(bc_param_read(params, bc_params_at(params, 0), values));
        moments(values, COUNT, &mean, &deviation, &largest);
        ck_assert_double_eq_tol(mean, 0, 0.3 * 0.03);
        ck_assert_double_eq_tol(deviation, 0.3 * rules[i].deviation, 0.3 * 0.02);
        ck_assert_double_le(largest, 0.3 * rules[i].bound + 1e-6);
        ck_assert_double_le(distance(values, COUNT, rules[i].rule, 0.3),
                            1.7 / sqrt(COUNT)); /* once in 200 seeds more */
        bc_params_release(params);
    }
}
END_TEST

static uint64_t initial_hash(const declared *list, int count, uint32_t seed) {
    bc_params *params = make(list, count, false);
    ck_ok(bc_params_initialise(params, seed));
    uint64_t hash = test_params_hash(params);
    bc_params_release(params);
    return hash;
}

START_TEST(initial_values_depend_on_seed_and_name_only) {
    declared reversed[USUAL];
    for (int i = 0; i < USUAL; i++)
        reversed[i] = usual[USUAL - 1 - i];
    ck_assert_uint_eq(initial_hash(usual, USUAL, 5), initial_hash(reversed, USUAL, 5));
    ck_assert_uint_ne(initial_hash(usual, USUAL, 5), initial_hash(usual, USUAL, 6));
    ck_assert_uint_ne(initial_hash(&(declared){"a", &conv}, 1, 5),
                      initial_hash(&(declared){"b", &conv}, 1, 5));
}
END_TEST

/* --- files --- */

static const char *weights_path(void) {
    return test_path("weights.safetensors");
}

static void save(const declared *list, int count, uint32_t seed) {
    bc_params *params = make(list, count, true);
    ck_ok(bc_params_initialise(params, seed));
    ck_ok(bc_params_save(params, weights_path(), NULL, 0));
    bc_params_release(params);
}

START_TEST(weight_files_hold_published_tensors) {
    bc_tensor_file file;
    float published[120];
    bc_params *params = make(usual, USUAL, false);
    save(usual, USUAL, 9);
    ck_ok(bc_params_load(params, weights_path()));
    ck_assert_uint_eq(test_params_hash(params), initial_hash(usual, USUAL, 9));
    ck_ok(bc_safetensors_open(&test_error, weights_path(), &file));
    const bc_tensor_entry *entry = bc_tensor_file_find(&file, "decoder.conv.weight");
    ck_assert_int_eq(entry->rank, 4);
    ck_assert_int_eq(entry->shape[0], 5);
    ck_assert_int_eq(entry->shape[3], 4);
    ck_ok(bc_param_read(params, bc_params_find(params, "decoder.conv.weight"), published));
    ck_assert_mem_eq(published, file.data + entry->begin, sizeof published);
    bc_tensor_file_close(&file);
    bc_params_release(params);
}
END_TEST

/* Saves `list` and expects loading the usual parameters from it to fail with two words in the message. */
static void refuse_file(const declared *list, int count, const char *first, const char *second) {
    bc_params *params = make(usual, USUAL, false);
    save(list, count, 1);
    ck_assert_int_eq(bc_params_load(params, weights_path()), BC_E_FORMAT);
    ck_assert_msg(strstr(test_error.text, first) && strstr(test_error.text, second), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
    bc_params_release(params);
}

/* Weights that are no numbers would be loaded as if they were a network: nothing is written, and what was there stays. */
START_TEST(what_is_no_number_is_not_saved) {
    const float bad[] = {NAN, -INFINITY};
    save(usual, USUAL, 9);
    for (int i = 0; i < 2; i++) {
        bc_params *params = make(usual, USUAL, true), *again = make(usual, USUAL, false);
        ck_ok(bc_params_initialise(params, 4));
        bc_param *last = bc_params_at(params, bc_params_count(params) - 1);
        ck_ok(bc_buffer_write(test_host(), last->value, (last->count - 1) * sizeof(float), &bad[i],
                              sizeof bad[i]));
        ck_assert_int_eq(bc_params_save(params, weights_path(), NULL, 0), BC_E_NUMERIC);
        ck_assert_msg(strstr(test_error.text, last->name) && strstr(test_error.text, weights_path()), "%s",
                      test_error.text);
        bc_error_clear(&test_error);
        ck_ok(bc_params_load(again, weights_path()));
        ck_assert_uint_eq(test_params_hash(again), initial_hash(usual, USUAL, 9));
        bc_params_release(params);
        bc_params_release(again);
    }
}
END_TEST

START_TEST(loading_is_strict) {
    declared misshaped[USUAL];
    bc_param_spec wider = conv;
    wider.shape[1] = 4;
    memcpy(misshaped, usual, sizeof usual);
    misshaped[3].spec = &wider;
    refuse_file(usual, USUAL - 1, "body.scalar", "no tensor");
    refuse_file(misshaped, USUAL, "5x3x2x4", "5x4x2x4");
    refuse_file(misshaped, USUAL, "decoder.conv.weight", "5x4x2x4");
}
END_TEST

/* Everything may be missing but the tensor that `context` names; "decoder.conv.weight" is never read. */
static bc_load_rule keep_the_convolution(const void *context, const char *name) {
    if (strcmp(name, "decoder.conv.weight") == 0)
        return BC_LOAD_KEEP;
    return strcmp(name, context) == 0 ? BC_LOAD_REQUIRED : BC_LOAD_OPTIONAL;
}

START_TEST(rules_say_what_may_be_missing) {
    bc_param_spec wider = conv;
    wider.shape[1] = 4;
    const declared others[] = {
        {"decoder.conv.weight", &wider}, {"body.scalar", &scalar}, {"elsewhere", &scalar}};
    bc_params *params = make(others, 3, false);
    bc_tensor_file file;
    float value = 0;
    bc_load_report report;
    save(usual, USUAL, 2);
    ck_ok(bc_safetensors_open(&test_error, weights_path(), &file));
    const bc_load_rules rules = {keep_the_convolution, "body.scalar", NULL, NULL},
                        other = {keep_the_convolution, "elsewhere", NULL, NULL};
    ck_ok(bc_params_load_by(params, &file, &rules, &report));
    ck_assert_int_eq(report.loaded, 1);
    ck_assert_str_eq(report.missing.names, "elsewhere");
    ck_assert_int_eq(report.missing.count, 1);
    ck_assert_int_eq(report.resized.count, 0);
    ck_assert_int_gt(report.skipped.count, 0);
    ck_ok(bc_param_read(params, bc_params_find(params, "body.scalar"), &value));
    ck_assert_float_eq(value, 3);
    ck_assert_int_eq(bc_params_load_by(params, &file, &other, &report), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "no tensor elsewhere"));
    bc_error_clear(&test_error);
    bc_tensor_file_close(&file);
    bc_params_release(params);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("params");
    TCase *c = tcase_create("store");
    tcase_add_test(c, published_layouts_go_in_and_come_out);
    tcase_add_test(c, device_layouts_are_channels_last);
    tcase_add_test(c, groups_lie_one_after_another);
    tcase_add_test(c, gaps_hold_zeros);
    tcase_add_test(c, a_parameter_is_one_value_of_a_graph);
    tcase_add_test(c, wrong_declarations_are_refused);
    tcase_add_test(c, frozen_parameters_have_no_gradients);
    tcase_add_test(c, rules_give_their_distributions);
    tcase_add_test(c, initial_values_depend_on_seed_and_name_only);
    tcase_add_test(c, weight_files_hold_published_tensors);
    tcase_add_test(c, what_is_no_number_is_not_saved);
    tcase_add_test(c, loading_is_strict);
    tcase_add_test(c, rules_say_what_may_be_missing);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
