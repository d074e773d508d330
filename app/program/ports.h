/* SPDX-License-Identifier: BSD-3-Clause */
/* ports: which of EAL's ports the program takes, and their packet buffers.
 *
 * Without --ports all but the members of a bond, which are the bond's: whoever polls
 * one beside it takes packets from it.
 *
 * Threads  the main core's; EAL is up.
 * Errors   an exit code, with e filled in.
 */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "program/app.h"

/* The workers are known. Makes their pools, opens the ports. */
int ports_open(struct app *app, struct error *e);
void ports_close(struct app *app);

#endif
