/* The vision transformer on top of the convolutional stages (ViT-B/16 hybrid when published). */
#include "net/models/parts.h"

#define VIT "pretrained.model."

/* x += proj(attention(LN1 x)); x += fc2(GELU(fc1(LN2 x))). */
static bc_value *block(const bc_layers *l, int index, bc_value *x) {
    char name[BC_NAME];
    int width = l->model->width;
    bc_layer_block(l);
    bc_value *y = bc_layer_layer_norm(l, bc_name(name, VIT "blocks.%d.norm1", index), x);
    y = bc_layer_vit_linear(l, bc_name(name, VIT "blocks.%d.attn.qkv", index), y, 3 * width, BC_THEN_NOTHING);
    y = bc_attention(l->graph, y, l->model->heads);
    x = bc_layer_vit_linear(l, bc_name(name, VIT "blocks.%d.attn.proj", index), y, width, bc_then_add(x));
    y = bc_layer_layer_norm(l, bc_name(name, VIT "blocks.%d.norm2", index), x);
    y = bc_layer_vit_linear(l, bc_name(name, VIT "blocks.%d.mlp.fc1", index), y, 4 * width, BC_THEN_GELU);
    return bc_layer_vit_linear(l, bc_name(name, VIT "blocks.%d.mlp.fc2", index), y, width, bc_then_add(x));
}

/* Patches of the map, the class token in front, positions added. */
static bc_value *embed(const bc_layers *l, bc_value *map) {
    const bc_model *m = l->model;
    int grid = m->grid;
    map = bc_layer_conv(l, VIT "patch_embed.proj", map, m->width, 1, 1, true);
    bc_value *cls = bc_layer_param(l, VIT "cls_token", BC_LAYOUT_PLAIN, BC_INIT_TRUNC_NORMAL, 0.02f, 3, 1, 1,
                                   m->width, 0);
    bc_value *pos = bc_layer_param(l, VIT "pos_embed", BC_LAYOUT_PLAIN, BC_INIT_TRUNC_NORMAL, 0.02f, 3, 1,
                                   1 + grid * grid, m->width, 0);
    if (!map)
        return NULL;
    if (map->shape.h != grid || map->shape.w != grid)
        pos = bc_position_resize(l->graph, pos, grid, grid, map->shape.h, map->shape.w);
    return bc_tokens(l->graph, map, cls, pos);
}

/* Published weights carry the last LayerNorm and a classifier, which depth does not use: declared so that
 * files stay whole in both directions. */
static void declare_unused(const bc_layers *l) {
    const bc_model *m = l->model;
    bc_layer_vector(l, VIT "norm.weight", m->width, 1.0f);
    bc_layer_vector(l, VIT "norm.bias", m->width, 0.0f);
    if (!m->classes)
        return;
    bc_layer_param(l, VIT "head.weight", BC_LAYOUT_LINEAR, BC_INIT_TRUNC_NORMAL, 0.02f, 2, m->classes,
                   m->width, 0, 0);
    bc_layer_vector(l, VIT "head.bias", m->classes, 0.0f);
}

bc_vit bc_vit_layers(const bc_layers *l, bc_value *map) {
    bc_vit out = {0};
    bc_value *x = embed(l, map);
    for (int i = 0; i < l->model->depth; i++) {
        x = block(l, i, x);
        if (i == l->model->tap3)
            out.tap3 = x;
        if (i == l->model->tap4)
            out.tap4 = x;
    }
    declare_unused(l);
    return out;
}
