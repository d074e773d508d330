/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_explain: why EAL did not start, or a device became no port, out of what was said
 * meanwhile.
 *
 * EAL's lines go from the cause to what failed by it: "Error creating '/var/run/dpdk':
 * Read-only file system", "Cannot create runtime directory", "Invalid 'command line'
 * arguments". The first is quoted, never rte_errno alone.
 *
 * Threads  pure functions.
 */
#ifndef APP_EAL_EXPLAIN_H
#define APP_EAL_EXPLAIN_H

#include "start/eal_log.h"
#include "text/error.h"

struct eal_failure {
	const struct eal_log *log;
	int err;      /* rte_errno, for when nothing was said */
	bool usage;   /* it has printed its options: they are the cause */
	bool limited; /* ulimit -v is set */
	bool files;   /* it had no more files to open */
	int argc;     /* EAL's part of the command line */
	char *const *argv;
};

/* An exit code. */
int eal_explain(const struct eal_failure *f, struct error *e);
/* What was said of a device that failed; "" if nothing was. */
const char *eal_explain_device(
        const struct eal_log *log, const char *device, char *text, size_t size);
/* Is it of no interest to users? net_tap calls it an error when the kernel has no multiq
 * qdisc; what that means is a note of `show port`. */
bool eal_explain_is_noise(const char *line);

#endif
