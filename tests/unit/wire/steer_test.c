/* SPDX-License-Identifier: BSD-3-Clause */
/* The Toeplitz hash, and the core of a flow. */
#include <criterion/criterion.h>

#include "wire/steer.h"

/* The key and the IPv4 table of Microsoft's "Verifying the RSS Hash Calculation", which every
 * maker of NICs uses. */
static const uint8_t KEY[STEER_KEY_MAX] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41,
        0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30,
        0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe,
        0xac, 0x01, 0xfa};

static const struct vector {
	uint8_t dst[4];
	uint16_t dport;
	uint8_t src[4];
	uint16_t sport;
	uint32_t addresses, with_ports;
} VECTORS[] = {
        {{161, 142, 100, 80}, 1766, {66, 9, 149, 187}, 2794, 0x323e8fc2, 0x51ccc178},
        {{65, 69, 140, 83}, 4739, {199, 92, 111, 2}, 14230, 0xd718262a, 0xc626b0ea},
        {{12, 22, 207, 184}, 38024, {24, 19, 198, 95}, 12898, 0xd2d0a5de, 0x5c2b394a},
        {{209, 142, 163, 6}, 2217, {38, 27, 205, 30}, 48228, 0x82989176, 0xafc7327f},
        {{202, 188, 127, 2}, 1303, {153, 39, 163, 191}, 44251, 0x5d1809c5, 0x10e828a2},
};
#define NVECTORS (sizeof(VECTORS) / sizeof(VECTORS[0]))

/* The flow of an arriving packet: from the peer to us. */
static struct flow_key
key_of(const struct vector *v)
{
	struct flow_key k = {.rport = cpu_to_be16(v->sport), .lport = cpu_to_be16(v->dport)};

	memcpy(&k.raddr, v->src, 4);
	memcpy(&k.laddr, v->dst, 4);
	return k;
}

static struct steer
steer_of(unsigned cores, unsigned reta_size, bool l4)
{
	uint16_t reta[STEER_RETA_MAX];
	struct steer s;

	for (unsigned i = 0; i < reta_size; i++)
		reta[i] = (uint16_t)(i % cores);
	steer_init_rss(&s, cores, KEY, reta, reta_size, l4);
	return s;
}

Test(steer_hash, is_the_published_one_with_tcp_ports)
{
	struct steer s = steer_of(4, 128, true);

	for (unsigned i = 0; i < NVECTORS; i++) {
		struct flow_key k = key_of(&VECTORS[i]);

		cr_expect_eq(steer_hash(&s, &k), VECTORS[i].with_ports, "vector %u: %08x", i,
		        steer_hash(&s, &k));
	}
}

Test(steer_hash, is_the_published_one_of_addresses_alone)
{
	struct steer s = steer_of(4, 128, false);

	for (unsigned i = 0; i < NVECTORS; i++) {
		struct flow_key k = key_of(&VECTORS[i]);

		cr_expect_eq(steer_hash(&s, &k), VECTORS[i].addresses, "vector %u: %08x", i,
		        steer_hash(&s, &k));
	}
}

/* The low bits of the hash choose the entry. */
Test(steer_core, is_the_queue_in_the_table)
{
	uint16_t reta[64] = {[0x51ccc178 & 63] = 3, [0xc626b0ea & 63] = 1};
	struct flow_key first = key_of(&VECTORS[0]), second = key_of(&VECTORS[1]);
	struct flow_key third = key_of(&VECTORS[2]);
	struct steer s;

	steer_init_rss(&s, 4, KEY, reta, 64, true);
	cr_expect_eq(steer_core(&s, &first), 3u);
	cr_expect_eq(steer_core(&s, &second), 1u);
	cr_expect_eq(steer_core(&s, &third), 0u);
}

/* The largest table that is taken. */
Test(steer_core, all_of_a_large_table_is_used)
{
	struct steer s = steer_of(STEER_RETA_MAX, STEER_RETA_MAX, true);

	for (unsigned i = 0; i < NVECTORS; i++) {
		struct flow_key k = key_of(&VECTORS[i]);

		cr_expect_eq(steer_core(&s, &k), VECTORS[i].with_ports & (STEER_RETA_MAX - 1));
	}
}

Test(steer_core, no_rss_deals_local_ports_out_in_turn)
{
	struct steer s;

	steer_init_ports(&s, 3);
	for (unsigned i = 0; i < 9; i++) {
		struct flow_key k = {
		        .rport = cpu_to_be16(80), .lport = cpu_to_be16((uint16_t)(3000 + i))};

		cr_expect_eq(steer_core(&s, &k), i % 3);
	}
}

Test(steer_core, one_core_has_everything)
{
	struct steer ports, none = {.cores = 0};

	steer_init_ports(&ports, 1);
	for (unsigned i = 0; i < NVECTORS; i++) {
		struct flow_key k = key_of(&VECTORS[i]);

		cr_expect_eq(steer_core(&ports, &k), 0u);
		cr_expect_eq(steer_core(&none, &k), 0u);
	}
}
