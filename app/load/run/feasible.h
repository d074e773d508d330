/* SPDX-License-Identifier: BSD-3-Clause */
/* feasible: can sources x ports and --max-conns carry a load? Arithmetic that is
 * said before the load starts.
 *
 * A flow (address, port) is held while its connection is open, and then for
 * TIME-WAIT by whoever closed first: by us for 2 MSL, or for a second where both
 * sides have timestamps (RFC 6191); by a server that closes first for as long as
 * it likes, which is 60 s on Linux. After a reset nobody holds it.
 *
 * How long connections live is not known before, nor how fast a closed loop
 * goes: both are said for a life of 1 ms, which is short for a network and long
 * for a wire between two cores.
 */
#ifndef APP_LOAD_FEASIBLE_H
#define APP_LOAD_FEASIBLE_H

#include "load/spec/spec.h"
#include "text/error.h"

struct feasible_in {
	const struct load_spec *spec;
	uint64_t addresses; /* source addresses */
	uint64_t ports;     /* of each */
	double time_wait_s; /* ours */
	uint64_t max_conns; /* of all cores */
	unsigned cores;
};

#define FEASIBLE_TEXT 640

/* Up to four lines for the operator, with a newline behind each: the arithmetic.
 * Returns 0 (it fits), 1 (it may not, and the text says from when on and which
 * values would do), or -EINVAL with e filled in: it cannot. */
int load_feasible(const struct feasible_in *in, char *text, unsigned size, struct error *e);

#endif
