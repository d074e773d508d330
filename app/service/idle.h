/* SPDX-License-Identifier: BSD-3-Clause */
/* idle: the instance of a service whose only state is how long a peer may be idle. A peer that
 * is idle for longer is reset. While the stack drains it gets a FIN after a shorter time
 * (rest.h).
 *
 * Threads    one instance per core.
 * Memory     create() allocates it from the heap, free() destroys it.
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

/* create() of struct hf_service; free() is its destroy(). */
static inline void *
idle_create(const void *conf, int numa_node)
{
	struct idle_conf *self = malloc(sizeof(*self));

	(void)numa_node;
	if (self != NULL)
		self->idle_ms = idle_ms_of(conf);
	return self;
}

/* The peer has sent or read bytes: the idle time begins again. */
static inline void
idle_awake(struct hf_core *h, const void *self, struct hf_conn *c)
{
	hf_deadline(h, c, rest_ms(h, ((const struct idle_conf *)self)->idle_ms));
}

/* deadline() of struct hf_service. */
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
