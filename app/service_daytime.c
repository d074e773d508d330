/* SPDX-License-Identifier: BSD-3-Clause */
/* daytime: one line of date, then it closes (RFC 867).
 *
 * As http does: closing first, it takes and ignores what the peer still sends,
 * up to a limit, so that no RST destroys the line before it is read.
 */
#include <stdlib.h>
#include <string.h>

#include "services.h"
#include "wall.h"

#define IGNORE_MAX (64u << 10)

struct daytime {
	struct wall wall;
	uint32_t len;
	char line[WALL_LINE_MAX];
};

static void *
daytime_create(const void *conf, int numa_node)
{
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
		hf_abort(h, c); /* an orderly end would say: this is all */
		return;
	}
	memcpy(at, d->line, d->len);
	if (hf_send_buf(h, c, b, at, d->len) < 0) {
		hf_buf_free(h, b);
		hf_abort(h, c);
		return;
	}
	hf_shutdown(h, c);
}

/* hf_ctx() counts. */
static uint32_t
daytime_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	uintptr_t ignored = (uintptr_t)hf_ctx(c) + len;

	hf_set_ctx(c, (void *)ignored);
	if (ignored > IGNORE_MAX)
		hf_close(h, c);
	return len;
}

const struct hf_service service_daytime = {
        .name = "daytime",
        .create = daytime_create,
        .destroy = free,
        .opened = daytime_opened,
        .data = daytime_data,
};
