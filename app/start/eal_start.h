/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_start: EAL, started so that it is known what it says.
 *
 * Threads  the main one's, before there are others. Its standard output goes nowhere
 *          meanwhile: EAL answers a wrong value with a page of usage.
 * Errors   an exit code, with e filled in.
 */
#ifndef APP_EAL_START_H
#define APP_EAL_START_H

#include "start/eal_log.h"
#include "text/error.h"

/* Opens the log; eal_start_over() in either case. argv as rte_eal_init() has it, but for
 * --log-level. */
int eal_start(int argc, char **argv, struct eal_log *log, struct error *e);
/* All devices are open, or not: EAL logs as always again. Tells the errors that were
 * kept, unless the user has read them. */
void eal_start_over(struct eal_log *log);

#endif
