/* SPDX-License-Identifier: BSD-3-Clause */
#include "command/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "load/spec/spec.h"
#include "text/nearest.h"
#include "text/reading.h"

#define RATE_MOST    100e6
#define SECONDS_MOST 86400.0
#define MS_MOST      3600e3

/* What a parser works with. */
struct word {
	const struct lexicon *lex;
	const char *text;
	const char *end;
	struct value *out;
	struct reading r;
};

static int
read_addr(struct word *w)
{
	return reading_addr(&w->r, w->text, w->end, &w->out->addr);
}

static int
read_prefix(struct word *w)
{
	const char *slash = strchr(w->text, '/');

	if (slash == NULL)
		return reading_bad(&w->r, "the prefix length is missing");
	if (reading_addr(&w->r, w->text, slash, &w->out->addr) != 0 ||
	        reading_number(&w->r, slash + 1, w->end, 32, &w->out->number) != 0)
		return -EINVAL;
	if (w->out->number == 0)
		return reading_bad(&w->r, "a prefix length is 1 to 32");
	return 0;
}

static int
read_endpoint(struct word *w)
{
	const char *colon = strchr(w->text, ':');

	if (colon == NULL)
		return reading_bad(&w->r, "the port is missing");
	if (reading_addr(&w->r, w->text, colon, &w->out->addr) != 0)
		return -EINVAL;
	return reading_port(&w->r, colon + 1, w->end, &w->out->port);
}

/* One is a range, too. */
static int
read_range(struct word *w)
{
	const char *dash = strchr(w->text, '-');

	if (reading_addr(&w->r, w->text, dash != NULL ? dash : w->end, &w->out->addr) != 0)
		return -EINVAL;
	w->out->addr_last = w->out->addr;
	return dash == NULL ? 0 : reading_addr(&w->r, dash + 1, w->end, &w->out->addr_last);
}

static int
read_ports(struct word *w)
{
	const char *dash = strchr(w->text, '-');

	if (reading_port(&w->r, w->text, dash != NULL ? dash : w->end, &w->out->port) != 0)
		return -EINVAL;
	w->out->port_last = w->out->port;
	return dash == NULL ? 0 : reading_port(&w->r, dash + 1, w->end, &w->out->port_last);
}

/* 1500, 64K, 100M, 1G: powers of 1024. */
static int
read_bytes(struct word *w)
{
	static const char units[] = "KMG";
	const char *end = w->end;
	const char *unit = NULL;
	unsigned shift = 0;

	if (end > w->text)
		unit = strchr(units, toupper((unsigned char)end[-1]));
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end--;
	}
	if (reading_number(&w->r, w->text, end, UINT64_MAX >> 31, &w->out->number) != 0)
		return -EINVAL;
	w->out->number <<= shift;
	return 0;
}

static int
read_count(struct word *w)
{
	return reading_number(&w->r, w->text, w->end, UINT32_MAX, &w->out->number);
}

static int
read_positive(struct word *w)
{
	if (read_count(w) != 0)
		return -EINVAL;
	return w->out->number == 0 ? reading_bad(&w->r, "at least 1") : 0;
}

static int
read_real(struct word *w, const struct unit *units, double least, double most)
{
	if (reading_decimal(&w->r, w->text, w->end, units, &w->out->real) != 0)
		return -EINVAL;
	if (w->out->real < least)
		return reading_bad(&w->r, "%s is less than %g", w->text, least);
	if (w->out->real > most)
		return reading_bad(&w->r, "%s is more than %.0f", w->text, most);
	return 0;
}

/* Of events, unlike bytes, a thousand are a thousand. */
static int
read_rate(struct word *w)
{
	static const struct unit units[] = {{"K", 1e3}, {"M", 1e6}, {NULL, 0}};

	return read_real(w, units, 1, RATE_MOST);
}

static int
read_conns(struct word *w)
{
	if (read_rate(w) != 0)
		return -EINVAL;
	w->out->number = (uint64_t)w->out->real;
	if ((double)w->out->number != w->out->real)
		return reading_bad(&w->r, "a connection is whole");
	return 0;
}

static const struct unit seconds[] = {
        {"s", 1}, {"m", 60}, {"h", 3600}, {"ms", 1e-3}, {NULL, 0}};

static const struct unit no_units[] = {{NULL, 0}};

static int
read_duration(struct word *w)
{
	return read_real(w, seconds, 1, SECONDS_MOST);
}

static int
read_warmup(struct word *w)
{
	return read_real(w, seconds, 0, SECONDS_MOST);
}

static const struct unit milliseconds[] = {{"ms", 1}, {"s", 1e3}, {"us", 1e-3}, {NULL, 0}};

static int
read_timeout(struct word *w)
{
	return read_real(w, milliseconds, 1, MS_MOST);
}

static int
read_most(struct word *w)
{
	return read_real(w, milliseconds, 0.001, MS_MOST);
}

/* "5": so many; "1%", "0.5 %": of all. */
static int
read_share(struct word *w)
{
	const char *end = w->end;

	w->out->percent = end > w->text && end[-1] == '%';
	if (w->out->percent)
		end--;
	if (reading_decimal(&w->r, w->text, end, no_units, &w->out->real) != 0)
		return -EINVAL;
	if (w->out->percent && w->out->real > 100)
		return reading_bad(&w->r, "%s is more than all", w->text);
	if (!w->out->percent && w->out->real != (double)(uint64_t)w->out->real)
		return reading_bad(
		        &w->r, "an error is whole, or it is a share, as %s%%", w->text);
	return 0;
}

static int
read_status(struct word *w)
{
	struct status_set set;

	if (strlen(w->text) >= sizeof(w->out->text))
		return reading_bad(
		        &w->r, "it is longer than %zu bytes", sizeof(w->out->text) - 1);
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return status_set_parse(w->text, &set, w->r.why, w->r.whylen);
}

static int
read_url(struct word *w)
{
	struct load_url url;

	if (load_url_parse(w->text, &url, w->r.why, w->r.whylen) != 0)
		return -EINVAL;
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return 0;
}

static int
read_text(struct word *w)
{
	if (w->text[0] == '\0')
		return reading_bad(&w->r, "it is empty");
	if (strlen(w->text) >= sizeof(w->out->text))
		return reading_bad(
		        &w->r, "it is longer than %zu bytes", sizeof(w->out->text) - 1);
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return 0;
}

static int
read_choice(struct word *w, const char *const *choices, const char *noun)
{
	const char *near;

	for (const char *const *c = choices; *c != NULL; c++) {
		if (strcasecmp(*c, w->text) == 0) {
			snprintf(w->out->text, sizeof(w->out->text), "%s", *c);
			return 0;
		}
	}
	near = nearest(w->text, choices);
	if (near != NULL)
		return reading_bad(
		        &w->r, "there is no %s of that name; the nearest is '%s'", noun, near);
	return reading_bad(&w->r, "there is no %s of that name", noun);
}

static int
read_service(struct word *w)
{
	return read_choice(w, w->lex->services, "service");
}

static int
read_state(struct word *w)
{
	return read_choice(w, w->lex->states, "state");
}

static const struct kind {
	const char *name;
	const char *what;
	int (*read)(struct word *w);
} kinds[ARG_KINDS] = {
        [ARG_PORT] = {"N", "a port's number", read_count},
        [ARG_PREFIX] = {"ADDR/LEN", "an address and its prefix length, as 192.0.2.2/24",
                read_prefix},
        [ARG_ADDR] = {"ADDR", "an IPv4 address, as 192.0.2.1", read_addr},
        [ARG_ENDPOINT] = {"ADDR:PORT",
                "an address and a TCP port, as 0.0.0.0:80 (0.0.0.0: any of ours)",
                read_endpoint},
        [ARG_PEER] = {"PEER:PORT", "a peer's address and TCP port, as 192.0.2.1:49152",
                read_endpoint},
        [ARG_LOCAL] = {"LOCAL:PORT", "an address and a TCP port of ours, as 192.0.2.2:80",
                read_endpoint},
        [ARG_SERVICE] = {"SERVICE", "a service", read_service},
        [ARG_BYTES] = {"BYTES", "a size, as 1500, 64K, 100M", read_bytes},
        [ARG_PATH] = {"PATH", "a file's path", read_text},
        [ARG_FILE] = {"FILE", "a file's path", read_text},
        [ARG_SECONDS] = {"SECONDS", "a number of seconds", read_count},
        [ARG_WAIT] = {"WAIT", "seconds, or as 500ms, 2m; 0 for none", read_warmup},
        [ARG_STATE] = {"S", "a state of RFC 9293", read_state},
        [ARG_COUNT] = {"COUNT", "how many at most", read_positive},
        [ARG_PACKETS] = {"PACKETS", "a number of packets", read_positive},
        [ARG_RANGE] = {"ADDR-ADDR", "the first and the last address, as 198.18.0.1-198.18.0.99",
                read_range},
        [ARG_PORTS] = {"A-B", "the first and the last port, as 1024-65535", read_ports},
        [ARG_URL] = {"URL", "http://ADDR[:PORT][/PATH], tcp://ADDR:PORT or echo://ADDR[:PORT]",
                read_url},
        [ARG_CPS] = {"CPS", "connections per second, as 5000, 100K, 1.5M", read_rate},
        [ARG_CONNS] = {"CONNS", "how many at a time, as 64, 10K", read_conns},
        [ARG_DURATION] = {"DURATION", "seconds, or as 90s, 5m, 1h", read_duration},
        [ARG_WARMUP] = {"WARMUP", "seconds, or as 500ms; 0 for none", read_warmup},
        [ARG_REQUESTS] = {"REQUESTS", "a number of requests", read_positive},
        [ARG_MS] = {"MS", "milliseconds, or as 2s", read_timeout},
        [ARG_PAGE] = {"PAGE", "a file's path", read_text},
        [ARG_LEAST] = {"LEAST", "connections per second, as 5000, 100K, 1.5M", read_rate},
        [ARG_MOST] = {"MOST", "milliseconds, as 5, 0.5, 800us", read_most},
        [ARG_SHARE] = {"SHARE", "how many, as 5, or a share of all, as 1%", read_share},
        [ARG_STATUS] = {"STATUS", "HTTP status codes, as 2xx,301-308", read_status},
        [ARG_COMMAND] = {"COMMAND", "the first words of a command", read_text},
};

const char *
value_name(enum arg kind)
{
	return kinds[kind].name;
}

const char *
value_what(enum arg kind)
{
	return kinds[kind].what;
}

enum arg
value_kind(const char *name, unsigned len)
{
	unsigned k;

	for (k = 0; k < ARG_KINDS; k++) {
		if (strlen(kinds[k].name) == len && memcmp(kinds[k].name, name, len) == 0)
			break;
	}
	return (enum arg)k;
}

const char *const *
value_choices(const struct lexicon *lex, enum arg kind)
{
	if (kind == ARG_SERVICE)
		return lex->services;
	return kind == ARG_STATE ? lex->states : NULL;
}

int
value_parse(const struct lexicon *lex, enum arg kind, const char *word, struct value *out,
        char *why, unsigned whylen)
{
	struct word w = {lex, word, word + strlen(word), out, {why, whylen}};

	return kinds[kind].read(&w);
}

const char *
addr_text(be32 addr, char text[ADDR_TEXT])
{
	const uint8_t *b = (const uint8_t *)&addr;

	snprintf(text, ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return text;
}
