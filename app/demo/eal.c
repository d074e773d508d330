/* SPDX-License-Identifier: BSD-3-Clause */
/* The start of EAL for the demo, with a temporary folder. */
#include "demo/eal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>

#include "start/eal_start.h"

/* EAL always makes a folder for its file prefix. Without RUNTIME_DIRECTORY, it makes it for
 * root in /var/run, which may be read-only, and for other users in the folder of the session or
 * in /tmp/dpdk, which may belong to another user. */
static void
make_runtime_place(struct demo_eal *eal)
{
	strcpy(eal->place, "/tmp/handfast-demo-XXXXXX");
	if (mkdtemp(eal->place) == NULL)
		eal->place[0] = '\0';
	else
		setenv("RUNTIME_DIRECTORY", eal->place, 1);
}

/* rmdir() fails for a folder that is not empty; other programs use such a folder. */
static void
remove_runtime_place(struct demo_eal *eal)
{
	char inner[sizeof(eal->place) + 8];
	const char *runtime = rte_eal_get_runtime_dir();

	if (runtime != NULL && runtime[0] != '\0')
		rmdir(runtime);
	if (eal->place[0] == '\0')
		return;
	snprintf(inner, sizeof(inner), "%s/dpdk", eal->place);
	rmdir(inner);
	rmdir(eal->place);
	eal->place[0] = '\0';
}

int
demo_eal_start(struct demo_eal *eal, unsigned client_cpu, unsigned server_cpu, struct error *e)
{
	char lcores[64], prefix[64];
	char *args[] = {"handfast", "--lcores", lcores, "--no-huge", "--no-shconf", "--no-pci",
	        "--no-telemetry", "-m", "768", prefix};
	struct eal_log log;
	int code;

	make_runtime_place(eal);
	snprintf(lcores, sizeof(lcores), "0@%u,%d@%u,%d@%u", client_cpu, DEMO_CLIENT_LCORE,
	        client_cpu, DEMO_SERVER_LCORE, server_cpu);
	snprintf(prefix, sizeof(prefix), "--file-prefix=handfast-demo-%d", getpid());
	code = eal_start(sizeof(args) / sizeof(args[0]), args, &log, e);
	eal_start_over(&log);
	return code;
}

void
demo_eal_stop(struct demo_eal *eal)
{
	rte_eal_cleanup();
	remove_runtime_place(eal);
}
