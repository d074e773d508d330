/* SPDX-License-Identifier: BSD-3-Clause */
/* ready: may a load begin? It may if its port has a link and the next hop to its peer has
 * answered ARP.
 *
 * A load that begins earlier measures its own wait. So it waits first, and its clock starts
 * afterwards.
 *
 * Threads    the main core's.
 * Ownership  the caller's struct, valid for one load.
 * Errors     with e filled in. -ENETUNREACH: no port leads to the peer. -ENETDOWN: the link
 *            stayed down. -EHOSTUNREACH: ARP had no answer.
 * Bounds     one check each READY_LOOK_US; one ARP request a second; --load-wait in all.
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
	be32 addr; /* the peer */
	be32 hop;  /* the address that ARP asks for */
	unsigned port;
	enum ready_state state;
	uint64_t since_us;  /* the beginning of the wait */
	uint64_t until_us;  /* the end of the wait */
	uint64_t looked_us; /* the last check */
	bool said[READY];   /* by state: the wait has been printed */
};

/* The first check. The stack must run. */
int ready_begin(struct ready *r, struct app *app, be32 addr, struct error *e);
/* Call it often. 0: r->state is at most READY_LOOK_US old. */
int ready_tend(struct ready *r, struct app *app, struct error *e);
/* The thing that the load waits for, as "port 0's link". */
const char *ready_text(const struct ready *r, char text[READY_TEXT]);

#endif
