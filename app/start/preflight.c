/* SPDX-License-Identifier: BSD-3-Clause */
/* The judgement on what would fail in EAL, and the command that fixes it. */
#include "start/preflight.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers-glue/quirks.h"
#include "start/options.h"
#include "start/tap_args.h"
#include "text/nearest.h"

/* EAL's threads for interrupts, other processes and telemetry; the program's threads for
 * output and capture. */
#define OTHER_THREADS 6

static int
judge_huge(const struct preflight *p, int argc, char *const *argv, struct error *e)
{
	bool in_memory = eal_option_given(argc, argv, "in-memory");

	if (eal_option_given(argc, argv, "no-huge")) {
		if (!in_memory)
			return 0;
		error_set(e, 0, "--no-huge and --in-memory exclude each other in DPDK");
		return error_fix(e, EXIT_USAGE,
		        "without hugepages use --no-huge -m 512, with hugepages use --in-memory");
	}
	if (p->huge_pages == 0) {
		error_set(e, 0, "no hugepage is free");
		return error_fix(e, EXIT_ENVIRONMENT,
		        "echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages, or use no hugepages: --no-huge -m 512");
	}
	if (!p->huge_mount && !in_memory) {
		error_set(e, 0, "hugepages are free, but no hugetlbfs is mounted");
		return error_fix(e, EXIT_ENVIRONMENT,
		        "mkdir -p /dev/hugepages && mount -t hugetlbfs none /dev/hugepages, or add --in-memory");
	}
	return 0;
}

static int
judge_tun(const struct preflight *p, const char *vdev, struct error *e)
{
	if (p->tun_errno == ENOENT) {
		error_set(e, 0, "%s: /dev/net/tun does not exist", vdev);
		return error_fix(e, EXIT_ENVIRONMENT,
		        "modprobe tun, or in a container: mkdir -p /dev/net && mknod /dev/net/tun c 10 200");
	}
	if (p->tun_errno == ENODEV || p->tun_errno == ENXIO) {
		error_set(
		        e, 0, "%s: the kernel has no TUN/TAP driver behind /dev/net/tun", vdev);
		return error_fix(e, EXIT_ENVIRONMENT, "modprobe tun");
	}
	if (p->tun_errno != 0) {
		error_set(e, 0, "%s: /dev/net/tun cannot be opened: %s", vdev,
		        strerror(p->tun_errno));
		return error_fix(e, EXIT_ENVIRONMENT,
		        "sudo handfast ...; in a container, allow the device (c 10:200 rwm)");
	}
	return 0;
}

/* EAL takes the driver whose name the device's name begins with; a number or nothing follows.
 */
static bool
driver_is(const char *driver, const char *vdev)
{
	size_t len = strlen(driver);

	return strncmp(driver, vdev, len) == 0 && !isalpha((unsigned char)vdev[len]) &&
	       vdev[len] != '_';
}

/* "/usr/lib/x/dpdk/pmds-23.0" gives 23: the names of Debian's packages contain it. */
static unsigned
driver_abi(const char *dir)
{
	const char *dash = strrchr(dir, '-');

	return dash == NULL ? 0 : (unsigned)strtoul(dash + 1, NULL, 10);
}

static int
refuse_driver(const struct preflight *p, const char *vdev, struct error *e)
{
	const char *names[PREFLIGHT_DRIVERS + 1] = {NULL};
	char stem[32], package[40], abi[12] = "";
	const char *near;

	for (unsigned i = 0; i < p->ndrivers; i++)
		names[i] = p->driver[i];
	snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(vdev, "0123456789"), vdev);
	near = nearest(stem, names);
	if (near != NULL && nearest_distance(stem, near) <= 2) {
		error_set(e, 0, "--vdev=%s: no driver is called '%s'", vdev, stem);
		return error_fix(
		        e, EXIT_USAGE, "did you mean --vdev=%s%s?", near, vdev + strlen(stem));
	}
	snprintf(package, sizeof(package), "librte-%s", stem);
	for (char *c = package; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	if (driver_abi(p->driver_dir) != 0)
		snprintf(abi, sizeof(abi), "%u", driver_abi(p->driver_dir));
	error_set(e, 0, "--vdev=%s: the driver %s is not in %s", vdev, stem, p->driver_dir);
	return error_fix(e, EXIT_ENVIRONMENT, "apt-get install %s%s", package, abi);
}

static int
judge_driver(const struct preflight *p, const char *vdev, struct error *e)
{
	unsigned row = 0;

	if (p->ndrivers == 0 || strncmp(vdev, "net_", 4) != 0)
		return 0;
	for (const struct quirks *q; (q = quirks_at(row)) != NULL; row++) {
		if (q->other_plugin && driver_is(q->driver, vdev))
			return 0;
	}
	for (unsigned i = 0; i < p->ndrivers; i++) {
		if (driver_is(p->driver[i], vdev))
			return 0;
	}
	return refuse_driver(p, vdev, e);
}

/* net_tap takes over a netdev that exists, and the program that used it receives nothing. */
static int
judge_iface(const struct preflight *p, const char *vdev, struct error *e)
{
	char name[TAP_NAME];

	tap_args_iface(vdev, name);
	if (name[0] == '\0' || p->netdev_taken == NULL || !p->netdev_taken(name))
		return 0;
	error_set(e, 0, "--vdev=%s: a network device %s exists already", vdev, name);
	return error_fix(e, EXIT_ENVIRONMENT,
	        "end the program that uses it, or choose another name: iface=NAME (ip -d link show %s)",
	        name);
}

/* Does an earlier option name the same device or the same netdev? */
static int
judge_twice(int argc, char *const *argv, int i, const char *vdev, struct error *e)
{
	char name[TAP_NAME], other_name[TAP_NAME];
	size_t len = strcspn(vdev, ",");

	tap_args_iface(vdev, name);
	for (int k = 1, next; k < i; k = next) {
		const char *other = eal_option_at(argc, argv, k, "vdev", &next);

		if (other == NULL)
			continue;
		if (strcspn(other, ",") == len && strncmp(other, vdev, len) == 0) {
			error_set(e, 0, "--vdev=%.*s is given twice", (int)len, vdev);
			return error_fix(e, EXIT_USAGE,
			        "give the second device another number, for example net_tap1");
		}
		tap_args_iface(other, other_name);
		if (name[0] != '\0' && strcmp(name, other_name) == 0) {
			error_set(e, 0, "--vdev=%.*s: %.*s uses iface=%s already", (int)len,
			        vdev, (int)strcspn(other, ","), other, name);
			return error_fix(e, EXIT_USAGE, "choose another name: iface=NAME");
		}
	}
	return 0;
}

static int
judge_vdev(const struct preflight *p, const char *vdev, struct error *e)
{
	if (quirks_of_vdev(vdev)->needs_root && !p->root) {
		error_set(e, 0, "--vdev=%s needs root (CAP_NET_ADMIN)", vdev);
		return error_fix(e, EXIT_ENVIRONMENT, "sudo handfast ...");
	}
	if (tap_args_is_tap(vdev))
		return judge_tun(p, vdev, e);
	return 0;
}

static int
judge_devices(
        const struct preflight *p, int argc, char *const *argv, bool drivers, struct error *e)
{
	for (int i = 1, next; i < argc; i = next) {
		const char *vdev = eal_option_at(argc, argv, i, "vdev", &next);
		const char *allow = eal_option_at(argc, argv, i, "allow", &next);
		char name[64];
		int code = 0;

		if (allow != NULL && !p->root) {
			error_set(e, 0, "-a %s: a PCI device needs root", allow);
			return error_fix(e, EXIT_ENVIRONMENT, "sudo handfast ...");
		}
		if (vdev == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(vdev, ","), vdev);
		if (drivers)
			code = judge_driver(p, name, e);
		if (code == 0)
			code = judge_twice(argc, argv, i, vdev, e);
		if (code == 0)
			code = judge_vdev(p, name, e);
		if (code == 0 && tap_args_is_tap(vdev))
			code = tap_args_check(vdev, p->tap_persist, e);
		if (code == 0)
			code = judge_iface(p, vdev, e);
		if (code != 0)
			return code;
	}
	return 0;
}

/* EAL panics or names a wrong cause when it cannot start a thread. */
static int
judge_threads(const struct preflight *p, int argc, char *const *argv, struct error *e)
{
	unsigned want = eal_cores_count(argc, argv, p->ncpus) + OTHER_THREADS;
	unsigned got = p->threads != NULL ? p->threads(want) : want;

	if (got >= want)
		return 0;
	error_set(e, 0, "the system allows %u more thread%s, and handfast needs %u", got,
	        got == 1 ? "" : "s", want);
	return error_fix(e, EXIT_ENVIRONMENT,
	        "ulimit -u unlimited; in a container or a service a higher limit of tasks (--pids-limit, TasksMax=)");
}

int
preflight_judge(const struct preflight *p, int argc, char *const *argv, struct error *e)
{
	/* With -d, drivers may be in another folder. */
	bool drivers = !eal_option_given(argc, argv, "driver-path");
	int code = judge_devices(p, argc, argv, drivers, e);

	if (code == 0 && eal_cores_check(argc, argv, p->ncpus, e) != 0)
		code = EXIT_USAGE;
	if (code == 0)
		code = judge_huge(p, argc, argv, e);
	return code != 0 ? code : judge_threads(p, argc, argv, e);
}
