/* SPDX-License-Identifier: BSD-3-Clause */
/* prompt_tokens: the grammar's tree as instructions of rte_cmdline.
 *
 * Threads    the main core.
 * Ownership  the grammar is borrowed.
 * Memory     prompt_tokens_create() allocates all of it, prompt_tokens_destroy() frees it.
 * Errors     NULL: no memory.
 */
#ifndef APP_PROMPT_TOKENS_H
#define APP_PROMPT_TOKENS_H

#include <cmdline_parse.h>

#include "command/grammar.h"

#define PROMPT_LINE 1024

struct prompt_tokens;

/* rte_cmdline calls run(line, cl, data) for each whole line. */
struct prompt_tokens *prompt_tokens_create(const struct grammar *g,
        void (*run)(void *line, struct cmdline *cl, void *data), void *data);
void prompt_tokens_destroy(struct prompt_tokens *t);
/* The argument of cmdline_new(). */
cmdline_parse_ctx_t *prompt_tokens_context(struct prompt_tokens *t);

#endif
