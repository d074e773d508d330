/* SPDX-License-Identifier: BSD-3-Clause */
/* loop: the work of the main core until the program ends.
 *
 * Threads  the main core.
 * Errors   none.
 * Bounds   a step takes one turn of packets, and looks at everything else once per 100 us.
 */
#ifndef APP_LOOP_H
#define APP_LOOP_H

#include "program/app.h"

/* The value of app.above. */
extern const struct app_above loop_above;

/* The periodic work: the capture, the load, the ports' devices, the line of figures. */
void loop_tend(struct app *app);

/* Runs until `quit`, the end of input, SIGINT or SIGTERM. */
void loop_run(struct app *app);
/* Runs until the load has ended. SIGINT or SIGTERM stops it; a second one cuts it off. */
void loop_load(struct app *app);
/* Gives connections the time of `set drain-time` to end, then stops the stack. A signal cuts
 * the time short; the signal that ends the program does not count. */
void loop_end(struct app *app);

#endif
