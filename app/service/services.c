/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of services, and the search by name. */
#include "service/services.h"

#include <string.h>

#define ADDRESS(name, ...) &service_##name,
#define QUOTED(name, ...)  #name,

static const struct hf_service *const services[] = {SERVICES(ADDRESS, ADDRESS, )};

const char *const service_names[] = {SERVICES(QUOTED, QUOTED, ) NULL};

const struct hf_service *
service_by_name(const char *name)
{
	for (unsigned i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i]->name, name) == 0)
			return services[i];
	}
	return NULL;
}
