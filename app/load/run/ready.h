/* SPDX-License-Identifier: BSD-3-Clause */
/* ready: may a load begin? Its port has a link, and the next hop to its peer has
 * answered ARP.
 *
 * A load that begins before measures how late it was. So it waits, and its clock
 * starts afterwards.
 *
 * Threads    the main core's.
 * Time       a look at most each READY_LOOK_US; ARP asks once a second.
 * Errors     -ENETUNREACH: no port leads there; -ENETDOWN, -EHOSTUNREACH: the time is over.
 *            With e filled in.
 */
#ifndef APP_LOAD_READY_H
#define APP_LOAD_READY_H

#include "program/app.h"

#define READY_LOOK_US 5000
#define READY_TEXT    64

enum ready_state {
	READY_NO_LINK,
	READY_NO_ANSWER,
	READY,
};

struct ready {
	be32 addr; /* the peer's */
	be32 hop;  /* who is asked for by ARP */
	unsigned port;
	enum ready_state state;
	uint64_t since_us, until_us;
	uint64_t looked_us;
	bool said[READY]; /* by state */
};

/* The stack runs. Looks for the first time. */
int ready_begin(struct ready *r, struct app *app, be32 addr, struct error *e);
/* Call it often. 0: r->state is as of now. */
int ready_tend(struct ready *r, struct app *app, struct error *e);
/* What is waited for: "port 0's link". */
const char *ready_text(const struct ready *r, char text[READY_TEXT]);

#endif
