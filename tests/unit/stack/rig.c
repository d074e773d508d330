/* SPDX-License-Identifier: BSD-3-Clause */
/* The rig of the stack's tests: memory in place of an engine. */
#include "stack/rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/rubbish.h"

#define IP(a, b, c, d) \
	((be32)(a) | (be32)(b) << 8 | (be32)(c) << 16 | (be32)(d) << 24) /* little-endian */

const struct stack_port rig_ports[RIG_PORTS] = {
        {.mac = {2, 0, 0, 0, 0, 2},
                .ip = IP(10, 0, 0, 2),
                .netmask = IP(255, 255, 255, 0),
                .mtu = RIG_MTU},
        {.mac = {2, 0, 0, 0, 1, 2},
                .ip = IP(10, 0, 1, 2),
                .netmask = IP(255, 255, 255, 0),
                .mtu = RIG_MTU},
};

const uint8_t rig_peer_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 1};

struct buf {
	uint8_t *bytes;
	uint16_t room;
	bool arrived;
	uint32_t alive;
};

#define ALIVE 0xb0ffe125

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "rig: %s\n", what);
	abort();
}

static struct buf *
buf_new(struct rig *r, uint16_t room, bool arrived)
{
	struct buf *b = malloc(sizeof(*b));

	must(b != NULL, "memory");
	*b = (struct buf) {.bytes = malloc(room ? room : 1), .room = room, .arrived = arrived};
	must(b->bytes != NULL, "memory");
	b->alive = ALIVE;
	r->bufs++;
	return b;
}

static void
buf_free(struct rig *r, struct buf *b)
{
	must(b->alive == ALIVE, "a buffer was released twice");
	b->alive = 0;
	free(b->bytes);
	free(b);
	r->bufs--;
}

static unsigned
lend(void *ctx, struct frame *f, unsigned n)
{
	struct rig *r = ctx;

	if (r->allocs_left >= 0 && n > (unsigned)r->allocs_left)
		n = (unsigned)r->allocs_left;
	if (r->allocs_left > 0)
		r->allocs_left -= (int)n;
	for (unsigned i = 0; i < n; i++) {
		struct buf *b = buf_new(r, r->room, false);

		f[i].buf = b;
		f[i].data = b->bytes;
		f[i].room = b->room;
	}
	return n;
}

static void
take_back(void *ctx, void **bufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_free(ctx, bufs[i]);
}

/* The frame as the wire has it: no byte behind its end. */
static struct rig_out
arrive(const struct frame *f)
{
	const struct buf *b = f->buf;
	struct rig_out o = {
	        .port = f->port,
	        .offload = f->offload,
	        .in_place = b->arrived,
	        .room = f->room,
	};

	o.stranger = f->stranger;
	o.seg.frame = malloc(f->len);
	must(o.seg.frame != NULL, "memory");
	memcpy(o.seg.frame, f->data, f->len);
	o.seg.frame_len = f->len;
	o.seg.csum_ok = (uint8_t)((f->offload & FRAME_CSUM_IP ? SEG_CSUM_IP : 0) |
	                          (f->offload & FRAME_CSUM_TCP ? SEG_CSUM_L4 : 0));
	o.parsed = parse_frame(&o.seg);
	return o;
}

static unsigned
transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct rig *r = ctx;
	unsigned taken = n < r->accepts ? n : r->accepts;

	r->transmits++;
	for (unsigned i = 0; i < n; i++) {
		must(f[i].port == port, "frames of two ports in one call");
		if (i < taken) {
			struct rig_out o = arrive(&f[i]);

			if (r->sees != NULL) {
				r->sees(r->ctx, &o);
				free(o.seg.frame);
			} else {
				must(r->nout < RIG_OUTS, "more frames than the rig holds");
				r->out[r->nout++] = o;
			}
		}
		buf_free(r, f[i].buf);
	}
	return taken;
}

static bool
hand_over(void *ctx, unsigned core, const struct seg *s)
{
	struct rig *r = ctx;

	must(((const struct buf *)s->buf)->alive == ALIVE,
	        "a segment handed over has no buffer");
	r->handed += !r->inbox_full;
	r->handed_to = core;
	r->handed_round = s->round;
	return !r->inbox_full;
}

be32
rig_ip(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return IP(a, b, c, d);
}

struct rig *
rig_new_with(const struct stack_conf *conf, uint64_t now_us,
        const struct stack_port ports[RIG_PORTS])
{
	struct rig *r = calloc(1, sizeof(*r));
	struct stack_conf small = {.max_conns = 256,
	        .max_half_open = 128,
	        .max_time_wait = 64,
	        .max_kept = 512,
	        .msl_ms = 1000,
	        .fin_wait_2_ms = 5000,
	        .secret = "a test's secret"};
	struct stack_io io = {.ctx = r,
	        .alloc = lend,
	        .free = take_back,
	        .transmit = transmit,
	        .hand_over = hand_over,
	        .backlogged = &r->backlogged};

	must(r != NULL, "memory");
	r->now = clock_from_us(now_us);
	r->allocs_left = -1;
	r->room = sizeof(struct eth_hdr) + RIG_MTU;
	r->accepts = UINT32_MAX;
	must(stack_create(&r->st, conf != NULL ? conf : &small, &io, -1, r->now) == 0,
	        "stack_create");
	for (uint8_t i = 0; i < RIG_PORTS; i++)
		must(stack_set_port(r->st, i, &ports[i], r->now) == 0, "stack_set_port");
	return r;
}

struct rig *
rig_new(const struct stack_conf *conf, uint64_t now_us)
{
	return rig_new_with(conf, now_us, rig_ports);
}

unsigned
rig_free(struct rig *r)
{
	unsigned lost;

	rig_forget(r);
	for (unsigned i = 0; i < r->nin; i++)
		buf_free(r, r->in[i].buf);
	stack_destroy(r->st);
	lost = r->bufs;
	free(r);
	return lost;
}

enum drop
rig_push(struct rig *r, uint8_t port, const void *bytes, unsigned len)
{
	struct buf *b = buf_new(r, (uint16_t)(len + r->slack), true);
	struct seg *s = &r->in[r->nin++];
	enum drop why;

	must(r->nin <= RIG_INPUT, "more frames than a turn has");
	*s = seg_rubbish();
	memcpy(b->bytes, bytes, len);
	s->frame = b->bytes;
	s->frame_len = (uint16_t)len;
	s->room = b->room;
	s->buf = b;
	s->port = port;
	s->csum_ok = r->csum_ok;
	why = parse_frame(s);
	if (why != DROP_NONE && !parse_other(s, why))
		counter_drop(stack_counters(r->st), why);
	return why;
}

static void
input(struct rig *r, void (*take)(struct stack *st, struct seg *seg, unsigned n))
{
	stack_turn_begin(r->st, r->now);
	for (unsigned i = 0; i < r->nin; i += LIMIT_BURST) {
		unsigned n = r->nin - i < LIMIT_BURST ? r->nin - i : LIMIT_BURST;

		take(r->st, &r->in[i], n);
	}
	for (unsigned i = 0; i < r->nin; i++)
		if (r->in[i].buf != NULL)
			buf_free(r, r->in[i].buf);
	r->nin = 0;
}

bool
rig_turn(struct rig *r)
{
	input(r, stack_input);
	return stack_turn_end(r->st, false);
}

void
rig_turn_shared(struct rig *r)
{
	input(r, stack_input_shared);
	stack_turn_end(r->st, false);
}

void
rig_wait(struct rig *r, uint32_t ms)
{
	while (ms-- > 0) {
		r->now = clock_from_us(r->now.us + US_PER_MILLISECOND);
		rig_turn(r);
	}
}

const struct rig_out *
rig_next(struct rig *r)
{
	return r->next < r->nout ? &r->out[r->next++] : NULL;
}

void
rig_forget(struct rig *r)
{
	for (unsigned i = 0; i < r->nout; i++)
		free(r->out[i].seg.frame);
	r->nout = r->next = 0;
}

uint64_t
rig_drops(const struct rig *r, enum drop why)
{
	return stack_counters(r->st)->drop[why];
}

bool
rig_is_idle(const struct rig *r)
{
	struct stack_usage u = stack_usage(r->st);

	return u.conns == 0 && u.half_open == 0 && u.time_wait == 0 && u.timers == 0 &&
	       u.kept == 0 && u.send_queued == 0 && u.reasm_queued == 0 && u.waiting == 0;
}

unsigned
rig_build(const struct say *w, uint8_t *frame)
{
	const struct stack_port *p = &rig_ports[w->port];
	struct tcp_out o = {
	        .key = {.raddr = w->dst ? w->dst : p->ip,
	                .laddr = w->src ? w->src : IP(10, 0, w->port, 1),
	                .rport = cpu_to_be16(w->dport ? w->dport : 80),
	                .lport = cpu_to_be16(w->sport ? w->sport : 40000)},
	        .seq = w->seq,
	        .ack = w->ack,
	        .wnd = w->wnd,
	        .flags = w->flags,
	        .opts = w->opts,
	        .npieces = w->len != 0,
	        .len = w->len,
	        .piece = {{.data = w->text, .len = w->len}},
	};
	struct build_l2 l2 = {.offload_ip = false};

	l2.src = w->src_mac ? w->src_mac : rig_peer_mac;
	l2.dst = w->dst_mac ? w->dst_mac : p->mac;
	return build_tcp(frame, &o, &l2);
}

enum drop
rig_say(struct rig *r, struct say w)
{
	uint8_t frame[sizeof(struct eth_hdr) + RIG_MTU];

	return rig_push(r, w.port, frame, rig_build(&w, frame));
}

uint32_t
rig_handshake(struct rig *r, uint16_t sport, struct tcp_opts opts, uint16_t wnd)
{
	const struct rig_out *o;
	uint32_t ack;

	rig_forget(r);
	rig_tcp(r, .sport = sport, .flags = TCP_SYN, .seq = 1000, .opts = opts, .wnd = wnd);
	rig_turn(r);
	o = rig_next(r);
	must(o != NULL && o->seg.kind == SEG_TCP && o->seg.flags == (TCP_SYN | TCP_ACK),
	        "the SYN got no SYN-ACK");
	ack = o->seg.seq + 1;
	if (opts.present & SEG_OPT_TS) {
		opts.present = SEG_OPT_TS;
		opts.tsecr = o->seg.tsval;
	} else {
		opts.present = 0;
	}
	rig_tcp(r, .sport = sport, .flags = TCP_ACK, .seq = 1001, .ack = ack, .opts = opts,
	        .wnd = wnd);
	rig_turn(r);
	return ack;
}

uint8_t rig_stream[RIG_STREAM];

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct rig_log *log = self;

	log->opened++;
	log->core = h;
	log->conn = c;
	if (log->send != 0)
		must(hf_send(h, c, rig_stream, log->send) == 0, "hf_send");
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct rig_log *log = self;

	(void)bytes;
	(void)c;
	(void)h;
	log->bytes += len;
	return len;
}

static uint32_t
on_data_answer(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	hf_send(h, c, "hello", 5);
	hf_close(h, c);
	return on_data(h, self, c, bytes, len);
}

static void
on_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	((struct rig_log *)self)->peer_closed++;
	hf_close(h, c);
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct rig_log *log = self;

	(void)h;
	log->closed++;
	log->why = why;
	if (log->conn == c)
		log->conn = NULL;
}

const struct hf_service rig_quiet = {
        .name = "quiet",
        .opened = on_opened,
        .data = on_data,
        .peer_closed = on_peer_closed,
        .closed = on_closed,
};

const struct hf_service rig_answer = {
        .name = "answer",
        .opened = on_opened,
        .data = on_data_answer,
        .peer_closed = on_peer_closed,
        .closed = on_closed,
};

const struct hf_service rig_source = {
        .name = "source",
        .opened = on_opened,
        .data = on_data,
        .peer_closed = on_peer_closed,
        .closed = on_closed,
};

void
rig_listen(struct rig *r, uint16_t port, const struct hf_service *s, struct rig_log *log)
{
	for (unsigned i = 0; i < RIG_STREAM; i++)
		rig_stream[i] = (uint8_t)(i * 2654435761u >> 16);
	must(stack_listen(r->st, 0, cpu_to_be16(port), s, log) == 0, "stack_listen");
}
