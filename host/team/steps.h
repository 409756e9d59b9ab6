/* Steps of a tape in which the ranks of a team exchange what they have on their devices. Each waits for the device and for the other ranks: they
 * are for a few numbers, such as the sums of a loss. Without a team nothing is recorded. */
#ifndef BC_HOST_TEAM_STEPS_H
#define BC_HOST_TEAM_STEPS_H

#include "host/device/launch.h"
#include "host/team/team.h"

/* The rank's (rows, row_bytes) bytes, from byte `offset` of the buffer on, become those of all ranks, (rows, ranks, row_bytes). */
bc_status bc_tape_gather(bc_tape *tape, bc_team *team, bc_buffer buffer, size_t offset, size_t rows,
                         size_t row_bytes);
/* What the rank has at the start of the buffer becomes what all ranks have, one after the other: bytes[0] to bytes[ranks-1]. */
bc_status bc_tape_gather_parts(bc_tape *tape, bc_team *team, bc_buffer buffer, const size_t *bytes);
/* `count` numbers, from number `offset` of the buffer on, become their sums over the ranks. */
bc_status bc_tape_sum(bc_tape *tape, bc_team *team, bc_buffer buffer, size_t offset, size_t count,
                      bc_number kind);

#endif
