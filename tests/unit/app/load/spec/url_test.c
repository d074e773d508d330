/* SPDX-License-Identifier: BSD-3-Clause */
/* URLs of a load. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load/spec/spec.h"

static struct load_url url;
static char why[200];

static int
parse(const char *text)
{
	why[0] = '\0';
	return load_url_parse(text, &url, why, sizeof(why));
}

static void
expect_url(const char *text, enum load_kind kind, uint16_t port, const char *path)
{
	cr_assert_eq(parse(text), 0, "%s: %s", text, why);
	cr_expect_eq(url.kind, kind, "%s", text);
	cr_expect_eq(url.addr, cpu_to_be32(0xc0000201), "%s", text);
	cr_expect_eq(url.port, cpu_to_be16(port), "%s", text);
	cr_expect_str_eq(url.path, path, "%s", text);
}

static void
expect_bad(const char *text, const char *reason)
{
	cr_expect_eq(parse(text), -EINVAL, "%s was taken", text);
	cr_expect_not_null(
	        strstr(why, reason), "%s: '%s' does not say '%s'", text, why, reason);
}

/* RFC 9110 4.2.1: 80 is http's port, and no path is `/`. RFC 862: 7 is echo's. */
Test(load_url, of_each_kind)
{
	expect_url("http://192.0.2.1", LOAD_HTTP, 80, "/");
	expect_url("http://192.0.2.1/", LOAD_HTTP, 80, "/");
	expect_url("http://192.0.2.1:8080/a/b?c=d", LOAD_HTTP, 8080, "/a/b?c=d");
	expect_url("http://192.0.2.1?c=d", LOAD_HTTP, 80, "/?c=d");
	expect_url("HTTP://192.0.2.1/Page", LOAD_HTTP, 80, "/Page");
	expect_url("tcp://192.0.2.1:9", LOAD_TCP, 9, "");
	expect_url("echo://192.0.2.1", LOAD_ECHO, 7, "");
	expect_url("echo://192.0.2.1:7777/", LOAD_ECHO, 7777, "");
}

Test(load_url, what_is_none)
{
	static const char looks[] = "begins with http://, tcp:// or echo://";

	expect_bad("", looks);
	expect_bad("192.0.2.1", looks);
	expect_bad("192.0.2.1:80", looks);
	expect_bad("udp://192.0.2.1:80", "'udp' is not http, tcp or echo");
	expect_bad("http://192.0.2.1/a?b#c", "'#c' is a fragment, which is never sent");
	expect_bad("http://192.0.2.1#c", "'#c' is a fragment, which is never sent");
	expect_bad("tcp://192.0.2.1:9#c", "'#c' is a fragment, which is never sent");
	expect_bad("https://192.0.2.1/", "TLS is not supported");
	expect_bad("http:///page", "address is missing");
	expect_bad("http://[2001:db8::1]/", "IPv6 is not supported");
	expect_bad("://192.0.2.1", "'' is not http, tcp or echo");
}

Test(load_url, names_are_not_looked_up)
{
	expect_bad("http://localhost/", "'localhost' is a name, and names are not looked up");
	expect_bad("tcp://a.example:80", "'a.example' is a name");
	expect_bad("http://user@192.0.2.1/", "'user@192.0.2.1' is a name");
}

/* RFC 1122 3.2.1.3 */
Test(load_url, addresses_that_no_host_has)
{
	expect_bad("http://127.0.0.1/", "loopback");
	expect_bad("http://0.0.0.0/", "no host has this address");
	expect_bad("tcp://224.0.0.1:9", "multicast");
	expect_bad("tcp://255.255.255.255:9", "broadcast");
	expect_bad("http://192.0.2/", "four numbers");
	expect_bad("http://192.0.2.256/", "256 is more than 255");
}

Test(load_url, ports)
{
	expect_bad("tcp://192.0.2.1", "tcp has no usual port: tcp://192.0.2.1:PORT");
	expect_bad("http://192.0.2.1:/", "a number is missing");
	expect_bad("http://192.0.2.1:0/", "1 to 65535");
	expect_bad("http://192.0.2.1:65536/", "65536 is more than 65535");
	expect_bad("http://192.0.2.1:http/", "'http' is not a number");
}

Test(load_url, paths)
{
	char text[2 * LOAD_PATH] = "http://192.0.2.1/";
	size_t len = strlen(text);

	expect_bad("tcp://192.0.2.1:9/page", "only http has a path");
	expect_bad("http://192.0.2.1/a b", "%20");
	expect_bad("http://192.0.2.1/a\r\nHost: x", "%20");
	expect_bad("http://192.0.2.1/\xc3\xa9", "is ASCII");
	memset(text + len, 'a', LOAD_PATH - 2);
	cr_expect_eq(parse(text), 0, "%s", why);
	cr_expect_eq(strlen(url.path), LOAD_PATH - 1);
	strcat(text, "a");
	expect_bad(text, "longer than 255 bytes");
}

Test(load_url, comes_back_as_it_was_written)
{
	static const char *const urls[] = {"http://192.0.2.1/", "http://192.0.2.1:8080/a?b",
	        "tcp://192.0.2.1:9", "tcp://192.0.2.1:80", "echo://192.0.2.1",
	        "echo://192.0.2.1:8"};

	for (unsigned i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		char text[LOAD_PATH + 32];

		cr_assert_eq(parse(urls[i]), 0, "%s", why);
		load_url_print(&url, text, sizeof(text));
		cr_expect_str_eq(text, urls[i]);
	}
}

Test(load_url, names)
{
	cr_expect_str_eq(load_kind_name(LOAD_HTTP), "http");
	cr_expect_str_eq(load_kind_name(LOAD_TCP), "tcp");
	cr_expect_str_eq(load_kind_name(LOAD_ECHO), "echo");
	cr_expect_str_eq(load_close_name(LOAD_CLOSE_FIN), "fin");
	cr_expect_str_eq(load_close_name(LOAD_CLOSE_RST), "rst");
	cr_expect_str_eq(load_close_name(LOAD_CLOSE_SERVER), "server");
}
