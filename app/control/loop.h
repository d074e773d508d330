/* SPDX-License-Identifier: BSD-3-Clause */
/* loop: the main core's work until it is told to end. */
#ifndef APP_LOOP_H
#define APP_LOOP_H

#include "program/app.h"

/* For app.above. */
extern const struct app_above loop_above;

/* The capture, the load, the ports' devices, the line of figures. */
void loop_tend(struct app *app);

/* Until `quit`, the end of input, SIGINT or SIGTERM. */
void loop_run(struct app *app);
/* Until the load that is under way is over. SIGINT or SIGTERM stop it; a second
 * one cuts it off. */
void loop_load(struct app *app);
/* Connections get the time of `set drain-time` to end, then the stack is stopped; a second
 * signal, or one during that time if there was none, cuts it short. */
void loop_end(struct app *app);

#endif
