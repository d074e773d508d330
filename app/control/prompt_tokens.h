/* SPDX-License-Identifier: BSD-3-Clause */
/* prompt_tokens: the grammar's tree as rte_cmdline's instructions.
 *
 * Memory  all made at once, all freed at once.
 */
#ifndef APP_PROMPT_TOKENS_H
#define APP_PROMPT_TOKENS_H

#include <cmdline_parse.h>

#include "command/grammar.h"

#define PROMPT_LINE 1024

struct prompt_tokens;

/* NULL: no memory. run(line, cl, data) is called for each whole line. */
struct prompt_tokens *prompt_tokens_create(const struct grammar *g,
        void (*run)(void *line, struct cmdline *cl, void *data), void *data);
void prompt_tokens_destroy(struct prompt_tokens *t);
/* What cmdline_new() takes. */
cmdline_parse_ctx_t *prompt_tokens_context(struct prompt_tokens *t);

#endif
