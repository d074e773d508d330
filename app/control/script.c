/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of a file of commands, and the check of its lines. */
#include "control/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "command/spec_args.h"
#include "text/document.h"

#define LINES_MOST 100000

static int
refuse_script(const char *path, int err)
{
	struct error e;

	error_set(&e, 0, "--cmdline-file %s: %s", path,
	        err == EINVAL ? "the path is neither a file nor a pipe" : strerror(err));
	if (err == ENOENT || err == EINVAL)
		error_fix(&e, 0,
		        "give the path of a file that exists, with one command per line");
	error_print(stderr, NULL, &e);
	return EXIT_USAGE;
}

static int
add_script_line(struct script *s, const char *line)
{
	if ((s->n & (s->n - 1)) == 0) { /* 0 or a power of two: the array is full */
		char **more = realloc(s->line, (s->n != 0 ? 2 * s->n : 1) * sizeof(*more));

		if (more == NULL)
			return ENOMEM;
		s->line = more;
	}
	s->line[s->n] = strdup(line);
	if (s->line[s->n] == NULL)
		return ENOMEM;
	s->n++;
	return 0;
}

/* Reads the next line up to its newline. Returns 1, or 0 at the end of the file. A line that is
 * too long is cut at WORDS_LINE bytes, which read_lines() refuses. */
static int
read_line(FILE *f, char line[WORDS_LINE + 1], bool *nul)
{
	unsigned len = 0;
	int c;

	*nul = false;
	while ((c = getc_unlocked(f)) != EOF && c != '\n') {
		*nul |= c == '\0';
		if (len == WORDS_LINE)
			break;
		line[len++] = (char)c;
	}
	line[len] = '\0';
	return c != EOF || len > 0;
}

static int
refuse_script_line(const struct script *s, const char *what)
{
	struct where where = {s->path, s->n + 1};
	struct error e;

	error_set(&e, 0, "%s", what);
	error_fix(&e, 0, "give a text file with one command per line");
	error_print(stderr, &where, &e);
	return EXIT_USAGE;
}

/* Some editors write a byte order mark; it does not belong to the first line. */
static const char *
skip_byte_order_mark(const struct script *s, const char *line)
{
	return s->n == 0 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line;
}

static int
read_lines(struct script *s, FILE *f)
{
	char line[WORDS_LINE + 1];
	bool nul;
	int err;

	while (read_line(f, line, &nul)) {
		if (nul)
			return refuse_script_line(s, "the line contains a NUL byte");
		if (strlen(line) == WORDS_LINE)
			return refuse_script_line(s, "the line is too long for a command");
		if (s->n == LINES_MOST)
			return refuse_script_line(
			        s, "the file has too many lines for a file of commands");
		err = add_script_line(s, skip_byte_order_mark(s, line));
		if (err != 0)
			return refuse_script(s->path, err);
	}
	return ferror(f) ? refuse_script(s->path, EIO) : 0;
}

static bool
is_folder(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A script must have an end: a file and a pipe (`<(...)` is one) have it, and a terminal has
 * Ctrl-D. */
static bool
may_be_read(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || isatty(fd) ||
	               (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))); /* /dev/null */
}

int
script_load(struct script *s, const char *path)
{
	FILE *f = fopen(path, "re");
	int code;

	*s = (struct script) {.path = path};
	if (f == NULL)
		return refuse_script(path, errno);
	if (may_be_read(fileno(f)))
		code = read_lines(s, f);
	else
		code = refuse_script(path, is_folder(fileno(f)) ? EISDIR : EINVAL);
	fclose(f);
	return code;
}

/* A well-formed line may still contradict itself, so the options of `load` are checked, too. */
static int
check_script_line(struct script *s, const struct grammar *g, const char *line, struct error *e)
{
	struct load_spec spec;
	struct args a;
	int got = grammar_parse(g, line, &a, e);

	if (got != 1 || a.command != CMD_LOAD)
		return got;
	if (load_spec_from_args(&spec, &a, e) != 0)
		return -EINVAL;
	s->loads = true;
	s->documents |= document_is_stdout(spec.json) || document_is_stdout(spec.html);
	return 0;
}

int
script_check(struct script *s, const struct grammar *g)
{
	int code = 0;

	for (unsigned i = 0; i < s->n; i++) {
		struct where where = {s->path, i + 1};
		struct error e;

		if (check_script_line(s, g, s->line[i], &e) >= 0)
			continue;
		error_print(stderr, &where, &e);
		code = EXIT_USAGE;
	}
	return code;
}

void
script_free(struct script *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->line[i]);
	free(s->line);
}
