/* SPDX-License-Identifier: BSD-3-Clause */
/* rig: the layers below and above TCP in these tests. Below, segments go to their peer's
 * outbox, and every buffer is counted. Above, a service records events and compares octets. */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "peer.h"

#define PATTERN_LEN (1u << 22)
#define NO_WAY      0x0100010au /* 10.1.0.1: no port leads there */

struct rig {
	struct tcp t;
	struct counters count;
	struct peer *peer[PEERS];
	unsigned npeers;
	int bufs;
	bool held;
	unsigned proved;           /* calls */
	unsigned heard, silent;    /* likewise */
	bool unresolved;           /* no host answers ARP */
	const struct steer *steer; /* of the only port */
};

extern const struct hf_service rig_recorder;

/* Lend TCP the functions from below. */
void rig_lend(struct rig *r);
void rig_buf_free(void *below, void *buf);
/* PATTERN_LEN octets of the pattern, static. */
uint8_t *pattern_text(void);

#endif
