/* SPDX-License-Identifier: BSD-3-Clause */
/* The arguments of net_tap and net_tun devices, checked one by one. */
#include "start/tap_args.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "drivers-glue/quirks.h"
#include "text/nearest.h"

#define ARG_TEXT 128

/* The arguments that each driver, and each version of net_tap, knows. */
static const char *const tun_names[] = {"iface", NULL};
static const char *const tap_names[] = {"iface", "mac", "remote", NULL};
static const char *const persist_names[] = {"iface", "mac", "remote", "persist", NULL};

bool
tap_args_is_tap(const char *vdev)
{
	return quirks_of_vdev(vdev)->tap_arguments;
}

void
tap_args_iface(const char *vdev, char name[TAP_NAME])
{
	const char *p = tap_args_is_tap(vdev) ? strstr(vdev, ",iface=") : NULL;

	p = p != NULL ? p + strlen(",iface=") : "";
	snprintf(name, TAP_NAME, "%.*s", (int)strcspn(p, ","), p);
}

/* The kernel's rule: 1 to 15 bytes without '/', ':' or blanks, and neither "." nor "..". */
static int
check_netdev(const char *vdev, const char *arg, const char *name, struct error *e)
{
	size_t len = strlen(name);
	bool odd = len == 0 || len >= TAP_NAME || strpbrk(name, "/: \t") != NULL ||
	           strcmp(name, ".") == 0 || strcmp(name, "..") == 0;

	if (!odd)
		return 0;
	error_set(e, 0, "--vdev=%s: %s=%s is not a name of a network device", vdev, arg, name);
	return error_fix(
	        e, EXIT_USAGE, "%s=NAME with 1 to 15 letters and digits, for example hf0", arg);
}

/* "fixed", or "02:00:00:00:00:01". */
static int
check_mac(const char *vdev, const char *mac, struct error *e)
{
	bool good = strlen(mac) == 17;

	if (strcasecmp(mac, "fixed") == 0)
		return 0;
	for (unsigned i = 0; i < 17 && good; i++)
		good = i % 3 == 2 ? mac[i] == ':' : isxdigit((unsigned char)mac[i]) != 0;
	if (good)
		return 0;
	error_set(e, 0, "--vdev=%s: mac=%s is not a MAC address", vdev, mac);
	return error_fix(e, EXIT_USAGE, "mac=02:00:00:00:00:01, or mac=fixed, or leave it out");
}

static int
refuse_arg(const char *vdev, const char *name, const char *const *names, struct error *e)
{
	const char *near = nearest(name, names);

	error_set(e, 0, "--vdev=%s: %.7s has no argument '%s'", vdev, vdev, name);
	if (near != NULL)
		return error_fix(e, EXIT_USAGE, "did you mean '%s='?", near);
	return error_fix(e, EXIT_USAGE, "--vdev=%s,iface=hf0", vdev);
}

/* `arg` is "mac=fixed"; the function cuts it at the '='. */
static int
check_arg(const char *vdev, char *arg, const char *const *names, struct error *e)
{
	const char *const *known = names;
	char *value = strchr(arg, '=');

	if (value != NULL)
		*value++ = '\0';
	while (*known != NULL && strcmp(*known, arg) != 0)
		known++;
	if (*known == NULL)
		return refuse_arg(vdev, arg, names, e);
	if (strcmp(arg, "persist") == 0)
		return 0;
	if (value == NULL || *value == '\0') {
		error_set(e, 0, "--vdev=%s: the value of %s is missing", vdev, arg);
		return error_fix(e, EXIT_USAGE, "%s=%s", arg,
		        strcmp(arg, "mac") == 0 ? "fixed" : "NAME");
	}
	return strcmp(arg, "mac") == 0 ? check_mac(vdev, value, e)
	                               : check_netdev(vdev, arg, value, e);
}

int
tap_args_check(const char *vdev, bool persist, struct error *e)
{
	const char *const *names = persist ? persist_names : tap_names;
	const char *p = vdev + strcspn(vdev, ",");
	char device[64], arg[ARG_TEXT];
	int code = 0;

	snprintf(device, sizeof(device), "%.*s", (int)(p - vdev), vdev);
	if (strncmp(vdev, "net_tun", 7) == 0)
		names = tun_names;
	while (*p == ',' && code == 0) {
		size_t len = strcspn(++p, ",");

		snprintf(arg, sizeof(arg), "%.*s", (int)len, p);
		code = check_arg(device, arg, names, e);
		p += len;
	}
	return code;
}
