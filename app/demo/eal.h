/* SPDX-License-Identifier: BSD-3-Clause */
/* demo_eal: EAL started so that any user may do it, and so that nothing is left behind.
 *
 * Several demos share nothing: they use no hugepages, and no file except for an empty folder,
 * which is removed at the end.
 *
 * Threads  the main one. RUNTIME_DIRECTORY of the process is set.
 * Memory   768 MB.
 * Errors   an exit code, with e filled in.
 */
#ifndef APP_DEMO_EAL_H
#define APP_DEMO_EAL_H

#include "text/error.h"

#define DEMO_CLIENT_LCORE 1
#define DEMO_SERVER_LCORE 2

struct demo_eal {
	char place[32]; /* a temporary folder; "": it could not be made */
};

/* The main thread shares the client's CPU, because it sleeps most of the time. The caller calls
 * demo_eal_stop() after success and after failure. */
int demo_eal_start(
        struct demo_eal *eal, unsigned client_cpu, unsigned server_cpu, struct error *e);
void demo_eal_stop(struct demo_eal *eal);

#endif
