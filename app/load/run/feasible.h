/* SPDX-License-Identifier: BSD-3-Clause */
/* feasible: can sources x ports and --max-conns carry a load? The arithmetic is printed
 * before the load starts.
 *
 * A flow (address, port) is held while its connection is open, and then for TIME-WAIT by
 * the side that closed first. We hold it for 2 MSL, or for a second if both sides send
 * timestamps (RFC 6191). A server that closes first holds it for as long as it chooses:
 * 60 s on Linux. After a reset neither side holds it.
 *
 * The duration of a connection is not known before the load, and neither is the rate of a
 * closed loop. The text gives both for a duration of 1 ms, which is short for a network and
 * long for a wire between two cores.
 *
 * Threads    pure.
 * Ownership  all memory is the caller's.
 * Errors     -EINVAL, with e filled in: the load cannot run.
 * Bounds     the text is cut at `size`; FEASIBLE_TEXT holds any.
 */
#ifndef APP_LOAD_FEASIBLE_H
#define APP_LOAD_FEASIBLE_H

#include "load/spec/spec.h"
#include "text/error.h"

struct feasible_in {
	const struct load_spec *spec;
	uint64_t addresses; /* source addresses */
	uint64_t ports;     /* ports of each address */
	double time_wait_s; /* our own TIME-WAIT */
	uint64_t max_conns; /* of all cores */
	unsigned cores;
};

#define FEASIBLE_TEXT 640

/* Writes up to six lines for the user, each with a newline. Returns 0 if the load fits, and 1
 * if it may not fit: the text then says when it stops to fit, and which values fix it. */
int load_feasible(const struct feasible_in *in, char *text, unsigned size, struct error *e);

#endif
