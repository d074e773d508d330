/* SPDX-License-Identifier: BSD-3-Clause */
/* must: a condition that a fuzz target holds to be true. A false one ends the process: the
 * input is the reproducer. */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define must(what)                                                                        \
	do {                                                                              \
		if (!(what)) {                                                            \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
			        #what);                                                   \
			abort();                                                          \
		}                                                                         \
	} while (0)

#endif
