/* SPDX-License-Identifier: BSD-3-Clause */
/* Sequences of packets, in virtual time, to a stack that serves and opens. script.h says how an
 * input is read, and world.h which rules must hold. */
#include "script.h"
#include "target.h"
#include "world.h"

#include "must.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w;
	size_t at = SCRIPT_SETTINGS;
	struct step s;

	if (size < SCRIPT_SETTINGS)
		return 0;
	w = malloc(sizeof(*w));
	must(w != NULL);
	world_begin(w, data);
	for (unsigned n = 0; n < SCRIPT_STEPS_MAX && script_next(data, size, &at, &s); n++)
		world_step(w, &s);
	world_end(w);
	free(w);
	return 0;
}
