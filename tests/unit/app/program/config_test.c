/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration, as commands set it and `show config` prints it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "../app_rig.h"
#include "program/config.h"

static struct error e;

static be32
addr(unsigned b1, unsigned b2, unsigned b3, unsigned b4)
{
	return cpu_to_be32(b1 << 24 | b2 << 16 | b3 << 8 | b4);
}

static int
set_port(struct config *c, unsigned port, be32 ip, uint8_t len, be32 gateway)
{
	struct config_port p = {ip, len, gateway};

	e = (struct error) {"", ""};
	return config_set_port(c, port, &p, &e);
}

static int
listen_on(struct config *c, be32 ip, uint16_t port)
{
	e = (struct error) {"", ""};
	return config_add_listen(c, ip, cpu_to_be16(port), "http", &e);
}

static void
expect_said(const char *word)
{
	cr_expect(strstr(e.what, word) != NULL || strstr(e.fix, word) != NULL,
	        "'%s' / '%s' lacks '%s'", e.what, e.fix, word);
}

Test(config_port, takes_an_address)
{
	struct config c = {.nports = 2};

	cr_expect_eq(set_port(&c, 1, addr(10, 0, 0, 1), 24, addr(10, 0, 0, 254)), 0);
	cr_expect_eq(c.port[1].ip, addr(10, 0, 0, 1));
	cr_expect_eq(set_port(&c, 1, addr(10, 0, 0, 2), 24, 0), 0, "it may change");
}

Test(config_port, one_that_is_not_there)
{
	struct config c = {.nports = 2};

	cr_expect_eq(set_port(&c, 2, addr(10, 0, 0, 1), 24, 0), -ENODEV);
	expect_said("port 2 does not exist");
	expect_said("0 to 1");
}

Test(config_port, an_address_given_twice)
{
	struct config c = {.nports = 2};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, 0), 0);
	cr_expect_eq(set_port(&c, 1, addr(10, 0, 0, 1), 8, 0), -EADDRINUSE);
	expect_said("port 0 has the address 10.0.0.1 already");
	cr_expect_eq(c.port[1].ip, 0);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 16, 0), 0,
	        "the same port may have it again");
}

/* RFC 1122 3.2.1.3, RFC 3021. */
Test(config_port, addresses_that_no_host_has)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_port(&c, 0, 0, 24, 0), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(127, 0, 0, 1), 8, 0), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(224, 0, 0, 1), 24, 0), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(255, 255, 255, 255), 24, 0), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 0), 24, 0), -EINVAL);
	expect_said("the address of the network");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 255), 24, 0), -EINVAL);
	expect_said("broadcast");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 0), 31, 0), 0);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 255), 32, 0), 0);
}

Test(config_port, a_gateway_is_another_host)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 0, 1)), -EINVAL);
	expect_said("own address");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 32, addr(10, 0, 0, 1)), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 0, 255)), -EINVAL);
	expect_said("broadcast");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(224, 0, 0, 1)), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 2), 31, addr(10, 0, 0, 3)), 0);
}

/* RFC 1122 3.2.1.3: of any of our networks. */
Test(config_port, a_gateway_is_no_network_and_no_broadcast)
{
	struct config c = {.nports = 2};

	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 0, 0)), -EINVAL);
	expect_said("10.0.0.0 cannot be a gateway: it is port 0's network address");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(255, 255, 255, 255)), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(127, 0, 0, 1)), -EINVAL);
	cr_assert_eq(set_port(&c, 1, addr(10, 0, 1, 1), 24, 0), 0);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 1, 255)), -EINVAL);
	expect_said("port 1's broadcast address");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 1, 0)), -EINVAL);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 1, 1)), -EINVAL);
	expect_said("port 1's own address");
	cr_expect_eq(c.port[0].ip, 0, "nothing was changed");
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 2, 1), 32, addr(10, 0, 2, 255)), 0,
	        "the network is unknown");
}

/* Ports are set in any order. */
Test(config_check, a_gateway_that_a_later_port_makes_a_broadcast_address)
{
	struct config c = {.nports = 2};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 1, 255)), 0);
	cr_assert_eq(config_check(&c, &e), 0, "%s", e.what);
	cr_assert_eq(set_port(&c, 1, addr(10, 0, 1, 1), 24, 0), 0);
	cr_expect_eq(config_check(&c, &e), -EINVAL);
	expect_said("10.0.1.255 cannot be port 0's gateway: it is port 1's broadcast address");
}

Test(config_target, another_host)
{
	struct config c = {.nports = 2};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, 0), 0);
	cr_assert_eq(set_port(&c, 1, addr(10, 0, 1, 2), 31, 0), 0);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 2), &e), 0);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 1, 3), &e), 0, "RFC 3021");
	cr_expect_eq(config_check_target(&c, addr(198, 51, 100, 255), &e), 0);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 255), &e), -EINVAL);
	expect_said("10.0.0.255 cannot be a load's target: it is port 0's broadcast address");
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 0), &e), -EINVAL);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 1), &e), -EINVAL);
	cr_expect_eq(config_check_target(&c, addr(224, 0, 0, 1), &e), -EINVAL);
}

/* Clouds use a /32, and a gateway that no prefix makes a neighbour. */
Test(config_port, a_gateway_may_be_outside_the_network)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_port(&c, 0, addr(10, 128, 0, 7), 32, addr(10, 128, 0, 1)), 0);
	cr_expect(config_gateway_outside(&c.port[0]));
	cr_expect_eq(set_port(&c, 0, addr(192, 0, 2, 7), 32, addr(169, 254, 1, 1)), 0);
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 1, 1)), 0);
	cr_expect(config_gateway_outside(&c.port[0]));
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, addr(10, 0, 0, 2)), 0);
	cr_expect_not(config_gateway_outside(&c.port[0]));
	cr_expect_eq(set_port(&c, 0, addr(10, 0, 0, 1), 32, 0), 0);
	cr_expect_not(config_gateway_outside(&c.port[0]));
}

/* Reserved and shared ranges are addresses, too (RFC 6890). */
Test(config_port, all_of_unicast)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_port(&c, 0, addr(240, 0, 0, 7), 24, addr(240, 0, 0, 1)), 0);
	cr_expect_eq(set_port(&c, 0, addr(255, 255, 255, 254), 32, addr(255, 0, 0, 1)), 0);
	cr_expect_eq(set_port(&c, 0, addr(100, 64, 0, 7), 10, addr(100, 127, 0, 1)), 0);
	cr_expect_eq(set_port(&c, 0, addr(169, 254, 3, 4), 16, 0), 0);
}

Test(config_listen, on_any_or_on_ours)
{
	struct config c = {.nports = 1};

	cr_expect_eq(listen_on(&c, addr(10, 0, 0, 1), 80), -EADDRNOTAVAIL);
	expect_said("not an address of a port");
	expect_said("set port 0 ip 10.0.0.1/24");
	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, 0), 0);
	cr_expect_eq(listen_on(&c, addr(10, 0, 0, 1), 80), 0);
	cr_expect_eq(listen_on(&c, 0, 80), 0, "any of ours is another listener");
	cr_expect_eq(listen_on(&c, addr(10, 0, 0, 2), 80), -EADDRNOTAVAIL);
	cr_expect_eq(c.nlisten, 2);
}

Test(config_listen, given_twice)
{
	struct config c = {.nports = 1};

	cr_assert_eq(listen_on(&c, 0, 80), 0);
	cr_expect_eq(listen_on(&c, 0, 80), -EADDRINUSE);
	expect_said("0.0.0.0:80");
	cr_expect_eq(c.nlisten, 1);
	cr_expect_eq(listen_on(&c, 0, 81), 0);
	config_drop_last_listen(&c);
	cr_expect_eq(listen_on(&c, 0, 81), 0, "it has gone");
}

Test(config_listen, no_more_than_there_is_room)
{
	struct config c = {.nports = 1};

	for (unsigned i = 0; i < LIMIT_USERS; i++)
		cr_assert_eq(listen_on(&c, 0, (uint16_t)(1000 + i)), 0);
	cr_expect_eq(listen_on(&c, 0, 80), -ENOSPC);
}

/* One is enough: others are left alone. */
Test(config_check, no_port_has_an_address)
{
	struct config c = {.nports = 2};

	cr_expect_eq(config_check(&c, &e), -EDESTADDRREQ);
	expect_said("no port has an address");
	expect_said("set port 0 ip");
	cr_assert_eq(set_port(&c, 1, addr(10, 0, 1, 1), 24, 0), 0);
	cr_expect_eq(config_check(&c, &e), 0);
	c = (struct config) {.nports = 1};
	cr_expect_eq(config_check(&c, &e), -EDESTADDRREQ);
	expect_said("port 0 has no address");
}

Test(config_check, an_address_that_was_changed_under_a_listener)
{
	struct config c = {.nports = 1};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 1), 24, 0), 0);
	cr_assert_eq(listen_on(&c, addr(10, 0, 0, 1), 80), 0);
	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 2), 24, 0), 0);
	cr_expect_eq(config_check(&c, &e), -EADDRNOTAVAIL);
	expect_said("10.0.0.1 is not an address of a port");
}

static int
set_source(struct config *c, be32 first, be32 last, uint16_t port_first, uint16_t port_last)
{
	struct config_source s = {.first = first,
	        .last = last,
	        .port_first = cpu_to_be16(port_first),
	        .port_last = cpu_to_be16(port_last)};

	e = (struct error) {"", ""};
	return config_set_source(c, &s, &e);
}

Test(config_source, a_range_that_hosts_may_have)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_source(&c, addr(198, 18, 0, 1), addr(198, 18, 124, 255), 0, 0), 0);
	cr_expect_eq(c.source.last, addr(198, 18, 124, 255));
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 9), addr(10, 0, 0, 9), 1, 65535), 0);
	cr_expect_eq(set_source(&c, 0, 0, 0, 0), 0, "off");
	cr_expect_eq(c.source.first, 0);
}

Test(config_source, ranges_that_are_none)
{
	struct config c = {.nports = 1};

	cr_expect_eq(set_source(&c, addr(10, 0, 0, 9), addr(10, 0, 0, 1), 0, 0), -EINVAL);
	expect_said("set source 10.0.0.1-10.0.0.9");
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 1), addr(10, 0, 0, 9), 9, 8), -EINVAL);
	expect_said("ports 8-9");
	cr_expect_eq(set_source(&c, addr(126, 255, 255, 1), addr(127, 0, 0, 9), 0, 0), -EINVAL);
	expect_said("loopback");
	cr_expect_eq(set_source(&c, addr(0, 0, 0, 1), addr(0, 0, 0, 9), 0, 0), -EINVAL);
	expect_said("0.0.0.1 cannot be a source");
	cr_expect_eq(c.source.first, 0);
}

Test(config_source, no_more_than_there_is_room)
{
	struct config c = {.nports = 1};
	be32 first = addr(198, 18, 0, 1);

	cr_expect_eq(
	        set_source(&c, first, cpu_to_be32(0xc6120001 + LIMIT_SOURCES), 0, 0), -EINVAL);
	expect_said("set source 198.18.0.1-198.18.125.0");
	cr_expect_eq(
	        set_source(&c, first, cpu_to_be32(0xc6120001 + LIMIT_SOURCES - 1), 0, 0), 0);
}

Test(config_source, apart_from_what_ports_have)
{
	struct config c = {.nports = 1};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 2), 24, addr(10, 0, 0, 1)), 0);
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 2), addr(10, 0, 0, 9), 0, 0), -EINVAL);
	expect_said("the sources contain 10.0.0.2, which is port 0's own address");
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 1), addr(10, 0, 0, 1), 0, 0), -EINVAL);
	expect_said("gateway");
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 200), addr(10, 0, 1, 9), 0, 0), -EINVAL);
	expect_said("broadcast");
	cr_expect_eq(set_source(&c, addr(9, 255, 255, 200), addr(10, 0, 0, 0), 0, 0), -EINVAL);
	expect_said("network address");
	cr_expect_eq(set_source(&c, addr(10, 0, 0, 3), addr(10, 0, 0, 254), 0, 0), 0);
}

Test(config_source, checked_again_before_a_start)
{
	struct config c = {.nports = 1};

	cr_assert_eq(set_source(&c, addr(10, 0, 0, 2), addr(10, 0, 0, 9), 0, 0), 0);
	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 2), 24, 0), 0);
	cr_expect_eq(config_check(&c, &e), -EINVAL);
	expect_said("own address");
}

Test(config_target, is_another_host)
{
	struct config c = {.nports = 1};

	cr_assert_eq(set_port(&c, 0, addr(10, 0, 0, 2), 24, 0), 0);
	cr_assert_eq(set_source(&c, addr(10, 0, 0, 4), addr(10, 0, 0, 9), 0, 0), 0);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 1), &e), 0);
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 2), &e), -EINVAL);
	expect_said("an address of a port of this program");
	cr_expect_eq(config_check_target(&c, addr(10, 0, 0, 9), &e), -EINVAL);
	expect_said("one of the sources");
}

static void
collect(void *ctx, const char *line)
{
	fprintf(ctx, "%s\n", line);
}

static char *
printed(const struct config *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	config_print(c, collect, f);
	fclose(f);
	return text;
}

/* Apply a command of show config to a config. */
static void
apply(struct config *c, const struct args *a)
{
	const struct value *v = a->value;

	switch (a->command) {
	case CMD_SET_PORT:
		cr_assert_eq(set_port(c, (unsigned)v[ARG_PORT].number, v[ARG_PREFIX].addr,
		                     (uint8_t)v[ARG_PREFIX].number, v[ARG_ADDR].addr),
		        0);
		break;
	case CMD_SET_LISTEN:
		cr_assert_eq(config_add_listen(c, v[ARG_ENDPOINT].addr, v[ARG_ENDPOINT].port,
		                     v[ARG_SERVICE].text, &e),
		        0);
		break;
	case CMD_SET_HTTP_BODY:
		c->http.body_set = true;
		c->http.body_bytes = v[ARG_BYTES].number;
		break;
	case CMD_SET_HTTP_FILE:
		snprintf(c->http.file, sizeof(c->http.file), "%s", v[ARG_PATH].text);
		break;
	case CMD_SET_HTTP_CLOSE:
		c->http.close_set = true;
		c->http.close = args_keyword(a, "on");
		break;
	case CMD_SET_HTTP_TIMEOUT:
		for (unsigned i = 0; i < HTTP_TIMEOUTS; i++)
			if (args_keyword(a, config_http_timeouts[i]))
				c->http.timeout_ms[i] = (uint32_t)(v[ARG_DURATION].real * 1e3);
		break;
	case CMD_SET_IDLE_TIMEOUT:
		for (unsigned i = 0; i < IDLE_SERVICES; i++)
			if (args_keyword(a, config_idle_services[i]))
				c->idle_ms[i] = (uint32_t)(v[ARG_DURATION].real * 1e3);
		break;
	case CMD_SET_SOURCE:
		c->source = (struct config_source) {.first = v[ARG_RANGE].addr,
		        .last = v[ARG_RANGE].addr_last,
		        .port_first = v[ARG_PORTS].port,
		        .port_last = v[ARG_PORTS].port_last,
		        .scattered = args_keyword(a, "scattered")};
		break;
	case CMD_SET_SYN_COOKIE:
		c->syn.cookie_set = true;
		c->syn.cookie = args_keyword(a, "always") ? SYN_COOKIE_ALWAYS
		                : args_keyword(a, "off")  ? SYN_COOKIE_OFF
		                                          : SYN_COOKIE_AUTO;
		break;
	case CMD_SET_WHEN_FULL:
		c->syn.when_full_set = true;
		c->syn.refuse = args_keyword(a, "refuse");
		break;
	case CMD_SET_DRAIN_TIME:
		c->drain_set = true;
		c->drain_ms = (uint32_t)(v[ARG_WAIT].real * 1e3);
		break;
	case CMD_SET_COOKIE_KEYS:
		snprintf(c->syn.keys, sizeof(c->syn.keys), "%s", v[ARG_FILE].text);
		break;
	default:
		cr_assert_fail("show config printed a command that configures nothing");
	}
}

static void
expect_round_trip(const struct config *c)
{
	struct grammar *g = rig_grammar();
	struct config again = {.nports = c->nports};
	char *text = printed(c), *line, *rest, *twice;
	struct args a;

	rest = strdup(text);
	for (char *p = rest; (line = strsep(&p, "\n")) != NULL;) {
		int got = grammar_parse(g, line, &a, &e);

		cr_assert(got >= 0, "%s: %s", line, e.what);
		if (got == 1)
			apply(&again, &a);
	}
	twice = printed(&again);
	cr_expect_str_eq(twice, text);
	for (unsigned i = 0; i < c->nports; i++) {
		cr_expect_eq(again.port[i].ip, c->port[i].ip);
		cr_expect_eq(again.port[i].prefix_len, c->port[i].prefix_len);
		cr_expect_eq(again.port[i].gateway, c->port[i].gateway);
	}
	cr_expect_eq(again.nlisten, c->nlisten);
	free(text);
	free(rest);
	free(twice);
	grammar_destroy(g);
}

Test(config_print, gives_the_commands_that_recreate_it)
{
	struct config c = {.nports = 2};

	expect_round_trip(&c);
	cr_assert_eq(set_port(&c, 0, addr(192, 0, 2, 2), 24, addr(192, 0, 2, 1)), 0);
	cr_assert_eq(set_port(&c, 1, addr(10, 0, 0, 2), 8, 0), 0);
	cr_assert_eq(listen_on(&c, addr(192, 0, 2, 2), 80), 0);
	cr_assert_eq(listen_on(&c, 0, 8080), 0);
	expect_round_trip(&c);
	c.http = (struct config_http) {
	        .body_set = true, .body_bytes = 123456, .close_set = true};
	expect_round_trip(&c);
	c.http = (struct config_http) {.close_set = true, .close = true};
	snprintf(c.http.file, sizeof(c.http.file), "/srv/a page #1.html");
	expect_round_trip(&c);
	c.source = (struct config_source) {
	        .first = addr(198, 18, 0, 1), .last = addr(198, 18, 0, 9), .scattered = true};
	expect_round_trip(&c);
	c.source.port_first = cpu_to_be16(1024);
	c.source.port_last = cpu_to_be16(2047);
	expect_round_trip(&c);
}

Test(config_print, tells_how_long_services_wait)
{
	struct config c = {.nports = 1};
	char *text;

	for (unsigned i = 0; i < HTTP_TIMEOUTS; i++)
		c.http.timeout_ms[i] = 1500 + i * 1000;
	for (unsigned i = 0; i < IDLE_SERVICES; i++)
		c.idle_ms[i] = 86400000 - i * 1000;
	text = printed(&c);
	cr_expect_str_eq(text,
	        "set http client_header_timeout 1.5\nset http client_body_timeout 2.5\n"
	        "set http keepalive_timeout 3.5\nset http send_timeout 4.5\n"
	        "set echo idle_timeout 86400\nset discard idle_timeout 86399\n"
	        "set chargen idle_timeout 86398\n");
	free(text);
	expect_round_trip(&c);
}

Test(config_print, tells_how_syns_are_answered)
{
	struct config c = {.nports = 0};
	char *text = printed(&c);

	cr_expect_str_eq(text, "", "what was not set is not said");
	free(text);
	for (int set = SYN_COOKIE_AUTO; set <= SYN_COOKIE_OFF; set++) {
		c.syn = (struct config_syn) {
		        .cookie_set = true, .cookie = (enum syn_cookie)set};
		snprintf(c.syn.keys, sizeof(c.syn.keys), "/etc/handfast/cookie keys");
		expect_round_trip(&c);
		text = printed(&c);
		cr_expect_not_null(strstr(text, config_syn_cookie_names[set]), "%s", text);
		cr_expect_not_null(
		        strstr(text, "set cookie-keys \"/etc/handfast/cookie keys\"\n"));
		free(text);
	}
}

/* words.h: a carriage return is a blank, and a quote within a word is a letter. */
Test(config_print, any_path_comes_back)
{
	static const char *const paths[] = {"a\rb", "a\tb", "a#b", "a\"b", "#", " "};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct config c = {.nports = 0};

		snprintf(c.http.file, sizeof(c.http.file), "%s", paths[i]);
		snprintf(c.syn.keys, sizeof(c.syn.keys), "%s", paths[i]);
		expect_round_trip(&c);
	}
}

Test(config_print, tells_what_a_syn_gets_that_finds_no_room)
{
	struct config c = {.nports = 0};

	c.syn.when_full_set = true;
	for (int refuse = 0; refuse <= 1; refuse++) {
		char *text;

		c.syn.refuse = refuse;
		expect_round_trip(&c);
		text = printed(&c);
		cr_expect_str_eq(
		        text, refuse ? "set when-full refuse\n" : "set when-full drop\n");
		free(text);
	}
}

Test(config_print, tells_how_long_the_end_may_last)
{
	static const char *const said[] = {"set drain-time 0\n", "set drain-time 1.5\n"};
	struct config c = {.nports = 0};

	cr_expect_eq(config_drain_ms(&c), DEFAULT_DRAIN_MS);
	c.drain_set = true;
	for (unsigned i = 0; i < 2; i++) {
		char *text;

		c.drain_ms = i * 1500;
		cr_expect_eq(config_drain_ms(&c), i * 1500);
		expect_round_trip(&c);
		text = printed(&c);
		cr_expect_str_eq(text, said[i]);
		free(text);
	}
}

Test(config_print, any_config_comes_back)
{
	uint32_t x = 3;

	for (unsigned i = 0; i < 200; i++) {
		struct config c = {.nports = 3};

		for (unsigned k = 0; k < 12; k++) {
			x = x * 1664525u + 1013904223u;
			set_port(&c, (x >> 4) % 3, x, (uint8_t)(8 + (x >> 8) % 25), 0);
			listen_on(&c, (x >> 30) == 0 ? c.port[0].ip : 0,
			        (uint16_t)(1 + (x >> 16) % 9));
		}
		/* An address may have gone from under a listener: not to be started. */
		if (config_check(&c, &e) != 0)
			continue;
		expect_round_trip(&c);
	}
}
