/* What the child process that checks a device tells its parent, a line each. */
#ifndef BC_APPS_CHECK_LINE_H
#define BC_APPS_CHECK_LINE_H

#include "bicross/reference/findings.h"

typedef struct check_line {
    enum { CHECK_BEGINS, CHECK_ENDS, CHECK_DONE } kind;
    int number;         /* of the check; none when all are done */
    bc_finding finding; /* without results when it begins */
} check_line;

/* Sends it at once. False: nobody reads any more. */
bool check_line_send(const check_line *line);
/* False: it is no such line. */
bool check_line_parse(char *text, check_line *out);

#endif
