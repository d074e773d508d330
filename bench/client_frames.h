/* SPDX-License-Identifier: BSD-3-Clause */
/* client_frames: the four segments that the client says, ready but for a few
 * fields. */
#ifndef BENCH_CLIENT_FRAMES_H
#define BENCH_CLIENT_FRAMES_H

#include "client.h"

enum say {
	SAY_SYN,
	SAY_REQUEST, /* with the handshake's ACK */
	SAY_ACK,
	SAY_FIN,
	SAY_COUNT
};

#define TEMPLATE_MAX 1536

struct template
{
	uint16_t len;
	uint16_t ts; /* offset of TSval; 0: no timestamps */
	bool offload;
	uint64_t ip_sum;  /* of the IPv4 header without its source */
	uint64_t tcp_sum; /* of the rest without what template_write() fills in */
	uint8_t bytes[TEMPLATE_MAX];
};

/* What changes from segment to segment. */
struct fill {
	be32 addr;
	be16 port;
	uint32_t seq;
	uint32_t ack;
	uint32_t tsval;
	uint32_t tsecr;
};

void templates_make(struct template t[SAY_COUNT], const struct client_conf *conf);
/* Returns the frame's length. */
unsigned template_write(const struct template *t, uint8_t *frame, const struct fill *f);

/* Turn a request for our address into the answer, in place; false: it is none. */
bool frame_answer_arp(uint8_t *frame, unsigned len, const struct client_conf *conf);

#endif
