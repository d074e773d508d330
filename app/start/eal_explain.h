/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_explain: finds in EAL's log why EAL did not start, or why a device made no port.
 *
 * EAL's lines go from the cause to its consequences: "Error creating '/var/run/dpdk':
 * Read-only file system", "Cannot create runtime directory", "Invalid 'command line'
 * arguments". The message quotes the first one, and never rte_errno alone.
 *
 * Threads  any; pure functions.
 * Memory   none.
 * Errors   eal_explain() returns an exit code.
 */
#ifndef APP_EAL_EXPLAIN_H
#define APP_EAL_EXPLAIN_H

#include "start/eal_log.h"
#include "text/error.h"

struct eal_failure {
	const struct eal_log *log;
	int err;      /* rte_errno, for an empty log */
	bool usage;   /* EAL has printed its usage: a wrong option is the cause */
	bool limited; /* ulimit -v is set */
	bool files;   /* no more files could be opened */
	int argc;     /* the number of words of EAL's part of the command line */
	char *const *argv;
};

int eal_explain(const struct eal_failure *f, struct error *e);
/* Copies the log lines about a device that failed into `text`; "" if there are none. */
const char *eal_explain_device(
        const struct eal_log *log, const char *device, char *text, size_t size);
/* Is the line of no interest to users? For example net_tap logs an error when the kernel has
 * no multiq qdisc; a note of `show port` tells what follows from it. */
bool eal_explain_is_noise(const char *line);

#endif
