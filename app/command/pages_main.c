/* SPDX-License-Identifier: BSD-3-Clause */
/* commands-page: the program that prints one of the pages made from the tables. It runs while
 * Handfast is built, and needs neither DPDK nor the machine that Handfast is built for. */
#include <stdio.h>
#include <string.h>

#include "command/pages.h"

#define EXIT_ENVIRONMENT 2
#define EXIT_USAGE       3

static const struct page {
	const char *name;
	void (*print)(FILE *f);
} pages[] = {
        {"md", pages_markdown},
        {"man", pages_man},
        {"program-man", pages_program_man},
        {"completion", pages_completion},
        {"words", pages_words},
};

int
main(int argc, char **argv)
{
	for (unsigned i = 0; argc == 2 && i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(argv[1], pages[i].name) != 0)
			continue;
		pages[i].print(stdout);
		if (fflush(stdout) == 0)
			return 0;
		perror("commands-page: standard output cannot be written");
		return EXIT_ENVIRONMENT;
	}
	fputs("usage: commands-page md|man|program-man|completion|words\n", stderr);
	return EXIT_USAGE;
}
