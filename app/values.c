/* SPDX-License-Identifier: BSD-3-Clause */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"

/* What a parser works with. */
struct reading {
	const struct lexicon *lex;
	const char *word;
	struct value *out;
	char *why;
	unsigned whylen;
};

static int __attribute__((format(printf, 2, 3))) bad(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, r->whylen, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Decimal digits up to `end`, at most `most`. */
static int
read_number(struct reading *r, const char *p, const char *end, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;
	int len = (int)(end - p);

	if (len == 0)
		return bad(r, "a number is missing");
	for (const char *d = p; d < end; d++) {
		if (!isdigit((unsigned char)*d))
			return bad(r, "'%.*s' is not a number", len, p);
		if (n > (UINT64_MAX - 9) / 10)
			return bad(r, "%.*s is too large", len, p);
		n = n * 10 + (uint64_t)(*d - '0');
	}
	if (n > most)
		return bad(r, "%.*s is more than %llu", len, p, (unsigned long long)most);
	*out = n;
	return 0;
}

static int
read_addr(struct reading *r, const char *p, const char *end, be32 *out)
{
	uint32_t addr = 0;

	for (unsigned i = 0; i < 4; i++) {
		const char *dot = memchr(p, '.', (size_t)(end - p));
		const char *stop = i < 3 ? dot : end;
		uint64_t byte;

		if (stop == NULL || (i == 3 && dot != NULL))
			return bad(r, "an IPv4 address has four numbers");
		if (read_number(r, p, stop, 255, &byte) != 0)
			return -EINVAL;
		if (stop - p > 1 && *p == '0')
			return bad(r, "'%.*s' begins with 0, which some read as octal",
			        (int)(stop - p), p);
		addr = addr << 8 | (uint32_t)byte;
		p = stop + 1;
	}
	*out = cpu_to_be32(addr);
	return 0;
}

static int
read_plain_addr(struct reading *r)
{
	return read_addr(r, r->word, r->word + strlen(r->word), &r->out->addr);
}

static int
read_prefix(struct reading *r)
{
	const char *end = r->word + strlen(r->word);
	const char *slash = strchr(r->word, '/');

	if (slash == NULL)
		return bad(r, "the prefix length is missing");
	if (read_addr(r, r->word, slash, &r->out->addr) != 0 ||
	        read_number(r, slash + 1, end, 32, &r->out->number) != 0)
		return -EINVAL;
	if (r->out->number == 0)
		return bad(r, "a prefix length is 1 to 32");
	return 0;
}

static int
read_endpoint(struct reading *r)
{
	const char *end = r->word + strlen(r->word);
	const char *colon = strchr(r->word, ':');
	uint64_t port;

	if (colon == NULL)
		return bad(r, "the port is missing");
	if (read_addr(r, r->word, colon, &r->out->addr) != 0 ||
	        read_number(r, colon + 1, end, 65535, &port) != 0)
		return -EINVAL;
	if (port == 0)
		return bad(r, "a TCP port is 1 to 65535");
	r->out->port = cpu_to_be16((uint16_t)port);
	return 0;
}

/* 1500, 64K, 100M, 1G: powers of 1024. */
static int
read_bytes(struct reading *r)
{
	static const char units[] = "KMG";
	const char *end = r->word + strlen(r->word);
	const char *unit = NULL;
	unsigned shift = 0;

	if (end > r->word)
		unit = strchr(units, toupper((unsigned char)end[-1]));
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end--;
	}
	if (read_number(r, r->word, end, UINT64_MAX >> 31, &r->out->number) != 0)
		return -EINVAL;
	r->out->number <<= shift;
	return 0;
}

static int
read_count(struct reading *r)
{
	return read_number(r, r->word, r->word + strlen(r->word), UINT32_MAX, &r->out->number);
}

static int
read_positive(struct reading *r)
{
	if (read_count(r) != 0)
		return -EINVAL;
	return r->out->number == 0 ? bad(r, "at least 1") : 0;
}

static int
read_text(struct reading *r)
{
	if (r->word[0] == '\0')
		return bad(r, "it is empty");
	if (strlen(r->word) >= sizeof(r->out->text))
		return bad(r, "it is longer than %zu bytes", sizeof(r->out->text) - 1);
	snprintf(r->out->text, sizeof(r->out->text), "%s", r->word);
	return 0;
}

static int
read_choice(struct reading *r, const char *const *choices, const char *noun)
{
	const char *near;

	for (const char *const *c = choices; *c != NULL; c++) {
		if (strcasecmp(*c, r->word) == 0) {
			snprintf(r->out->text, sizeof(r->out->text), "%s", *c);
			return 0;
		}
	}
	near = nearest(r->word, choices);
	if (near != NULL)
		return bad(r, "there is no %s of that name; the nearest is '%s'", noun, near);
	return bad(r, "there is no %s of that name", noun);
}

static int
read_service(struct reading *r)
{
	return read_choice(r, r->lex->services, "service");
}

static int
read_state(struct reading *r)
{
	return read_choice(r, r->lex->states, "state");
}

static const struct kind {
	const char *name;
	const char *what;
	int (*read)(struct reading *r);
} kinds[ARG_KINDS] = {
        [ARG_PORT] = {"N", "a port's number", read_count},
        [ARG_PREFIX] = {"ADDR/LEN", "an address and its prefix length, as 192.0.2.2/24",
                read_prefix},
        [ARG_ADDR] = {"ADDR", "an IPv4 address, as 192.0.2.1", read_plain_addr},
        [ARG_ENDPOINT] = {"ADDR:PORT",
                "an address and a TCP port, as 0.0.0.0:80 (0.0.0.0: any of ours)",
                read_endpoint},
        [ARG_SERVICE] = {"SERVICE", "a service", read_service},
        [ARG_BYTES] = {"BYTES", "a size, as 1500, 64K, 100M", read_bytes},
        [ARG_PATH] = {"PATH", "a file's path", read_text},
        [ARG_FILE] = {"FILE", "a file's path", read_text},
        [ARG_SECONDS] = {"SECONDS", "a number of seconds", read_count},
        [ARG_STATE] = {"S", "a state of RFC 9293", read_state},
        [ARG_COUNT] = {"COUNT", "how many at most", read_positive},
        [ARG_PACKETS] = {"PACKETS", "a number of packets", read_positive},
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
	struct reading r = {lex, word, out, why, whylen};

	return kinds[kind].read(&r);
}

const char *
addr_text(be32 addr, char text[ADDR_TEXT])
{
	const uint8_t *b = (const uint8_t *)&addr;

	snprintf(text, ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return text;
}
