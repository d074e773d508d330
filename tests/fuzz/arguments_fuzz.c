/* SPDX-License-Identifier: BSD-3-Clause */
/* Command lines of any words, each ended by a NUL. They are read inside their bounds, refused
 * with a cause, and left unchanged. A refused line is refused again in the same way. The first
 * byte is the number of cores. */
#include <string.h>

#include "must.h"
#include "start/options.h"
#include "target.h"

#define ARGS_MOST 40

struct line {
	int argc;
	char *argv[ARGS_MOST + 1];
};

/* Each word has an allocation of its own. */
static struct line
line_of(const uint8_t *data, size_t size)
{
	struct line l = {.argc = 1, .argv = {strdup("handfast")}};

	while (size > 0 && l.argc < ARGS_MOST) {
		const uint8_t *end = memchr(data, 0, size);
		size_t len = end != NULL ? (size_t)(end - data) : size;

		l.argv[l.argc] = strndup((const char *)data, len);
		must(l.argv[l.argc] != NULL);
		l.argc++;
		data += len;
		size -= len;
		if (size > 0) {
			data++;
			size--;
		}
	}
	return l;
}

static void
line_free(struct line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
}

static void
check_same(const struct line *a, const struct line *b)
{
	for (int i = 0; i < a->argc; i++)
		must(strcmp(a->argv[i], b->argv[i]) == 0);
}

static void
check_read(const struct options *o, const struct line *l)
{
	must(o->eal_argc >= 1 && o->eal_argc <= l->argc);
	must(o->eal_argc == l->argc || strcmp(l->argv[o->eal_argc], "--") == 0);
	must(o->max_conns >= 16);
	must(o->cmdline_file == NULL || strlen(o->cmdline_file) < 1u << 20);
}

/* Every one of EAL's is found where it stands, and the next one behind it. */
static void
check_walk(const struct line *l, int argc)
{
	for (int i = 1, next; i < argc; i = next) {
		const char *value = eal_option_at(argc, l->argv, i, "vdev", &next);

		must(next > i && next <= argc);
		must(value == NULL || eal_option_given(argc, l->argv, "vdev"));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line l, copy;
	struct options o;
	struct error e = {.what = ""};

	if (size == 0)
		return 0;
	l = line_of(data + 1, size - 1);
	copy = line_of(data + 1, size - 1);
	if (options_read(&o, l.argc, l.argv, &e) == 0)
		check_read(&o, &l);
	else
		must(e.what[0] != '\0');
	e.what[0] = '\0';
	if (eal_options_check(o.eal_argc, l.argv, &e) != 0)
		must(e.what[0] != '\0');
	e.what[0] = '\0';
	if (eal_cores_check(o.eal_argc, l.argv, data[0], &e) != 0)
		must(e.what[0] != '\0' && data[0] != 0);
	check_walk(&l, o.eal_argc);
	check_same(&l, &copy);
	line_free(&l);
	line_free(&copy);
	return 0;
}
