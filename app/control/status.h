/* SPDX-License-Identifier: BSD-3-Clause */
/* report: what the program says of itself, unasked: the first screen, the line
 * of figures (--stats-period), the totals at the end. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "program/app.h"

/* for_load: nobody expects a listener. */
void report_banner(struct app *app, bool for_load);
void report_tend(struct app *app); /* the line, when it is due */
/* How many connections a drain had to reset. */
void report_cut(const char *before, unsigned cut);
void report_totals(struct app *app);

#endif
