/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets the RSS table of a port, and reads key, hash function and table back. */
#include "rss.h"

#include <errno.h>
#include <string.h>

#include "engine/compat.h"

#define GROUPS (STEER_RETA_MAX / RTE_ETH_RETA_GROUP_SIZE)

/* Read the key and the hash function of the port. A driver that cannot tell is trusted: if its
 * key differs, answers are handed over. */
static const char *
read_hash(uint16_t id, const struct rte_eth_rss_conf *asked, struct engine_port *out)
{
	uint8_t key[RSS_KEY_MAX] = {0};
	struct rte_eth_rss_conf has = {.rss_key = key, .rss_key_len = asked->rss_key_len};
	unsigned len = asked->rss_key_len;
	int err = rte_eth_dev_rss_hash_conf_get(id, &has);

	if (err != 0 && err != -ENOTSUP)
		return "its key cannot be read";
	if (err == 0 && memcmp(key, asked->rss_key, len) != 0)
		return "it does not use our key";
	if (err == 0 && !compat_rss_is_toeplitz(&has))
		return "its hash is not Toeplitz";
	out->rss_l4 = ((err == 0 ? has.rss_hf : asked->rss_hf) &
	                      RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0;
	if (!out->rss_l4)
		return "its hash leaves out TCP ports: all packets of a peer come to one core";
	memcpy(out->rss_key, asked->rss_key, RTE_MIN(len, (unsigned)STEER_KEY_MAX));
	return NULL;
}

/* Select all entries of a table of this size. */
static void
select_all(struct rte_eth_rss_reta_entry64 *group, unsigned size)
{
	memset(group, 0, GROUPS * sizeof(*group));
	for (unsigned i = 0; i < size; i++)
		group[i / RTE_ETH_RETA_GROUP_SIZE].mask |= UINT64_C(1)
		                                           << i % RTE_ETH_RETA_GROUP_SIZE;
}

/* Deal the entries out to the queues. A table that cannot be changed may do as it is. */
static void
deal_out(uint16_t id, unsigned queues, unsigned size)
{
	struct rte_eth_rss_reta_entry64 group[GROUPS];

	select_all(group, size);
	for (unsigned i = 0; i < size; i++)
		group[i / RTE_ETH_RETA_GROUP_SIZE]
		        .reta[i % RTE_ETH_RETA_GROUP_SIZE] = (uint16_t)(i % queues);
	(void)rte_eth_dev_rss_reta_update(id, group, (uint16_t)size);
}

static const char *
read_table(uint16_t id, unsigned queues, unsigned size, uint16_t *reta)
{
	struct rte_eth_rss_reta_entry64 group[GROUPS];

	select_all(group, size);
	if (rte_eth_dev_rss_reta_query(id, group, (uint16_t)size) != 0)
		return "its table cannot be read";
	for (unsigned i = 0; i < size; i++) {
		reta[i] = group[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
		if (reta[i] >= queues)
			return "its table names queues that do not exist";
	}
	return NULL;
}

const char *
rss_read_back(uint16_t id, unsigned queues, const struct rte_eth_dev_info *info,
        const struct rte_eth_rss_conf *asked, struct engine_port *out)
{
	unsigned size = info->reta_size;
	const char *why;

	out->reta_size = 0;
	why = read_hash(id, asked, out);
	if (why != NULL)
		return why;
	if (size == 0)
		return "it has no table, or does not tell";
	if (size > STEER_RETA_MAX || (size & (size - 1)) != 0)
		return "its table has an unusual size";
	deal_out(id, queues, size);
	why = read_table(id, queues, size, out->reta);
	if (why != NULL)
		return why;
	out->reta_size = size;
	return NULL;
}
