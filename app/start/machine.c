/* SPDX-License-Identifier: BSD-3-Clause */
/* The facts of the machine, which preflight_judge() judges. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_config.h>
#include <rte_version.h>

#include "start/preflight.h"

#define CAP_NET_ADMIN_BIT 12
#define THREAD_STACK      65536

/* Root in a container may lack the capability, and an ordinary user may have it. */
static bool
has_net_admin(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long caps = 0;
	char line[256];
	bool found = false;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			found = true;
	}
	if (f != NULL)
		fclose(f);
	return found ? (caps >> CAP_NET_ADMIN_BIT & 1) : geteuid() == 0;
}

static int
open_tun_errno(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static uint64_t
read_file_count(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned long long n = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%llu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static uint64_t
free_huge_pages(void)
{
	static const char dir[] = "/sys/kernel/mm/hugepages";
	DIR *d = opendir(dir);
	uint64_t n = 0;
	char path[512];

	if (d == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", dir, e->d_name);
		n += read_file_count(path);
	}
	closedir(d);
	return n;
}

uint64_t
preflight_free_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kb = 0;
	char line[128];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
			break;
	}
	if (f != NULL)
		fclose(f);
	return (uint64_t)kb << 10;
}

static bool
huge_mounted(void)
{
	FILE *f = fopen("/proc/mounts", "re");
	char line[1024];
	bool found = false;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		found |= strstr(line, " hugetlbfs ") != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

/* librte_net_tap.so.23 is the driver net_tap. */
static void
list_drivers(struct preflight *p)
{
	DIR *d = opendir(p->driver_dir);

	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		size_t len = strcspn(e->d_name, ".");

		if (strncmp(e->d_name, "librte_net_", 11) != 0 ||
		        strncmp(e->d_name + len, ".so", 3) != 0 ||
		        len - 7 >= sizeof(p->driver[0]) || p->ndrivers == PREFLIGHT_DRIVERS)
			continue;
		snprintf(p->driver[p->ndrivers], sizeof(p->driver[0]), "%.*s", (int)len - 7,
		        e->d_name + 7);
		if (p->ndrivers == 0 ||
		        strcmp(p->driver[p->ndrivers - 1], p->driver[p->ndrivers]) != 0)
			p->ndrivers++;
	}
	closedir(d);
}

static unsigned
count_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);

	return n > 0 ? (unsigned)n : 0;
}

/* A TAP made by `ip tuntap add` is persistent: it waits for a program to use it. */
static bool
netdev_taken(const char *name)
{
	char path[64 + IF_NAMESIZE];
	unsigned flags = 0;
	FILE *f;

	if (if_nametoindex(name) == 0)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%.*s/tun_flags", IF_NAMESIZE, name);
	f = fopen(path, "re");
	if (f != NULL) {
		if (fscanf(f, "%x", &flags) != 1)
			flags = 0;
		fclose(f);
	}
	return (flags & IFF_PERSIST) == 0;
}

static void *
wait_for_end(void *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

/* Starts the threads, because a user, a cgroup and the machine have limits of their own. The
 * stacks are small, so that `ulimit -v` does not count here. */
static unsigned
try_threads(unsigned most)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t *thread = calloc(most, sizeof(*thread));
	pthread_attr_t attr;
	unsigned n = 0;

	if (thread == NULL || pthread_attr_init(&attr) != 0) {
		free(thread);
		return most;
	}
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_mutex_lock(&lock);
	while (n < most && pthread_create(&thread[n], &attr, wait_for_end, &lock) == 0)
		n++;
	pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	pthread_attr_destroy(&attr);
	free(thread);
	return n;
}

void
preflight_gather(struct preflight *p)
{
	memset(p, 0, sizeof(*p));
	p->root = has_net_admin();
	p->tun_errno = open_tun_errno();
	p->huge_pages = free_huge_pages();
	p->huge_mount = huge_mounted();
	p->ncpus = count_cpus();
	p->netdev_taken = netdev_taken;
	p->threads = try_threads;
	p->tap_persist = RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0);
#ifdef RTE_EAL_PMD_PATH
	snprintf(p->driver_dir, sizeof(p->driver_dir), "%s", RTE_EAL_PMD_PATH);
	list_drivers(p);
#endif
}
