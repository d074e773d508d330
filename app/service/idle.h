/* SPDX-License-Identifier: BSD-3-Clause */
/* idle: the instance of a service that knows nothing but how long its peers may rest.
 * One that rests for longer is reset; while the stack drains it gets a FIN, after a shorter
 * rest (rest.h).
 *
 * Threads    one instance per core.
 * Memory     of the heap, in create().
 */
#ifndef APP_IDLE_H
#define APP_IDLE_H

#include <stdlib.h>

#include "service/rest.h"
#include "service/services.h"

static inline uint32_t
idle_ms_of(const void *conf)
{
	const struct idle_conf *cf = conf;

	return cf != NULL ? cf->idle_ms : DEFAULT_IDLE_MS;
}

/* As of struct hf_service; destroyed by free(). */
static inline void *
idle_create(const void *conf, int numa_node)
{
	struct idle_conf *self = malloc(sizeof(*self));

	(void)numa_node;
	if (self != NULL)
		self->idle_ms = idle_ms_of(conf);
	return self;
}

/* The peer does something. */
static inline void
idle_awake(struct hf_core *h, const void *self, struct hf_conn *c)
{
	hf_deadline(h, c, rest_ms(h, ((const struct idle_conf *)self)->idle_ms));
}

/* As of struct hf_service: deadline(). */
static inline void
idle_over(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	if (hf_draining(h) != 0)
		hf_linger(h, c);
	else
		hf_abort(h, c);
}

#endif
