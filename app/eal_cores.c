/* SPDX-License-Identifier: BSD-3-Clause */
/* Cores that this machine lacks, in -l, -c and --lcores: EAL answers them with
 * its whole usage. What it cannot read is left to it. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* The largest number from p up to end, -1: none. */
static long
largest(const char *p, const char *end)
{
	long most = -1;

	while (p < end) {
		char *behind;
		long n;

		if (!isdigit((unsigned char)*p)) {
			p++;
			continue;
		}
		n = strtol(p, &behind, 10);
		most = n > most ? n : most;
		p = behind;
	}
	return most;
}

/* "0-2,5" or "(0-2)@0,5@1": behind an @ stand CPUs, before it names of ours. */
static long
largest_listed(const char *list)
{
	long most = -1;

	while (*list != '\0') {
		const char *cpus = list;
		unsigned depth = 0;

		for (; *list != '\0' && (*list != ',' || depth > 0); list++) {
			if (*list == '(')
				depth++;
			else if (*list == ')' && depth > 0)
				depth--;
			else if (*list == '@')
				cpus = list + 1;
		}
		if (largest(cpus, list) > most)
			most = largest(cpus, list);
		list += *list == ',';
	}
	return most;
}

/* The highest bit of a mask in hex digits. */
static long
largest_masked(const char *mask)
{
	size_t len;
	char digit[2] = "";
	unsigned long bits;
	long bit;

	mask += strncasecmp(mask, "0x", 2) == 0 ? 2 : 0;
	mask += strspn(mask, "0");
	len = strspn(mask, "0123456789abcdefABCDEF");
	if (len == 0 || mask[len] != '\0')
		return -1;
	digit[0] = mask[0];
	bits = strtoul(digit, NULL, 16);
	bit = (long)(len - 1) * 4 - 1;
	for (; bits != 0; bits >>= 1)
		bit++;
	return bit;
}

static int
judge(long most, unsigned ncpus, struct error *e)
{
	if (most < (long)ncpus)
		return 0;
	if (ncpus == 1) {
		error_set(e, 0, "core %ld: this machine has only core 0", most);
		return error_mend(e, -EINVAL, "-l 0");
	}
	error_set(e, 0, "core %ld: this machine has cores 0-%u", most, ncpus - 1);
	return error_mend(e, -EINVAL, "-l 0-%u, or fewer of them", ncpus - 1);
}

int
eal_cores_check(int argc, char *const *argv, unsigned ncpus, struct error *e)
{
	static const char *const lists[] = {"corelist", "lcores"};
	const char *value;
	int err = 0;

	for (int i = 1, next; i < argc && err == 0 && ncpus > 0; i = next) {
		for (unsigned k = 0; k < 2 && err == 0; k++) {
			value = eal_option_at(argc, argv, i, lists[k], &next);
			if (value != NULL)
				err = judge(largest_listed(value), ncpus, e);
		}
		value = eal_option_at(argc, argv, i, "coremask", &next);
		if (value != NULL && err == 0)
			err = judge(largest_masked(value), ncpus, e);
	}
	return err;
}
