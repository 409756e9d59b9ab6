/* What was asked for: programs, their kernels, and the work-groups of their launches. */
#include "tests/list_kernels.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PROGRAMS = 1024, MAX_KERNELS = 64, PATH = 1024 };

static listed_program programs[MAX_PROGRAMS];
static int program_count;
static char folder[PATH / 2];
static bool gpu;

void list_fail(const char *format, ...) {
    va_list arguments;
    fputs("list_kernels: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

static void *needed(void *memory) {
    if (!memory)
        list_fail("no memory");
    return memory;
}

void list_open(const char *path) {
    snprintf(folder, sizeof folder, "%s", path);
}

void list_device(bool is_gpu) {
    gpu = is_gpu;
}

bool list_is_gpu(void) {
    return gpu;
}

/* --- the kernels of a text --- */

static const char *skip_space(const char *p) {
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* Past the bracket that closes the one at p; *commas counts those directly inside. */
static const char *skip_brackets(const char *p, cl_uint *commas) {
    int depth = 0;
    *commas = 0;
    do {
        depth += (*p == '(') - (*p == ')');
        *commas += *p == ',' && depth == 1;
    } while (*p++ && depth > 0);
    return p;
}

static bool is_word(const char *p, size_t length, const char *word) {
    return strlen(word) == length && strncmp(p, word, length) == 0;
}

static size_t word_length(const char *p) {
    size_t n = 0;
    while (isalnum((unsigned char)p[n]) || p[n] == '_')
        n++;
    return n;
}

/* p stands behind the word kernel: attributes, void, name, parameters. A kernel has at least one. */
static const char *read_kernel(const char *p, const char *source, listed_kernel *out) {
    for (;;) {
        const char *word = skip_space(p);
        size_t length = word_length(word);
        cl_uint commas;
        if (length == 0)
            list_fail("%s: expected the name of a kernel at '%.40s'", source, word);
        p = skip_space(word + length);
        if (*p != '(')
            continue;
        p = skip_brackets(p, &commas);
        if (is_word(word, length, "__attribute__"))
            continue;
        *out = (listed_kernel){.name = needed(strndup(word, length)), .arguments = commas + 1};
        return p;
    }
}

/* The text after the preprocessor, which writes kernels out of macros and leaves away what options exclude. */
static FILE *expand(const char *path, const char *options) {
    char command[2 * PATH], *words = needed(strdup(options)), *rest = words;
    int used =
        snprintf(command, sizeof command,
                 LIST_C_COMPILER " -E -P -undef -x c -D__OPENCL_VERSION__=120 -D__OPENCL_C_VERSION__=120");
    for (char *word; (word = strsep(&rest, " ")) != NULL;)
        if (strncmp(word, "-D", 2) == 0)
            used += snprintf(command + used, sizeof command - (size_t)used, " '%s'", word);
    free(words);
    used += snprintf(command + used, sizeof command - (size_t)used, " '%s'", path);
    if (used >= (int)sizeof command)
        list_fail("the options \"%s\" are too long", options);
    return needed(popen(command, "r"));
}

static void find_kernels(listed_program *program, const char *path) {
    char *text = NULL;
    size_t capacity = 0;
    FILE *pipe = expand(path, program->options);
    ssize_t length = getdelim(&text, &capacity, 0, pipe);
    if (pclose(pipe) != 0 || length < 0)
        list_fail("%s does not pass the preprocessor with \"%s\"", program->source, program->options);
    program->kernels = needed(calloc(MAX_KERNELS, sizeof *program->kernels));
    for (const char *p = text; *p;) {
        size_t word = word_length(p);
        bool kernel = is_word(p, word, "kernel") || is_word(p, word, "__kernel");
        p += word ? word : 1;
        if (kernel && program->kernel_count == MAX_KERNELS)
            list_fail("%s has more than %d kernels", program->source, MAX_KERNELS);
        if (kernel)
            p = read_kernel(p, program->source, &program->kernels[program->kernel_count++]);
    }
    free(text);
}

/* --- programs --- */

/* The host puts '#line 1 "NAME"' before each file; the last one is the source, before it comes the prelude. */
static char *source_of(const char *text) {
    static const char mark[] = "#line 1 \"";
    const char *last = NULL;
    for (const char *p = text; (p = strstr(p, mark)) != NULL; p++)
        last = p + sizeof mark - 1;
    if (!last)
        list_fail("a program has no name");
    return needed(strndup(last, strcspn(last, "\"")));
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        list_fail("cannot write %s", path);
}

listed_program *list_program(const char *text, const char *options) {
    char *source = source_of(text), path[PATH];
    for (listed_program *p = programs; p < programs + program_count; p++)
        if (p->gpu == gpu && strcmp(p->source, source) == 0 && strcmp(p->options, options) == 0) {
            free(source);
            return p;
        }
    if (program_count == MAX_PROGRAMS)
        list_fail("there are more than %d programs", MAX_PROGRAMS);
    listed_program *fresh = &programs[program_count++];
    *fresh = (listed_program){.gpu = gpu, .source = source, .options = needed(strdup(options))};
    snprintf(path, sizeof path, "%s/%s", folder, source);
    write_text(path, text);
    find_kernels(fresh, path);
    return fresh;
}

listed_kernel *list_kernel(const listed_program *program, const char *name) {
    for (int i = 0; i < program->kernel_count; i++)
        if (strcmp(program->kernels[i].name, name) == 0)
            return &program->kernels[i];
    return NULL;
}

void list_launch(listed_kernel *kernel, cl_uint dimensions, const size_t *group) {
    size_t whole[3] = {1, 1, 1};
    if (!group)
        list_fail("%s was launched without a work-group", kernel->name);
    memcpy(whole, group, dimensions * sizeof *group);
    for (int i = 0; i < kernel->group_count; i++)
        if (memcmp(kernel->groups[i], whole, sizeof whole) == 0)
            return;
    if (kernel->group_count == LISTED_GROUPS)
        list_fail("%s was launched with more than %d work-groups", kernel->name, LISTED_GROUPS);
    memcpy(kernel->groups[kernel->group_count++], whole, sizeof whole);
}

static void write_kernel(FILE *file, const listed_program *program, const listed_kernel *kernel) {
    fprintf(file, "%s\t%s\t%s\t%s\t", program->gpu ? "gpu" : "cpu", program->source, program->options,
            kernel->name);
    for (int i = 0; i < kernel->group_count; i++)
        fprintf(file, "%s%zux%zux%zu", i ? "," : "", kernel->groups[i][0], kernel->groups[i][1],
                kernel->groups[i][2]);
    fputs(kernel->group_count ? "\n" : "-\n", file);
}

void list_write(void) {
    char path[PATH];
    snprintf(path, sizeof path, "%s/kernels.txt", folder);
    FILE *file = fopen(path, "w");
    if (!file)
        list_fail("cannot write %s", path);
    for (const listed_program *p = programs; p < programs + program_count; p++)
        for (int i = 0; i < p->kernel_count; i++)
            write_kernel(file, p, &p->kernels[i]);
    if (fclose(file) != 0)
        list_fail("cannot write %s", path);
}

void list_close(void) {
    for (listed_program *p = programs; p < programs + program_count; p++) {
        for (int i = 0; i < p->kernel_count; i++)
            free(p->kernels[i].name);
        free(p->kernels);
        free(p->source);
        free(p->options);
    }
    program_count = 0;
}
