/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the devices of the command line with the ports that EAL made of them. */
#include "port.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#define DEVICE_NAME 64
#define SAID        400

/* A device that the command line names. */
struct wanted {
	char name[DEVICE_NAME]; /* without its arguments */
	bool vdev;
	port_said said;
	void *ctx;
};

/* ": TAP user MAC (zz) is not in format ...", or "". */
static const char *
driver_words(const struct wanted *w, const char *name, char text[SAID])
{
	text[0] = ':';
	text[1] = ' ';
	w->said(w->ctx, name, text + 2, SAID - 2);
	return text[2] != '\0' ? text : "";
}

static bool
has_port(const char *name)
{
	uint16_t id;

	if (rte_eth_dev_get_port_by_name(name, &id) == 0)
		return true;
	RTE_ETH_FOREACH_DEV(id)
	{
		struct rte_eth_dev_info info;

		if (rte_eth_dev_info_get(id, &info) == 0 && info.device != NULL &&
		        strcmp(rte_dev_name(info.device), name) == 0)
			return true;
	}
	return false;
}

/* EAL finds the driver of a virtual device by the beginning of the name, so net_tapp0 becomes a
 * tap. A right name goes on with no letter behind the driver's. */
static bool
check_vdev_name(const char *name)
{
	struct rte_eth_dev_info info;
	uint16_t id;
	size_t len;

	if (rte_eth_dev_get_port_by_name(name, &id) != 0 ||
	        rte_eth_dev_info_get(id, &info) != 0 || info.driver_name == NULL)
		return true;
	len = strlen(info.driver_name);
	if (strncmp(name, info.driver_name, len) != 0 || !isalpha((unsigned char)name[len]))
		return true;
	fprintf(stderr,
	        "--vdev=%s: EAL read this as the driver %s, and the name looks mistyped; write --vdev=%s0\n",
	        name, info.driver_name, info.driver_name);
	return false;
}

static bool
check_vdev(const struct wanted *w, const char *name)
{
	size_t stem = strcspn(name, "0123456789");
	char text[SAID];

	if (strncmp(name, "net_", 4) != 0 && strncmp(name, "eth_", 4) != 0)
		return true; /* a crypto or event device */
	if (has_port(name))
		return check_vdev_name(name);
	if (driver_words(w, name, text)[0] != '\0')
		fprintf(stderr, "--vdev=%s: made no port%s\n", name, text);
	else
		fprintf(stderr,
		        "--vdev=%s: made no port: no driver is called %.*s, or it failed without a message. Installed drivers: `ls /usr/lib/*/dpdk/pmds-*`; more: `apt-cache search librte-net`\n",
		        name, (int)stem, name);
	return false;
}

/* "00:05.0" means "0000:00:05.0". */
static bool
check_pci(const struct wanted *w, const char *name)
{
	char text[SAID];
	char full[DEVICE_NAME + 8];
	const char *dot = strchr(name, '.');
	const char *colon = strchr(name, ':');
	bool short_form = dot != NULL && colon != NULL && strchr(colon + 1, ':') == NULL;

	snprintf(full, sizeof(full), "%s%s", short_form ? "0000:" : "", name);
	if (has_port(full))
		return true;
	fprintf(stderr,
	        "-a %s: made no port%s: no such device, or it is not bound to a driver that DPDK can use; see `dpdk-devbind.py --status`, then `dpdk-devbind.py -b vfio-pci %s`\n",
	        name, driver_words(w, full, text), full);
	return false;
}

static bool
check_allowed(const struct wanted *w)
{
	const char *name = w->name;
	char text[SAID];

	if (strncmp(name, "class=", 6) == 0 || strncmp(name, "bus=", 4) == 0)
		return true; /* a pattern, not a name */
	if (strncmp(name, "pci:", 4) == 0)
		return check_pci(w, name + 4);
	if (strncmp(name, "vdev:", 5) == 0)
		return check_vdev(w, name + 5);
	if (strncmp(name, "auxiliary:", 10) == 0)
		name += 10;
	else if (isxdigit((unsigned char)name[0]))
		return check_pci(w, name);
	else if (strncmp(name, "net_", 4) == 0 || strncmp(name, "eth_", 4) == 0)
		return check_vdev(w, name);
	if (has_port(name))
		return true;
	fprintf(stderr, "-a %s: made no port%s\n", name, driver_words(w, name, text));
	return false;
}

static bool
check_device(const struct wanted *w)
{
	return w->vdev ? check_vdev(w, w->name) : check_allowed(w);
}

/* The value of option --long or -x at argv[i], also as --long=value or -xvalue. NULL: argv[i]
 * is another option. */
static const char *
option_value(int argc, char *const *argv, int i, const char *longer, const char *shorter)
{
	const char *arg = argv[i];
	const char *next = i + 1 < argc ? argv[i + 1] : NULL;
	size_t len = strlen(longer);

	if (strncmp(arg, longer, len) == 0) {
		if (arg[len] == '=')
			return arg + len + 1;
		return arg[len] == '\0' ? next : NULL;
	}
	if (shorter == NULL || strncmp(arg, shorter, 2) != 0)
		return NULL;
	return arg[2] != '\0' ? arg + 2 : next;
}

static bool
wanted_at(int argc, char *const *argv, int i, struct wanted *w)
{
	const char *value = option_value(argc, argv, i, "--vdev", NULL);

	w->vdev = value != NULL;
	if (value == NULL)
		value = option_value(argc, argv, i, "--allow", "-a");
	if (value == NULL)
		return false;
	snprintf(w->name, sizeof(w->name), "%.*s", (int)strcspn(value, ","), value);
	return true;
}

unsigned
port_check_devices(int argc, char *const *argv, port_said said, void *ctx)
{
	struct wanted w = {.said = said, .ctx = ctx};
	unsigned missing = 0;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (wanted_at(argc, argv, i, &w) && !check_device(&w))
			missing++;
	}
	return missing;
}
