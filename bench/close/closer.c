/* SPDX-License-Identifier: BSD-3-Clause */
/* A service that closes connections in its turn. */
#include "closer.h"

#include <stdio.h>
#include <string.h>

static void
on_turn(struct hf_core *h, void *self)
{
	struct closer *c = self;

	for (uint32_t i = 0; i < c->n; i++)
		hf_close(h, crowd_conn(c->crowd, c->who[i]));
	c->n = 0;
}

static const struct hf_service service = {.name = "closer", .turn = on_turn};

void
closer_close(struct closer *c, const uint32_t *who, uint32_t n)
{
	c->who = who;
	c->n = n;
}

bool
closer_init(struct closer *c, struct victim *v, const struct crowd *crowd)
{
	int err;

	*c = (struct closer) {.crowd = crowd};
	err = stack_client(victim_worker(v)->st, &service, c, NULL);
	if (err != 0)
		fprintf(stderr, "no closer: %s\n", strerror(-err));
	return err == 0;
}
