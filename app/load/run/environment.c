/* SPDX-License-Identifier: BSD-3-Clause */
/* Collects the facts about the machine that a report names. */
#include "load/run/environment.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_version.h>

#include "load/run/cpu.h"
#include "program/app.h"

static void
read_cpu(char *text, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "re");

	cpu_name(f, text, size);
	if (f != NULL)
		fclose(f);
}

static void
read_driver(uint16_t ethdev, char *text, size_t size)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(ethdev, &info) == 0 && info.driver_name != NULL)
		snprintf(text, size, "%s", info.driver_name);
}

void
environment_fill(const struct app *app, unsigned port, struct load_result *r)
{
	const struct engine_port *p = &app->port[port].dev;
	struct utsname u;

	report_id_make(r->id);
	snprintf(r->version, sizeof(r->version), "%s", HANDFAST_VERSION);
	snprintf(r->dpdk, sizeof(r->dpdk), "%s", rte_version());
	read_cpu(r->cpu, sizeof(r->cpu));
	if (uname(&u) == 0)
		snprintf(r->kernel, sizeof(r->kernel), "%.30s %.60s", u.sysname, u.release);
	if (gethostname(r->host, sizeof(r->host) - 1) != 0)
		r->host[0] = '\0';
	read_driver(p->id, r->driver, sizeof(r->driver));
	r->tsc_hz = engine_tsc_hz(app->engine);
	r->hugepages = rte_eal_has_hugepages() != 0;
	r->csum_offload = p->net.offload_tcp && p->rx_csum_tcp;
	r->started_unix = (uint64_t)time(NULL);
}
