/* SPDX-License-Identifier: BSD-3-Clause */
/* preflight: finds what would fail in EAL before EAL starts, with the command that fixes it.
 *
 * One function gathers the facts of the machine and another one judges them, so that tests of
 * the judgement run on any machine.
 *
 * Threads    the main one.
 * Ownership  the caller owns the struct; argv is borrowed for the call.
 * Errors     an exit code, with e filled in.
 * Bounds     PREFLIGHT_DRIVERS drivers; more are ignored.
 */
#ifndef APP_PREFLIGHT_H
#define APP_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "text/error.h"

#define PREFLIGHT_DRIVERS 160

struct preflight {
	bool root;           /* the process may configure networks (CAP_NET_ADMIN) */
	bool tap_persist;    /* net_tap has the argument `persist` */
	int tun_errno;       /* errno of opening /dev/net/tun; 0: it opens */
	uint64_t huge_pages; /* the number of free hugepages of all sizes */
	bool huge_mount;     /* a hugetlbfs is mounted */
	unsigned ncpus;      /* CPUs that the system has configured; 0: unknown */
	/* Does another program use a netdev of that name, which a new TAP would take from it?
	 * NULL: unknown. */
	bool (*netdev_taken)(const char *name);
	/* How many of n threads can be started now? NULL: unknown. */
	unsigned (*threads)(unsigned n);
	char driver_dir[256]; /* "": this DPDK has its drivers built in */
	unsigned ndrivers;
	char driver[PREFLIGHT_DRIVERS][32]; /* "net_tap" */
};

void preflight_gather(struct preflight *p);
/* The memory that the kernel can give without swapping (MemAvailable); 0: unknown. */
uint64_t preflight_free_bytes(void);
/* Returns 0, EXIT_ENVIRONMENT or EXIT_USAGE. argv is EAL's part of the command line. */
int preflight_judge(const struct preflight *p, int argc, char *const *argv, struct error *e);

#endif
