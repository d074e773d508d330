/* SPDX-License-Identifier: BSD-3-Clause */
/* The server's application. */
#include "service.h"

#include <string.h>

#include "base/be.h"

#define UNACKED_MAX 50000

static struct session *
session_of(const struct hf_conn *c)
{
	struct session *s = hf_ctx(c);

	if (s == NULL || s->conn != c || s->closed != 0)
		sim_fail("an event of a connection that is not open");
	return s;
}

/* One piece of the stream. False: not now. */
static bool
send_piece(struct session *s, uint32_t n)
{
	const uint8_t *from = sim_stream(s->conf.out_at) + s->queued;
	struct hf_buf *b;
	uint32_t room;
	uint8_t *bytes;

	if (s->conf.mode == MODE_STATIC) {
		if (hf_send(s->core, s->conn, from, n) != 0)
			return false;
		s->queued += n;
		return true;
	}
	b = hf_buf_alloc(s->core, &bytes, &room);
	if (b == NULL)
		return false;
	n = n < room ? n : room;
	memcpy(bytes, from, n);
	if (hf_send_buf(s->core, s->conn, b, bytes, n) != 0) {
		hf_buf_free(s->core, b);
		return false;
	}
	s->queued += n;
	return true;
}

static void
end_as_told(struct session *s)
{
	switch (s->conf.end) {
	case END_AFTER_PEER:
		if (s->peer_closed)
			hf_close(s->core, s->conn);
		return;
	case END_SHUTDOWN:
		if (s->peer_closed)
			hf_close(s->core, s->conn);
		else if (!s->ended && hf_shutdown(s->core, s->conn) != 0)
			sim_fail("hf_shutdown()");
		s->ended = true;
		return;
	case END_CLOSE:
		if (s->got == s->conf.in)
			hf_close(s->core, s->conn);
		return;
	case END_LINGER:
		hf_linger(s->core, s->conn);
		return;
	case END_RUDE:
		hf_close(s->core, s->conn);
		return;
	}
}

static void
pump(struct session *s)
{
	if (s->closed != 0 || s->aborted)
		return;
	if (s->conf.mode != MODE_ECHO) {
		if (s->got < s->conf.out_after)
			return;
		while (s->queued < s->conf.out && hf_unacked(s->core, s->conn) < UNACKED_MAX) {
			uint32_t n = 1 + rng_below(&s->rng, s->conf.chunk);

			if (n > s->conf.out - s->queued)
				n = s->conf.out - s->queued;
			if (!send_piece(s, n))
				return;
		}
	}
	if (s->queued == s->conf.out)
		end_as_told(s);
}

static void
begin(struct session *s, struct hf_core *h, struct hf_conn *c)
{
	s->core = h;
	s->conn = c;
	s->shut_at = UINT32_MAX;
	hf_set_ctx(c, s);
}

static void
open_now(struct session *s)
{
	if (s->conf.room != 0)
		hf_recv_room(s->core, s->conn, s->conf.room);
	pump(s);
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct sessions *all = self;
	unsigned i = be16_to_cpu(hf_peer(c).port) - SESSION_PORT;
	struct session *s = &all->s[i];

	/* An ACK that was late, and a cookie that holds: when all is over, it opens the
	 * flow once more (docs/decisions/0013-syn-cookies.md, replaying). */
	if (i < SESSIONS && s->opened != 0 && s->closed != 0) {
		hf_set_ctx(c, NULL);
		hf_abort(h, c);
		return;
	}
	if (i >= SESSIONS || s->opened++ != 0)
		sim_fail("%u: opened again", i);
	begin(s, h, c);
	open_now(s);
}

static void
on_connected(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct session *s = session_of(c);

	(void)h;
	(void)self;
	if (s->opened++ != 0)
		sim_fail("opened() twice");
	open_now(s);
}

/* Give it back in the packet in which it came. Returns how much. */
static uint32_t
echo(struct session *s, const uint8_t *bytes, uint32_t len)
{
	struct hf_buf *b;

	if (hf_unacked(s->core, s->conn) > UNACKED_MAX)
		return 0;
	b = hf_keep(s->core, s->conn);
	if (b == NULL)
		return 0;
	if (hf_send_buf(s->core, s->conn, b, bytes, len) != 0) {
		hf_buf_free(s->core, b);
		return 0;
	}
	s->queued += len;
	return len;
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct session *s = session_of(c);

	(void)self;
	if (s->peer_closed)
		sim_fail("data() after peer_closed()");
	if ((uint64_t)s->got + len > s->conf.in ||
	        memcmp(bytes, sim_stream(s->conf.in_at) + s->got, len) != 0)
		sim_fail("session %u: wrong bytes at %u, %u of %u",
		        be16_to_cpu(hf_peer(c).port) - SESSION_PORT, s->got, len, s->conf.in);
	if (s->conf.partial && rng_permille(&s->rng, 100))
		len = rng_below(&s->rng, len + 1);
	if (s->conf.mode == MODE_ECHO)
		len = echo(s, bytes, len);
	s->got += len;
	if (s->got >= s->conf.abort_at) {
		s->aborted = true;
		hf_abort(h, c);
		return len;
	}
	if (s->conf.pause_after != 0 && s->shut_at == UINT32_MAX &&
	        s->got % (2 * s->conf.pause_after) >= s->conf.pause_after) {
		s->shut_at = s->got;
		hf_recv_room(h, c, 0);
	}
	pump(s);
	return len;
}

static void
on_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	pump(session_of(c));
}

static void
on_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct session *s = session_of(c);

	(void)h;
	(void)self;
	if (s->peer_closed++ != 0)
		sim_fail("peer_closed() twice");
	if (s->got != s->conf.in)
		sim_fail("peer_closed() after %u of %u bytes", s->got, s->conf.in);
	pump(s);
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct session *s;

	(void)h;
	(void)self;
	if (hf_ctx(c) == NULL) /* opened once more */
		return;
	s = session_of(c);
	s->closed++;
	s->why = why;
	s->conn = NULL;
}

const struct hf_service sim_service = {
        .name = "sim",
        .opened = on_opened,
        .data = on_data,
        .room = on_room,
        .peer_closed = on_peer_closed,
        .closed = on_closed,
};

const struct hf_service sim_opener = {
        .name = "sim opener",
        .opened = on_connected,
        .data = on_data,
        .room = on_room,
        .peer_closed = on_peer_closed,
        .closed = on_closed,
};

void
session_connecting(struct session *s, struct hf_core *h, struct hf_conn *c, bool at_once)
{
	begin(s, h, c);
	if (at_once)
		pump(s);
}

void
session_tick(struct session *s)
{
	if (s->opened == 0 || s->closed != 0 || s->aborted)
		return;
	if (s->shut_at != UINT32_MAX && rng_permille(&s->rng, 50)) {
		s->shut_at = UINT32_MAX;
		hf_recv_room(s->core, s->conn, s->conf.room != 0 ? s->conf.room : 60000);
	}
	pump(s);
}
