/* SPDX-License-Identifier: BSD-3-Clause */
#include "service/services.h"

#include <string.h>

static const struct hf_service *const services[] = {
        &service_http,
        &service_echo,
        &service_discard,
        &service_daytime,
        &service_chargen,
};

const char *const service_names[] = {"http", "echo", "discard", "daytime", "chargen", NULL};

const struct hf_service *
service_by_name(const char *name)
{
	for (unsigned i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i]->name, name) == 0)
			return services[i];
	}
	return NULL;
}
