/* SPDX-License-Identifier: BSD-3-Clause */
/* demo_eal: EAL as any user may start it, and without a trace.
 *
 * Nothing is shared, so that several of them do not meet: no hugepages, no files
 * but an empty folder, which goes with it.
 *
 * Threads  the main one. Sets RUNTIME_DIRECTORY of the process.
 */
#ifndef APP_DEMO_EAL_H
#define APP_DEMO_EAL_H

#include "text/error.h"

#define DEMO_CLIENT_LCORE 1
#define DEMO_SERVER_LCORE 2

struct demo_eal {
	char place[32]; /* a temporary folder of our own; "": none */
};

/* The main thread sleeps most of the time, beside the client. 0 or an exit code;
 * demo_eal_stop() in either case. */
int demo_eal_start(
        struct demo_eal *eal, unsigned client_cpu, unsigned server_cpu, struct error *e);
void demo_eal_stop(struct demo_eal *eal);

#endif
