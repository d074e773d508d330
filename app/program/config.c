/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration: each change is checked against the rest, and all of it can be printed. */
#include "program/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/reading.h"
#include "wire/host_addr.h"

const char *const config_syn_cookie_names[] = {
        [SYN_COOKIE_AUTO] = "auto",
        [SYN_COOKIE_ALWAYS] = "always",
        [SYN_COOKIE_OFF] = "off",
};

const char *const config_http_timeouts[HTTP_TIMEOUTS] = {
        [HTTP_CLIENT_HEADER] = "client_header_timeout",
        [HTTP_CLIENT_BODY] = "client_body_timeout",
        [HTTP_KEEPALIVE] = "keepalive_timeout",
        [HTTP_SEND] = "send_timeout",
};

const char *const config_idle_services[IDLE_SERVICES] = {
#define IDLE(name, ...) [IDLE_##name] = #name,
        SERVICES(NO_SERVICE, IDLE, )
#undef IDLE
};

be32
config_netmask(uint8_t prefix_len)
{
	return cpu_to_be32(prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len));
}

/* RFC 3021: a /31 has two hosts and neither network nor broadcast address. */
static int
check_ip(const struct config_port *p, struct error *e)
{
	uint32_t ip = be32_to_cpu(p->ip);
	uint32_t host = ip & ~be32_to_cpu(config_netmask(p->prefix_len));
	const char *why = host_addr_fault(p->ip);
	char text[ADDR_TEXT];

	addr_text(p->ip, text);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be a port's address: %s", text, why);
	if (p->prefix_len > 30)
		return 0;
	if (host == 0)
		return error_set(e, -EINVAL,
		        "%s/%u is the address of the network, not of a host in it", text,
		        p->prefix_len);
	if (host == ~be32_to_cpu(config_netmask(p->prefix_len)))
		return error_set(e, -EINVAL, "%s is the broadcast address of its /%u", text,
		        p->prefix_len);
	return 0;
}

bool
config_gateway_outside(const struct config_port *p)
{
	return p->gateway != 0 && ((p->gateway ^ p->ip) & config_netmask(p->prefix_len)) != 0;
}

int
config_no_such_port(const struct config *c, uint64_t port, struct error *e)
{
	if (c->nports == 1)
		error_set(e, 0, "port %llu does not exist: the only port is 0",
		        (unsigned long long)port);
	else
		error_set(e, 0, "port %llu does not exist: ports are 0 to %u",
		        (unsigned long long)port, c->nports - 1);
	return error_fix(e, -ENODEV, "show port all");
}

/* Why no other host can have addr, given the addresses of port p; NULL if one can (RFC 1122
 * 3.2.1.3). A /31 has neither network nor broadcast address (RFC 3021). */
static const char *
reserved_by_port(const struct config_port *p, be32 addr)
{
	be32 mask = config_netmask(p->prefix_len);

	if (p->ip == 0)
		return NULL;
	if (p->ip == addr)
		return "own address";
	if (p->prefix_len > 30)
		return NULL;
	if (addr == (p->ip & mask))
		return "network address";
	return addr == (p->ip | ~mask) ? "broadcast address" : NULL;
}

/* Returns -EINVAL if no other host can have addr. `what` says what addr was meant for. */
static int
check_other_host(const struct config *c, be32 addr, const char *what, struct error *e)
{
	const char *why = host_addr_fault(addr);
	char text[ADDR_TEXT];

	addr_text(addr, text);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be %s: %s", text, what, why);
	for (unsigned i = 0; i < c->nports; i++) {
		why = reserved_by_port(&c->port[i], addr);
		if (why != NULL)
			return error_set(e, -EINVAL, "%s cannot be %s: it is port %u's %s",
			        text, what, i, why);
	}
	return 0;
}

/* Checks all ports, because they are set in any order. A gateway may be outside the port's
 * network: it is on the link all the same, and a host with a /32 has no other kind. */
static int
check_gateways(const struct config *c, struct error *e)
{
	for (unsigned i = 0; i < c->nports; i++) {
		char what[32];

		snprintf(what, sizeof(what), "port %u's gateway", i);
		if (c->port[i].ip != 0 && c->port[i].gateway != 0 &&
		        check_other_host(c, c->port[i].gateway, what, e) != 0)
			return -EINVAL;
	}
	return 0;
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

/* Checks only the gateway of the port that changes: the user may change another port next. */
static int
check_gateway(
        const struct config *c, uint64_t port, const struct config_port *p, struct error *e)
{
	struct config then = *c;

	then.port[port] = *p;
	return p->gateway == 0 ? 0 : check_other_host(&then, p->gateway, "a gateway", e);
}

int
config_set_port(struct config *c, uint64_t port, const struct config_port *p, struct error *e)
{
	char text[ADDR_TEXT];

	if (port >= c->nports)
		return config_no_such_port(c, port, e);
	if (check_ip(p, e) != 0 || check_gateway(c, port, p, e) != 0)
		return -EINVAL;
	for (unsigned i = 0; i < c->nports; i++) {
		if (i == port || c->port[i].ip != p->ip)
			continue;
		addr_text(p->ip, text);
		error_set(e, 0, "port %u has the address %s already", i, text);
		return error_fix(e, -EADDRINUSE,
		        "choose another address: set port %llu ip ADDR/%u",
		        (unsigned long long)port, p->prefix_len);
	}
	c->port[port] = *p;
	return 0;
}

static int
refuse_listen_addr(const struct config *c, be32 addr, struct error *e)
{
	char text[ADDR_TEXT], has[ADDR_TEXT];

	addr_text(addr, text);
	error_set(e, 0, "%s is not an address of a port", text);
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].ip == 0)
			return error_fix(e, -EADDRNOTAVAIL,
			        "set port %u ip %s/24 first, or listen on 0.0.0.0 (the addresses of all ports)",
			        i, text);
	}
	return error_fix(e, -EADDRNOTAVAIL,
	        "listen on %s, or on 0.0.0.0 (the addresses of all ports)",
	        c->nports > 0 ? addr_text(c->port[0].ip, has) : "0.0.0.0");
}

int
config_add_listen(struct config *c, be32 addr, be16 port, const char *service, struct error *e)
{
	struct config_listen *l;
	char text[ADDR_TEXT];

	if (addr != 0 && !is_ours(c, addr))
		return refuse_listen_addr(c, addr, e);
	for (l = c->listen; l < c->listen + c->nlisten; l++) {
		if (l->addr != addr || l->port != port)
			continue;
		return error_set(e, -EADDRINUSE,
		        "%s:%u is in use: the service '%s' listens there",
		        addr_text(addr, text), be16_to_cpu(port), l->service);
	}
	if (c->nlisten == LIMIT_USERS)
		return error_set(e, -ENOSPC,
		        "there are %d listeners already, which is the limit", LIMIT_USERS);
	l->addr = addr;
	l->port = port;
	snprintf(l->service, sizeof(l->service), "%s", service);
	c->nlisten++;
	return 0;
}

static bool
source_contains(const struct config_source *s, be32 addr)
{
	return be32_to_cpu(addr) >= be32_to_cpu(s->first) &&
	       be32_to_cpu(addr) <= be32_to_cpu(s->last);
}

/* Returns -EINVAL if the sources contain `addr`, which another host has or no host may have. */
static int
check_source_excludes(const struct config_source *s, be32 addr, const char *what, unsigned port,
        struct error *e)
{
	char text[ADDR_TEXT];

	if (!source_contains(s, addr))
		return 0;
	error_set(e, 0, "the sources contain %s, which is port %u's %s", addr_text(addr, text),
	        port, what);
	return error_fix(e, -EINVAL, "choose a range without %s: set source ADDR-ADDR", text);
}

/* Checks the sources against the ports' addresses. These may change later, so config_check()
 * checks again. */
static int
check_source_at_ports(const struct config *c, const struct config_source *s, struct error *e)
{
	for (unsigned i = 0; i < c->nports; i++) {
		const struct config_port *p = &c->port[i];
		be32 mask = config_netmask(p->prefix_len);

		if (p->ip == 0)
			continue;
		if (check_source_excludes(s, p->ip, "own address", i, e) != 0 ||
		        check_source_excludes(s, p->gateway, "gateway", i, e) != 0)
			return -EINVAL;
		if (p->prefix_len > 30)
			continue;
		if (check_source_excludes(s, p->ip & mask, "network address", i, e) != 0 ||
		        check_source_excludes(s, p->ip | ~mask, "broadcast address", i, e) != 0)
			return -EINVAL;
	}
	return 0;
}

static int
check_source_range(const struct config_source *s, struct error *e)
{
	uint32_t first = be32_to_cpu(s->first), last = be32_to_cpu(s->last);
	char a[ADDR_TEXT], b[ADDR_TEXT];
	const char *why = host_addr_fault(s->first);

	addr_text(s->first, a);
	addr_text(s->last, b);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be a source: %s", a, why);
	why = host_addr_fault(s->last);
	if (why != NULL)
		return error_set(e, -EINVAL, "%s cannot be a source: %s", b, why);
	if (first > last) {
		error_set(e, 0,
		        "%s-%s is not a range: the first address is higher than the last", a,
		        b);
		return error_fix(e, -EINVAL, "set source %s-%s", b, a);
	}
	if (last - first < LIMIT_SOURCES)
		return 0;
	error_set(e, 0, "%s-%s has %u addresses, and the limit is %d", a, b, last - first + 1,
	        LIMIT_SOURCES);
	return error_fix(e, -EINVAL, "set source %s-%s", a,
	        addr_text(cpu_to_be32(first + LIMIT_SOURCES - 1), b));
}

static int
check_source_ports(const struct config_source *s, struct error *e)
{
	unsigned first = be16_to_cpu(s->port_first), last = be16_to_cpu(s->port_last);

	if (first <= last)
		return 0;
	error_set(e, 0, "%u-%u is not a range of ports: the first port is higher than the last",
	        first, last);
	return error_fix(e, -EINVAL, "ports %u-%u", last, first);
}

int
config_set_source(struct config *c, const struct config_source *s, struct error *e)
{
	if (s->first != 0 || s->last != 0) {
		if (check_source_range(s, e) != 0 || check_source_ports(s, e) != 0 ||
		        check_source_at_ports(c, s, e) != 0)
			return -EINVAL;
	}
	c->source = *s;
	return 0;
}

int
config_check_target(const struct config *c, be32 addr, struct error *e)
{
	char text[ADDR_TEXT];

	addr_text(addr, text);
	if (is_ours(c, addr))
		return error_set(e, -EINVAL,
		        "%s is an address of a port of this program: a load needs another host as its target",
		        text);
	if (c->source.first != 0 && source_contains(&c->source, addr))
		return error_set(
		        e, -EINVAL, "%s is one of the sources: it cannot be the target", text);
	return check_other_host(c, addr, "a load's target", e);
}

void
config_drop_last_listen(struct config *c)
{
	c->nlisten--;
}

static bool
has_address(const struct config *c)
{
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].ip != 0)
			return true;
	}
	return false;
}

int
config_check(const struct config *c, struct error *e)
{
	if (!has_address(c)) {
		error_set(e, 0,
		        c->nports == 1 ? "port 0 has no address" : "no port has an address");
		return error_fix(e, -EDESTADDRREQ, "set port 0 ip ADDR/LEN");
	}
	/* A port's address may have changed since its listener was added. */
	for (unsigned i = 0; i < c->nlisten; i++) {
		if (c->listen[i].addr != 0 && !is_ours(c, c->listen[i].addr))
			return refuse_listen_addr(c, c->listen[i].addr, e);
	}
	if (check_gateways(c, e) != 0)
		return -EINVAL;
	return c->source.first == 0 ? 0 : check_source_at_ports(c, &c->source, e);
}

/* Where the lines of `show config` go. */
struct lines {
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void __attribute__((format(printf, 2, 3)))
print_config_line(const struct lines *to, const char *fmt, ...)
{
	char text[VALUE_TEXT + 128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	to->line(to->ctx, text);
}

static void
print_ports(const struct config *c, const struct lines *to)
{
	char ip[ADDR_TEXT], gw[ADDR_TEXT];

	for (unsigned i = 0; i < c->nports; i++) {
		const struct config_port *p = &c->port[i];

		if (p->ip != 0)
			print_config_line(to, "set port %u ip %s/%u%s%s", i,
			        addr_text(p->ip, ip), p->prefix_len,
			        p->gateway != 0 ? " gateway " : "",
			        p->gateway != 0 ? addr_text(p->gateway, gw) : "");
	}
}

static void
print_source(const struct config *c, const struct lines *to)
{
	const struct config_source *s = &c->source;
	char first[ADDR_TEXT], last[ADDR_TEXT], ports[32] = "";

	if (s->first == 0)
		return;
	if (s->port_first != 0)
		snprintf(ports, sizeof(ports), " ports %u-%u", be16_to_cpu(s->port_first),
		        be16_to_cpu(s->port_last));
	print_config_line(to, "set source %s-%s%s%s", addr_text(s->first, first),
	        addr_text(s->last, last), ports, s->scattered ? " scattered" : "");
}

/* Prints a path as one word. A path that contains a quote was given without quotes, so it
 * contains no blank. */
static void
print_path(const struct lines *to, const char *command, const char *path)
{
	bool quote = strchr(path, '"') == NULL && strpbrk(path, " \t\r\n#") != NULL;

	print_config_line(to, quote ? "%s \"%s\"" : "%s %s", command, path);
}

static void
print_cookie_keys(const struct config *c, const struct lines *to)
{
	if (c->syn.keys[0] != '\0')
		print_path(to, "set cookie-keys", c->syn.keys);
}

static void
print_syn_cookie(const struct config *c, const struct lines *to)
{
	if (c->syn.cookie_set)
		print_config_line(
		        to, "set syn-cookie %s", config_syn_cookie_names[c->syn.cookie]);
}

static void
print_when_full(const struct config *c, const struct lines *to)
{
	if (c->syn.when_full_set)
		print_config_line(to, "set when-full %s", c->syn.refuse ? "refuse" : "drop");
}

static void
print_http_body(const struct config *c, const struct lines *to)
{
	if (c->http.file[0] == '\0' && c->http.body_set)
		print_config_line(
		        to, "set http body %llu", (unsigned long long)c->http.body_bytes);
}

static void
print_http_file(const struct config *c, const struct lines *to)
{
	if (c->http.file[0] != '\0')
		print_path(to, "set http file", c->http.file);
}

static void
print_http_close(const struct config *c, const struct lines *to)
{
	if (c->http.close_set)
		print_config_line(to, "set http close %s", c->http.close ? "on" : "off");
}

static void
print_http_timeouts(const struct config *c, const struct lines *to)
{
	for (unsigned i = 0; i < HTTP_TIMEOUTS; i++) {
		if (c->http.timeout_ms[i] != 0)
			print_config_line(to, "set http %s %.10g", config_http_timeouts[i],
			        c->http.timeout_ms[i] / 1e3);
	}
}

static void
print_idle_timeouts(const struct config *c, const struct lines *to)
{
	for (unsigned i = 0; i < IDLE_SERVICES; i++) {
		if (c->idle_ms[i] != 0)
			print_config_line(to, "set %s idle_timeout %.10g",
			        config_idle_services[i], c->idle_ms[i] / 1e3);
	}
}

static void
print_drain_time(const struct config *c, const struct lines *to)
{
	if (c->drain_set)
		print_config_line(to, "set drain-time %.10g", c->drain_ms / 1e3);
}

static void
print_listeners(const struct config *c, const struct lines *to)
{
	char ip[ADDR_TEXT];

	for (unsigned i = 0; i < c->nlisten; i++) {
		const struct config_listen *l = &c->listen[i];

		print_config_line(to, "set listen %s:%u %s", addr_text(l->addr, ip),
		        be16_to_cpu(l->port), l->service);
	}
}

void
config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx)
{
	static void (*const printers[])(const struct config *c, const struct lines *to) = {
#define PRINTED(place, print) [place] = print,
#define NOT_PRINTED
#define COMMAND(id, run, print, ...) print
#include "command/commands.def"
#undef PRINTED
#undef NOT_PRINTED
	};
	struct lines to = {line, ctx};

	for (unsigned i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		if (printers[i] != NULL)
			printers[i](c, &to);
	}
}
