/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs inputs through a target where there is no libFuzzer: the corpora are
 * regression tests of every build.
 *
 *     replay-TARGET FILE...
 *
 * A file that ends in .pack holds many inputs, each behind its length (4 bytes,
 * little-endian; corpus.py writes it); any other is one input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

struct bytes {
	uint8_t *at;
	size_t len;
};

static _Noreturn void
give_up(const char *path, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", path, why);
	exit(2);
}

static struct bytes
read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct bytes b = {0};
	long end;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (end = ftell(f)) < 0)
		give_up(path, "cannot be read");
	b.len = (size_t)end;
	b.at = malloc(b.len + 1);
	rewind(f);
	if (b.at == NULL || fread(b.at, 1, b.len, f) != b.len)
		give_up(path, "cannot be read whole");
	fclose(f);
	return b;
}

/* The input lies in an allocation of exactly its size, for ASan. */
static void
run(const uint8_t *at, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (copy == NULL)
		give_up("input", "no memory");
	memcpy(copy, at, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static unsigned
run_pack(const char *path, struct bytes b)
{
	unsigned n = 0;

	for (size_t at = 0; at < b.len; n++) {
		size_t len;

		if (b.len - at < 4)
			give_up(path, "a pack that ends too early");
		len = b.at[at] | b.at[at + 1] << 8 | b.at[at + 2] << 16 |
		      (size_t)b.at[at + 3] << 24;
		at += 4;
		if (len > b.len - at)
			give_up(path, "a pack that ends too early");
		run(b.at + at, len);
		at += len;
	}
	return n;
}

int
main(int argc, char **argv)
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++) {
		struct bytes b = read_file(argv[i]);
		size_t name = strlen(argv[i]);

		if (name > 5 && strcmp(argv[i] + name - 5, ".pack") == 0) {
			n += run_pack(argv[i], b);
		} else {
			run(b.at, b.len);
			n++;
		}
		free(b.at);
	}
	printf("%u inputs\n", n);
	return n == 0;
}
