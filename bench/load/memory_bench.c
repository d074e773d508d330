/* SPDX-License-Identifier: BSD-3-Clause */
/* memory_bench: the memory of a million connections, and the cost of each step of their lives
 * while all of them exist.
 *
 * The stack has no NIC: its buffers are an array, and its wire is a function. Every connection
 * is opened by a whole handshake, stays open until all are open, asks for a page, and closes
 * after the server. Connections are visited in random order. The bench also measures as many
 * connections that a client opened (memory_client.h).
 *
 * Memory  a stack takes all of its memory at creation. So the bytes of a kind of record are
 *         the difference of two stacks, one of which has room for twice as many.
 * Cycles  of the stack alone, including parsing, in bursts of 32.
 */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "bench/kit/bench.h"
#include "bench/kit/client_frames.h"
#include "bench/kit/table.h"
#include "memory_client.h"
#include "stack/stack.h"
#include "tcp/conn.h"
#include "wire/parse.h"

#define CONNS      (1u << 20)
#define BURST      32
#define SLICES     16 /* parts of each step, for its median and spread */
#define BUFFERS    1024
#define ROOM       2048
#define PORT_FIRST 1024
#define PORTS      16384u /* of one address, which is alone in its /24: below both caps */
#define ADDR_FIRST 0x0a000001
#define TURN_US    10 /* of virtual time */
#define OUR_IP     cpu_to_be32(0xc0a8ff01)
#define GATEWAY    cpu_to_be32(0xc0a8ff02)

static const uint8_t our_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};
static const char page[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

struct wire {
	struct stack *st;
	uint64_t now_us;
	uint8_t *memory;
	unsigned nfree;
	void *free[BUFFERS];
	bool asked;        /* the stack has asked for the gateway's MAC */
	uint32_t *rcv_nxt; /* of each connection's peer */
	uint32_t *order;
	struct template say[SAY_COUNT];
	uint64_t wrong;
};

static unsigned
wire_alloc(void *ctx, struct frame *f, unsigned n)
{
	struct wire *w = ctx;
	unsigned i;

	for (i = 0; i < n && w->nfree > 0; i++) {
		f[i].buf = w->free[--w->nfree];
		f[i].data = f[i].buf;
		f[i].room = ROOM;
	}
	return i;
}

static void
wire_free(void *ctx, void **bufs, unsigned n)
{
	struct wire *w = ctx;

	for (unsigned i = 0; i < n; i++)
		w->free[w->nfree++] = bufs[i];
}

/* Delivers a frame to its peer, which notes the next sequence number to acknowledge. */
static void
wire_deliver(struct wire *w, const uint8_t *frame)
{
	const struct ipv4_hdr *ip = (const void *)(frame + sizeof(struct eth_hdr));
	const struct tcp_hdr *tcp = (const void *)(ip + 1);
	uint32_t len, i;

	if (be16_load(frame + 12) == ETH_TYPE_ARP) {
		w->asked = true;
		return;
	}
	i = ((be32_to_cpu(ip->dst) - ADDR_FIRST) >> 8) * PORTS + be16_to_cpu(tcp->dport) -
	    PORT_FIRST;
	if (i >= CONNS || (tcp->flags & TCP_RST)) {
		w->wrong++;
		return;
	}
	len = be16_to_cpu(ip->total_length) - (uint32_t)sizeof(*ip) -
	      (tcp->data_offset >> 4) * 4u;
	w->rcv_nxt[i] = be32_to_cpu(tcp->seq) + len + !!(tcp->flags & TCP_SYN) +
	                !!(tcp->flags & TCP_FIN);
}

static unsigned
wire_transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct wire *w = ctx;

	(void)port;
	for (unsigned i = 0; i < n; i++) {
		wire_deliver(w, f[i].data);
		w->free[w->nfree++] = f[i].buf;
	}
	return n;
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)self;
	(void)bytes;
	hf_send(h, c, page, sizeof(page) - 1);
	hf_close(h, c);
	return len;
}

static const struct hf_service service = {.name = "bench", .data = on_data};

static struct clock
wire_now(struct wire *w)
{
	return clock_from_us(w->now_us += TURN_US);
}

static bool
make_stack(struct wire *w, uint32_t conns, uint32_t time_wait)
{
	const struct stack_conf conf = {
	        .max_conns = conns,
	        .max_time_wait = time_wait,
	        .max_half_open = BURST,
	        .msl_ms = 600000, /* no connection leaves TIME-WAIT meanwhile */
	};
	const struct stack_io io = {
	        .ctx = w, .alloc = wire_alloc, .free = wire_free, .transmit = wire_transmit};

	return stack_create(&w->st, &conf, &io, -1, wire_now(w)) == 0;
}

static bool
wire_init(struct wire *w)
{
	const struct client_conf conf = {
	        .server_ip = OUR_IP, .server_port = cpu_to_be16(80), .request = request};
	struct client_conf c = conf;
	uint64_t seed = 1;

	memcpy(c.server_mac, our_mac, ETH_ALEN);
	memcpy(c.our_mac, peer_mac, ETH_ALEN);
	memset(w, 0, sizeof(*w));
	w->memory = aligned_alloc(64, (size_t)BUFFERS * ROOM);
	w->rcv_nxt = calloc(CONNS, sizeof(*w->rcv_nxt));
	w->order = bench_permutation(CONNS, &seed);
	if (w->memory == NULL || w->rcv_nxt == NULL || w->order == NULL)
		return false;
	memset(w->memory, 0, (size_t)BUFFERS * ROOM);
	memset(w->rcv_nxt, 0, CONNS * sizeof(*w->rcv_nxt));
	for (unsigned i = 0; i < BUFFERS; i++)
		w->free[w->nfree++] = w->memory + (size_t)i * ROOM;
	templates_make(w->say, &c);
	return true;
}

/* Runs one turn that receives these frames. Returns its cycles. */
static uint64_t
run_turn(struct wire *w, struct seg *seg, unsigned n)
{
	struct clock now = wire_now(w);
	uint64_t start = bench_start();

	stack_turn_begin(w->st, now);
	for (unsigned i = 0; i < n; i++)
		w->wrong += parse_frame(&seg[i]) != DROP_NONE;
	stack_input(w->st, seg, n);
	stack_turn_end(w->st, false);
	start = bench_stop() - start;
	for (unsigned i = 0; i < n; i++) {
		if (seg[i].buf != NULL)
			w->free[w->nfree++] = seg[i].buf;
	}
	return start;
}

static void
prepare_seg(struct wire *w, struct seg *s)
{
	memset(s, 0, sizeof(*s));
	s->buf = s->frame = w->free[--w->nfree];
	s->room = ROOM;
}

static uint64_t
say_burst(struct wire *w, enum say what, const uint32_t *who)
{
	static const uint32_t said[SAY_COUNT] = {
	        0, 1, 1 + sizeof(request) - 1, 1 + sizeof(request) - 1};
	struct seg seg[BURST];

	for (unsigned i = 0; i < BURST; i++) {
		struct fill f = {
		        /* each address has a /24: the stack limits the silent ones of one /24
		         */
		        .addr = cpu_to_be32(ADDR_FIRST + (who[i] / PORTS << 8)),
		        .port = cpu_to_be16((uint16_t)(PORT_FIRST + who[i] % PORTS)),
		        .seq = who[i] + said[what],
		        .ack = w->rcv_nxt[who[i]],
		};

		prepare_seg(w, &seg[i]);
		if (what == SAY_ACK) /* the ACK of the handshake */
			f.seq = who[i] + 1;
		seg[i].frame_len = (uint16_t)template_write(&w->say[what], seg[i].frame, &f);
	}
	return run_turn(w, seg, BURST);
}

/* Sends the gateway's answer to the stack's ARP request. */
static void
answer_arp(struct wire *w)
{
	struct seg s;
	struct eth_hdr *eth;
	struct arp_hdr *arp;
	be32 from = GATEWAY, to = OUR_IP;

	prepare_seg(w, &s);
	eth = (void *)s.frame;
	arp = (void *)(eth + 1);
	memcpy(eth->dst, our_mac, ETH_ALEN);
	memcpy(eth->src, peer_mac, ETH_ALEN);
	eth->type = cpu_to_be16(ETH_TYPE_ARP);
	*arp = (struct arp_hdr) {.htype = cpu_to_be16(ARP_HTYPE_ETHER),
	        .ptype = cpu_to_be16(ETH_TYPE_IPV4),
	        .hlen = ETH_ALEN,
	        .plen = 4,
	        .oper = cpu_to_be16(ARP_REPLY)};
	memcpy(arp->sha, peer_mac, ETH_ALEN);
	memcpy(arp->spa, &from, 4);
	memcpy(arp->tha, our_mac, ETH_ALEN);
	memcpy(arp->tpa, &to, 4);
	s.frame_len = sizeof(*eth) + sizeof(*arp);
	run_turn(w, &s, 1);
}

static bool
begin_service(struct wire *w)
{
	struct stack_port port = {.ip = OUR_IP,
	        .netmask = cpu_to_be32(0xfffffffc),
	        .gateway = GATEWAY,
	        .mtu = 1500};

	memcpy(port.mac, our_mac, ETH_ALEN);
	if (stack_set_port(w->st, 0, &port, wire_now(w)) != 0 ||
	        stack_listen(w->st, 0, cpu_to_be16(80), &service, NULL) != 0)
		return false;
	run_turn(w, NULL, 0);
	if (w->asked)
		answer_arp(w);
	return true;
}

/* Measures one step of all connections. After a SYN it also sends the ACK of its answer. */
static struct bench_result
measure_step(struct wire *w, enum say what)
{
	double figure[SLICES];

	for (unsigned slice = 0; slice < SLICES; slice++) {
		uint64_t cycles = 0;

		for (unsigned i = 0; i < CONNS / SLICES; i += BURST) {
			const uint32_t *who = w->order + slice * (CONNS / SLICES) + i;

			cycles += say_burst(w, what, who);
			if (what == SAY_SYN)
				cycles += say_burst(w, SAY_ACK, who);
		}
		figure[slice] = (double)cycles / (CONNS / SLICES);
	}
	return bench_summary(figure, SLICES);
}

static uint64_t
stack_bytes(struct wire *w, uint32_t conns, uint32_t time_wait)
{
	uint64_t bytes = 0;

	if (make_stack(w, conns, time_wait)) {
		bytes = stack_usage(w->st).bytes;
		stack_destroy(w->st);
	}
	return bytes;
}

static bool
expect_number(const char *what, uint32_t found, uint32_t wanted)
{
	if (found == wanted)
		return true;
	fprintf(stderr, "memory_bench: %u %s, not %u\n", found, what, wanted);
	return false;
}

static void
print_sizes(struct wire *w)
{
	uint64_t base = stack_bytes(w, CONNS / 2, CONNS / 2);
	uint64_t conns = stack_bytes(w, CONNS, CONNS / 2);
	uint64_t time_wait = stack_bytes(w, CONNS / 2, CONNS);

	table_head(
	        "memory_bench: a stack without a NIC, %u connections; TSC %.0f MHz; each step in "
	        "%d slices of random order\n"
	        "bytes are the difference of two stacks, one with room for twice as many",
	        CONNS, bench_tsc_hz() / 1e6, SLICES);
	table_group("a connection, with its slot in the table");
	table_figure("open, whatever it does", (double)(conns - base) / (CONNS / 2), "bytes");
	table_figure("in TIME-WAIT", (double)(time_wait - base) / (CONNS / 2), "bytes");
	table_note("its record alone has %zu bytes", sizeof(struct tcp_conn));
}

static bool
measure_steps(struct wire *w)
{
	uint64_t before = bench_resident_bytes();
	struct stack_usage usage;
	bool ok;

	if (!make_stack(w, CONNS, CONNS) || !begin_service(w))
		return false;
	table_group("steps of a connection, while %u are open", CONNS);
	table_row("handshake (SYN, ACK in; SYN-ACK out)", measure_step(w, SAY_SYN), "cycles");
	usage = stack_usage(w->st);
	ok = expect_number("connections are open", usage.conns, CONNS);
	table_row("request, page and FIN", measure_step(w, SAY_REQUEST), "cycles");
	table_row("FIN and last ACK, to TIME-WAIT", measure_step(w, SAY_FIN), "cycles");
	usage = stack_usage(w->st);
	ok &= expect_number("connections are in TIME-WAIT", usage.time_wait, CONNS);
	table_note(
	        "the stack took %.1f MB for up to %u connections and as many TIME-WAITs; the "
	        "process grew by %.1f MB",
	        (double)usage.bytes / 1e6, CONNS,
	        (double)(bench_resident_bytes() - before) / 1e6);
	stack_destroy(w->st);
	ok &= expect_number("segments went wrong", (uint32_t)w->wrong, 0);
	return ok & expect_number("buffers are missing", BUFFERS - w->nfree, 0);
}

/* Measures connections that hf_connect() opens. The other figures are of accepted ones. */
static bool
measure_opened(void)
{
	struct memory_client c;

	if (!memory_client_measure(CONNS, &c))
		return false;
	table_group("a connection that hf_connect() opened");
	table_figure("open, whatever it does", c.stack, "bytes");
	table_figure("its record in `load`", c.record, "bytes");
	table_figure("both", c.stack + c.record, "bytes");
	return expect_number("connections were opened", c.open, CONNS);
}

int
main(void)
{
	static struct wire w;
	bool ok;

	if (!wire_init(&w)) {
		fprintf(stderr, "memory_bench: no memory\n");
		return 1;
	}
	print_sizes(&w);
	ok = measure_opened();
	ok &= measure_steps(&w);
	free(w.memory);
	free(w.rcv_nxt);
	free(w.order);
	return ok ? 0 : 1;
}
