/* SPDX-License-Identifier: BSD-3-Clause */
/* eal: starts DPDK's environment for a bench: no NIC, nothing shared with another process,
 * and memory in ordinary pages unless --huge asks for hugepages.
 *
 * Threads  the main thread, once.
 * Errors   false, with a message on stderr.
 */
#ifndef BENCH_EAL_H
#define BENCH_EAL_H

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_eal.h>

/* The list of cores is the value of EAL's option -l, with the main core first. */
static inline bool
eal_start(const char *program, const char *cores, bool huge, unsigned memory_mb)
{
	char name[32], list[32], prefix[48], mb[16];
	char *plain[] = {name, "-l", list, "--no-pci", "--no-telemetry", "--log-level=4",
	        prefix, "-m", mb, "--no-huge", "--no-shconf", NULL};
	char *on_huge[] = {name, "-l", list, "--no-pci", "--no-telemetry", "--log-level=4",
	        prefix, "-m", mb, "--in-memory", NULL};

	snprintf(name, sizeof(name), "%s", program);
	snprintf(list, sizeof(list), "%s", cores);
	snprintf(prefix, sizeof(prefix), "--file-prefix=handfast-bench-%d", getpid());
	snprintf(mb, sizeof(mb), "%u", memory_mb);
	if (rte_eal_init(huge ? 10 : 11, huge ? on_huge : plain) >= 0)
		return true;
	fprintf(stderr, "%s: EAL does not start; %s\n", program,
	        huge ? "are hugepages reserved? `echo 512 > /proc/sys/vm/nr_hugepages`, or "
	               "leave out --huge"
	             : "see its message above");
	return false;
}

#endif
