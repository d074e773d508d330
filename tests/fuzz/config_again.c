/* SPDX-License-Identifier: BSD-3-Clause */
/* A configuration is printed, read again, and compared. */
#include "config_again.h"

#include <string.h>

#include "must.h"

struct text {
	char *at;
	size_t size;
	FILE *f;
};

void
config_again_begin(struct config_again *c, const struct grammar *g)
{
	memset(c, 0, sizeof(*c));
	c->g = g;
	c->config.nports = 1;
}

static int
set_port(struct config *c, const struct args *a, struct error *e)
{
	struct config_port p = {
	        .ip = a->value[ARG_PREFIX].addr,
	        .prefix_len = (uint8_t)a->value[ARG_PREFIX].number,
	        .gateway = a->given[ARG_ADDR] ? a->value[ARG_ADDR].addr : 0,
	};

	return config_set_port(c, a->value[ARG_PORT].number, &p, e);
}

static int
set_source(struct config *c, const struct args *a, struct error *e)
{
	const struct value *range = &a->value[ARG_RANGE], *ports = &a->value[ARG_PORTS];
	struct config_source s = {
	        .first = range->addr,
	        .last = range->addr_last,
	        .port_first = a->given[ARG_PORTS] ? ports->port : 0,
	        .port_last = a->given[ARG_PORTS] ? ports->port_last : 0,
	        .scattered = args_keyword(a, "scattered"),
	};

	return config_set_source(c, &s, e);
}

static void
set_timeouts(struct config *c, const struct args *a)
{
	uint32_t ms = (uint32_t)(a->value[ARG_DURATION].real * 1000 + 0.5);

	for (unsigned i = 0; i < HTTP_TIMEOUTS; i++)
		if (args_keyword(a, config_http_timeouts[i]))
			c->http.timeout_ms[i] = ms;
	for (unsigned i = 0; i < IDLE_SERVICES; i++)
		if (args_keyword(a, config_idle_services[i]))
			c->idle_ms[i] = ms;
}

static void
set_http_body(struct config *c, const struct args *a)
{
	c->http.body_set = true;
	c->http.body_bytes = a->value[ARG_BYTES].number;
	c->http.file[0] = '\0';
}

static void
set_http_file(struct config *c, const struct args *a)
{
	c->http.body_set = false;
	snprintf(c->http.file, sizeof(c->http.file), "%s", a->value[ARG_PATH].text);
}

static void
set_syn(struct config_syn *s, const struct args *a)
{
	for (unsigned i = 0; i <= SYN_COOKIE_OFF; i++) {
		if (args_keyword(a, config_syn_cookie_names[i])) {
			s->cookie_set = true;
			s->cookie = (enum syn_cookie)i;
		}
	}
}

static void
set_drain(struct config *c, const struct args *a)
{
	c->drain_set = true;
	c->drain_ms = (uint32_t)(a->value[ARG_WAIT].real * 1000 + 0.5);
}

/* Those with one of two words. */
static void
set_switch(struct config *c, const struct args *a)
{
	if (a->command == CMD_SET_HTTP_CLOSE) {
		c->http.close_set = true;
		c->http.close = args_keyword(a, "on");
	} else if (a->command == CMD_SET_WHEN_FULL) {
		c->syn.when_full_set = true;
		c->syn.refuse = args_keyword(a, "refuse");
	}
}

int
config_again_apply(struct config_again *k, const struct args *a, struct error *e)
{
	struct config *c = &k->config;

	if (a->command == CMD_SET_PORT)
		return set_port(c, a, e);
	if (a->command == CMD_SET_LISTEN)
		return config_add_listen(c, a->value[ARG_ENDPOINT].addr,
		        a->value[ARG_ENDPOINT].port, a->value[ARG_SERVICE].text, e);
	if (a->command == CMD_SET_SOURCE)
		return set_source(c, a, e);
	if (a->command == CMD_SET_HTTP_TIMEOUT || a->command == CMD_SET_IDLE_TIMEOUT)
		set_timeouts(c, a);
	if (a->command == CMD_SET_HTTP_BODY)
		set_http_body(c, a);
	if (a->command == CMD_SET_HTTP_FILE)
		set_http_file(c, a);
	if (a->command == CMD_SET_DRAIN_TIME)
		set_drain(c, a);
	set_switch(c, a);
	if (a->command == CMD_SET_SYN_COOKIE)
		set_syn(&c->syn, a);
	if (a->command == CMD_SET_COOKIE_KEYS)
		snprintf(c->syn.keys, sizeof(c->syn.keys), "%s", a->value[ARG_FILE].text);
	return 0;
}

static void
put_line(void *ctx, const char *line)
{
	fprintf(ctx, "%s%c", line, '\0');
}

/* Lines that end with a NUL. */
static struct text
print(const struct config *c)
{
	struct text t;

	t.f = open_memstream(&t.at, &t.size);
	must(t.f != NULL);
	config_print(c, put_line, t.f);
	fclose(t.f);
	return t;
}

static bool
is_same_http(const struct config_http *a, const struct config_http *b)
{
	return a->body_set == b->body_set && (!a->body_set || a->body_bytes == b->body_bytes) &&
	       strcmp(a->file, b->file) == 0 && a->close_set == b->close_set &&
	       a->close == b->close &&
	       memcmp(a->timeout_ms, b->timeout_ms, sizeof(a->timeout_ms)) == 0;
}

static bool
is_same_syn(const struct config_syn *a, const struct config_syn *b)
{
	return strcmp(a->keys, b->keys) == 0 && a->cookie_set == b->cookie_set &&
	       a->cookie == b->cookie && a->when_full_set == b->when_full_set &&
	       a->refuse == b->refuse;
}

/* All settings, whatever is printed of them. */
static bool
is_same(const struct config *a, const struct config *b)
{
	const struct config_source *s = &a->source, *t = &b->source;
	bool same = s->first == t->first && s->last == t->last &&
	            s->port_first == t->port_first && s->port_last == t->port_last &&
	            s->scattered == t->scattered;

	for (unsigned i = 0; i < a->nports; i++)
		same &= a->port[i].ip == b->port[i].ip &&
		        a->port[i].prefix_len == b->port[i].prefix_len &&
		        a->port[i].gateway == b->port[i].gateway;
	return same && a->nlisten == b->nlisten && is_same_http(&a->http, &b->http) &&
	       memcmp(a->idle_ms, b->idle_ms, sizeof(a->idle_ms)) == 0 &&
	       a->drain_set == b->drain_set && a->drain_ms == b->drain_ms &&
	       is_same_syn(&a->syn, &b->syn);
}

void
config_again_check(const struct config_again *k)
{
	struct text first = print(&k->config), second;
	struct config_again other;
	struct error e;
	/* `start` refuses a setting that stands before addresses with which it does not go */
	bool whole = config_check(&k->config, &e) == 0;

	config_again_begin(&other, k->g);
	for (const char *line = first.at; line < first.at + first.size;
	        line += strlen(line) + 1) {
		struct args a;

		must(grammar_parse(k->g, line, &a, &e) == 1);
		must(config_again_apply(&other, &a, &e) == 0 || !whole);
	}
	second = print(&other.config);
	must(!whole ||
	        (first.size == second.size && memcmp(first.at, second.at, first.size) == 0));
	must(!whole || is_same(&k->config, &other.config));
	free(first.at);
	free(second.at);
}
