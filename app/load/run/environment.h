/* SPDX-License-Identifier: BSD-3-Clause */
/* environment: the machine, the software and the port that a load was measured with.
 *
 * Threads    the main core's.
 * Ownership  the caller's result.
 * Errors     none: an unknown text stays empty.
 */
#ifndef APP_LOAD_ENVIRONMENT_H
#define APP_LOAD_ENVIRONMENT_H

#include "load/report/result.h"

struct app;

/* `port` leads to the peer. */
void environment_fill(const struct app *app, unsigned port, struct load_result *r);

#endif
