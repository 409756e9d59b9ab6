/* An ONNX model in memory: the messages of onnx.proto, put together piece by piece and packed straight into the file, since a second copy
 * of a network's weights would be half a gigabyte. */
#include "net/onnx/model.h"

#include "host/base/file.h"
#include "host/base/grow.h"

#include <limits.h>
#include <onnx.pb-c.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The version of the format in which opset 17 came. */
enum { IR_VERSION = 8, NAME = 256 };

struct bc_onnx_model {
    bc_error *err;
    bc_status status;
    Onnx__ModelProto root;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto opset, *opsets[1];
    int node_capacity, tensor_capacity, input_capacity, output_capacity;
    void **owned; /* all messages, texts and data */
    int owned_count, owned_capacity;
    const char **names; /* of all tensors */
    int name_count, name_capacity;
};

/* --- memory --- */

static void out_of_memory(bc_onnx_model *m) {
    bc_onnx_fail(m, BC_E_MEMORY, "no host memory for an ONNX model");
}

/* Zeros that go with the model; NULL after a failure. */
static void *take(bc_onnx_model *m, size_t bytes) {
    if (m->status != BC_OK)
        return NULL;
    void *memory = calloc(1, bytes ? bytes : 1);
    if (!memory || !bc_grow((void **)&m->owned, m->owned_count, &m->owned_capacity, sizeof *m->owned)) {
        free(memory);
        out_of_memory(m);
        return NULL;
    }
    return m->owned[m->owned_count++] = memory;
}

static char *copy(bc_onnx_model *m, const char *text) {
    char *to = m->status == BC_OK ? take(m, strlen(text) + 1) : NULL;
    return to ? strcpy(to, text) : NULL;
}

const char *bc_onnx_text(bc_onnx_model *m, const char *format, ...) {
    char text[NAME];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return copy(m, text);
}

const char *bc_onnx_fail(bc_onnx_model *m, bc_status status, const char *format, ...) {
    char text[BC_ERROR_TEXT];
    va_list list;
    if (m->status != BC_OK)
        return NULL;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    m->status = bc_fail(m->err, status, "%s", text);
    return NULL;
}

bc_status bc_onnx_model_status(const bc_onnx_model *m) {
    return m->status;
}

/* --- the parts --- */

/* Room for one more in a repeated field, which the model owns; its pointer there, or NULL. */
static void **more(bc_onnx_model *m, void ***array, size_t *count, int *capacity) {
    if (m->status == BC_OK && !bc_grow((void **)array, (int)*count, capacity, sizeof **array))
        out_of_memory(m);
    return m->status == BC_OK ? &(*array)[(*count)++] : NULL;
}

/* The copy of a tensor's name, which no other has. */
static char *new_name(bc_onnx_model *m, const char *name) {
    for (int i = 0; m->status == BC_OK && i < m->name_count; i++)
        if (strcmp(m->names[i], name) == 0)
            bc_onnx_fail(m, BC_E_ARGUMENT, "two tensors of the ONNX model would be called %s", name);
    if (m->status == BC_OK &&
        !bc_grow((void **)&m->names, m->name_count, &m->name_capacity, sizeof *m->names))
        out_of_memory(m);
    char *own = copy(m, name);
    if (own)
        m->names[m->name_count++] = own;
    return own;
}

bc_status bc_onnx_model_create(bc_error *err, const char *name, bc_onnx_model **out) {
    bc_onnx_model *m = *out = calloc(1, sizeof *m);
    if (!m)
        return bc_fail(err, BC_E_MEMORY, "no host memory for an ONNX model");
    m->err = err;
    onnx__model_proto__init(&m->root);
    onnx__graph_proto__init(&m->graph);
    onnx__operator_set_id_proto__init(&m->opset);
    m->root.has_ir_version = m->opset.has_version = 1;
    m->root.ir_version = IR_VERSION;
    m->root.producer_name = copy(m, "bicross");
    m->root.producer_version = copy(m, BICROSS_VERSION);
    m->root.graph = &m->graph;
    m->root.n_opset_import = 1;
    m->root.opset_import = m->opsets;
    m->opsets[0] = &m->opset;
    m->opset.domain = copy(m, "");
    m->opset.version = BC_ONNX_OPSET;
    m->graph.name = copy(m, name);
    if (m->status == BC_OK)
        return BC_OK;
    bc_onnx_model_release(m);
    *out = NULL;
    return BC_E_MEMORY;
}

void bc_onnx_model_release(bc_onnx_model *m) {
    if (!m)
        return;
    for (int i = 0; i < m->owned_count; i++)
        free(m->owned[i]);
    free(m->owned);
    free(m->names);
    free(m->graph.node);
    free(m->graph.initializer);
    free(m->graph.input);
    free(m->graph.output);
    free(m);
}

static void set_dimension(bc_onnx_model *m, int64_t side, Onnx__TensorShapeProto__Dimension *to) {
    onnx__tensor_shape_proto__dimension__init(to);
    to->has_dim_value = side != BC_ONNX_BATCH;
    to->dim_value = to->has_dim_value ? side : 0;
    to->dim_param = to->has_dim_value ? NULL : copy(m, "N");
}

/* What goes in or out, in one piece of memory. */
typedef struct port {
    Onnx__ValueInfoProto info;
    Onnx__TypeProto type;
    Onnx__TypeProto__Tensor tensor;
    Onnx__TensorShapeProto shape;
    Onnx__TensorShapeProto__Dimension dimensions[BC_ONNX_RANK], *list[BC_ONNX_RANK];
} port;

static Onnx__ValueInfoProto *describe(bc_onnx_model *m, char *name, bc_onnx_dims dims, const char *doc) {
    port *p = take(m, sizeof *p);
    if (!p)
        return NULL;
    onnx__value_info_proto__init(&p->info);
    onnx__type_proto__init(&p->type);
    onnx__type_proto__tensor__init(&p->tensor);
    onnx__tensor_shape_proto__init(&p->shape);
    p->info.name = name;
    p->info.doc_string = doc ? copy(m, doc) : NULL;
    p->info.type = &p->type;
    p->type.tensor_type = &p->tensor;
    p->tensor.has_elem_type = 1;
    p->tensor.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    p->tensor.shape = &p->shape;
    p->shape.n_dim = (size_t)dims.rank;
    p->shape.dim = p->list;
    for (int i = 0; i < dims.rank; i++) {
        p->list[i] = &p->dimensions[i];
        set_dimension(m, dims.side[i], p->list[i]);
    }
    return &p->info;
}

void bc_onnx_model_input(bc_onnx_model *m, const char *name, bc_onnx_dims dims, const char *doc) {
    Onnx__ValueInfoProto *info = describe(m, new_name(m, name), dims, doc);
    void **place = more(m, (void ***)&m->graph.input, &m->graph.n_input, &m->input_capacity);
    if (place)
        *place = info;
}

void bc_onnx_model_output(bc_onnx_model *m, const char *name, bc_onnx_dims dims, const char *doc) {
    Onnx__ValueInfoProto *info = describe(m, copy(m, name), dims, doc);
    void **place = more(m, (void ***)&m->graph.output, &m->graph.n_output, &m->output_capacity);
    if (place)
        *place = info;
}

/* Zeros, `element` bytes each; NULL after a failure. */
static Onnx__TensorProto *add_tensor(bc_onnx_model *m, const char *name, bc_onnx_dims dims, int type,
                                     size_t element) {
    struct {
        Onnx__TensorProto tensor;
        int64_t dims[BC_ONNX_RANK];
    } *memory = take(m, sizeof *memory);
    size_t bytes = element;
    for (int i = 0; i < dims.rank; i++)
        bytes *= (size_t)dims.side[i];
    char *own = new_name(m, name);
    void *data = take(m, bytes);
    void **place = more(m, (void ***)&m->graph.initializer, &m->graph.n_initializer, &m->tensor_capacity);
    if (!place)
        return NULL;
    Onnx__TensorProto *t = &memory->tensor;
    onnx__tensor_proto__init(t);
    memcpy(memory->dims, dims.side, sizeof memory->dims);
    t->n_dims = (size_t)dims.rank;
    t->dims = memory->dims;
    t->has_data_type = t->has_raw_data = 1;
    t->data_type = type;
    t->name = own;
    t->raw_data = (ProtobufCBinaryData){bytes, data};
    *place = t;
    return t;
}

const char *bc_onnx_floats(bc_onnx_model *m, const char *name, bc_onnx_dims dims, float **data) {
    Onnx__TensorProto *t = add_tensor(m, name, dims, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, sizeof(float));
    *data = t ? (void *)t->raw_data.data : NULL;
    return t ? t->name : NULL;
}

const char *bc_onnx_scalar(bc_onnx_model *m, const char *name, float value) {
    float *data;
    name = bc_onnx_floats(m, name, (bc_onnx_dims){0}, &data);
    if (data)
        *data = value;
    return name;
}

const char *bc_onnx_ints(bc_onnx_model *m, const char *name, int count, const int64_t *values) {
    Onnx__TensorProto *t =
        add_tensor(m, name, (bc_onnx_dims){1, {count}}, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, sizeof *values);
    if (!t)
        return NULL;
    memcpy(t->raw_data.data, values, (size_t)count * sizeof *values);
    return t->name;
}

static void set_attribute(bc_onnx_model *m, const bc_onnx_attribute *from, Onnx__AttributeProto *to) {
    onnx__attribute_proto__init(to);
    to->name = copy(m, from->name);
    to->has_type = 1;
    switch (from->kind) {
    case BC_ONNX_IS_FLOAT:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
        to->has_f = 1;
        to->f = from->number;
        break;
    case BC_ONNX_IS_INT:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        to->has_i = 1;
        to->i = from->ints[0];
        break;
    case BC_ONNX_IS_TEXT:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
        to->has_s = 1;
        to->s = (ProtobufCBinaryData){strlen(from->text), (uint8_t *)copy(m, from->text)};
        break;
    case BC_ONNX_IS_INTS:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        to->n_ints = (size_t)from->count;
        to->ints = take(m, sizeof from->ints);
        if (to->ints)
            memcpy(to->ints, from->ints, sizeof from->ints);
        break;
    }
}

/* A node in one piece of memory. */
typedef struct node_parts {
    Onnx__NodeProto proto;
    Onnx__AttributeProto attributes[BC_ONNX_ATTRIBUTES], *attribute_list[BC_ONNX_ATTRIBUTES];
    char *inputs[BC_ONNX_INPUTS], *outputs[BC_ONNX_INPUTS];
} node_parts;

static void set_lists(bc_onnx_model *m, const bc_onnx_node *from, node_parts *to) {
    for (int i = 0; i < BC_ONNX_INPUTS && from->inputs[i]; i++) {
        to->inputs[i] = copy(m, from->inputs[i]);
        to->proto.n_input++;
    }
    for (int i = 0; i < BC_ONNX_ATTRIBUTES && from->attributes[i].name; i++) {
        set_attribute(m, &from->attributes[i], &to->attributes[i]);
        to->attribute_list[i] = &to->attributes[i];
        to->proto.n_attribute++;
    }
    to->proto.n_output = from->outputs ? (size_t)from->outputs : 1;
    if (!from->outputs)
        to->outputs[0] = new_name(m, from->name);
    for (int i = 0; m->status == BC_OK && i < from->outputs; i++)
        to->outputs[i] = new_name(m, bc_onnx_text(m, "%s.%d", from->name, i));
}

const char *bc_onnx_model_node(bc_onnx_model *m, const bc_onnx_node *node) {
    node_parts *to = take(m, sizeof *to);
    if (!to)
        return NULL;
    Onnx__NodeProto *p = &to->proto;
    onnx__node_proto__init(p);
    p->name = copy(m, node->name);
    p->op_type = copy(m, node->type);
    p->input = to->inputs;
    p->output = to->outputs;
    p->attribute = to->attribute_list;
    set_lists(m, node, to);
    void **place = more(m, (void ***)&m->graph.node, &m->graph.n_node, &m->node_capacity);
    if (!place)
        return NULL;
    *place = p;
    return p->name;
}

/* --- the file --- */

bc_status bc_onnx_check_bytes(bc_error *err, const char *path, size_t bytes) {
    if (bytes <= INT_MAX)
        return BC_OK;
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s would have %.2f GiB, but an ONNX file, as every message of protobuf, has less than 2 GiB", path,
        (double)bytes / (1 << 30));
}

typedef struct file_buffer {
    ProtobufCBuffer base;
    FILE *stream;
} file_buffer;

/* An error shows in ferror at commit. */
static void append(ProtobufCBuffer *buffer, size_t bytes, const uint8_t *data) {
    fwrite(data, 1, bytes, ((file_buffer *)buffer)->stream);
}

bc_status bc_onnx_model_write(bc_onnx_model *m, const char *path, bc_onnx_size *out) {
    bc_file_writer writer;
    if (m->status != BC_OK)
        return m->status;
    *out = (bc_onnx_size){(int)m->graph.n_node, (int)m->graph.n_initializer,
                          protobuf_c_message_get_packed_size(&m->root.base)};
    BC_TRY(bc_onnx_check_bytes(m->err, path, out->bytes));
    BC_TRY(bc_file_writer_open(m->err, path, &writer));
    file_buffer buffer = {{append}, writer.stream};
    protobuf_c_message_pack_to_buffer(&m->root.base, &buffer.base);
    return bc_file_writer_commit(m->err, &writer);
}
