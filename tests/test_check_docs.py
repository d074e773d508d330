#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_docs: numbers that documents quote are those of the headers."""
import os
import tempfile
import unittest

import check_docs

ROWS = [("docs/a.md", r"waits (\d[\d,]*) s", "DEFAULT_WAIT_MS / 1000")]


class Numbers(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.TemporaryDirectory()
        self.addCleanup(self.tree.cleanup)
        self.write("lib/base/defaults.h", "#define DEFAULT_WAIT_MS 5000000 /* as it is */\n")
        self.write("lib/base/limits.h", "#define LIMIT_CONNS (1u << 28)\n#define LIMIT_PORTS   32 /* ports */\n")

    def write(self, path, text):
        path = os.path.join(self.tree.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def found(self, text):
        self.write("docs/a.md", text)
        return list(check_docs.check_numbers(self.tree.name, ROWS))

    def test_numbers_and_shifts_are_read(self):
        self.assertEqual(check_docs.numbers(self.tree.name),
                         {"DEFAULT_WAIT_MS": 5000000, "LIMIT_CONNS": 1 << 28, "LIMIT_PORTS": 32})

    def test_the_number_of_the_header_is_accepted(self):
        self.assertEqual(self.found("it waits 5,000 s\n"), [])

    def test_another_number_is_found_at_its_line(self):
        self.assertEqual(self.found("a\nit waits 60 s\n"),
                         ["docs/a.md:2: DEFAULT_WAIT_MS / 1000 is 5000, not 60"])

    def test_a_sentence_that_has_gone_is_found(self):
        self.assertIn("no sentence quotes DEFAULT_WAIT_MS", self.found("it never waits\n")[0])


class Events(unittest.TestCase):
    HEADER = " *   hf_send(), hf_keep()   yes   no effect   yes; nothing before opened()\n"
    PAGE = "| `hf_send`, `hf_keep` | yes | no effect | yes; nothing before `opened` |\n"

    def found(self, page):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        for path, text in zip(check_docs.EVENTS, (self.HEADER, page)):
            os.makedirs(os.path.join(tree.name, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree.name, path), "w", encoding="utf-8") as f:
                f.write(text)
        return list(check_docs.check_events(tree.name))

    def test_tables_that_say_the_same(self):
        self.assertEqual(self.found(self.PAGE), [])

    def test_another_cell_or_a_missing_call_is_found(self):
        self.assertIn("hf_keep has", self.found(self.PAGE.replace("no effect", "NULL"))[0])
        self.assertIn("hf_keep has None", self.found(self.PAGE.replace(", `hf_keep`", ""))[0])


class Tree(unittest.TestCase):
    def test_every_default_and_limit_of_the_tree_is_read(self):
        tree = os.path.join(os.path.dirname(__file__), "..")
        for header in check_docs.HEADERS:
            text = check_docs.read(tree, header)[header]
            names = [line.split()[1] for line in text.splitlines()
                     if line.startswith(("#define DEFAULT_", "#define LIMIT_"))]
            self.assertEqual([n for n in names if n not in check_docs.numbers(tree)], [])


if __name__ == "__main__":
    unittest.main()
