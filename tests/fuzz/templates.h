/* SPDX-License-Identifier: BSD-3-Clause */
/* templates: packets that mean something, for the mutator to put into scripts. */
#ifndef FUZZ_TEMPLATES_H
#define FUZZ_TEMPLATES_H

#include "script.h"

struct rng {
	uint64_t s;
};

uint32_t rng_next(struct rng *r);
static inline uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return rng_next(r) % n;
}

/* A step with room of its own. */
struct draft_step {
	uint8_t delay, how;
	uint16_t len;
	uint8_t frame[SCRIPT_FRAME_MAX];
};

#define SPEAKERS 16

enum template {
	TEMPLATE_SYN,
	TEMPLATE_SYN_ACK,
	TEMPLATE_ACK,
	TEMPLATE_TEXT,
	TEMPLATE_FIN,
	TEMPLATE_RST,
	TEMPLATE_ARP_REPLY,
	TEMPLATE_ARP_REQUEST,
	TEMPLATE_ECHO,
	TEMPLATE_ICMP_ERROR,
	TEMPLATES
};

/* The next segment of speaker number `who` on its flow, with numbers that fit. */
void template_step(struct draft_step *s, enum template what, unsigned who, struct rng *r);

#endif
