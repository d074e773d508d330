/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of cookie keys. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/cookie_keys.h"

#define A   "000102030405060708090a0b0c0d0e0f"
#define B   "F0E1D2C3B4A5968778695a4b3c2d1e0f"
#define NOW UINT64_C(1795219200) /* 2026-11-21T00:00:00Z */

static char path[] = "/tmp/handfast-keys-XXXXXX";
static struct error e;
static struct cookie_masters m;

static void
remove_file(void)
{
	unlink(path);
}

static void
write_bytes(const char *text, size_t len)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static int
read_file(void)
{
	e = (struct error) {"", ""};
	memset(&m, 0xee, sizeof(m));
	return cookie_keys_read(path, NOW, &m, &e);
}

static int
read_text(const char *text)
{
	int err;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	write_bytes(text, strlen(text));
	err = read_file();
	unlink(path);
	return err;
}

/* The file is refused for this reason, with this fix. Nothing is changed, and the message has
 * no key. */
static void
expect_refused(const char *text, const char *what, const char *fix)
{
	struct cookie_masters before;

	memset(&before, 0xee, sizeof(before));
	cr_expect_eq(read_text(text), -EINVAL, "taken: %s", text);
	cr_expect_not_null(strstr(e.what, what), "'%s' lacks '%s'", e.what, what);
	cr_expect_not_null(strstr(e.fix, fix), "'%s' lacks '%s'", e.fix, fix);
	cr_expect_not_null(strstr(e.what, path), "'%s' does not name the file", e.what);
	cr_expect_null(strstr(e.what, "0c0d"), "a key is said: %s", e.what);
	cr_expect_null(strstr(e.fix, "0c0d"), "a key is said: %s", e.fix);
	cr_expect_arr_eq(&m, &before, sizeof(m), "changed by %s", text);
}

Test(cookie_keys, lines_are_id_key_and_time)
{
	const uint8_t b[16] = {0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a,
	        0x4b, 0x3c, 0x2d, 0x1e, 0x0f};

	cr_assert_eq(read_text("# of both hosts\n\n  1 " A " 0 # the first\r\n"
	                       "4294967295\t" B "\t1795219201"),
	        0, "%s", e.what);
	cr_expect_eq(m.n, 2);
	cr_expect(m.shared);
	cr_expect_eq(m.master[0].id, 1);
	cr_expect_eq(m.master[0].not_before_s, 0);
	cr_expect_eq(m.master[0].key[15], 0x0f);
	cr_expect_eq(m.master[1].id, UINT32_MAX);
	cr_expect_eq(m.master[1].not_before_s, NOW + 1);
	cr_expect_arr_eq(m.master[1].key, b, sizeof(b));
}

/* RFC 3339 5.6 */
Test(cookie_keys, times_may_be_dates_in_utc)
{
	char text[COOKIE_KEYS_TIME];

	cr_assert_eq(read_text("1 " A " 2026-11-21T00:00:00Z"), 0, "%s", e.what);
	cr_expect_eq(m.master[0].not_before_s, NOW);
	cr_assert_eq(read_text("1 " A " 2024-02-29t23:59:59z"), 0, "%s", e.what);
	cr_expect_eq(m.master[0].not_before_s, 1709251199);
	cr_assert_eq(read_text("1 " A " 1970-01-01T00:00:00Z"), 0, "%s", e.what);
	cr_expect_eq(m.master[0].not_before_s, 0);
	cr_expect_str_eq(cookie_keys_time(NOW, text), "2026-11-21T00:00:00Z");
}

Test(cookie_keys, other_times_are_refused)
{
	static const char *const times[] = {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
	        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
	        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
	        "2026-01-01T00:00:00+01:00", "2026-01-01", "1969-12-31T23:59:59Z", "-1", "1.5",
	        "0x10", "now", "253402300800", "99999999999999999999"};

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char text[120];

		snprintf(text, sizeof(text), "7 " A " %s\n", times[i]);
		expect_refused(text, ":1: the not-before is neither", "2026-11-21T00:00:00Z");
	}
}

Test(cookie_keys, keys_that_are_none_are_refused)
{
	expect_refused("1 " A "0 0", ":1: the key has 33 hexadecimal digits", "openssl rand");
	expect_refused("\n\n1 0c0d 0", ":3: the key has 4 hexadecimal digits", "openssl rand");
	expect_refused("1 000102030405060708090a0b0c0d0e0g 0",
	        ":1: the key has characters that are not hex", "openssl rand -hex 16");
	expect_refused("1 00000000000000000000000000000000 0", "all zero", "openssl rand");
}

Test(cookie_keys, ids_that_are_none_are_refused)
{
	expect_refused(
	        "x " A " 0", ":1: the id is not a number from 0 to 4294967295", "ID KEY");
	expect_refused("-1 " A " 0", "the id is not", "ID KEY");
	expect_refused("4294967296 " A " 0", "the id is not", "ID KEY");
	expect_refused(A " 1 0", "the id is not", "ID KEY"); /* swapped: the key is not said */
	expect_refused("1 0 " A, "the key has 1 hexadecimal", "openssl rand");
}

Test(cookie_keys, lines_of_another_shape_are_refused)
{
	char text[400];

	expect_refused("1 " A, ":1: the line has 2 words", "ID KEY NOT-BEFORE");
	expect_refused(A, ":1: the line has 1 word,", "ID KEY NOT-BEFORE");
	expect_refused(
	        "# x\n1 " A " 0 0", ":2: the line has more than 3 words", "ID KEY NOT-BEFORE");
	snprintf(text, sizeof(text), "1 " A " 0 #%300s", "");
	expect_refused(text, ":1: the line is longer than 256 characters", "ID KEY NOT-BEFORE");
}

Test(cookie_keys, a_comment_begins_where_a_word_could)
{
	expect_refused("1 " A " 0#5\n", ":1: the not-before", "0, or a time as");
	expect_refused("1#5 " A " 0\n", ":1: the id", "ID KEY NOT-BEFORE");
}

Test(cookie_keys, ids_and_times_are_each_keys_own)
{
	expect_refused("1 " A " 0\n\n1 " B " 5", ":3: line 1 has the id 1 already",
	        "an id of its own");
	expect_refused("1 " A " 5\n2 " B " 1970-01-01T00:00:05Z",
	        ":2: the key begins at the same time as id 1 in line 1", "a time of its own");
}

Test(cookie_keys, one_must_be_in_force)
{
	expect_refused("", "the file has no key", "ID KEY NOT-BEFORE");
	expect_refused("# 1 " A " 0\n", "the file has no key", "ID KEY NOT-BEFORE");
	expect_refused("1 " A " 1795219300\n2 " B " 2026-11-21T00:00:01Z",
	        "no key is in force: the first one, id 2, begins at 2026-11-21T00:00:01Z",
	        "the time 0");
	cr_expect_eq(read_text("1 " A " 2026-11-21T00:00:00Z"), 0, "as of now");
}

Test(cookie_keys, no_more_than_there_is_room_for)
{
	char text[4096] = "";
	size_t len = 0;

	for (unsigned i = 0; i < COOKIE_MASTERS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u " A " %u\n", i, i);
	cr_expect_eq(read_text(text), 0, "%s", e.what);
	cr_expect_eq(m.n, COOKIE_MASTERS_MAX);
	snprintf(text + len, sizeof(text) - len, "99 " B " 99\n");
	expect_refused(text, ":17: the file has more than 16 keys", "no longer in force");
}

Test(cookie_keys, a_file_that_others_can_reach, .fini = remove_file)
{
	write_bytes("1 " A " 0", strlen("1 " A " 0"));
	for (mode_t bit = 1; bit <= 0040; bit <<= 1) {
		cr_assert_eq(chmod(path, 0600 | bit), 0);
		cr_expect_eq(read_file(), -EACCES, "mode %o", (unsigned)bit);
		cr_expect_not_null(strstr(e.fix, "chmod 600 /tmp/"), "%s", e.fix);
	}
	cr_assert_eq(chmod(path, 0400), 0);
	cr_expect_eq(read_file(), 0, "%s", e.what);
}

Test(cookie_keys, a_file_that_is_none)
{
	char fifo[] = "/tmp/handfast-keys-XXXXXX";

	e = (struct error) {"", ""};
	cr_expect_eq(cookie_keys_read("/tmp", NOW, &m, &e), -EINVAL);
	cr_expect_not_null(
	        strstr(e.what, "/tmp: the path is not a regular file"), "%s", e.what);
	cr_assert_not_null(mkdtemp(fifo));
	cr_assert_eq(rmdir(fifo), 0);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	cr_expect_eq(cookie_keys_read(fifo, NOW, &m, &e), -EINVAL, "and it does not wait");
	unlink(fifo);
	cr_expect_eq(cookie_keys_read(fifo, NOW, &m, &e), -ENOENT);
	cr_expect_not_null(strstr(e.fix, "a file that exists"), "%s", e.fix);
	cr_expect_eq(cookie_keys_read("no/such", NOW, &m, &e), -ENOENT);
	cr_expect_not_null(strstr(e.fix, "an absolute path"), "%s", e.fix);
}

Test(cookie_keys, what_is_no_text, .fini = remove_file)
{
	char *text = malloc(20000);

	write_bytes("1 " A " 0\n\0x", strlen("1 " A " 0\n") + 2);
	cr_expect_eq(read_file(), -EINVAL);
	cr_expect_not_null(strstr(e.what, "the file is not a text"), "%s", e.what);
	unlink(path);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	memset(text, '\n', 20000);
	write_bytes(text, 20000);
	cr_expect_eq(read_file(), -EINVAL);
	cr_expect_not_null(strstr(e.what, "too long"), "%s", e.what);
	free(text);
}

Test(cookie_keys, current_and_next_are_by_time)
{
	struct cookie_masters k = {.n = 3,
	        .master = {{.id = 1, .not_before_s = 300}, {.id = 2, .not_before_s = 100},
	                {.id = 3, .not_before_s = 200}}};

	cr_expect_null(cookie_keys_current(&k, 99));
	cr_expect_eq(cookie_keys_next(&k, 99)->id, 2);
	cr_expect_eq(cookie_keys_current(&k, 100)->id, 2);
	cr_expect_eq(cookie_keys_current(&k, 299)->id, 3);
	cr_expect_eq(cookie_keys_next(&k, 299)->id, 1);
	cr_expect_eq(cookie_keys_current(&k, 300)->id, 1);
	cr_expect_null(cookie_keys_next(&k, 300));
}

Test(cookie_keys, equal_is_every_part)
{
	struct cookie_masters a = {.n = 1, .master = {{.id = 1, .not_before_s = 5}}}, b = a;

	cr_expect(cookie_masters_equal(&a, &b));
	b.master[0].key[15] = 1;
	cr_expect_not(cookie_masters_equal(&a, &b));
	b = a;
	b.master[0].id = 2;
	cr_expect_not(cookie_masters_equal(&a, &b));
	b = a;
	b.master[0].not_before_s = 6;
	cr_expect_not(cookie_masters_equal(&a, &b));
	b = a;
	b.shared = true;
	cr_expect_not(cookie_masters_equal(&a, &b));
	b = a;
	b.n = 2;
	cr_expect_not(cookie_masters_equal(&a, &b));
}
