/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

be32
config_netmask(uint8_t prefix_len)
{
	return cpu_to_be32(prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len));
}

/* RFC 1122 3.2.1.3: what can be a host's own address, and a peer's. */
static const char *
not_a_host(uint32_t addr)
{
	if (addr >> 24 == 0)
		return "0.0.0.0/8 is `this network`";
	if (addr >> 24 == 127)
		return "127.0.0.0/8 is loopback, and never on a wire";
	if (addr >> 28 == 14)
		return "224.0.0.0/4 is multicast";
	if (addr >> 28 == 15)
		return "240.0.0.0/4 is not for hosts";
	return NULL;
}

/* RFC 3021: a /31 has two hosts and neither network nor broadcast address. */
static int
check_ip(const struct config_port *p, struct error *e)
{
	uint32_t ip = be32_to_cpu(p->ip);
	uint32_t host = ip & ~be32_to_cpu(config_netmask(p->prefix_len));
	const char *why = not_a_host(ip);
	char text[ADDR_TEXT];

	addr_text(p->ip, text);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be a port's address: %s", text, why);
	if (p->prefix_len > 30)
		return 0;
	if (host == 0)
		return error_set(e, -EINVAL,
		        "%s/%u is the network itself: a port needs an address within it", text,
		        p->prefix_len);
	if (host == ~be32_to_cpu(config_netmask(p->prefix_len)))
		return error_set(e, -EINVAL, "%s is the broadcast address of its /%u", text,
		        p->prefix_len);
	return 0;
}

static int
check_gateway(const struct config_port *p, struct error *e)
{
	be32 mask = config_netmask(p->prefix_len);
	char gw[ADDR_TEXT], ip[ADDR_TEXT];
	const char *why = not_a_host(be32_to_cpu(p->gateway));

	if (p->gateway == 0)
		return 0;
	addr_text(p->gateway, gw);
	addr_text(p->ip, ip);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be a gateway: %s", gw, why);
	if (p->gateway == p->ip)
		return error_set(e, -EINVAL, "the gateway %s is the port's own address", gw);
	if ((p->gateway ^ p->ip) & mask)
		return error_set(e, -EINVAL,
		        "the gateway %s is not a neighbour: it is outside %s/%u", gw, ip,
		        p->prefix_len);
	return 0;
}

int
config_no_such_port(const struct config *c, uint64_t port, struct error *e)
{
	if (c->nports == 1)
		error_set(e, 0, "there is no port %llu: the only one is port 0",
		        (unsigned long long)port);
	else
		error_set(e, 0, "there is no port %llu: ports are 0 to %u",
		        (unsigned long long)port, c->nports - 1);
	return error_mend(e, -ENODEV, "show port all");
}

static bool
is_ours(const struct config *c, be32 addr)
{
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].ip == addr)
			return true;
	}
	return false;
}

int
config_set_port(struct config *c, uint64_t port, const struct config_port *p, struct error *e)
{
	char text[ADDR_TEXT];

	if (port >= c->nports)
		return config_no_such_port(c, port, e);
	if (check_ip(p, e) != 0 || check_gateway(p, e) != 0)
		return -EINVAL;
	for (unsigned i = 0; i < c->nports; i++) {
		if (i == port || c->port[i].ip != p->ip)
			continue;
		addr_text(p->ip, text);
		error_set(e, 0, "%s is given twice: port %u has it already", text, i);
		return error_mend(e, -EADDRINUSE, "set port %llu ip ADDR/%u, with another ADDR",
		        (unsigned long long)port, p->prefix_len);
	}
	c->port[port] = *p;
	return 0;
}

static int
not_ours(const struct config *c, be32 addr, struct error *e)
{
	char text[ADDR_TEXT], has[ADDR_TEXT];

	addr_text(addr, text);
	error_set(e, 0, "%s is not an address of ours", text);
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].ip == 0)
			return error_mend(e, -EADDRNOTAVAIL,
			        "set port %u ip %s/24 first, or listen on 0.0.0.0 (any of "
			        "ours)",
			        i, text);
	}
	return error_mend(e, -EADDRNOTAVAIL, "listen on %s, or on 0.0.0.0 (any of ours)",
	        c->nports > 0 ? addr_text(c->port[0].ip, has) : "0.0.0.0");
}

int
config_add_listen(struct config *c, be32 addr, be16 port, const char *service, struct error *e)
{
	struct config_listen *l;
	char text[ADDR_TEXT];

	if (addr != 0 && !is_ours(c, addr))
		return not_ours(c, addr, e);
	for (l = c->listen; l < c->listen + c->nlisten; l++) {
		if (l->addr != addr || l->port != port)
			continue;
		return error_set(e, -EADDRINUSE, "%s:%u is taken: '%s' listens there already",
		        addr_text(addr, text), be16_to_cpu(port), l->service);
	}
	if (c->nlisten == STACK_LISTENERS)
		return error_set(e, -ENOSPC, "there are %d listeners, and no room for more",
		        STACK_LISTENERS);
	l->addr = addr;
	l->port = port;
	snprintf(l->service, sizeof(l->service), "%s", service);
	c->nlisten++;
	return 0;
}

void
config_drop_last_listen(struct config *c)
{
	c->nlisten--;
}

int
config_check(const struct config *c, struct error *e)
{
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].ip != 0)
			continue;
		error_set(e, 0, "port %u has no address", i);
		return error_mend(e, -EDESTADDRREQ, "set port %u ip ADDR/LEN", i);
	}
	/* A port's address may have been changed under a listener. */
	for (unsigned i = 0; i < c->nlisten; i++) {
		if (c->listen[i].addr != 0 && !is_ours(c, c->listen[i].addr))
			return not_ours(c, c->listen[i].addr, e);
	}
	return 0;
}

static void
print_http(const struct config_http *h, void (*line)(void *ctx, const char *text), void *ctx)
{
	char text[VALUE_TEXT + 32];
	bool quote = strpbrk(h->file, " \t#") != NULL;

	if (h->file[0] != '\0')
		snprintf(text, sizeof(text),
		        quote ? "set http file \"%s\"" : "set http file %s", h->file);
	else
		snprintf(text, sizeof(text), "set http body %llu",
		        (unsigned long long)h->body_bytes);
	if (h->file[0] != '\0' || h->body_set)
		line(ctx, text);
	if (h->close_set)
		line(ctx, h->close ? "set http close on" : "set http close off");
}

void
config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx)
{
	char text[128], ip[ADDR_TEXT], gw[ADDR_TEXT];

	for (unsigned i = 0; i < c->nports; i++) {
		const struct config_port *p = &c->port[i];

		if (p->ip == 0)
			continue;
		snprintf(text, sizeof(text), "set port %u ip %s/%u%s%s", i,
		        addr_text(p->ip, ip), p->prefix_len, p->gateway != 0 ? " gateway " : "",
		        p->gateway != 0 ? addr_text(p->gateway, gw) : "");
		line(ctx, text);
	}
	print_http(&c->http, line, ctx);
	for (unsigned i = 0; i < c->nlisten; i++) {
		const struct config_listen *l = &c->listen[i];

		snprintf(text, sizeof(text), "set listen %s:%u %s", addr_text(l->addr, ip),
		        be16_to_cpu(l->port), l->service);
		line(ctx, text);
	}
}
