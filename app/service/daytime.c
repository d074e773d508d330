/* SPDX-License-Identifier: BSD-3-Clause */
/* daytime: the service that sends one line with the date and closes (RFC 867).
 *
 * The service closes first. It lingers, so that no RST destroys the line before the peer has
 * read it. */
#include <stdlib.h>
#include <string.h>

#include "service/services.h"
#include "service/wall.h"

struct daytime {
	struct wall wall;
	uint32_t len;
	char line[WALL_LINE_MAX];
};

static void *
daytime_create(const void *conf, int numa_node)
{
	(void)conf;
	(void)numa_node;
	return calloc(1, sizeof(struct daytime));
}

static void
daytime_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct daytime *d = self;
	struct hf_buf *b;
	uint32_t room;
	uint8_t *at;

	if (wall_tick(&d->wall, hf_now_us(h)))
		d->len = wall_line(d->line, d->wall.now);
	b = hf_buf_alloc(h, &at, &room);
	if (b == NULL) {
		hf_abort(h, c); /* a FIN would tell the peer that the answer is complete */
		return;
	}
	memcpy(at, d->line, d->len);
	if (hf_send_buf(h, c, b, at, d->len) < 0) {
		hf_buf_free(h, b);
		hf_abort(h, c);
		return;
	}
	hf_linger(h, c);
}

const struct hf_service service_daytime = {
        .name = "daytime",
        .create = daytime_create,
        .destroy = free,
        .opened = daytime_opened,
};
