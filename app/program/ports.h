/* SPDX-License-Identifier: BSD-3-Clause */
/* ports: chooses the ports of EAL that the program uses, and makes their packet buffers.
 *
 * Without --ports the program uses all ports except members of a bond: polling a member takes
 * packets away from the bond.
 *
 * Threads  the main core, after EAL has started.
 * Memory   a pool of packet buffers for each worker, in EAL's memory.
 * Errors   an exit code, with e filled in.
 * Bounds   LIMIT_PORTS ports.
 */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "program/app.h"

/* Makes the workers' pools and opens the ports. app->worker is filled in before. */
int ports_open(struct app *app, struct error *e);
void ports_close(struct app *app);

#endif
