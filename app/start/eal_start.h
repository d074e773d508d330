/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_start: starts EAL and keeps its log, so that a failure can be explained.
 *
 * Threads    the main one, before other threads exist. Standard output and standard error go
 *            to a memory file meanwhile: EAL answers a wrong value with a page of usage.
 * Ownership  the caller owns the log; it stays until eal_start_over().
 * Errors     an exit code, with e filled in.
 * Bounds     those of eal_log.h.
 */
#ifndef APP_EAL_START_H
#define APP_EAL_START_H

#include "start/eal_log.h"
#include "text/error.h"

/* Opens the log and starts EAL. The caller calls eal_start_over() after success and after
 * failure. argv is that of rte_eal_init(); --log-level=error is added if it has no
 * --log-level. */
int eal_start(int argc, char **argv, struct eal_log *log, struct error *e);
/* Called when all devices are open or have failed. EAL logs to stderr again. Prints the
 * errors in the log, unless the user has seen them. */
void eal_start_over(struct eal_log *log);

#endif
