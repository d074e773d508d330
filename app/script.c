/* SPDX-License-Identifier: BSD-3-Clause */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "document.h"
#include "load/spec_args.h"

static int
cannot(const char *path, int err)
{
	struct error e;

	error_set(&e, 0, "--cmdline-file %s: %s", path, strerror(err));
	if (err == ENOENT)
		error_mend(&e, 0, "give the path of a file that exists; one command per line");
	error_print(stderr, NULL, &e);
	return EXIT_USAGE;
}

static int
add_line(struct script *s, const char *line)
{
	char **more = realloc(s->line, (s->n + 1) * sizeof(*more));

	if (more == NULL)
		return ENOMEM;
	s->line = more;
	s->line[s->n] = strdup(line);
	if (s->line[s->n] == NULL)
		return ENOMEM;
	s->n++;
	return 0;
}

int
script_load(struct script *s, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	*s = (struct script) {.path = path};
	if (f == NULL)
		return cannot(path, errno);
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		return cannot(path, EISDIR);
	}
	while (err == 0 && getline(&line, &room, f) >= 0)
		err = add_line(s, line);
	if (err == 0 && ferror(f))
		err = EIO;
	free(line);
	fclose(f);
	return err == 0 ? 0 : cannot(path, err);
}

/* A line that is well formed may still ask for what cannot be. */
static int
check_line(struct script *s, const struct grammar *g, const char *line, struct error *e)
{
	struct load_spec spec;
	struct args a;
	int got = grammar_parse(g, line, &a, e);

	if (got != 1 || a.command != CMD_LOAD)
		return got;
	if (load_spec_from_args(&spec, &a, e) != 0)
		return -EINVAL;
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

		if (check_line(s, g, s->line[i], &e) >= 0)
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
