/* SPDX-License-Identifier: BSD-3-Clause */
/* The RSS set-up that is read back from a port. */
#include <criterion/criterion.h>

#include "rss.h"

#define KEY_LEN 52
#define QUEUES  3
#define PORT    7

/* A port, and the answers of its driver to each call. */
static struct nic {
	int hash_err, update_err, query_err;
	uint8_t key[RSS_KEY_MAX];
	uint8_t key_len;
	uint64_t types;
	uint16_t reta[2 * STEER_RETA_MAX];
} nic;

int
rte_eth_dev_rss_hash_conf_get(uint16_t port, struct rte_eth_rss_conf *conf)
{
	cr_assert_eq(port, PORT);
	if (nic.hash_err != 0)
		return nic.hash_err;
	memcpy(conf->rss_key, nic.key, nic.key_len);
	conf->rss_key_len = nic.key_len;
	conf->rss_hf = nic.types;
	return 0;
}

int
rte_eth_dev_rss_reta_update(
        uint16_t port, struct rte_eth_rss_reta_entry64 *group, uint16_t size)
{
	cr_assert_eq(port, PORT);
	if (nic.update_err != 0)
		return nic.update_err;
	for (unsigned i = 0; i < size; i++)
		if (group[i / 64].mask >> i % 64 & 1)
			nic.reta[i] = group[i / 64].reta[i % 64];
	return 0;
}

int
rte_eth_dev_rss_reta_query(uint16_t port, struct rte_eth_rss_reta_entry64 *group, uint16_t size)
{
	cr_assert_eq(port, PORT);
	if (nic.query_err != 0)
		return nic.query_err;
	for (unsigned i = 0; i < size; i++)
		if (group[i / 64].mask >> i % 64 & 1)
			group[i / 64].reta[i % 64] = nic.reta[i];
	return 0;
}

static uint8_t ours[KEY_LEN];
static const struct rte_eth_rss_conf ASKED = {
        .rss_key = ours,
        .rss_key_len = KEY_LEN,
        .rss_hf = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV4,
};

/* A good one. */
static void
plug_in(void)
{
	for (unsigned i = 0; i < KEY_LEN; i++)
		ours[i] = (uint8_t)(3 * i + 1);
	nic = (struct nic) {.key_len = KEY_LEN, .types = ASKED.rss_hf};
	memcpy(nic.key, ours, KEY_LEN);
	memset(nic.reta, 0xff, sizeof(nic.reta));
}

static const char *
read_back(unsigned size, struct engine_port *out)
{
	struct rte_eth_dev_info info = {.reta_size = (uint16_t)size};

	*out = (struct engine_port) {.rss = true, .reta_size = 99};
	return rss_read_back(PORT, QUEUES, &info, &ASKED, out);
}

static void
expect_unknown(unsigned size)
{
	struct engine_port out;

	cr_expect_not_null(read_back(size, &out));
	cr_expect_eq(out.reta_size, 0u);
}

Test(rss, table_is_dealt_out_and_told)
{
	static const unsigned sizes[] = {16, 64, 128, STEER_RETA_MAX};
	struct engine_port out;

	for (unsigned k = 0; k < RTE_DIM(sizes); k++) {
		plug_in();
		cr_assert_null(read_back(sizes[k], &out));
		cr_expect_eq(out.reta_size, sizes[k]);
		for (unsigned i = 0; i < sizes[k]; i++)
			cr_assert_eq(out.reta[i], i % QUEUES, "entry %u of %u", i, sizes[k]);
		cr_expect_eq(nic.reta[sizes[k]], 0xffff, "no entry behind the table");
		cr_expect_arr_eq(out.rss_key, ours, KEY_LEN);
		cr_expect(out.rss_l4);
	}
}

/* The table of the port counts, and not the table that it was given. */
Test(rss, a_fixed_table_is_told_as_it_is)
{
	struct engine_port out;

	plug_in();
	nic.update_err = -ENOTSUP;
	for (unsigned i = 0; i < 128; i++)
		nic.reta[i] = (uint16_t)(i / 50);
	cr_assert_null(read_back(128, &out));
	cr_expect_eq(out.reta[49], 0);
	cr_expect_eq(out.reta[50], 1);
	cr_expect_eq(out.reta[127], 2);
	nic.reta[5] = QUEUES;
	expect_unknown(128);
}

/* Without ports in the hash a source port changes nothing. Ports are dealt out instead. */
Test(rss, a_hash_without_ports_is_of_no_use)
{
	plug_in();
	nic.types = RTE_ETH_RSS_IPV4;
	expect_unknown(128);
}

Test(rss, a_driver_that_cannot_tell_its_key_is_believed)
{
	struct engine_port out;

	plug_in();
	nic.hash_err = -ENOTSUP;
	cr_assert_null(read_back(128, &out));
	cr_expect_arr_eq(out.rss_key, ours, KEY_LEN);
	cr_expect(out.rss_l4);
	nic.hash_err = -EIO;
	expect_unknown(128);
}

Test(rss, another_key_is_not_known)
{
	plug_in();
	nic.key[KEY_LEN - 1] ^= 1;
	expect_unknown(128);
	plug_in();
	nic.key_len = 40;
	expect_unknown(128);
}

Test(rss, tables_of_other_sizes_are_not_known)
{
	plug_in();
	expect_unknown(0);
	expect_unknown(100);
	expect_unknown(2 * STEER_RETA_MAX);
	nic.query_err = -ENOTSUP;
	expect_unknown(128);
}
