/* SPDX-License-Identifier: BSD-3-Clause */
/* The prompt on a terminal, and commands from a pipe. */
#include "control/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline.h>

#include "control/cli.h"
#include "control/prompt_tokens.h"
#include "text/plain.h"

#define PROMPT      "handfast> "
#define CTRL_L      "\f" /* makes rte_cmdline write the line again */
#define RDLINE_MOST 512  /* rte_cmdline drops characters beyond this length */

struct prompt {
	struct app *app;
	int said[2]; /* the pipe that rte_cmdline writes to, which is emptied at once */
	struct prompt_tokens *tokens;
	struct cmdline *cl;
	bool terminal;
	struct termios before;
	unsigned line;
	char text[WORDS_LINE + 1]; /* the line from a pipe so far; a longer one is refused */
	unsigned len;
	bool nul;     /* the line contains a NUL byte */
	bool partial; /* the input has characters behind the last newline */
};

/* Copies the output of rte_cmdline to stdout. The pipe has room for it, because only one
 * character was typed. */
static void
copy_cmdline_output(struct prompt *p)
{
	char bytes[512];
	ssize_t n;

	while ((n = read(p->said[0], bytes, sizeof(bytes))) > 0)
		fwrite(bytes, 1, (size_t)n, stdout);
	fflush(stdout);
}

static int
feed_cmdline(struct prompt *p, const char *bytes, int n)
{
	int rc = cmdline_in(p->cl, bytes, n);

	copy_cmdline_output(p);
	return rc;
}

static void
run_line(void *line, struct cmdline *cl, void *data)
{
	struct prompt *p = data;
	struct where where = {.line = p->line};

	if (p->app->quit)
		return;
	copy_cmdline_output(p);
	if (strlen(line) >= RDLINE_MOST)
		fprintf(stderr, "error: a line on a terminal has at most %d bytes\n",
		        RDLINE_MOST - 1);
	else
		cli_run(p->app, line, &where);
	fflush(stdout);
	if (p->app->quit) /* rte_cmdline would ask for the next line */
		cmdline_set_prompt(cl, "");
}

/* The output of a pipe may go unread, so a failure sets the exit code. */
static void
run_piped(struct prompt *p)
{
	const struct where where = {.file = "stdin", .line = p->line};
	struct error e;
	int err;

	p->text[p->len] = '\0';
	plain_print(stdout, p->text);
	putchar('\n');
	if (p->nul) {
		err = error_set(&e, -EINVAL, "the line contains a NUL byte");
		fflush(stdout);
		error_print(stderr, &where, &e);
	} else {
		err = cli_run(p->app, p->text, &where);
	}
	if (err < 0)
		app_failed(p->app, cli_code(err));
	p->len = 0;
	p->nul = false;
	if (!p->app->quit)
		fputs(PROMPT, stdout);
	fflush(stdout);
}

/* On a terminal rte_cmdline does the editing. Signals stay on: Ctrl-C ends the program in
 * order. */
static void
terminal_set_raw(struct prompt *p)
{
	struct termios raw;

	p->terminal = tcgetattr(STDIN_FILENO, &p->before) == 0;
	if (!p->terminal)
		return;
	raw = p->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static bool
terminal_open(struct prompt *p)
{
	if (pipe2(p->said, O_NONBLOCK | O_CLOEXEC) == 0)
		p->tokens = prompt_tokens_create(p->app->grammar, run_line, p);
	if (p->tokens == NULL) {
		fprintf(stderr, "handfast: no memory is left for a prompt\n");
		return false;
	}
	fflush(stdout);
	p->cl = cmdline_new(prompt_tokens_context(p->tokens), PROMPT, STDIN_FILENO, p->said[1]);
	if (p->cl == NULL) {
		fprintf(stderr, "handfast: rte_cmdline could not create a prompt\n");
		return false;
	}
	copy_cmdline_output(p);
	return true;
}

static void
close_pipe(const struct prompt *p)
{
	if (p->said[1] == 0)
		return;
	close(p->said[0]);
	if (p->cl == NULL) /* otherwise cmdline_free() has closed it */
		close(p->said[1]);
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
	if (p->said[0] != 0)
		copy_cmdline_output(p);
	prompt_tokens_destroy(p->tokens);
	close_pipe(p);
	free(p);
}

struct prompt *
prompt_open(struct app *app)
{
	struct prompt *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		fprintf(stderr, "handfast: no memory is left for a prompt\n");
		return NULL;
	}
	p->app = app;
	terminal_set_raw(p);
	if (!p->terminal) {
		fputs(PROMPT, stdout);
		fflush(stdout);
	} else if (!terminal_open(p)) {
		prompt_close(p);
		return NULL;
	}
	return p;
}

/* Ends the line of a prompt that gets no more input. */
static void
end_prompt_line(const struct prompt *p)
{
	fputs(p->terminal ? "\r\n" : "\n", stdout);
	fflush(stdout);
}

static void
feed_piped(struct prompt *p, char c)
{
	if (c == '\n') {
		run_piped(p);
		return;
	}
	p->nul |= c == '\0';
	if (p->len < WORDS_LINE)
		p->text[p->len++] = c;
}

/* Passes on one character at a time, so that the number of a line is known when it runs. */
static void
feed_input(struct prompt *p, const char *bytes, ssize_t n)
{
	for (ssize_t i = 0; i < n && !p->app->quit; i++) {
		if (bytes[i] == '\n')
			p->line++;
		p->partial = bytes[i] != '\n';
		if (!p->terminal) {
			feed_piped(p, bytes[i]);
		} else if (feed_cmdline(p, bytes + i, 1) < 0 && !p->app->quit) { /* Ctrl-D */
			end_prompt_line(p);
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
			feed_input(p, "\n", 1);
		if (!p->app->quit)
			end_prompt_line(p);
		p->app->quit = true;
		return;
	}
	feed_input(p, bytes, n);
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
	feed_cmdline(p, CTRL_L, 1);
}
