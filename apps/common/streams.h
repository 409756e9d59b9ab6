/* The three standard streams, which whoever starts the program may have closed, or may close while it works. */
#ifndef BC_APPS_COMMON_STREAMS_H
#define BC_APPS_COMMON_STREAMS_H

/* Takes the places of closed ones, so that no file that is opened later gets one of their numbers and receives messages meant for
 * people. What is written to a closed stream still fails. A reader that leaves and a file beyond the limit of the shell (ulimit -f)
 * become failed writes, not the end of the program. */
void app_streams_prepare(void);
/* What was printed must have arrived: the exit status, or 1 for a success whose output is lost, which is said on stderr. */
int app_streams_finish(int exit_status);

#endif
