/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the bytes of a load's requests. */
#include "load/client/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD_MAX 512u /* request line and fields */
_Static_assert(HEAD_MAX >= LOAD_PATH + 224, "a request's head fits");

/* Marsaglia's xorshift64, of which the upper byte of each state is used. */
static void
fill_pattern(uint8_t *at, uint32_t len)
{
	uint64_t x = UINT64_C(0x48616e6466617374);

	for (uint32_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		at[i] = (uint8_t)(x >> 56);
	}
}

/* RFC 9112 3.2: Host is as in the URL, without http's own port. */
static unsigned
print_host(char *at, unsigned room, const struct load_url *url)
{
	uint32_t a = be32_to_cpu(url->addr);
	unsigned port = be16_to_cpu(url->port);
	int n;

	n = snprintf(at, room, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	if (port != 80)
		n += snprintf(at + n, room - (unsigned)n, ":%u", port);
	return (unsigned)n;
}

static struct request_text
print_http(uint8_t *at, const struct load_spec *spec, bool close)
{
	char host[32], length[48] = "";
	int n;

	print_host(host, sizeof(host), &spec->url);
	if (spec->payload > 0)
		snprintf(length, sizeof(length), "Content-Length: %u\r\n", spec->payload);
	n = snprintf((char *)at, HEAD_MAX,
	        "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: handfast\r\n%sConnection: "
	        "%s\r\n\r\n",
	        spec->payload > 0 ? "POST" : "GET", spec->url.path, host, length,
	        close ? "close" : "keep-alive");
	fill_pattern(at + n, spec->payload);
	return (struct request_text) {at, (uint32_t)n + spec->payload};
}

static int
make_http(struct request *r, const struct load_spec *spec)
{
	size_t room = HEAD_MAX + (size_t)spec->payload;
	bool two = spec->requests > 1 && spec->close == LOAD_CLOSE_SERVER;

	r->memory = malloc(two ? 2 * room : room);
	if (r->memory == NULL)
		return -ENOMEM;
	r->last = print_http(r->memory, spec, spec->close == LOAD_CLOSE_SERVER);
	r->more = two ? print_http(r->memory + room, spec, false) : r->last;
	return 0;
}

static int
make_pattern(struct request *r, const struct load_spec *spec)
{
	r->memory = malloc((size_t)spec->payload + 1);
	if (r->memory == NULL)
		return -ENOMEM;
	fill_pattern(r->memory, spec->payload);
	r->more = r->last = (struct request_text) {r->memory, spec->payload};
	return 0;
}

int
request_make(struct request *r, const struct load_spec *spec)
{
	*r = (struct request) {.memory = NULL};
	return spec->url.kind == LOAD_HTTP ? make_http(r, spec) : make_pattern(r, spec);
}

void
request_free(struct request *r)
{
	free(r->memory);
	r->memory = NULL;
}
