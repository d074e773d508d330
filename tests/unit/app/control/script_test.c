/* SPDX-License-Identifier: BSD-3-Clause */
/* Command files. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <unistd.h>

#include "../app_rig.h"
#include "control/script.h"

static char path[] = "/tmp/handfast-script-XXXXXX";

static void
write_script(const char *text)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	cr_redirect_stderr();
}

static void
remove_script(void)
{
	unlink(path);
}

/* The text on stderr. */
static char *
said(void)
{
	static char text[4096];
	FILE *f = cr_get_redirected_stderr();
	size_t n;

	fflush(stderr);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	return text;
}

Test(script, lines_are_kept_with_their_numbers, .fini = remove_script)
{
	struct script s;

	write_script("# comment\n\nstart\nstop");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(s.n, 4);
	cr_expect_str_eq(s.line[3], "stop");
	script_free(&s);
}

static void
expect_text_refused(const char *text, size_t len, const char *place_and_words)
{
	char at[96], *words;
	struct script s;
	FILE *f;

	cr_redirect_stderr();
	cr_assert_geq(close(mkstemp(path)), 0);
	f = fopen(path, "w");
	cr_assert_eq(fwrite(text, 1, len, f), len);
	fclose(f);
	cr_expect_eq(script_load(&s, path), EXIT_USAGE);
	words = said();
	snprintf(at, sizeof(at), "%s:%s", path, place_and_words);
	cr_expect_eq(strncmp(words, at, strlen(at)), 0, "'%s' is not '%s'", words, at);
	script_free(&s);
}

Test(script, what_stands_behind_a_nul_byte_is_not_dropped, .fini = remove_script)
{
	expect_text_refused("start\ndrain 5\0 000\n", 19, "2: the line contains a NUL byte");
}

Test(script, a_line_without_an_end_is_not_read_to_it, .fini = remove_script)
{
	static char text[100000];

	memset(text, 'x', sizeof(text));
	expect_text_refused(text, sizeof(text), "1: the line is too long");
}

Test(script, more_lines_than_anybody_writes_are_refused, .fini = remove_script)
{
	static char text[300000];

	memset(text, '\n', sizeof(text));
	expect_text_refused(text, sizeof(text), "100001: the file has too many lines");
}

Test(script, what_has_no_end_is_not_read, .init = cr_redirect_stderr)
{
	struct script s;

	cr_expect_eq(script_load(&s, "/dev/zero"), EXIT_USAGE);
	cr_expect_not_null(strstr(said(), "/dev/zero: the path is neither a file nor a pipe"));
	cr_expect_eq(script_load(&s, "/dev/null"), 0);
	cr_expect_eq(s.n, 0);
	script_free(&s);
}

/* A pipe, as the shell makes it for `<(...)`. */
Test(script, a_pipe_is_read_to_its_end)
{
	struct script s;
	char name[32];
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(write(fds[1], "start\nstop", 10), 10);
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	cr_assert_eq(script_load(&s, name), 0);
	cr_expect_eq(s.n, 2);
	cr_expect_str_eq(s.line[1], "stop");
	script_free(&s);
}

Test(script, as_editors_elsewhere_write_it, .fini = remove_script)
{
	struct grammar *g = rig_grammar();
	struct script s;

	write_script("\xef\xbb\xbfstart\r\nstop\r\n");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(s.n, 2);
	cr_expect_eq(script_check(&s, g), 0);
	script_free(&s);
	grammar_destroy(g);
}

Test(script, what_a_terminal_would_obey_is_told_harmlessly, .fini = remove_script)
{
	struct grammar *g = rig_grammar();
	struct script s;
	const char *text;

	write_script("start \x1b[2J\x9b\n");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(script_check(&s, g), EXIT_USAGE);
	text = said();
	cr_expect_null(strchr(text, '\x1b'));
	cr_expect_null(strchr(text, '\x9b'));
	cr_expect_not_null(strstr(text, "start \\x1b[2J\\x9b"), "%s", text);
	script_free(&s);
	grammar_destroy(g);
}

Test(script, every_slip_is_told_with_file_and_line, .fini = remove_script)
{
	struct grammar *g = rig_grammar();
	struct script s;
	char *text, at[64];

	write_script("start\nset lsten 0.0.0.0:80 http\n\nshwo drops\n");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(script_check(&s, g), EXIT_USAGE);
	text = said();
	snprintf(at, sizeof(at), "%s:2:", path);
	cr_expect_not_null(strstr(text, at), "%s", text);
	snprintf(at, sizeof(at), "%s:4:", path);
	cr_expect_not_null(strstr(text, at), "%s", text);
	cr_expect_not_null(strstr(text, "did you mean 'listen'?"));
	script_free(&s);
	grammar_destroy(g);
}

Test(script, a_file_that_is_not_there_or_no_file, .init = cr_redirect_stderr)
{
	struct script s;

	cr_expect_eq(script_load(&s, "/no/such/file"), EXIT_USAGE);
	cr_expect_eq(script_load(&s, "/"), EXIT_USAGE);
	cr_expect_not_null(strstr(said(), "/no/such/file: No such file"));
}

Test(script, a_report_to_standard_output_is_known_before_anything_runs, .fini = remove_script)
{
	struct grammar *g = rig_grammar();
	struct script s;

	write_script("load tcp://192.0.2.1:9 json a.json\nload tcp://192.0.2.1:9 json -\n");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(script_check(&s, g), 0);
	cr_expect(s.documents);
	script_free(&s);
	grammar_destroy(g);
}

Test(script, a_load_that_contradicts_itself_is_told_before_anything_runs, .fini = remove_script)
{
	struct grammar *g = rig_grammar();
	struct script s;
	char *text, at[64];

	write_script("start\nload tcp://192.0.2.1:9 rate 5\n"
	             "load tcp://192.0.2.1:9 rate 5 concurrency 6\n");
	cr_assert_eq(script_load(&s, path), 0);
	cr_expect_eq(script_check(&s, g), EXIT_USAGE);
	text = said();
	snprintf(at, sizeof(at), "%s:3: ", path);
	cr_expect_eq(strstr(text, at), text, "%s", text);
	cr_expect_not_null(strstr(text, "open loop"), "%s", text);
	script_free(&s);
	grammar_destroy(g);
}
