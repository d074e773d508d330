/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash of RSS in software, as a table for each byte of the flow key. */
#include "wire/steer.h"

#include <assert.h>
#include <string.h>

#define ADDRESS_BYTES 8 /* bytes of the flow key before its ports */

/* The 32 bits of the RSS key from this bit on: an input bit at this place adds them. */
static uint32_t
key_window(const uint8_t *key, unsigned bit)
{
	uint64_t five = 0;

	for (unsigned i = 0; i < 5; i++)
		five = five << 8 | key[bit / 8 + i];
	return (uint32_t)(five >> (8 - bit % 8));
}

/* Fill the table of one place of the input: each value of the byte adds its entry. */
static void
table_fill_byte(uint32_t *table, const uint8_t *key, unsigned place)
{
	for (unsigned value = 0; value < 256; value++)
		for (unsigned bit = 0; bit < 8; bit++)
			if (value & (0x80u >> bit))
				table[value] ^= key_window(key, place * 8 + bit);
}

void
steer_init_ports(struct steer *s, unsigned cores)
{
	memset(s, 0, sizeof(*s));
	s->cores = cores;
}

void
steer_init_rss(struct steer *s, unsigned cores, const uint8_t *key, const uint16_t *reta,
        unsigned reta_size, bool l4)
{
	unsigned places = l4 ? sizeof(struct flow_key) : ADDRESS_BYTES;

	assert(reta_size > 0 && reta_size <= STEER_RETA_MAX);
	assert((reta_size & (reta_size - 1)) == 0);
	memset(s, 0, sizeof(*s));
	s->cores = cores;
	s->rss = true;
	s->l4 = l4;
	s->reta_mask = reta_size - 1;
	memcpy(s->reta, reta, reta_size * sizeof(*reta));
	/* Ports outside the hash add nothing: their tables stay zero. */
	for (unsigned place = 0; place < places; place++)
		table_fill_byte(s->table[place], key, place);
}

/* The Toeplitz hash is linear, and a flow key has the order of bytes that a NIC hashes. */
uint32_t
steer_hash(const struct steer *s, const struct flow_key *k)
{
	const uint8_t *byte = (const uint8_t *)k;
	uint32_t hash = 0;

	for (unsigned place = 0; place < sizeof(*k); place++)
		hash ^= s->table[place][byte[place]];
	return hash;
}

unsigned
steer_core(const struct steer *s, const struct flow_key *k)
{
	if (s->cores < 2)
		return 0;
	if (!s->rss)
		return be16_to_cpu(k->lport) % s->cores;
	return s->reta[steer_hash(s, k) & s->reta_mask];
}
