/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's options, checked before EAL reads them: EAL answers a mistake with a page of usage.
 * The names are those of DPDK 22.11 to 24.11 on Linux. */
#include <errno.h>
#include <string.h>

#include "start/options.h"
#include "text/nearest.h"

static const char *const with_value[] = {"allow", "base-virtaddr", "block", "coremask",
        "corelist", "create-uio-dev=", "driver-path", "file-prefix", "force-max-simd-bitwidth",
        "huge-dir", "huge-unlink=", "iova-mode", "lcores", "log-color=", "log-level",
        "log-timestamp=", "main-lcore", "mbuf-pool-ops-name", "proc-type", "service-corelist",
        "service-coremask", "socket-limit", "socket-mem", "syslog=", "trace", "trace-bufsz",
        "trace-dir", "trace-mode", "vdev", "vfio-intr", "vfio-vf-token", NULL};

static const char *const without_value[] = {"create-uio-dev", "huge-unlink",
        "huge-worker-stack", "in-memory", "legacy-mem", "log-color", "log-timestamp",
        "match-allocations", "no-hpet", "no-huge", "no-pci", "no-shconf", "no-telemetry",
        "single-file-segments", "syslog", "telemetry", "vmware-tsc-map", NULL};

#define LETTERS_VALUE "abcdlmnrSs"

static const struct {
	char letter;
	const char *name;
} letters[] = {{'a', "allow"}, {'b', "block"}, {'c', "coremask"}, {'d', "driver-path"},
        {'l', "corelist"}, {'s', "service-coremask"}, {'S', "service-corelist"}};

static bool
option_listed(const char *const *list, const char *name, size_t len)
{
	for (; *list != NULL; list++) {
		if (strncmp(*list, name, len) == 0 && (*list)[len] == '\0')
			return true;
	}
	return false;
}

/* getopt_long() accepts a part of a name if only one name begins with it. */
static const char *
whole_name(const char *name, size_t len)
{
	const char *found = NULL;
	const char *const *lists[] = {with_value, without_value};

	for (unsigned l = 0; l < 2; l++) {
		for (const char *const *n = lists[l]; *n != NULL; n++) {
			if (strncmp(*n, name, len) != 0 || strchr(*n, '=') != NULL)
				continue;
			if ((*n)[len] == '\0')
				return *n;
			if (found != NULL && strcmp(found, *n) != 0)
				return NULL;
			found = *n;
		}
	}
	return found;
}

struct written {
	const char *name;  /* NULL: EAL has no such option */
	const char *value; /* "": it has no value */
	int next;          /* the index in argv behind the option */
};

static struct written
read_long(int argc, char *const *argv, int i)
{
	const char *arg = argv[i] + 2;
	size_t len = strcspn(arg, "=");
	struct written w = {whole_name(arg, len), "", i + 1};

	if (w.name == NULL)
		return w;
	if (arg[len] == '=')
		w.value = arg + len + 1;
	else if (option_listed(with_value, w.name, strlen(w.name)) && i + 1 < argc) {
		w.value = argv[i + 1];
		w.next = i + 2;
	}
	return w;
}

static struct written
read_short(int argc, char *const *argv, int i)
{
	static const char *const plain[] = {"c", "l", "m", "n", "r", "h", "v"};
	char letter = argv[i][1];
	struct written w = {NULL, "", i + 1};

	for (unsigned k = 0; k < sizeof(letters) / sizeof(letters[0]); k++) {
		if (letters[k].letter == letter)
			w.name = letters[k].name;
	}
	for (unsigned k = 0; k < sizeof(plain) / sizeof(plain[0]) && w.name == NULL; k++) {
		if (plain[k][0] == letter)
			w.name = plain[k];
	}
	if (w.name == NULL || strchr(LETTERS_VALUE, letter) == NULL)
		return w;
	if (argv[i][2] != '\0')
		w.value = argv[i] + 2;
	else if (i + 1 < argc) {
		w.value = argv[i + 1];
		w.next = i + 2;
	}
	return w;
}

static struct written
read_option(int argc, char *const *argv, int i)
{
	if (strncmp(argv[i], "--", 2) == 0)
		return read_long(argc, argv, i);
	if (argv[i][0] == '-' && argv[i][1] != '\0')
		return read_short(argc, argv, i);
	return (struct written) {NULL, "", i + 1};
}

const char *
eal_option_at(int argc, char *const *argv, int i, const char *name, int *next)
{
	struct written w = read_option(argc, argv, i);

	*next = w.next;
	if (w.name == NULL || strcmp(w.name, name) != 0)
		return NULL;
	return w.value;
}

const char *
eal_option_name(unsigned i, bool *takes_value)
{
	const unsigned first = sizeof(with_value) / sizeof(with_value[0]) - 1;

	*takes_value = i < first;
	if (i < first)
		return with_value[i];
	return i - first < sizeof(without_value) / sizeof(without_value[0])
	               ? without_value[i - first]
	               : NULL;
}

bool
eal_option_given(int argc, char *const *argv, const char *name)
{
	for (int i = 1, next; i < argc; i = next) {
		if (eal_option_at(argc, argv, i, name, &next) != NULL)
			return true;
	}
	return false;
}

/* Explains a word without dashes. */
static int
refuse_word(const char *arg, struct error *e)
{
	static const char *const first[] = {"demo", "report", NULL};
	const char *near = nearest(arg, first);

	error_set(e, 0, "'%s' stands before `--`, but it is not an option of EAL", arg);
	if (near != NULL)
		return error_fix(e, -EINVAL, "did you mean 'handfast %s'?", near);
	return error_fix(e, -EINVAL,
	        "handfast [EAL options] -- [options]; commands go into a --cmdline-file, or to the prompt (-i); see handfast --help");
}

static int
refuse_eal_option(const char *arg, struct error *e)
{
	const char *near;
	char name[64];

	if (arg[0] != '-')
		return refuse_word(arg, e);

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg + strspn(arg, "-"), "="),
	        arg + strspn(arg, "-"));
	near = nearest(name, with_value);
	if (near == NULL || nearest_distance(name, near) > 1) {
		const char *other = nearest(name, without_value);

		if (other != NULL && (near == NULL || nearest_distance(name, other) <
		                                              nearest_distance(name, near)))
			near = other;
	}
	error_set(e, 0, "EAL has no option '%s'", arg);
	if (near != NULL)
		return error_fix(
		        e, -EINVAL, "did you mean '--%.*s'?", (int)strcspn(near, "="), near);
	return error_fix(
	        e, -EINVAL, "handfast [EAL options] -- [options]; see handfast --help");
}

/* EAL reads the digits at the beginning of a value and ignores the rest; without digits it
 * reads 0. */
static int
check_number(char *const *argv, int i, const char *value, struct error *e)
{
	char letter = argv[i][1];

	if (argv[i][0] != '-' || strchr("mnr", letter) == NULL || letter == '\0' ||
	        (value[0] != '\0' && value[strspn(value, "0123456789")] == '\0'))
		return 0;
	error_set(e, 0, "-%c %s: '%s' is not a number", letter, value, value);
	if (letter == 'm')
		return error_fix(e, -EINVAL, "-m 512 (MB of memory)");
	return error_fix(e, -EINVAL, "-%c NUMBER, or leave it out", letter);
}

/* EAL creates a folder of that name, but not the folders above it. */
static int
check_prefix(const char *value, struct error *e)
{
	if (strchr(value, '/') == NULL)
		return 0;
	error_set(e, 0, "--file-prefix %s: a prefix must not contain '/'", value);
	return error_fix(e, -EINVAL,
	        "--file-prefix=NAME (RUNTIME_DIRECTORY=DIR in front of the command sets the folder)");
}

int
eal_options_check(int argc, char *const *argv, struct error *e)
{
	for (int i = 1; i < argc;) {
		struct written w = read_option(argc, argv, i);

		if (w.name == NULL)
			return refuse_eal_option(argv[i], e);
		if (w.next == i + 1 && w.value[0] == '\0' &&
		        (argv[i][1] == '-' ? option_listed(with_value, w.name, strlen(w.name))
		                           : strchr(LETTERS_VALUE, argv[i][1]) != NULL))
			return error_set(
			        e, -EINVAL, "EAL's option %s: the value is missing", argv[i]);
		if (argv[i][1] != '-' && check_number(argv, i, w.value, e) != 0)
			return -EINVAL;
		if (strcmp(w.name, "file-prefix") == 0 && check_prefix(w.value, e) != 0)
			return -EINVAL;
		i = w.next;
	}
	return 0;
}
