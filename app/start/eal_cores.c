/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds cores in -l, -c and --lcores that the machine does not have: EAL answers them with its
 * whole usage. A value that cannot be read is left to EAL. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "start/options.h"

#define LCORES_MOST 1024

/* The largest number from p up to end; -1 if there is none. */
static long
largest_number(const char *p, const char *end)
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

/* "0-2,5" or "(0-2)@0,5@1": the numbers behind an @ are CPUs; the ones before it are lcores,
 * which any machine has. */
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
		if (largest_number(cpus, list) > most)
			most = largest_number(cpus, list);
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
judge_core(long most, unsigned ncpus, struct error *e)
{
	if (most < (long)ncpus)
		return 0;
	if (ncpus == 1) {
		error_set(e, 0, "core %ld does not exist: this machine has only core 0", most);
		return error_fix(e, -EINVAL, "-l 0");
	}
	error_set(
	        e, 0, "core %ld does not exist: this machine has cores 0-%u", most, ncpus - 1);
	return error_fix(e, -EINVAL, "-l 0-%u, or fewer cores", ncpus - 1);
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
				err = judge_core(largest_listed(value), ncpus, e);
		}
		value = eal_option_at(argc, argv, i, "coremask", &next);
		if (value != NULL && err == 0)
			err = judge_core(largest_masked(value), ncpus, e);
	}
	return err;
}

/* The number of lcores in "0-2,5", here 4. */
static unsigned
count_range(const char *p, const char *end)
{
	unsigned n = 0;

	while (p < end) {
		char *behind;
		long first, last;

		if (!isdigit((unsigned char)*p)) {
			p++;
			continue;
		}
		first = last = strtol(p, &behind, 10);
		if (behind < end && *behind == '-' && isdigit((unsigned char)behind[1]))
			last = strtol(behind + 1, &behind, 10);
		n += last >= first && last - first < LCORES_MOST ? (unsigned)(last - first) + 1
		                                                 : 1;
		p = behind;
	}
	return n;
}

/* The number of lcores in "0@0,(1-3)@1", here 4: the numbers behind an @ are CPUs. */
static unsigned
count_listed(const char *list)
{
	unsigned n = 0;

	while (*list != '\0') {
		const char *from = list;
		unsigned depth = 0;

		for (; *list != '\0' && *list != '@' && (*list != ',' || depth > 0); list++)
			depth += *list == '(' ? 1u : *list == ')' ? -1u : 0;
		n += count_range(from, list);
		for (depth = 0; *list != '\0' && (*list != ',' || depth > 0); list++)
			depth += *list == '(' ? 1u : *list == ')' ? -1u : 0;
		list += *list == ',';
	}
	return n;
}

static unsigned
count_masked(const char *mask)
{
	unsigned n = 0;

	for (mask += strncasecmp(mask, "0x", 2) == 0 ? 2 : 0; *mask != '\0'; mask++) {
		char digit[2] = {*mask, '\0'};

		n += (unsigned)__builtin_popcountl(strtoul(digit, NULL, 16));
	}
	return n;
}

unsigned
eal_cores_count(int argc, char *const *argv, unsigned ncpus)
{
	unsigned n = ncpus;

	for (int i = 1, next; i < argc; i = next) {
		const char *value;

		if ((value = eal_option_at(argc, argv, i, "corelist", &next)) != NULL ||
		        (value = eal_option_at(argc, argv, i, "lcores", &next)) != NULL)
			n = count_listed(value);
		else if ((value = eal_option_at(argc, argv, i, "coremask", &next)) != NULL)
			n = count_masked(value);
	}
	return n == 0 ? 1 : n > LCORES_MOST ? LCORES_MOST : n;
}
