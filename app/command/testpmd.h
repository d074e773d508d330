/* SPDX-License-Identifier: BSD-3-Clause */
/* testpmd: what those type who know testpmd, and how it is said here.
 *
 * Threads  a pure function.
 */
#ifndef APP_TESTPMD_H
#define APP_TESTPMD_H

#include <stdbool.h>
#include <stddef.h>

#include "text/words.h"

/* The command that does here what these words do there; NULL: they are none of testpmd's,
 * or there is nothing like it. */
const char *testpmd_here(const struct words *w, char *text, size_t size);

#endif
