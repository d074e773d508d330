/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the name of the CPU from /proc/cpuinfo. */
#include "load/run/cpu.h"

#include <string.h>

#define VALUE_SIZE 96

struct about {
	char model[VALUE_SIZE]; /* x86: "model name"; some boards: "Model" */
	char implementer[VALUE_SIZE];
	char part[VALUE_SIZE];
};

/* Takes the value of a line like "model name	: AMD EPYC ...". A line with another key is
 * passed over, and so is a second line with the key. */
static void
take_cpu_value(const char *line, const char *key, char value[VALUE_SIZE])
{
	const char *colon = strchr(line, ':');
	size_t len = strlen(key);

	if (value[0] != '\0' || colon == NULL || strncmp(line, key, len) != 0 ||
	        line + len + strspn(line + len, " \t") != colon)
		return;
	colon += 1 + strspn(colon + 1, " \t");
	snprintf(value, VALUE_SIZE, "%.*s", (int)strcspn(colon, "\n"), colon);
}

void
cpu_name(FILE *cpuinfo, char *text, size_t size)
{
	struct about a = {0};
	char line[256];

	while (cpuinfo != NULL && fgets(line, sizeof(line), cpuinfo) != NULL) {
		take_cpu_value(line, "model name", a.model);
		take_cpu_value(line, "Model", a.model);
		take_cpu_value(line, "CPU implementer", a.implementer);
		take_cpu_value(line, "CPU part", a.part);
	}
	if (a.model[0] != '\0')
		snprintf(text, size, "%s", a.model);
	else if (a.implementer[0] != '\0')
		snprintf(text, size, "arm64, implementer %s, part %s", a.implementer, a.part);
	else
		snprintf(text, size, "unknown");
}
