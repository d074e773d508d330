/* SPDX-License-Identifier: BSD-3-Clause */
/* testpmd: the commands of testpmd, and the commands of Handfast that do the same.
 *
 * Threads  any: a pure function.
 * Memory   the caller's buffer.
 */
#ifndef APP_TESTPMD_H
#define APP_TESTPMD_H

#include <stdbool.h>
#include <stddef.h>

#include "text/words.h"

/* The command of Handfast for a command of testpmd. NULL: the words are no command of testpmd,
 * or Handfast has nothing like it. */
const char *testpmd_here(const struct words *w, char *text, size_t size);

#endif
