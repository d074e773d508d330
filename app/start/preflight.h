/* SPDX-License-Identifier: BSD-3-Clause */
/* preflight: what would fail in EAL, found before it does, with the command
 * that fixes it.
 *
 * The facts of the machine are gathered in one place and judged in another, so
 * that the judgement can be tested anywhere.
 */
#ifndef APP_PREFLIGHT_H
#define APP_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "text/error.h"

#define PREFLIGHT_DRIVERS 160

struct preflight {
	bool root;           /* may configure networks (CAP_NET_ADMIN) */
	bool tap_persist;    /* net_tap has the argument `persist` */
	int tun_errno;       /* of opening /dev/net/tun; 0: it works */
	uint64_t huge_pages; /* free ones, of any size */
	bool huge_mount;     /* a hugetlbfs is mounted */
	unsigned ncpus;      /* configured; 0: unknown */
	/* Is there a netdev of that name that a new TAP would take from another?
	 * NULL: unknown. */
	bool (*netdev_taken)(const char *name);
	/* How many of n threads can be started now? NULL: unknown. */
	unsigned (*threads)(unsigned n);
	char driver_dir[256]; /* "": drivers are not plug-ins here */
	unsigned ndrivers;
	char driver[PREFLIGHT_DRIVERS][32]; /* "net_tap" */
};

void preflight_gather(struct preflight *p);
/* What the kernel thinks can still be had without swapping; 0: unknown. */
uint64_t preflight_free_bytes(void);
/* 0, EXIT_ENVIRONMENT or EXIT_USAGE. argv: EAL's part. */
int preflight_judge(const struct preflight *p, int argc, char *const *argv, struct error *e);

#endif
