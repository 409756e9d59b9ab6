/* TensorBoard event files. The messages, with their field numbers:
 *   Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
 *   SessionLog { SessionStatus status = 1; }    START is 1
 *   Summary { repeated Value value = 1; }    Value { string tag = 1; float simple_value = 2; Image image = 4; TensorProto tensor = 8;
 *                                                    SummaryMetadata metadata = 9; }
 *   Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }    3 is RGB
 *   TensorProto { DataType dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8; }    7 is a string; a shape
 *                                                    without dimensions is a scalar's
 *   SummaryMetadata { PluginData plugin_data = 1; }    PluginData { string plugin_name = 1; bytes content = 2; }
 *   HParamsPluginData { SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; }
 *   SessionStartInfo { map<string, Value> hparams = 1; double start_time_secs = 5; }
 *   google.protobuf.Value { double number_value = 2; string string_value = 3; bool bool_value = 4; }
 *   SessionEndInfo { Status status = 1; double end_time_secs = 2; }    1 is success */
#include "bicross/formats/tfevents.h"

#include "bicross/formats/protobuf.h"

/* "123456789" gives 0xE3069283. */
static uint32_t crc32c(const void *data, size_t bytes) {
    const uint8_t *p = data;
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

uint32_t bc_crc32c_masked(const void *data, size_t bytes) {
    uint32_t crc = crc32c(data, bytes);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

/* --- records --- */

static void little_endian(uint8_t *to, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* Releases the event. */
static bc_status write_record(bc_error *err, FILE *stream, bc_message *event) {
    uint8_t header[12], footer[4];
    bc_status status = BC_OK;
    if (event->failed) {
        bc_message_release(event);
        return bc_fail(err, BC_E_MEMORY, "no memory for an event of TensorBoard's");
    }
    little_endian(header, event->length, 8);
    little_endian(header + 8, bc_crc32c_masked(header, 8), 4);
    little_endian(footer, bc_crc32c_masked(event->data, event->length), 4);
    if (fwrite(header, sizeof header, 1, stream) != 1 || fwrite(event->data, event->length, 1, stream) != 1 ||
        fwrite(footer, sizeof footer, 1, stream) != 1 || fflush(stream) != 0)
        status = bc_fail(err, BC_E_FILE, "cannot write the TensorBoard event file (is the disk full?)");
    bc_message_release(event);
    return status;
}

/* TensorBoard drops what it has from the session's step on. */
static bc_status write_session_start(bc_error *err, FILE *stream, double time, uint64_t step) {
    enum { START = 1 };
    bc_message event = {0}, session = {0};
    bc_put_integer(&session, 1, START);
    bc_put_double(&event, 1, time);
    bc_put_integer(&event, 2, step);
    bc_put_message(&event, 7, &session);
    return write_record(err, stream, &event);
}

bc_status bc_tfevents_begin(bc_error *err, FILE *stream, double time, long resume_step) {
    bc_message event = {0};
    bc_put_double(&event, 1, time);
    bc_put_text(&event, 3, "brain.Event:2");
    BC_TRY(write_record(err, stream, &event));
    return resume_step > 0 ? write_session_start(err, stream, time, (uint64_t)resume_step + 1) : BC_OK;
}

static bc_status write_summary(bc_error *err, FILE *stream, double time, long step, bc_message *summary) {
    bc_message event = {0};
    bc_put_double(&event, 1, time);
    bc_put_integer(&event, 2, (uint64_t)step);
    bc_put_message(&event, 5, summary);
    return write_record(err, stream, &event);
}

/* --- what they hold --- */

bc_status bc_tfevents_scalars(bc_error *err, FILE *stream, double time, long step, int count,
                              const char *const *names, const float *values) {
    bc_message summary = {0};
    for (int i = 0; i < count; i++) {
        bc_message value = {0};
        bc_put_text(&value, 1, names[i]);
        bc_put_float(&value, 2, values[i]);
        bc_put_message(&summary, 1, &value);
    }
    return write_summary(err, stream, time, step, &summary);
}

bc_status bc_tfevents_image(bc_error *err, FILE *stream, double time, long step, const char *name,
                            const bc_tfevents_picture *picture) {
    enum { RGB = 3 };
    bc_message summary = {0}, value = {0}, image = {0};
    bc_put_integer(&image, 1, (uint64_t)picture->height);
    bc_put_integer(&image, 2, (uint64_t)picture->width);
    bc_put_integer(&image, 3, RGB);
    bc_put_bytes(&image, 4, picture->png, picture->bytes);
    bc_put_text(&value, 1, name);
    bc_put_message(&value, 4, &image);
    bc_put_message(&summary, 1, &value);
    return write_summary(err, stream, time, step, &summary);
}

/* For which of TensorBoard's plugins a value is, and what that is told. */
static void put_metadata(bc_message *value, const char *plugin, bc_message *content) {
    bc_message metadata = {0}, data = {0};
    bc_put_text(&data, 1, plugin);
    if (content)
        bc_put_message(&data, 2, content);
    bc_put_message(&metadata, 1, &data);
    bc_put_message(value, 9, &metadata);
}

bc_status bc_tfevents_text(bc_error *err, FILE *stream, double time, const char *name, const char *text) {
    enum { STRING = 7 };
    bc_message summary = {0}, value = {0}, tensor = {0}, scalar = {0};
    bc_put_integer(&tensor, 1, STRING);
    bc_put_message(&tensor, 2, &scalar);
    bc_put_text(&tensor, 8, text);
    bc_put_text(&value, 1, name);
    bc_put_message(&value, 8, &tensor);
    put_metadata(&value, "text", NULL);
    bc_put_message(&summary, 1, &value);
    return write_summary(err, stream, time, 0, &summary);
}

static bc_status write_session(bc_error *err, FILE *stream, double time, const char *tag, int field,
                               bc_message *info) {
    bc_message summary = {0}, value = {0}, content = {0};
    bc_put_message(&content, field, info);
    bc_put_text(&value, 1, tag);
    put_metadata(&value, "hparams", &content);
    bc_put_message(&summary, 1, &value);
    return write_summary(err, stream, time, 0, &summary);
}

bc_status bc_tfevents_settings(bc_error *err, FILE *stream, double time, int count,
                               const bc_tfevents_setting *settings) {
    bc_message info = {0};
    for (int i = 0; i < count; i++) {
        bc_message entry = {0}, value = {0};
        if (settings[i].kind == BC_SETTING_NUMBER)
            bc_put_double(&value, 2, settings[i].number);
        else if (settings[i].kind == BC_SETTING_SWITCH)
            bc_put_integer(&value, 4, settings[i].number != 0);
        else
            bc_put_text(&value, 3, settings[i].text);
        bc_put_text(&entry, 1, settings[i].name);
        bc_put_message(&entry, 2, &value);
        bc_put_message(&info, 1, &entry);
    }
    bc_put_double(&info, 5, time);
    return write_session(err, stream, time, "_hparams_/session_start_info", 3, &info);
}

bc_status bc_tfevents_done(bc_error *err, FILE *stream, double time) {
    enum { SUCCESS = 1 };
    bc_message info = {0};
    bc_put_integer(&info, 1, SUCCESS);
    bc_put_double(&info, 2, time);
    return write_session(err, stream, time, "_hparams_/session_end_info", 4, &info);
}
