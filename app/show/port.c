/* SPDX-License-Identifier: BSD-3-Clause */
/* `show port`: address, link, offloads and counters of ports, and their packet buffers. */
#include <errno.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "show/show.h"
#include "text/table.h"

static json_t *
stats_model(const struct app *app, unsigned i)
{
	struct port_stats s;

	app_port_stats(app, i, &s);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rx_packets",
	        (json_int_t)s.rx_packets, "rx_bytes", (json_int_t)s.rx_bytes, "rx_missed",
	        (json_int_t)s.rx_missed, "rx_errors", (json_int_t)s.rx_errors, "rx_no_mbuf",
	        (json_int_t)s.rx_no_mbuf, "tx_packets", (json_int_t)s.tx_packets, "tx_bytes",
	        (json_int_t)s.tx_bytes, "tx_errors", (json_int_t)s.tx_errors);
}

static json_t *
link_model(const struct app_port *p)
{
	struct rte_eth_link link = {0};
	bool known = !p->removed && rte_eth_link_get_nowait(p->dev.id, &link) == 0;
	bool speed = known && link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN;

	return json_pack("{s:b, s:b, s:o, s:b}", "removed", p->removed, "up",
	        known && link.link_status == RTE_ETH_LINK_UP, "speed_mbps",
	        speed ? json_integer(link.link_speed) : json_null(), "full_duplex",
	        known && link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX);
}

static json_t *
offloads_model(const struct engine_port *dev)
{
	return json_pack("{s:b, s:b, s:b, s:b, s:b}", "rx_ip_checksum", dev->rx_csum_ip,
	        "rx_tcp_checksum", dev->rx_csum_tcp, "tx_ip_checksum", dev->net.offload_ip,
	        "tx_tcp_checksum", dev->net.offload_tcp, "rss", dev->rss);
}

static json_t *
notes_model(const struct port_notes *notes)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < notes->n; i++)
		json_array_append_new(list, json_string(notes->text[i]));
	return list;
}

static json_t *
port_row(const struct app *app, unsigned i)
{
	const struct app_port *p = &app->port[i];
	const struct config_port *c = &app->config.port[i];
	struct rte_eth_dev_info info = {0};
	char name[RTE_ETH_NAME_MAX_LEN] = "";

	rte_eth_dev_get_name_by_port(p->dev.id, name);
	if (rte_eth_dev_info_get(p->dev.id, &info) != 0)
		info.driver_name = NULL; /* the device was removed */
	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:i, s:o, s:i, s:o, s:o, s:o}",
	        "port", (int)i, "device", name, "driver",
	        info.driver_name != NULL ? info.driver_name : "", "mac",
	        show_mac(p->dev.net.mac), "address",
	        c->ip != 0 ? show_addr(c->ip) : json_null(), "prefix_len",
	        c->ip != 0 ? json_integer(c->prefix_len) : json_null(), "gateway",
	        c->gateway != 0 ? show_addr(c->gateway) : json_null(), "mtu",
	        (int)p->dev.net.mtu, "link", link_model(p), "queues", (int)app->nworkers,
	        "offloads", offloads_model(&p->dev), "notes", notes_model(&p->notes), "stats",
	        stats_model(app, i));
}

static json_t *
pools_model(const struct app *app)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < app->nworkers; i++) {
		const struct app_worker *w = &app->worker[i];

		json_array_append_new(list, json_pack("{s:i, s:i, s:i}", "lcore", (int)w->lcore,
		                                    "size", (int)w->pool->size, "in_use",
		                                    (int)rte_mempool_in_use_count(w->pool)));
	}
	return list;
}

static json_t *
port_model(struct app *app, const struct args *a, struct error *e)
{
	bool all = !a->given[ARG_PORT];
	uint64_t n = a->value[ARG_PORT].number;
	json_t *ports;

	if (!all && n >= app->nports) {
		config_no_such_port(&app->config, n, e);
		return NULL;
	}
	ports = json_array();
	for (unsigned i = 0; i < app->nports; i++) {
		if (all || i == n)
			json_array_append_new(ports, port_row(app, i));
	}
	return json_pack("{s:o, s:o}", "ports", ports, "pools", pools_model(app));
}

static const char *
checksum_side(const json_t *offloads, const char *key)
{
	return json_is_true(json_object_get(offloads, key)) ? "port" : "software";
}

static void
text_address(FILE *f, const json_t *p)
{
	const char *gateway = member_text(p, "gateway");

	fprintf(f, "port %lld: %s (%s)\n", member_int(p, "port"), member_text(p, "device"),
	        member_text(p, "driver"));
	if (member_text(p, "address")[0] == '\0')
		fprintf(f, "  address    none yet\n");
	else
		fprintf(f, "  address    %s/%lld%s%s\n", member_text(p, "address"),
		        member_int(p, "prefix_len"), gateway[0] != '\0' ? ", gateway " : "",
		        gateway);
	fprintf(f, "  MAC        %s, MTU %lld\n", member_text(p, "mac"), member_int(p, "mtu"));
}

static bool
member_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void
text_link(FILE *f, const json_t *link)
{
	if (member_flag(link, "removed")) {
		fprintf(f,
		        "  link       none: the network device was removed; to fix it: start this program again\n");
		return;
	}
	fprintf(f, "  link       %s", member_flag(link, "up") ? "up" : "down");
	if (json_is_integer(json_object_get(link, "speed_mbps")))
		fprintf(f, ", %lld Mbit/s", member_int(link, "speed_mbps"));
	fprintf(f, ", %s duplex\n", member_flag(link, "full_duplex") ? "full" : "half");
}

/* Drivers count packets that they could not send, but not why, so the cause is a guess. */
static const char *
unsent_cause(const json_t *link)
{
	if (member_flag(link, "removed"))
		return "the network device was removed";
	if (!member_flag(link, "up"))
		return "the link is down";
	return "the link was down for a time, or it is too slow (tx_full in show drops)";
}

/* The cause and the fix of packets that the port lost. */
static void
print_losses(FILE *f, const json_t *s, const json_t *link)
{
	if (member_int(s, "rx_missed") != 0)
		fprintf(f,
		        "  lost       missed %lld: the receive queue was full, because the cores are too slow (show lcore); to fix it: more cores (-l), each has a queue\n",
		        member_int(s, "rx_missed"));
	if (member_int(s, "rx_no_mbuf") != 0)
		fprintf(f,
		        "  lost       no buffer %lld times: all packet buffers were in use (see below); to fix it: --pool-size N\n",
		        member_int(s, "rx_no_mbuf"));
	if (member_int(s, "rx_errors") != 0)
		fprintf(f,
		        "  lost       errors %lld: packets were damaged, or longer than the MTU; to fix it: check the cable, the optics and the peer's MTU\n",
		        member_int(s, "rx_errors"));
	if (member_int(s, "tx_errors") != 0)
		fprintf(f, "  lost       errors %lld when sending: %s\n",
		        member_int(s, "tx_errors"), unsent_cause(link));
}

static void
text_port(FILE *f, const json_t *p)
{
	const json_t *o = json_object_get(p, "offloads");
	const json_t *s = json_object_get(p, "stats");
	json_t *note;
	size_t i;

	text_address(f, p);
	text_link(f, json_object_get(p, "link"));
	fprintf(f, "  queues     %lld to receive, %lld to send; RSS %s\n",
	        member_int(p, "queues"), member_int(p, "queues"),
	        json_is_true(json_object_get(o, "rss")) ? "on" : "off");
	fprintf(f, "  checksums  received: IP by %s, TCP by %s; sent: IP by %s, TCP by %s\n",
	        checksum_side(o, "rx_ip_checksum"), checksum_side(o, "rx_tcp_checksum"),
	        checksum_side(o, "tx_ip_checksum"), checksum_side(o, "tx_tcp_checksum"));
	fprintf(f,
	        "  received   %lld packets, %lld bytes; missed %lld, errors %lld, no buffer %lld\n",
	        member_int(s, "rx_packets"), member_int(s, "rx_bytes"),
	        member_int(s, "rx_missed"), member_int(s, "rx_errors"),
	        member_int(s, "rx_no_mbuf"));
	fprintf(f, "  sent       %lld packets, %lld bytes; errors %lld\n",
	        member_int(s, "tx_packets"), member_int(s, "tx_bytes"),
	        member_int(s, "tx_errors"));
	print_losses(f, s, json_object_get(p, "link"));
	json_array_foreach(json_object_get(p, "notes"), i, note)
	{
		fprintf(f, "  %-9s  %s\n", i == 0 ? "note" : "", json_string_value(note));
	}
}

static void
port_text(FILE *f, const json_t *doc)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "ports"), i, row)
	{
		text_port(f, row);
	}
	json_array_foreach(json_object_get(doc, "pools"), i, row)
	{
		fprintf(f, "packet buffers of lcore %lld: %lld of %lld in use\n",
		        member_int(row, "lcore"), member_int(row, "in_use"),
		        member_int(row, "size"));
	}
}

const struct show show_port = {port_model, port_text};
