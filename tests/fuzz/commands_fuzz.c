/* SPDX-License-Identifier: BSD-3-Clause */
/* Command files of any bytes. An understood command can be printed, and is then understood as
 * the same. Its settings are printed as commands that set the same. The prompt offers at each
 * word the words that the grammar takes there. The first byte is the place where completion
 * begins. */
#include <cmdline.h>
#include <fcntl.h>
#include <string.h>

#include "app/app_rig.h"
#include "command/spec_args.h"
#include "config_again.h"
#include "control/prompt_tokens.h"
#include "control/script.h"
#include "memory_file.h"
#include "target.h"

#define CHOICES_MOST 400

static struct grammar *g;
static struct cmdline *prompt;

static void
run(void *line, struct cmdline *cl, void *data)
{
	(void)line;
	(void)cl;
	(void)data;
}

static void
begin(void)
{
	struct prompt_tokens *tokens;

	g = rig_grammar();
	tokens = prompt_tokens_create(g, run, NULL);
	must(tokens != NULL);
	prompt = cmdline_new(prompt_tokens_context(tokens), "> ", open("/dev/null", O_RDONLY),
	        open("/dev/null", O_WRONLY));
	must(prompt != NULL);
}

/* ------------------------------------------------------------------ said again */

/* Write it as a person would. False: it is then too long. */
static bool
write_again(const struct words *w, char line[WORDS_LINE])
{
	size_t len = 0;

	for (unsigned i = 0; i < w->n; i++) {
		const char *word = w->word[i];
		bool quote = strchr(word, '"') == NULL &&
		             (word[0] == '\0' || strpbrk(word, " \t\r\n#") != NULL);

		len += (size_t)snprintf(
		        line + len, WORDS_LINE - len, quote ? "\"%s\" " : "%s ", word);
		if (len + 2 > WORDS_LINE)
			return false;
	}
	return true;
}

/* Compare by members: bytes between them may be anything. */
static bool
is_same_value(const struct value *a, const struct value *b)
{
	return a->number == b->number && a->real == b->real && a->addr == b->addr &&
	       a->addr_last == b->addr_last && a->port == b->port &&
	       a->port_last == b->port_last && strcmp(a->text, b->text) == 0;
}

static void
check_same(const struct args *a, const struct args *b)
{
	must(a->command == b->command && a->nkeywords == b->nkeywords);
	for (unsigned i = 0; i < a->nkeywords; i++)
		must(a->keyword[i] == b->keyword[i]);
	for (unsigned k = 0; k < ARG_KINDS; k++) {
		must(a->given[k] == b->given[k]);
		must(!a->given[k] || is_same_value(&a->value[k], &b->value[k]));
	}
}

static void
say_again(const char *line, const struct args *a)
{
	char again[WORDS_LINE];
	struct words w;
	struct error e;
	struct args b;

	must(words_split(&w, line, &e) == 0 && w.n > 0);
	if (!write_again(&w, again))
		return;
	must(grammar_parse(g, again, &b, &e) == 1);
	check_same(a, &b);
}

/* ------------------------------------------------------------------- completed */

/* A line that does not end has no prompt. *returns: the line may end here. */
static unsigned
offers(const char *line, bool *returns)
{
	char out[PROMPT_LINE];
	unsigned n = 0;
	int state = -1;

	*returns = false;
	while (cmdline_complete(prompt, line, &state, out, sizeof(out)) ==
	        CMDLINE_PARSE_COMPLETE_AGAIN) {
		must(++n <= CHOICES_MOST && strlen(out) < sizeof(out));
		*returns |= strstr(out, "[RETURN]") != NULL;
	}
	return n;
}

/* rte_cmdline cuts words otherwise where there is more than letters and blanks. */
static bool
is_simple(const char *line)
{
	for (; *line != '\0'; line++)
		if (*line < ' ' || *line > '~' || *line == '"' || *line == '#')
			return false;
	return true;
}

static void
complete(const char *line, size_t upto)
{
	char start[WORDS_LINE], out[PROMPT_LINE] = "";
	bool returns;
	int state = 0;

	snprintf(start, sizeof(start), "%.*s", (int)upto, line);
	cmdline_complete(prompt, start, &state, out, sizeof(out));
	must(strlen(out) < sizeof(out));
	offers(start, &returns);
}

/* It is understood: so each of its words is offered, and at last its end. */
static void
complete_understood(const char *line, const struct args *a)
{
	char start[WORDS_LINE + 2];
	size_t len = strlen(line);
	bool returns;

	if (!is_simple(line) || a->given[ARG_COMMAND] || len + 1 >= PROMPT_LINE)
		return;
	for (size_t i = strspn(line, " "); i < len; i++) {
		if (line[i] == ' ' || (i > 0 && line[i - 1] != ' '))
			continue;
		snprintf(start, sizeof(start), "%.*s", (int)i, line);
		must(offers(start, &returns) > 0);
	}
	snprintf(start, sizeof(start), "%s ", line);
	offers(start, &returns);
	must(returns);
}

/* ---------------------------------------------------------------------- a line */

/* An option with one value is printed once; several values may be expected. */
static void
check_once(const struct args *a)
{
	static const char *const once[] = {
#define LOAD_OPTION(id, syntax, ...) syntax,
#include "load/spec/options.def"
	};

	for (unsigned o = 0; o < sizeof(once) / sizeof(once[0]); o++) {
		unsigned n = 0;

		for (unsigned i = 0; i < a->nkeywords; i++)
			n += strcspn(once[o], " ") == strlen(a->keyword[i]) &&
			     strncmp(a->keyword[i], once[o], strlen(a->keyword[i])) == 0;
		must(n <= 1);
	}
}

static void
check_load(const struct args *a)
{
	struct load_spec spec;
	struct load_url url;
	struct error e;
	char text[LOAD_PATH + 64], why[200];

	if (load_spec_from_args(&spec, a, &e) != 0) {
		must(e.what[0] != '\0');
		return;
	}
	check_once(a);
	must((spec.rate > 0) != (spec.concurrency > 0));
	must(spec.requests > 0 && spec.timeout_ms > 0 && spec.duration_s >= 1);
	load_url_print(&spec.url, text, sizeof(text));
	must(load_url_parse(text, &url, why, sizeof(why)) == 0);
	must(url.kind == spec.url.kind && url.addr == spec.url.addr &&
	        url.port == spec.url.port && strcmp(url.path, spec.url.path) == 0);
}

/* The message has nothing that a terminal obeys, whatever the line contains. */
static void
check_error(const char *line, const struct error *e)
{
	struct where where = {line, 1};
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(f != NULL && e->what[0] != '\0');
	error_print(f, &where, e);
	fclose(f);
	for (size_t i = 0; i < size; i++)
		must(text[i] == '\n' || ((uint8_t)text[i] >= ' ' && text[i] != 0x7f));
	free(text);
}

/* Is the line in order, for script_check()? */
static bool
check_line(const char *line, struct config_again *c)
{
	struct load_spec spec;
	struct error e = {.what = ""};
	struct args a;
	int got = grammar_parse(g, line, &a, &e);

	must(got <= 1);
	if (got < 0)
		check_error(line, &e);
	if (got != 1)
		return got == 0;
	must(a.command < CMD_COUNT && a.nkeywords <= WORDS_MAX);
	say_again(line, &a);
	complete_understood(line, &a);
	config_again_apply(c, &a, &e);
	if (a.command != CMD_LOAD)
		return true;
	check_load(&a);
	return load_spec_from_args(&spec, &a, &e) == 0;
}

/* The output is dropped. The result is 0, or an exit code. */
static int
load_and_check(struct script *s, const uint8_t *bytes, size_t len, bool *loaded)
{
	int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), code;

	must(err >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
	code = script_load(s, memory_file(bytes, len));
	*loaded = code == 0;
	if (*loaded)
		code = script_check(s, g);
	dup2(err, STDERR_FILENO);
	close(null);
	close(err);
	return code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_again c;
	bool good = true, loaded;
	struct script s;
	int code;

	if (size < 2)
		return 0;
	if (g == NULL)
		begin();
	code = load_and_check(&s, data + 1, size - 1, &loaded);
	config_again_begin(&c, g);
	for (unsigned i = 0; i < s.n; i++) {
		good &= check_line(s.line[i], &c);
		config_again_check(&c);
	}
	if (s.n > 0)
		complete(s.line[0], data[0]);
	must(!loaded || (code == 0) == good);
	script_free(&s);
	return 0;
}
