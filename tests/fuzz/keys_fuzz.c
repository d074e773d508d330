/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of cookie keys of any bytes. It is refused without a word that may be secret, or
 * taken. Taken keys, written in the form of the file, are taken as the same keys. */
#include <ctype.h>
#include <string.h>

#include "memory_file.h"
#include "program/cookie_keys.h"
#include "target.h"

#define NOW_S        UINT64_C(1764201600) /* 2025-11-27 */
#define SECRET_LEAST 11u                  /* digits: an id has 10 */

/* Nothing of the file stands there that is long enough to be of a key. */
static void
check_tells_nothing(const char *said, const char *text, size_t len)
{
	for (const char *run = said; *run != '\0';) {
		size_t n = 0;

		while (isxdigit((unsigned char)run[n]))
			n++;
		must(n < SECRET_LEAST || memmem(text, len, run, n) == NULL);
		run += n + (run[n] != '\0');
	}
}

static void
check_taken(const struct cookie_masters *m)
{
	const struct cookie_master *current = cookie_keys_current(m, NOW_S);
	const struct cookie_master *next = cookie_keys_next(m, NOW_S);
	static const uint8_t none[sizeof(m->master[0].key)];

	must(m->n >= 1 && m->n <= COOKIE_MASTERS_MAX && m->shared);
	must(current != NULL && current->not_before_s <= NOW_S);
	must(next == NULL || next->not_before_s > NOW_S);
	for (unsigned i = 0; i < m->n; i++) {
		must(memcmp(m->master[i].key, none, sizeof(none)) != 0);
		for (unsigned k = 0; k < i; k++)
			must(m->master[i].id != m->master[k].id &&
			        m->master[i].not_before_s != m->master[k].not_before_s);
	}
}

static void
write_again(const struct cookie_masters *m, FILE *f)
{
	for (unsigned i = 0; i < m->n; i++) {
		const struct cookie_master *one = &m->master[i];
		char at[COOKIE_KEYS_TIME];

		fprintf(f, "%u ", one->id);
		for (unsigned b = 0; b < sizeof(one->key); b++)
			fprintf(f, "%02X", one->key[b]);
		fprintf(f, "\t%s # %u\n", cookie_keys_time(one->not_before_s, at), i);
	}
}

static void
take_again(const struct cookie_masters *m)
{
	struct cookie_masters again = {.n = 0};
	struct error e;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(f != NULL);
	write_again(m, f);
	fclose(f);
	must(cookie_keys_read(memory_file(text, len), NOW_S, &again, &e) == 0);
	must(again.n == m->n);
	for (unsigned i = 0; i < m->n; i++) {
		const struct cookie_master *a = &m->master[i], *b = &again.master[i];

		must(a->id == b->id && a->not_before_s == b->not_before_s);
		must(memcmp(a->key, b->key, sizeof(a->key)) == 0);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cookie_masters m, before;
	struct error e = {.what = ""};

	memset(&m, 0xa5, sizeof(m));
	memset(&before, 0xa5, sizeof(before));
	if (cookie_keys_read(memory_file(data, size), NOW_S, &m, &e) == 0) {
		check_taken(&m);
		take_again(&m);
		return 0;
	}
	must(memcmp(&m, &before, sizeof(m)) == 0);
	must(e.what[0] != '\0' && e.fix[0] != '\0');
	check_tells_nothing(e.what, (const char *)data, size);
	check_tells_nothing(e.fix, (const char *)data, size);
	return 0;
}
