/* SPDX-License-Identifier: BSD-3-Clause */
/* The kinds of attack, and the packets of each. */
#include "flood.h"

#include <string.h>

#include <rte_mbuf.h>

#include "bench/kit/source.h"

#define BESIDE 0x50000000 /* far outside of every window */
#define L4     (sizeof(struct eth_hdr) + sizeof(struct ipv4_hdr))

#define ACK TCP_ACK
#define SYN TCP_SYN
#define RST TCP_RST
#define FIN TCP_FIN

const struct flood_kind flood_kinds[] = {
        {.name = "SYN, Linux's, cookie",
                .flags = SYN,
                .options = TEMPLATE_LINUX,
                .cookie = SYN_COOKIE_ALWAYS},
        {.name = "SYN, no options, cookie", .flags = SYN, .cookie = SYN_COOKIE_ALWAYS},
        {.name = "ACK, a wrong cookie", .flags = ACK, .cookie = SYN_COOKIE_ALWAYS},
        {.name = "SYN, Linux's, evicts another",
                .flags = SYN,
                .options = TEMPLATE_LINUX,
                .cookie = SYN_COOKIE_OFF},
        {.name = "SYN to a closed port", .flags = SYN, .target = FLOOD_CLOSED},
        {.name = "ACK to a closed port", .flags = ACK, .target = FLOOD_CLOSED},
        {.name = "RST to a closed port", .flags = RST, .target = FLOOD_CLOSED},
        {.name = "FIN to a closed port", .flags = FIN | ACK, .target = FLOOD_CLOSED},
        {.name = "SYN-ACK to a closed port", .flags = SYN | ACK, .target = FLOOD_CLOSED},
        {.name = "data to a closed port", .flags = ACK, .text = true, .target = FLOOD_CLOSED},
        {.name = "ACK beside a flow's window", .flags = ACK, .target = FLOOD_FLOW},
        {.name = "RST beside a flow's window", .flags = RST, .target = FLOOD_FLOW},
        {.name = "FIN beside a flow's window", .flags = FIN | ACK, .target = FLOOD_FLOW},
        {.name = "SYN at a flow", .flags = SYN, .target = FLOOD_FLOW},
        {.name = "data beside a flow's window",
                .flags = ACK,
                .text = true,
                .target = FLOOD_FLOW},
        {.name = "ACK with a bad checksum", .flags = ACK, .defect = FLOOD_CHECKSUM},
        {.name = "ACK with a bad data offset", .flags = ACK, .defect = FLOOD_OFFSET},
        /* These kinds come last: their sleeps replenish the allowances that other kinds'
         * resets may then use. */
        {.name = "SYN, Linux's, record",
                .flags = SYN,
                .options = TEMPLATE_LINUX,
                .cookie = SYN_COOKIE_OFF,
                .taken_back = true},
        {.name = "SYN, no options, record",
                .flags = SYN,
                .cookie = SYN_COOKIE_OFF,
                .taken_back = true},
        {.name = NULL},
};

static const char text[] = "sixty-four bytes of data that belong to no connection here .....";

static void
make_template(struct template *t, const struct flood_kind *k, uint8_t flags, struct victim *v)
{
	const struct template_shape shape = {
	        .flags = flags,
	        .options = flags == k->flags ? k->options : TEMPLATE_NONE,
	        .text = k->text ? text : NULL,
	};
	struct client_conf to = *victim_peer(v);

	if (k->target == FLOOD_CLOSED)
		to.server_port = cpu_to_be16(VICTIM_CLOSED_PORT);
	template_make(t, &shape, &to);
}

void
flood_init(struct flood *f, const struct flood_kind *kind, struct victim *v,
        struct crowd *crowd, uint32_t open)
{
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->victim = v;
	f->crowd = crowd;
	f->open = open;
	f->random = (uint64_t)(kind - flood_kinds) << 56;
	f->say = (struct crowd_say) {.flags = kind->flags,
	        .text = kind->text ? text : NULL,
	        .beside_seq = BESIDE,
	        .beside_ack = BESIDE};
	if (kind->target == FLOOD_FLOW)
		crowd_template(crowd, &f->say, &f->frame);
	else
		make_template(&f->frame, kind, kind->flags, v);
	make_template(&f->reset, kind, TCP_RST, v);
}

static inline void
draw_fields(struct flood *f, struct fill *out)
{
	uint64_t r;

	out->addr = source_draw(&f->random);
	r = bench_random(&f->random);
	out->port = cpu_to_be16((uint16_t)(1 + (r & 0xffff) % 65535));
	out->seq = (uint32_t)(r >> 16);
	r = bench_random(&f->random);
	out->ack = f->kind->flags & TCP_ACK ? (uint32_t)r : 0;
	out->tsval = (uint32_t)(r >> 32);
	out->tsecr = 0;
}

static inline void
spoil_segment(struct rte_mbuf *m, enum flood_defect defect)
{
	struct tcp_hdr *tcp = rte_pktmbuf_mtod_offset(m, struct tcp_hdr *, L4);

	if (defect == FLOOD_CHECKSUM) {
		tcp->checksum ^= cpu_to_be16(0x5555);
		if (m->ol_flags != 0)
			m->ol_flags ^= RTE_MBUF_F_RX_L4_CKSUM_MASK; /* the port says bad */
	}
	if (defect == FLOOD_OFFSET) { /* a header of 16 bytes; the sum stays right */
		tcp->data_offset = 4 << 4;
		tcp->urgent = cpu_to_be16(1 << 12);
	}
}

static inline void
write_packet(struct flood *f, struct rte_mbuf *m)
{
	struct fill fill;

	if (f->kind->target == FLOOD_FLOW) {
		crowd_write(f->crowd, &f->say, &f->frame,
		        (uint32_t)((bench_random(&f->random) >> 32) * f->open >> 32), m);
		return;
	}
	draw_fields(f, &fill);
	victim_seal(
	        f->victim, m, template_write(&f->frame, rte_pktmbuf_mtod(m, uint8_t *), &fill));
	if (f->kind->defect != FLOOD_SOUND)
		spoil_segment(m, f->kind->defect);
}

unsigned
flood_offer(struct flood *f, unsigned n)
{
	struct rte_mbuf *m[VICTIM_ROOM];
	unsigned done = 0, k;

	f->random_before = f->random;
	while (done < n && (k = victim_room(f->victim, m, n - done)) > 0) {
		for (unsigned i = 0; i < k; i++)
			write_packet(f, m[i]);
		victim_offer(f->victim, m, k);
		done += k;
	}
	return done;
}

void
flood_take_back(struct flood *f, unsigned n)
{
	struct rte_mbuf *m[VICTIM_ROOM];
	uint64_t after = f->random;
	struct fill fill;
	unsigned k;

	f->random = f->random_before;
	while (n > 0 && (k = victim_room(f->victim, m, n)) > 0) {
		for (unsigned i = 0; i < k; i++) {
			draw_fields(f, &fill);
			fill.seq++;
			victim_seal(f->victim, m[i],
			        template_write(
			                &f->reset, rte_pktmbuf_mtod(m[i], uint8_t *), &fill));
		}
		victim_offer(f->victim, m, k);
		n -= k;
	}
	f->random = after;
}
