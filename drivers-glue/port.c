/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens and closes an ethdev: queues, offloads, RSS, MAC and MTU. */
#include "port.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "base/prf.h"
#include "engine/compat.h"
#include "quirks.h"
#include "rss.h"

#define DESCRIPTORS 1024
/* A driver's error number is often -1: the cause stands in EAL's log. */
#define DRIVERS_WORDS "the driver's messages follow, if it printed any"
#define RSS_KEY_SIZE  40 /* of a driver that does not tell */

/* A port that is being opened. */
struct opening {
	uint16_t id;
	unsigned n; /* queues */
	struct rte_eth_dev_info info;
	const struct quirks *quirks; /* the row of its driver */
	struct rte_eth_conf conf;
	uint8_t rss_key[RSS_KEY_MAX];
	struct engine_port *out;
	struct port_notes *notes;
};

static void __attribute__((format(printf, 2, 3)))
add_note(struct port_notes *notes, const char *format, ...)
{
	va_list args;

	if (notes == NULL || notes->n == RTE_DIM(notes->text))
		return;
	va_start(args, format);
	vsnprintf(notes->text[notes->n++], sizeof(notes->text[0]), format, args);
	va_end(args);
}

static int
refuse_opening(const struct opening *o, const char *what, int err, const char *fix)
{
	fprintf(stderr, "port %u (%s): %s: %s; %s\n", o->id,
	        o->info.driver_name != NULL ? o->info.driver_name : "?", what, strerror(-err),
	        fix);
	return err;
}

void
port_gather_members(unsigned n)
{
	static const struct rte_eth_conf plain = {.lpbk_mode = 0};
	uint16_t id;

	RTE_ETH_FOREACH_DEV(id)
	{
		struct rte_eth_dev_info info;

		if (rte_eth_dev_info_get(id, &info) == 0 &&
		        quirks_of(info.driver_name)->has_members)
			(void)rte_eth_dev_configure(id, (uint16_t)n, (uint16_t)n, &plain);
	}
}

bool
port_is_member(uint16_t id)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(id, &info) == 0 && info.dev_flags != NULL &&
	       (*info.dev_flags & COMPAT_ETH_DEV_BOND_MEMBER) != 0;
}

/* The number of queue pairs. Some drivers send the files of all queues, one for each direction,
 * to other processes in one message, and write beyond the message if it holds fewer. */
static unsigned
most_queues(const struct rte_eth_dev_info *info)
{
	unsigned most = RTE_MIN(info->max_rx_queues, info->max_tx_queues);

	if (quirks_of(info->driver_name)->queues_in_one_message)
		most = RTE_MIN(most, RTE_MP_MAX_FD_NUM / 2u);
	return most;
}

unsigned
port_queues(uint16_t id)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(id, &info) == 0 ? most_queues(&info) : 0;
}

static int
check_port_queues(const struct opening *o)
{
	unsigned most = most_queues(&o->info);

	if (o->n <= most)
		return 0;
	fprintf(stderr,
	        "port %u (%s): %u workers need as many queue pairs, and it has %u; use %u workers at most, on fewer lcores (EAL's -l)\n",
	        o->id, o->info.driver_name, o->n, most, most);
	return -EINVAL;
}

/* Steer by the hash of addresses and TCP ports under a random key. A peer that knew the key
 * could put all its flows on one core. */
static int
choose_rss(struct opening *o)
{
	uint64_t capa = o->info.flow_type_rss_offloads;
	uint64_t types = capa & (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV4);
	unsigned size = o->info.hash_key_size != 0 ? o->info.hash_key_size : RSS_KEY_SIZE;
	int err;

	if (o->n < 2 || types == 0 || size > sizeof(o->rss_key))
		return 0;
	if (o->quirks->no_rss)
		return 0;
	err = secret_fill(o->rss_key, size);
	if (err != 0)
		return refuse_opening(
		        o, "no random key for RSS", err, "is /dev/urandom there?");
	o->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	o->conf.rx_adv_conf.rss_conf.rss_key = o->rss_key;
	o->conf.rx_adv_conf.rss_conf.rss_key_len = (uint8_t)size;
	o->conf.rx_adv_conf.rss_conf.rss_hf = types;
	o->out->rss = true;
	return 0;
}

static void
choose_offloads(struct opening *o)
{
	bool software = o->quirks->software_checksums;
	uint64_t rx = software ? 0 : o->info.rx_offload_capa;
	uint64_t tx = software ? 0 : o->info.tx_offload_capa;

	rx &= RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	tx &= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
	o->out->rx_csum_ip = (rx & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0;
	o->out->rx_csum_tcp = (rx & RTE_ETH_RX_OFFLOAD_TCP_CKSUM) != 0;
	o->out->net.offload_ip = (tx & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
	o->out->net.offload_tcp = (tx & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0;
	/* A worker's packets come from one pool and have one owner. */
	tx |= o->info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	o->conf.rxmode.offloads = rx;
	o->conf.txmode.offloads = tx;
	if (software)
		add_note(o->notes,
		        "checksums: this driver's offload is software; Handfast's own is used");
	else if (rx == 0 && !o->out->net.offload_tcp)
		add_note(o->notes, "no checksum offload: made and verified in software");
	else if (!o->out->rx_csum_tcp || !o->out->net.offload_tcp)
		add_note(o->notes, "checksum offload in part: TCP %s in software",
		        o->out->rx_csum_tcp ? "made" : "verified");
}

/* Note what spreads flows over the queues without RSS: the driver's row in quirks.c tells. */
static void
note_spreading(const struct opening *o)
{
	char text[sizeof(o->notes->text[0])];

	if (o->n < 2 || o->out->rss)
		return;
	snprintf(text, sizeof(text),
	        o->quirks->spreading != NULL
	                ? o->quirks->spreading
	                : "the device must keep each flow on one of the %u queues; a flow that changes its queue is reset",
	        o->n);
	add_note(o->notes, "no RSS: %s", text);
}

/* Read back the RSS table, so that a connection's source port can be chosen for the queue of
 * its answers. Note it if that cannot be done. */
static void
settle_steering(const struct opening *o)
{
	const struct rte_eth_rss_conf *asked = &o->conf.rx_adv_conf.rss_conf;
	const char *why = NULL;

	if (o->n < 2)
		return;
	if (o->out->rss)
		why = rss_read_back(o->id, o->n, &o->info, asked, o->out);
	if (why != NULL)
		add_note(o->notes, "RSS: %s", why);
	if (o->out->reta_size == 0)
		add_note(o->notes,
		        "flows that we open: a segment that comes to another core is handed over to the core that opened the flow");
}

static const char *
queue_fix(int err)
{
	return err == -ENOMEM ? "give EAL more memory (-m), or use fewer workers"
	                      : DRIVERS_WORDS;
}

static int
setup_queues(struct opening *o, struct rte_mempool *const *pool)
{
	struct rte_eth_rxconf rxconf = o->info.default_rxconf;
	struct rte_eth_txconf txconf = o->info.default_txconf;
	uint16_t nrx = DESCRIPTORS, ntx = DESCRIPTORS;
	int node = rte_eth_dev_socket_id(o->id);
	int err;

	rxconf.offloads = o->conf.rxmode.offloads;
	txconf.offloads = o->conf.txmode.offloads;
	err = rte_eth_dev_adjust_nb_rx_tx_desc(o->id, &nrx, &ntx);
	if (err != 0)
		return refuse_opening(o, "has no descriptors", err,
		        "bind another driver with `dpdk-devbind.py`");
	for (uint16_t q = 0; q < o->n; q++) {
		err = rte_eth_rx_queue_setup(o->id, q, nrx, (unsigned)node, &rxconf, pool[q]);
		if (err != 0)
			return refuse_opening(o, "no receive queue", err, queue_fix(err));
		err = rte_eth_tx_queue_setup(o->id, q, ntx, (unsigned)node, &txconf);
		if (err != 0)
			return refuse_opening(o, "no transmit queue", err, queue_fix(err));
	}
	return 0;
}

static int
read_identity(struct opening *o)
{
	struct rte_ether_addr mac;
	int err;

	err = rte_eth_macaddr_get(o->id, &mac);
	if (err == 0)
		err = rte_eth_dev_get_mtu(o->id, &o->out->net.mtu);
	if (err != 0)
		return refuse_opening(o, "does not tell its MAC and MTU", err,
		        "bind another driver with `dpdk-devbind.py`");
	if (rte_is_zero_ether_addr(&mac)) {
		rte_eth_random_addr(mac.addr_bytes);
		add_note(o->notes, "MAC: the device has none; a random one is used");
	}
	memcpy(o->out->net.mac, mac.addr_bytes, ETH_ALEN);
	if (o->quirks->shared_mac) {
		o->out->net.mac[ETH_ALEN - 1] ^= 1;
		add_note(o->notes,
		        "MAC: the kernel's end uses the device's; ours differs from it in the last bit");
	}
	if (o->quirks->overload != NULL)
		add_note(o->notes, "overload: %s", o->quirks->overload);
	return 0;
}

static int
begin_opening(struct opening *o)
{
	int err;

	memset(o->out, 0, sizeof(*o->out));
	o->out->id = o->id;
	err = rte_eth_dev_info_get(o->id, &o->info);
	if (err != 0)
		return refuse_opening(o, "does not exist", err,
		        "name a device that EAL has, or give it one with --vdev or -a");
	o->quirks = quirks_of(o->info.driver_name);
	err = check_port_queues(o);
	if (err != 0)
		return err;
	err = choose_rss(o);
	if (err != 0)
		return err;
	choose_offloads(o);
	return 0;
}

static int
start_port(struct opening *o)
{
	int err = rte_eth_dev_start(o->id);

	if (err != 0)
		return refuse_opening(o, "does not start", err, DRIVERS_WORDS);
	note_spreading(o);
	settle_steering(o);
	return read_identity(o);
}

void
port_close(uint16_t id)
{
	rte_eth_dev_stop(id);
	rte_eth_dev_close(id);
}

int
port_open(uint16_t id, unsigned n, struct rte_mempool *const *pool, struct engine_port *out,
        struct port_notes *notes)
{
	struct opening o = {.id = id, .n = n, .out = out, .notes = notes};
	int err;

	if (notes != NULL)
		notes->n = 0;
	err = begin_opening(&o);
	if (err != 0)
		return err;
	err = rte_eth_dev_configure(id, (uint16_t)n, (uint16_t)n, &o.conf);
	if (err != 0)
		return refuse_opening(&o, "cannot be configured", err,
		        err == -EBUSY ? "an engine has it open; name another port"
		                      : DRIVERS_WORDS);
	err = setup_queues(&o, pool);
	if (err == 0)
		err = start_port(&o);
	if (err != 0)
		port_close(id);
	return err;
}
