/* SPDX-License-Identifier: BSD-3-Clause */
/* judge: is a segment of the server allowed, after the segments that it has heard?
 *
 * The judge sees each segment as the server sends it, before the wire changes it, and each
 * segment of the client that reaches the server intact. */
#ifndef TESTS_SIM_JUDGE_H
#define TESTS_SIM_JUDGE_H

#include "sim.h"
#include "wire/seg.h"

struct client;

struct judge {
	bool know_iss;
	uint32_t iss;      /* the server's */
	bool heard;        /* anything from the client */
	uint32_t edge;     /* right edge of the window that the server knows of */
	uint32_t ack_max;  /* highest that it acknowledged */
	uint32_t wnd_edge; /* right edge that it offered */
	uint32_t tsval;    /* its last */
	bool know_ts;
	uint32_t end; /* highest sequence number that it sent, FIN included */
	uint32_t fin; /* of its FIN */
	bool know_fin;
	bool again; /* a late SYN opened it once more, after the end */
	uint32_t again_iss;
	unsigned resets;    /* RSTs sent */
	bool misses;        /* some segments of the server find no buffer and are not seen */
	bool session_begun; /* it has heard of the beginning */
	bool session_over;  /* the service has heard of the end */
};

void judge_server_says(struct client *c, const struct seg *s);
void judge_server_hears(struct client *c, const struct seg *s);

#endif
