/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses and prints the URL of a load. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "load/spec/spec.h"
#include "text/reading.h"
#include "wire/host_addr.h"

/* A port of 0: the scheme has no usual port. */
static const struct scheme {
	const char *name;
	enum load_kind kind;
	uint16_t port;
} schemes[] = {{"http", LOAD_HTTP, 80}, {"tcp", LOAD_TCP, 0}, {"echo", LOAD_ECHO, 7}};

#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static const struct scheme *
scheme_of(const char *text, size_t len)
{
	for (const struct scheme *s = schemes; s < schemes + SCHEMES; s++) {
		if (strlen(s->name) == len && strncasecmp(s->name, text, len) == 0)
			return s;
	}
	return NULL;
}

static int
bad_scheme(struct reading *r, const char *text, int len)
{
	if (len == 5 && strncasecmp(text, "https", 5) == 0)
		return reading_bad(r, "TLS is not supported: use http://");
	return reading_bad(r, "'%.*s' is not http, tcp or echo", len, text);
}

/* The error for a host that is no IPv4 address. */
static int
bad_host(struct reading *r, const char *host, int len)
{
	if (len == 0)
		return reading_bad(r, "the address is missing");
	if (host[0] == '[')
		return reading_bad(r, "IPv6 is not supported: give an IPv4 address");
	return reading_bad(r,
	        "'%.*s' is a name, and names are not looked up: give its IPv4 address", len,
	        host);
}

static int
read_host(struct reading *r, const char *host, const char *end, struct load_url *url)
{
	size_t len = (size_t)(end - host);
	const char *why;

	if (len == 0 || host[0] == '[' || strspn(host, "0123456789.") < len)
		return bad_host(r, host, (int)len);
	if (reading_addr(r, host, end, &url->addr) != 0)
		return -EINVAL;
	why = host_addr_fault(url->addr);
	return why == NULL ? 0 : reading_bad(r, "no host has this address: %s", why);
}

/* The address and the port. */
static int
read_authority(struct reading *r, const char *p, const char *end, const struct scheme *s,
        struct load_url *url)
{
	const char *colon = *p == '[' ? NULL : memchr(p, ':', (size_t)(end - p));

	if (read_host(r, p, colon != NULL ? colon : end, url) != 0)
		return -EINVAL;
	if (colon != NULL)
		return reading_port(r, colon + 1, end, &url->port);
	if (s->port == 0)
		return reading_bad(r, "%s has no usual port: %s://%.*s:PORT", s->name, s->name,
		        (int)(end - p), p);
	url->port = cpu_to_be16(s->port);
	return 0;
}

/* RFC 9110 7.1: an empty path is `/`, and a request's target is printable ASCII without blanks
 * or a fragment. */
static int
read_path(struct reading *r, const char *p, struct load_url *url)
{
	const char *slash = *p == '/' ? "" : "/";
	const char *fragment = strchr(p, '#');

	if (fragment != NULL)
		return reading_bad(r,
		        "'%s' is a fragment, which is never sent: leave it out, or write %%23 for a # in the path",
		        fragment);
	if (url->kind != LOAD_HTTP) {
		if (*p != '\0' && strcmp(p, "/") != 0)
			return reading_bad(r, "only http has a path: leave out '%s'", p);
		return 0;
	}
	if (strlen(p) + strlen(slash) >= sizeof(url->path))
		return reading_bad(r, "the path is longer than %d bytes", LOAD_PATH - 1);
	for (const char *c = p; *c != '\0'; c++) {
		if (*c <= ' ' || (unsigned char)*c >= 0x7f)
			return reading_bad(
			        r, "a path is ASCII without blanks: write %%20 for a blank");
	}
	memcpy(url->path, slash, strlen(slash));
	memcpy(url->path + strlen(slash), p, strlen(p) + 1);
	return 0;
}

int
load_url_parse(const char *text, struct load_url *url, char *why, unsigned whylen)
{
	struct reading r = {why, whylen};
	const char *colon = strstr(text, "://"), *host, *end;
	const struct scheme *s;

	memset(url, 0, sizeof(*url));
	if (colon == NULL)
		return reading_bad(&r, "a URL begins with http://, tcp:// or echo://");
	s = scheme_of(text, (size_t)(colon - text));
	if (s == NULL)
		return bad_scheme(&r, text, (int)(colon - text));
	url->kind = s->kind;
	host = colon + 3;
	end = host + strcspn(host, "/?#");
	if (read_authority(&r, host, end, s, url) != 0)
		return -EINVAL;
	return read_path(&r, end, url);
}

void
load_url_print(const struct load_url *url, char *text, unsigned size)
{
	const uint8_t *b = (const uint8_t *)&url->addr;
	const struct scheme *s = schemes;
	char port[8] = "";

	while (s->kind != url->kind)
		s++;
	if (be16_to_cpu(url->port) != s->port)
		snprintf(port, sizeof(port), ":%u", be16_to_cpu(url->port));
	snprintf(text, size, "%s://%u.%u.%u.%u%s%s", s->name, b[0], b[1], b[2], b[3], port,
	        url->path);
}
