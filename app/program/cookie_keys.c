/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of a file of cookie keys, and the choice of the key in force. */
#include "program/cookie_keys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text/reading.h"

#define FILE_MOST 16384
#define LINE_MOST 256
#define KEY_BYTES 16
#define WORDS     3
#define TIME_MOST UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

#define FIX_LINE "each line: ID KEY NOT-BEFORE, with `openssl rand -hex 16` for the key"

struct keys_file {
	const char *path;
	unsigned line;
	unsigned line_of[COOKIE_MASTERS_MAX]; /* the line of each key */
	struct cookie_masters *out;
	struct error *e;
};

struct word {
	const char *p, *end;
};

static int __attribute__((format(printf, 3, 4)))
refuse_keys_line(struct keys_file *k, const char *fix, const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	error_set(k->e, 0, "%s:%u: %s", k->path, k->line, why);
	return error_fix(k->e, -EINVAL, "%s", fix);
}

static int
refuse_keys_file(struct keys_file *k, const char *fix, const char *why)
{
	error_set(k->e, 0, "%s: %s", k->path, why);
	return error_fix(k->e, -EINVAL, "%s", fix);
}

static bool
read_id(const struct word *w, uint32_t *id)
{
	char why[80];
	struct reading r = {why, sizeof(why)};
	uint64_t n;

	if (reading_number(&r, w->p, w->end, UINT32_MAX, &n) != 0)
		return false;
	*id = (uint32_t)n;
	return true;
}

static unsigned
digit_of(char c)
{
	return isdigit((unsigned char)c) ? (unsigned)(c - '0')
	                                 : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

static int
read_key(struct keys_file *k, const struct word *w, uint8_t key[KEY_BYTES])
{
	uint8_t any = 0;

	for (const char *p = w->p; p < w->end; p++)
		if (!isxdigit((unsigned char)*p))
			return refuse_keys_line(k, "openssl rand -hex 16",
			        "the key has characters that are not hexadecimal digits");
	if (w->end - w->p != 2 * KEY_BYTES)
		return refuse_keys_line(k, "openssl rand -hex 16",
		        "the key has %d hexadecimal digits, not %d", (int)(w->end - w->p),
		        2 * KEY_BYTES);
	for (unsigned i = 0; i < KEY_BYTES; i++)
		any |= key[i] = (uint8_t)(digit_of(w->p[2 * i]) << 4 |
		                          digit_of(w->p[2 * i + 1]));
	if (any == 0)
		return refuse_keys_line(k,
		        "replace the key by the output of `openssl rand -hex 16`",
		        "the key is all zero, as in the example");
	return 0;
}

static int
two_digits(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* RFC 3339 5.6, in UTC and without fractions. */
static bool
read_date(const struct word *w, uint64_t *s)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	struct tm t = {.tm_year = 0}, back;
	time_t at;

	if (w->end - w->p != (ptrdiff_t)sizeof(shape) - 1)
		return false;
	for (unsigned i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)w->p[i])
		                    : toupper((unsigned char)w->p[i]) != shape[i])
			return false;
	t.tm_year = two_digits(w->p) * 100 + two_digits(w->p + 2) - 1900;
	t.tm_mon = two_digits(w->p + 5) - 1;
	t.tm_mday = two_digits(w->p + 8);
	t.tm_hour = two_digits(w->p + 11);
	t.tm_min = two_digits(w->p + 14);
	t.tm_sec = two_digits(w->p + 17);
	back = t;
	at = timegm(&back); /* timegm() turns the 30th of February into a day of March */
	*s = (uint64_t)at;
	return at >= 0 && back.tm_mon == t.tm_mon && back.tm_mday == t.tm_mday &&
	       back.tm_hour == t.tm_hour && back.tm_min == t.tm_min && back.tm_sec == t.tm_sec;
}

static bool
read_time(const struct word *w, uint64_t *s)
{
	char why[80];
	struct reading r = {why, sizeof(why)};

	return reading_number(&r, w->p, w->end, TIME_MOST, s) == 0 || read_date(w, s);
}

/* Refuses two keys that begin at the same time: hosts might choose different ones. */
static int
check_key_unique(struct keys_file *k, const struct cookie_master *m)
{
	for (unsigned i = 0; i < k->out->n; i++) {
		if (k->out->master[i].id == m->id)
			return refuse_keys_line(k, "give each key an id of its own",
			        "line %u has the id %u already", k->line_of[i], m->id);
		if (k->out->master[i].not_before_s == m->not_before_s)
			return refuse_keys_line(k, "give each key a time of its own",
			        "the key begins at the same time as id %u in line %u",
			        k->out->master[i].id, k->line_of[i]);
	}
	if (k->out->n == COOKIE_MASTERS_MAX)
		return refuse_keys_line(k, "remove the keys that are no longer in force",
		        "the file has more than %d keys, which is the limit",
		        COOKIE_MASTERS_MAX);
	return 0;
}

static int
read_key_words(struct keys_file *k, const struct word w[WORDS])
{
	struct cookie_master *m = &k->out->master[k->out->n];
	struct cookie_master one = {.id = 0};
	int err;

	if (!read_id(&w[0], &one.id))
		return refuse_keys_line(
		        k, FIX_LINE, "the id is not a number from 0 to %u", UINT32_MAX);
	err = read_key(k, &w[1], one.key);
	if (err == 0 && !read_time(&w[2], &one.not_before_s))
		err = refuse_keys_line(k, "write 0, or a time as 2026-11-21T00:00:00Z",
		        "the not-before is neither a number of seconds since 1970 nor a time in UTC");
	if (err == 0)
		err = check_key_unique(k, &one);
	if (err == 0) {
		k->line_of[k->out->n++] = k->line;
		*m = one;
	}
	explicit_bzero(&one, sizeof(one));
	return err;
}

static int
read_keys_line(struct keys_file *k, const char *p, const char *end)
{
	struct word w[WORDS];
	unsigned n = 0;

	if (end - p > LINE_MOST)
		return refuse_keys_line(
		        k, FIX_LINE, "the line is longer than %d characters", LINE_MOST);
	for (;;) {
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p == end || *p == '#') /* a `#` inside a word belongs to the word */
			break;
		if (n == WORDS)
			return refuse_keys_line(
			        k, FIX_LINE, "the line has more than %d words", WORDS);
		w[n].p = p;
		while (p < end && !isspace((unsigned char)*p))
			p++;
		w[n++].end = p;
	}
	if (n == 0)
		return 0;
	if (n < WORDS)
		return refuse_keys_line(
		        k, FIX_LINE, "the line has %u word%s, not 3", n, n == 1 ? "" : "s");
	return read_key_words(k, w);
}

static int
check_in_force(struct keys_file *k, uint64_t now_s)
{
	const struct cookie_master *next = cookie_keys_next(k->out, now_s);
	char at[COOKIE_KEYS_TIME];

	if (k->out->n == 0)
		return refuse_keys_file(k, FIX_LINE, "the file has no key");
	if (cookie_keys_current(k->out, now_s) != NULL)
		return 0;
	error_set(k->e, 0, "%s: no key is in force: the first one, id %u, begins at %s",
	        k->path, next->id, cookie_keys_time(next->not_before_s, at));
	return error_fix(
	        k->e, -EINVAL, "give one key the time 0, or keep the previous key in the file");
}

static int
read_keys_text(struct keys_file *k, const char *text, size_t len, uint64_t now_s)
{
	const char *end = text + len;
	int err = 0;

	if (memchr(text, '\0', len) != NULL)
		return refuse_keys_file(k, FIX_LINE, "the file is not a text");
	for (const char *p = text, *eol; p < end && err == 0; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		k->line++;
		err = read_keys_line(k, p, eol);
	}
	return err != 0 ? err : check_in_force(k, now_s);
}

static int
check_file(struct keys_file *k, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(k->e, -errno, "%s: %s", k->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse_keys_file(
		        k, "set cookie-keys FILE", "the path is not a regular file");
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		error_set(k->e, 0,
		        "%s: other users than the owner have rights to the file (mode %04o)",
		        k->path, (unsigned)st.st_mode & 07777);
		return error_fix(k->e, -EACCES, "chmod 600 %s", k->path);
	}
	return 0;
}

static int
read_whole_file(struct keys_file *k, int fd, char text[FILE_MOST + 1], size_t *len)
{
	ssize_t got;

	for (*len = 0; *len <= FILE_MOST; *len += (size_t)got) {
		got = read(fd, text + *len, FILE_MOST + 1 - *len);
		if (got < 0)
			return error_set(k->e, -errno, "%s: %s", k->path, strerror(errno));
		if (got == 0)
			return 0;
	}
	return refuse_keys_file(k, FIX_LINE, "the file is too long for a file of keys");
}

static int
open_keys_file(struct keys_file *k)
{
	/* opening must not block, because the path may be a FIFO */
	int fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int err = fd >= 0 ? 0 : -errno;

	if (fd >= 0)
		return fd;
	error_set(k->e, 0, "%s: %s", k->path, strerror(-err));
	if (err == -ENOENT && k->path[0] != '/')
		return error_fix(k->e, err,
		        "give an absolute path: a relative one begins at the folder where handfast was started");
	return err == -ENOENT ? error_fix(k->e, err, "give the path of a file that exists")
	                      : error_fix(k->e, err, "ls -l %s", k->path);
}

int
cookie_keys_read(const char *path, uint64_t now_s, struct cookie_masters *out, struct error *e)
{
	struct cookie_masters read = {.shared = true};
	struct keys_file k = {.path = path, .out = &read, .e = e};
	char text[FILE_MOST + 1];
	int fd = open_keys_file(&k);
	size_t len;
	int err;

	if (fd < 0)
		return fd;
	err = check_file(&k, fd);
	if (err == 0)
		err = read_whole_file(&k, fd, text, &len);
	if (err == 0)
		err = read_keys_text(&k, text, len, now_s);
	if (err == 0)
		*out = read;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&read, sizeof(read));
	close(fd);
	return err;
}

const struct cookie_master *
cookie_keys_current(const struct cookie_masters *m, uint64_t now_s)
{
	const struct cookie_master *best = NULL;

	for (unsigned i = 0; i < m->n; i++) {
		const struct cookie_master *one = &m->master[i];

		if (one->not_before_s <= now_s &&
		        (best == NULL || one->not_before_s > best->not_before_s))
			best = one;
	}
	return best;
}

const struct cookie_master *
cookie_keys_next(const struct cookie_masters *m, uint64_t now_s)
{
	const struct cookie_master *best = NULL;

	for (unsigned i = 0; i < m->n; i++) {
		const struct cookie_master *one = &m->master[i];

		if (one->not_before_s > now_s &&
		        (best == NULL || one->not_before_s < best->not_before_s))
			best = one;
	}
	return best;
}

const char *
cookie_keys_time(uint64_t s, char text[COOKIE_KEYS_TIME])
{
	time_t at = (time_t)s;
	struct tm t;

	if (gmtime_r(&at, &t) == NULL ||
	        strftime(text, COOKIE_KEYS_TIME, "%Y-%m-%dT%H:%M:%SZ", &t) == 0)
		text[0] = '\0';
	return text;
}
