/* SPDX-License-Identifier: BSD-3-Clause */
#include "prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline.h>

#include "cli.h"
#include "prompt_tokens.h"

#define PROMPT "handfast> "
#define CTRL_L "\f" /* rte_cmdline: write the line again */

struct prompt {
	struct app *app;
	struct prompt_tokens *tokens;
	struct cmdline *cl;
	bool terminal;
	struct termios before;
	unsigned line;
	bool partial; /* characters came behind the last newline */
};

static void
run_line(void *line, struct cmdline *cl, void *data)
{
	struct prompt *p = data;
	struct where where = {.file = p->terminal ? NULL : "stdin", .line = p->line};

	if (p->app->quit)
		return;
	cli_run(p->app, line, &where);
	fflush(stdout);
	if (p->app->quit) /* rte_cmdline would ask for the next line */
		cmdline_set_prompt(cl, "");
}

/* rte_cmdline does the editing. Signals stay: Ctrl-C ends the program in order. */
static void
terminal_take(struct prompt *p)
{
	struct termios raw;

	p->terminal = tcgetattr(STDIN_FILENO, &p->before) == 0;
	if (!p->terminal)
		return;
	raw = p->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

struct prompt *
prompt_open(struct app *app)
{
	struct prompt *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->tokens = prompt_tokens_create(app->grammar, run_line, p);
	if (p == NULL || p->tokens == NULL) {
		fprintf(stderr, "handfast: no memory for a prompt\n");
		free(p);
		return NULL;
	}
	p->app = app;
	terminal_take(p);
	fflush(stdout);
	p->cl = cmdline_new(
	        prompt_tokens_context(p->tokens), PROMPT, STDIN_FILENO, STDOUT_FILENO);
	if (p->cl == NULL) {
		fprintf(stderr, "handfast: rte_cmdline made no prompt\n");
		prompt_close(p);
		return NULL;
	}
	return p;
}

void
prompt_close(struct prompt *p)
{
	if (p == NULL)
		return;
	if (p->terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &p->before);
	if (p->cl != NULL)
		cmdline_free(p->cl);
	prompt_tokens_destroy(p->tokens);
	free(p);
}

/* The prompt stands there, and no answer will come. */
static void
end_line(const struct prompt *p)
{
	if (write(STDOUT_FILENO, p->terminal ? "\r\n" : "\n", p->terminal ? 2 : 1) < 0)
		return; /* nobody reads it */
}

/* One character at a time, so that a line's number is known when it runs. */
static void
feed(struct prompt *p, const char *bytes, ssize_t n)
{
	for (ssize_t i = 0; i < n && !p->app->quit; i++) {
		if (bytes[i] == '\n')
			p->line++;
		p->partial = bytes[i] != '\n';
		if (cmdline_in(p->cl, bytes + i, 1) < 0 && !p->app->quit) { /* Ctrl-D */
			end_line(p);
			p->app->quit = true;
		}
	}
}

void
prompt_serve(struct prompt *p, int timeout_ms)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[256];
	ssize_t n;

	if (poll(&fd, 1, timeout_ms) <= 0)
		return;
	n = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		if (p->partial)
			feed(p, "\n", 1);
		if (!p->app->quit)
			end_line(p);
		p->app->quit = true;
		return;
	}
	feed(p, bytes, n);
}

void
prompt_hide(struct prompt *p)
{
	if (p != NULL)
		fputs(p->terminal ? "\r\033[K" : "\n", stdout);
}

void
prompt_redraw(struct prompt *p)
{
	if (p == NULL || !p->terminal)
		return;
	fflush(stdout);
	cmdline_in(p->cl, CTRL_L, 1);
}
