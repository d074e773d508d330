/* SPDX-License-Identifier: BSD-3-Clause */
/* status: what the program prints about itself without a command: the first screen, the line
 * of figures (--stats-period), the totals at the end.
 *
 * Threads  the main core.
 * Errors   none.
 */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "program/app.h"

/* A missing listener is not mentioned if the stack starts for a load. */
void status_banner(struct app *app, bool for_load);
/* Prints the line of figures when it is due. */
void status_tend(struct app *app);
/* Prints how many connections a drain had to reset, behind `before`. */
void status_cut(const char *before, unsigned cut);
void status_totals(struct app *app);

#endif
