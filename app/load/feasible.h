/* SPDX-License-Identifier: BSD-3-Clause */
/* feasible: can sources x ports and --max-conns carry a load? Arithmetic that is
 * said before the load starts.
 *
 * A flow (address, port) is held while its connection is open, and then for
 * TIME-WAIT by whoever closed first. Ours ends after 2 MSL, or after a second
 * where both sides have timestamps (RFC 6191).
 */
#ifndef APP_LOAD_FEASIBLE_H
#define APP_LOAD_FEASIBLE_H

#include "error.h"
#include "load/spec.h"

struct feasible_in {
	const struct load_spec *spec;
	uint64_t addresses; /* source addresses */
	uint64_t ports;     /* of each */
	double time_wait_s; /* ours */
	uint64_t max_conns; /* of all cores */
	unsigned cores;
};

/* One or two lines for the operator: the arithmetic. Returns 0 (it fits), 1 (it
 * may not, and the text says from when on and which values would do), or
 * -EINVAL with e filled in: it cannot. */
int load_feasible(const struct feasible_in *in, char *text, unsigned size, struct error *e);

#endif
