#include "net/reference/references.h"

#include <math.h>

/* One head of a sample: its part of the first token's q, k and v. */
typedef struct head {
    const double *q, *k, *v;
    int row, channels, tokens; /* row: from a token to the next */
} head;

static double score(const head *h, int query, int key) {
    double sum = 0;
    for (int c = 0; c < h->channels; c++)
        sum += h->q[query * h->row + c] * h->k[key * h->row + c];
    return sum / sqrt(h->channels);
}

/* The values of all keys, weighed by the softmax of the query's scores. */
static void attend(const head *h, int query, double *output) {
    double largest = -INFINITY, total = 0;
    for (int key = 0; key < h->tokens; key++)
        largest = fmax(largest, score(h, query, key));
    for (int c = 0; c < h->channels; c++)
        output[c] = 0;
    for (int key = 0; key < h->tokens; key++) {
        double weight = exp(score(h, query, key) - largest);
        total += weight;
        for (int c = 0; c < h->channels; c++)
            output[c] += weight * h->v[key * h->row + c];
    }
    for (int c = 0; c < h->channels; c++)
        output[c] /= total;
}

void bc_reference_attention(const bc_node *node, double *const *inputs, double *output) {
    int heads = ((const bc_attention_attributes *)node->attributes)->heads;
    bc_shape qkv = node->inputs[0]->shape, y = node->output->shape;
    int channels = y.c / heads;
    for (int n = 0; n < y.n; n++)
        for (int i = 0; i < heads; i++) {
            const double *q = inputs[0] + bc_at(qkv, n, 0, 0, i * channels);
            head h = {q, q + y.c, q + 2 * y.c, qkv.c, channels, y.w};
            for (int query = 0; query < y.w; query++)
                attend(&h, query, output + bc_at(y, n, 0, query, i * channels));
        }
}
