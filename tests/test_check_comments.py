#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_comments on small trees, right and wrong ones."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import check_comments  # noqa: E402

FILES = {
    "lib/tcp/input.h": "/* input: a segment. */\nint tcp_input(struct conn *c);\n#define TCP_MOST 3\n",
    "lib/tcp/cc_reno.c": "/* Reno. */\nstatic int grow(int snd_una) { return snd_una; }\n",
    "include/handfast/handfast.h": "/* the API */\nstruct service { void (*turn)(void *self); void (*const *ends)(int); };\n",
    "app/names.c": '/* Names. */\nconst char *key = "tx_full";\n',
    "bench/wheel_bench.c": "/* A bench. */\n",
    "docs/json.md": "| `window_cps` | a rate |\n",
    "docs/decisions/0007-source-port-and-rss.md": "",
    "setup.sh": "",
}


class CheckComments(unittest.TestCase):
    def setUp(self):
        plain = check_comments.PLAIN
        self.addCleanup(setattr, check_comments, "PLAIN", plain)
        check_comments.PLAIN = ("lib/plain",)

    def tree(self, comment, path="lib/tcp/look.h"):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in {**FILES, path: comment}.items():
            full = os.path.join(folder.name, name)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        return folder.name

    def accepted(self, *comments):
        for comment in comments:
            with self.subTest(comment=comment):
                self.assertEqual(check_comments.check(self.tree(f"/* {comment} */\n"))[1], [])

    def refused(self, *pairs):
        for comment, because in pairs:
            with self.subTest(comment=comment):
                found = check_comments.check(self.tree(f"int x;\n/* first line\n * {comment}\n */\n"))[1]
                self.assertEqual(found, [f"lib/tcp/look.h:3: there is no {because}"])

    def test_functions_that_are_there(self):
        self.accepted("tcp_input() calls grow().", "turn() comes first", "as grow(), says turn().")

    def test_functions_that_are_not(self):
        self.refused(("set-up returns -errno; stack_error() says why", "stack_error()"),
                     ("fold() ends it", "fold()"), ("see tcp_input() and shrink().", "shrink()"))

    def test_a_word_of_code_is_no_function(self):
        self.refused(("snd_una() goes on", "snd_una()"))

    def test_what_only_a_comment_or_a_string_has_is_no_function(self):
        root = self.tree("/* later() */\n", "lib/tcp/other.h")
        with open(os.path.join(root, "lib/tcp/look.h"), "w", encoding="utf-8") as f:
            f.write('const char *s = "later()"; /* later() */\n')
        self.assertEqual([line.split(":")[0] for line in check_comments.check(root)[1]],
                         ["lib/tcp/look.h", "lib/tcp/other.h"])

    def test_names_of_code_strings_documents_and_files(self):
        self.accepted("snd_una, TCP_MOST and `snd_una`", "tx_full, window_cps; wheel_bench measures",
                      "TCP_* and cc_* are many", 'an example: "such_a_key"', "it ends in _us")

    def test_names_that_nobody_has(self):
        self.refused(("until snd_wnd moves", "snd_wnd"), ("at most TCP_LEAST of them", "TCP_LEAST"),
                     ("`max_kept` in all", "max_kept"))

    def test_libraries_have_names_of_their_own(self):
        self.accepted("rte_eal_init() is done", "An lcore_function_t.", "as _mm_set_epi64x() is two stores",
                      "<rte_mbuf.h>, <linux/if_tun.h>")

    def test_files_and_decisions(self):
        self.accepted("input.h, tcp/input.h, lib/tcp/cc_*.c; setup.sh", "docs/decisions/0007-source-port-and-rss.md",
                      "decisions/0007: why", "the suffixes .c and .h", "handfast.h: what an application includes")
        self.refused(("see output.h", "file output.h"), ("in stack/input.h", "file stack/input.h"),
                     ("docs/decisions/0007-another-title.md", "file docs/decisions/0007-another-title.md"),
                     ("(decisions/0099)", "decision 0099"))

    def test_comments_of_sources_count_and_code_does_not(self):
        root = self.tree('#include "none.h"\nint f(void) { return g("none.h"); } /* none.h */ // h()\n', "app/f.c")
        self.assertEqual([line.split(": ", 1)[1] for line in check_comments.check(root)[1]],
                         ["there is no file none.h", "there is no h()"])

    def plain(self, text, path="lib/plain/look.h"):
        """The complaints, without their places, about a file with an opening."""
        found = check_comments.check(self.tree(f"/* look: an example. */\n{text}\n", path))[1]
        return [line.split(": ", 1)[1] for line in found if line.startswith(path)]

    def test_words_that_hide_the_subject_are_refused_where_a_folder_is_plain(self):
        for word in ("he", "him", "his", "whom", "whoever", "nobody", "Somebody", "everybody", "mended", "so many"):
            with self.subTest(word=word):
                self.assertEqual(self.plain(f"int x; /* the peer that {word} met */"),
                                 [f'"{word}": name the subject, or the number'])
                self.assertEqual(self.plain(f"/* the peer that {word} met */", "lib/other/look.h"), [])
        self.assertEqual(self.plain("/* there are so\n * many of them */"), ['"so many": name the subject, or the number'])

    def test_words_that_only_look_alike_are_accepted(self):
        for text in ("the shed, this, amend, whose, history", 'a message: "nobody is there"', "the word `he`",
                     "as many as fit", "the constants HE and HIS"):
            with self.subTest(text=text):
                self.assertEqual(self.plain(f"/* {text} */"), [])
        self.assertEqual(self.plain('const char *s = "nobody";'), [])

    def test_sentences_that_begin_with_who_or_what_are_refused(self):
        for text, word in (("Who asks is answered.", "Who"), ("Ends. What is left stays.", "What"),
                           ("What fits (RFC 9293 3.8) goes", "What"), ("Ends.\n * Whose turn it is, speaks.", "Whose")):
            with self.subTest(text=text):
                self.assertEqual(self.plain(f"/* {text} */"),
                                 [f'"{word} ..." begins a sentence: the subject comes first'])

    def test_questions_may_begin_so(self):
        for text in ("What may be called from data()?", "Ends. Who calls it? The engine.", "see what is left"):
            with self.subTest(text=text):
                self.assertEqual([line for line in self.plain(f"void data(void); /* {text} */")], [])

    def test_a_file_of_a_plain_folder_begins_with_a_comment(self):
        spdx = "/* SPDX-License-Identifier: BSD-3-Clause */\n"
        for text, missing in ((spdx + "/* The list of rows. */\nint x;\n", False), (spdx + "int x; /* a row */\n", True),
                              (spdx + '\n#include "tcp/input.h"\n', True)):
            with self.subTest(text=text):
                found = check_comments.check(self.tree(text, "lib/plain/rows.c"))[1]
                self.assertEqual([line for line in found if "rows.c" in line],
                                 ["lib/plain/rows.c:2: the first comment is missing: say what this file is"] * missing)
        self.assertEqual([line for line in check_comments.check(self.tree(spdx + "int x;\n", "lib/other/rows.c"))[1]
                          if "rows.c" in line], [])

    def test_the_command_fails_and_names_file_and_line(self):
        command = [sys.executable, os.path.join(HERE, "check_comments.py")]
        root = self.tree("/* tcp_input() */\n")
        self.assertEqual(subprocess.run([*command, root], capture_output=True).returncode, 0)
        root = self.tree("\n/* nothing() */\n")
        run = subprocess.run([*command, root], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("lib/tcp/look.h:2: there is no nothing()", run.stderr)
        empty = tempfile.TemporaryDirectory()
        self.addCleanup(empty.cleanup)
        self.assertEqual(subprocess.run([*command, empty.name], capture_output=True).returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
