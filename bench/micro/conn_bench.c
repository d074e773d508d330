/* SPDX-License-Identifier: BSD-3-Clause */
/* conn_bench: two stacks joined in memory, for counting the instructions of a connection.
 *
 * One stack opens connections, sends a request of 40 bytes and takes an answer of 64 bytes.
 * The other stack answers and closes. There is no NIC, no EAL and no clock. Time is virtual,
 * so that every run executes the same instructions.
 *
 *     valgrind --tool=callgrind --toggle-collect=server_turn conn_bench --conns 100000
 *
 * This command counts the server's side alone; client_turn is the client's side. Both
 * include one copy of each frame that they send, which is the wire.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "neigh/neigh.h"
#include "stack/private.h"
#include "stack/stack.h"
#include "wire/parse.h"

#define BURST   32
#define BUFFERS 8192
#define ROOM    2048
#define TURN_US 20
#define REQUEST 40
#define ANSWER  64
#define NET(x)  cpu_to_be32(0xc0a8ff00 + (x))
#define HTTP    80

struct side {
	struct stack *st;
	struct side *other;
	void *free[BUFFERS];
	unsigned nfree;
	struct frame wire[BUFFERS]; /* frames that have arrived and that no turn has taken */
	unsigned head, tail;
	unsigned lost;
};

static struct rig {
	struct side client, server;
	uint64_t now_us;
	unsigned open, wanted, begun, done, failed;
} rig;

static const uint8_t text[ANSWER];

static unsigned
side_lend(void *ctx, struct frame *f, unsigned n)
{
	struct side *s = ctx;
	unsigned i;

	for (i = 0; i < n && s->nfree > 0; i++) {
		f[i].buf = f[i].data = s->free[--s->nfree];
		f[i].room = ROOM;
	}
	return i;
}

static void
side_take_back(void *ctx, void **bufs, unsigned n)
{
	struct side *s = ctx;

	for (unsigned i = 0; i < n; i++)
		s->free[s->nfree++] = bufs[i];
}

/* The wire: copies each frame into a buffer of the other side. */
static unsigned
side_transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct side *s = ctx, *to = s->other;

	(void)port;
	for (unsigned i = 0; i < n; i++) {
		struct frame *in = &to->wire[to->head % BUFFERS];

		s->free[s->nfree++] = f[i].buf;
		if (to->nfree == 0 || to->head - to->tail == BUFFERS) {
			s->lost++;
			continue;
		}
		in->buf = to->free[--to->nfree];
		in->len = f[i].len;
		memcpy(in->buf, f[i].data, f[i].len);
		to->head++;
	}
	return n;
}

static unsigned
side_receive(struct side *s, struct seg seg[BURST])
{
	unsigned n;

	for (n = 0; n < BURST && s->tail != s->head; n++) {
		const struct frame *f = &s->wire[s->tail++ % BUFFERS];

		seg[n] = (struct seg) {
		        .frame = f->buf, .frame_len = f->len, .buf = f->buf, .room = ROOM};
		parse_frame(&seg[n]);
	}
	return n;
}

static void
side_turn(struct side *s)
{
	struct seg seg[BURST];
	unsigned n;

	stack_turn_begin(s->st, clock_from_us(rig.now_us));
	while ((n = side_receive(s, seg)) > 0) {
		stack_input(s->st, seg, n);
		for (unsigned i = 0; i < n; i++) {
			if (seg[i].buf != NULL)
				s->free[s->nfree++] = seg[i].buf;
		}
	}
	stack_turn_end(s->st, false);
}

void client_turn(void);
void server_turn(void);

__attribute__((noinline)) void
client_turn(void)
{
	side_turn(&rig.client);
}

__attribute__((noinline)) void
server_turn(void)
{
	side_turn(&rig.server);
}

static uint32_t
server_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)self;
	(void)bytes;
	hf_send(h, c, text, ANSWER);
	hf_close(h, c);
	return len;
}

static uint32_t
client_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)h;
	(void)self;
	(void)c;
	(void)bytes;
	return len;
}

static void
client_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	hf_send(h, c, text, REQUEST);
}

static void
client_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)h;
	(void)self;
	(void)c;
	rig.open--;
	rig.done += why == HF_CLOSED;
	rig.failed += why != HF_CLOSED;
}

static void client_on_turn(struct hf_core *h, void *self);

static const struct hf_service server = {.name = "server", .data = server_data};
static const struct hf_service client = {.name = "client",
        .opened = client_opened,
        .data = client_data,
        .closed = client_closed,
        .turn = client_on_turn};

static void
client_on_turn(struct hf_core *h, void *self)
{
	struct hf_open how = {.peer = {NET(2), cpu_to_be16(HTTP)}};
	struct hf_conn *c;

	for (unsigned i = 0; i < BURST && rig.open < rig.wanted && rig.begun > 0; i++) {
		if (hf_connect(h, &client, self, &how, &c) != 0)
			return;
		rig.open++;
		rig.begun--;
	}
}

static int
side_create(struct side *s, struct side *other, unsigned us, unsigned them, uint8_t *memory)
{
	const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, (uint8_t)them};
	struct stack_conf conf = {.max_conns = 65536, .msl_ms = 1000, .secret = "one secret"};
	const struct stack_io io = {.ctx = s,
	        .alloc = side_lend,
	        .free = side_take_back,
	        .transmit = side_transmit};
	const struct stack_port port = {.mac = {2, 0, 0, 0, 0, (uint8_t)us},
	        .ip = NET(us),
	        .netmask = cpu_to_be32(0xffffff00),
	        .mtu = 1500};
	struct clock now = clock_from_us(rig.now_us);
	int err;

	conf.secret[0] = (uint8_t)us;
	s->other = other;
	for (unsigned i = 0; i < BUFFERS; i++)
		s->free[s->nfree++] = memory + (size_t)i * ROOM;
	if ((err = stack_create(&s->st, &conf, &io, -1, now)) != 0 ||
	        (err = stack_set_port(s->st, 0, &port, now)) != 0)
		return err;
	neigh_confirm(s->st->port[0].neigh, NET(them), mac, now);
	return 0;
}

static int
rig_create(uint8_t *memory)
{
	int err;

	rig.now_us = 1000000;
	if ((err = side_create(&rig.client, &rig.server, 1, 2, memory)) != 0 ||
	        (err = side_create(&rig.server, &rig.client, 2, 1,
	                 memory + (size_t)BUFFERS * ROOM)) != 0 ||
	        (err = stack_listen(rig.server.st, 0, cpu_to_be16(HTTP), &server, NULL)) != 0)
		return err;
	return stack_client(rig.client.st, &client, NULL, NULL);
}

int
main(int argc, char **argv)
{
	unsigned n = 100000;
	const struct option_row rows[] = {
	        OPTION_COUNT("conns", "N", &n, 1, 1e9, "connections in all [100000]"),
	        OPTION_COUNT("open", "N", &rig.wanted, 1, 32768, "at the same time [512]"),
	};
	uint8_t *memory = malloc(2 * (size_t)BUFFERS * ROOM);

	rig.wanted = 512;
	if (!options_read("conn_bench", rows, 2, argc, argv))
		return 2;
	rig.begun = n;
	if (memory == NULL || rig_create(memory) != 0) {
		fprintf(stderr, "conn_bench: no memory\n");
		return 1;
	}
	for (uint64_t turns = 0; rig.done + rig.failed < n && turns < 100 * (uint64_t)n;
	        turns++) {
		rig.now_us += TURN_US;
		client_turn();
		server_turn();
	}
	table_head(
	        "conn_bench: two stacks joined in memory; count its instructions with valgrind");
	table_group("%u connections, %u at a time", n, rig.wanted);
	table_figure("completed", rig.done, "connections");
	table_figure("failed", rig.failed, "connections");
	table_figure("lost", rig.client.lost + rig.server.lost, "frames");
	table_figure("virtual time", (double)(rig.now_us - 1000000) / 1e3, "ms");
	stack_destroy(rig.client.st);
	stack_destroy(rig.server.st);
	free(memory);
	return rig.done == n ? 0 : 1;
}
