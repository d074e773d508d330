/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of congestion controls. The first one is the default. */
#include "tcp/cc.h"

#include <stddef.h>
#include <string.h>

static const struct cc *const controls[] = {&cc_newreno};

const struct cc *
cc_find(const char *name)
{
	if (name == NULL)
		return controls[0];
	for (unsigned i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (strcmp(controls[i]->name, name) == 0)
			return controls[i];
	return NULL;
}
