/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration of an embedder: versions, defaults, and checks of every member. */
#include "conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "base/defaults.h"
#include "base/limits.h"
#include "drivers-glue/port.h"
#include "wire/host_addr.h"

/* The first version of struct hf_engine_conf ended here. Padding follows on a 64-bit machine.
 * It may hold anything, so the next member begins behind it. */
#define CONF_SIZE_MIN (offsetof(struct hf_engine_conf, source_count) + sizeof(uint32_t))

#define DSCP_MOST     63
#define RCV_WND_LEAST 1024
#define RCV_WND_MOST  (65535u << 14) /* RFC 7323 2.3 */

/* The receive queue of a port holds as many buffers of each worker. */
#define PACKETS_OF_PORT  1024
#define PACKETS_OF_STACK 1023

static int __attribute__((format(printf, 1, 2))) refuse_conf(const char *why, ...)
{
	va_list args;

	fprintf(stderr, "hf_engine_create: ");
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fprintf(stderr, "\n");
	return -EINVAL;
}

const char *
conf_addr_text(uint32_t addr, char text[CONF_ADDR_TEXT])
{
	uint8_t b[4];

	memcpy(b, &addr, sizeof(b));
	snprintf(text, CONF_ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return text;
}

/* The least number of packet buffers with which each port can fill its receive queue. */
static uint32_t
least_packets(unsigned nports)
{
	return PACKETS_OF_PORT * nports + PACKETS_OF_STACK;
}

static void
set_conf_defaults(struct hf_engine_conf *c)
{
	if (c->nworkers == 0)
		c->nworkers = 1;
	if (c->packets == 0)
		c->packets = RTE_MAX((uint32_t)DEFAULT_PACKETS,
		        least_packets(RTE_MIN(c->nports, (unsigned)HF_PORTS)));
	if (c->max_kept == 0)
		c->max_kept = RTE_MIN(c->packets / 2 + c->packets % 2, (uint32_t)DEFAULT_KEPT);
}

/* The members of an older embedder that are missing are 0. The members of a newer one that are
 * not known here must be 0. */
int
conf_read(struct hf_engine_conf *c, const struct hf_engine_conf *given)
{
	const char *bytes = (const void *)given;

	if (given->size < CONF_SIZE_MIN)
		return refuse_conf(
		        "size is %u; set it to sizeof(struct hf_engine_conf)", given->size);
	for (uint32_t i = sizeof(*c); i < given->size; i++) {
		if (bytes[i] != 0) {
			refuse_conf(
			        "byte %u of the configuration is not known; update libhandfast",
			        i);
			return -E2BIG;
		}
	}
	memset(c, 0, sizeof(*c));
	memcpy(c, given, RTE_MIN((size_t)given->size, sizeof(*c)));
	set_conf_defaults(c);
	return 0;
}

static int
check_packets(const struct hf_engine_conf *c)
{
	uint32_t least = least_packets(c->nports);

	if (c->packets < least)
		return refuse_conf("packets is %u; %u port%s at least %u", c->packets,
		        c->nports, c->nports == 1 ? " needs" : "s need", least);
	if (c->max_kept > c->packets / 2 + c->packets % 2)
		return refuse_conf(
		        "max_kept is %u; it must be at most half of `packets`, which is %u",
		        c->max_kept, c->packets);
	return 0;
}

static int
check_numbers(const struct hf_engine_conf *c)
{
	if (c->nports == 0 || c->nports > HF_PORTS)
		return refuse_conf("nports is %u; it must be 1 to %u", c->nports, HF_PORTS);
	if (c->ports == NULL)
		return refuse_conf("ports is NULL; name %u of them", c->nports);
	if (c->nworkers > HF_WORKERS)
		return refuse_conf(
		        "nworkers is %u; it must be 1 to %u", c->nworkers, HF_WORKERS);
	if (c->dscp > DSCP_MOST)
		return refuse_conf("dscp is %u; it must be 0 to %u", c->dscp, DSCP_MOST);
	if (c->rcv_wnd != 0 && (c->rcv_wnd < RCV_WND_LEAST || c->rcv_wnd > RCV_WND_MOST))
		return refuse_conf("rcv_wnd is %u; it must be %u to %u bytes", c->rcv_wnd,
		        RCV_WND_LEAST, RCV_WND_MOST);
	if (c->max_conns > LIMIT_CONNS)
		return refuse_conf(
		        "max_conns is %u; it must be at most %u", c->max_conns, LIMIT_CONNS);
	return check_packets(c);
}

static int
check_lcore(const struct hf_engine_conf *c, unsigned i)
{
	unsigned lcore = c->lcores[i];

	if (!rte_lcore_is_enabled(lcore))
		return refuse_conf("lcore %u does not exist; name it with EAL's -l", lcore);
	if (c->nworkers > 1 && !c->own_loop && lcore == rte_get_main_lcore())
		return refuse_conf(
		        "lcore %u is the main lcore, which may be a worker only if it is the only one; give EAL more lcores (-l)",
		        lcore);
	for (unsigned k = 0; k < i; k++) {
		if (c->lcores[k] == lcore)
			return refuse_conf(
			        "lcore %u is given to two workers; name another", lcore);
	}
	return 0;
}

static int
check_lcores(const struct hf_engine_conf *c)
{
	if (c->nworkers > 1 && c->lcores == NULL)
		return refuse_conf(
		        "lcores is NULL; name one for each of %u workers", c->nworkers);
	for (unsigned i = 0; i < c->nworkers && c->lcores != NULL; i++) {
		if (check_lcore(c, i) != 0)
			return -EINVAL;
	}
	return 0;
}

/* Why no host of the port's network can have the address; NULL if one can. A /31 has neither a
 * network nor a broadcast address (RFC 3021). */
static const char *
not_a_host_there(const struct hf_port_conf *p, uint32_t addr)
{
	uint32_t host = ~be32_to_cpu(p->netmask);

	if (host < 2)
		return host_addr_fault(addr);
	if (addr == (p->addr & p->netmask))
		return "it is the address of the port's network";
	if (addr == (p->addr | ~p->netmask))
		return "it is the broadcast address of the port's network";
	return host_addr_fault(addr);
}

static int
check_netmask(const struct hf_port_conf *p)
{
	uint32_t host = ~be32_to_cpu(p->netmask);
	char text[CONF_ADDR_TEXT];

	if (p->netmask != 0 && (host & (host + 1)) == 0)
		return 0;
	return refuse_conf(
	        "port %u: the netmask %s is no row of ones; 255.255.255.0 is one for a /24, in network byte order",
	        p->id, conf_addr_text(p->netmask, text));
}

static int
check_port_addrs(const struct hf_port_conf *p)
{
	char text[CONF_ADDR_TEXT];
	const char *why;

	if (check_netmask(p) != 0)
		return -EINVAL;
	why = not_a_host_there(p, p->addr);
	if (why != NULL)
		return refuse_conf("port %u: its address cannot be %s: %s", p->id,
		        conf_addr_text(p->addr, text), why);
	if (p->gateway == 0)
		return 0;
	why = p->gateway == p->addr ? "it is the port's own address"
	                            : not_a_host_there(p, p->gateway);
	if (why != NULL)
		return refuse_conf("port %u: its gateway cannot be %s: %s", p->id,
		        conf_addr_text(p->gateway, text), why);
	return 0;
}

static int
check_device(const struct hf_engine_conf *c, uint16_t id)
{
	unsigned most;

	if (!rte_eth_dev_is_valid_port(id))
		return refuse_conf(
		        "there is no port %u; give EAL a device with --vdev or -a, or start a new process if an engine has closed the device",
		        id);
	if (port_is_member(id))
		return refuse_conf("port %u is a member of a bond; name the bond instead", id);
	most = port_queues(id);
	if (c->nworkers > most)
		return refuse_conf(
		        "port %u has %u queue pairs, and %u workers need as many; set nworkers to %u",
		        id, most, c->nworkers, most);
	return 0;
}

static int
check_port_is_alone(const struct hf_engine_conf *c, unsigned i)
{
	const struct hf_port_conf *p = &c->ports[i];
	char text[CONF_ADDR_TEXT];

	for (unsigned k = 0; k < i; k++) {
		if (c->ports[k].id == p->id)
			return refuse_conf("port %u is named twice", p->id);
		if (p->addr != 0 && c->ports[k].addr == p->addr)
			return refuse_conf("ports %u and %u have the same address %s",
			        c->ports[k].id, p->id, conf_addr_text(p->addr, text));
	}
	return 0;
}

static int
check_ports(const struct hf_engine_conf *c)
{
	bool any = false;

	for (unsigned i = 0; i < c->nports; i++) {
		const struct hf_port_conf *p = &c->ports[i];

		if (check_device(c, p->id) != 0 || check_port_is_alone(c, i) != 0)
			return -EINVAL;
		if (p->addr == 0)
			continue;
		any = true;
		if (check_port_addrs(p) != 0)
			return -EINVAL;
	}
	return any ? 0 : refuse_conf("no port has an address; set addr and netmask of one");
}

static int
check_sources_exclude(const struct hf_engine_conf *c, uint32_t addr, const char *what)
{
	char text[CONF_ADDR_TEXT];

	if (be32_to_cpu(addr) - be32_to_cpu(c->source_first) >= c->source_count)
		return 0;
	return refuse_conf("the sources contain %s, which is a port's %s",
	        conf_addr_text(addr, text), what);
}

static int
check_sources_at_port(const struct hf_engine_conf *c, const struct hf_port_conf *p)
{
	if (p->addr == 0)
		return 0;
	if (check_sources_exclude(c, p->addr, "own address") != 0 ||
	        (p->gateway != 0 && check_sources_exclude(c, p->gateway, "gateway") != 0))
		return -EINVAL;
	if (~be32_to_cpu(p->netmask) < 2)
		return 0;
	if (check_sources_exclude(c, p->addr & p->netmask, "network address") != 0)
		return -EINVAL;
	return check_sources_exclude(c, p->addr | ~p->netmask, "broadcast address");
}

static int
check_sources(const struct hf_engine_conf *c)
{
	uint32_t last = cpu_to_be32(be32_to_cpu(c->source_first) + c->source_count - 1);
	char text[CONF_ADDR_TEXT];

	if (c->source_count == 0)
		return 0;
	if (c->source_count > LIMIT_SOURCES)
		return refuse_conf("source_count is %u; it must be at most %u", c->source_count,
		        LIMIT_SOURCES);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t addr = i == 0 ? c->source_first : last;
		const char *why = host_addr_fault(addr);

		if (why != NULL)
			return refuse_conf(
			        "%s cannot be a source: %s", conf_addr_text(addr, text), why);
	}
	for (unsigned i = 0; i < c->nports; i++) {
		if (check_sources_at_port(c, &c->ports[i]) != 0)
			return -EINVAL;
	}
	return 0;
}

int
conf_check(const struct hf_engine_conf *c)
{
	if (check_numbers(c) != 0 || check_lcores(c) != 0 || check_ports(c) != 0)
		return -EINVAL;
	return check_sources(c);
}
