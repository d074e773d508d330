#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_commands: what it finds in a page, and what it writes."""
import unittest

import check_commands

MADE = {"a": "<!-- made from the tables: a -->\nnew\n<!-- end -->\n"}


class Page(unittest.TestCase):
    def test_a_page_with_the_same_parts_is_kept(self):
        page = "text\n" + MADE["a"] + "more\n"
        self.assertEqual(check_commands.updated(page, MADE), (page, []))

    def test_a_stale_part_is_found_and_replaced_and_the_rest_is_kept(self):
        page, found = check_commands.updated("text\n" + MADE["a"].replace("new", "old") + "more\n", MADE)
        self.assertEqual(page, "text\n" + MADE["a"] + "more\n")
        self.assertEqual(len(found), 1)
        self.assertIn("docs/commands.md:2:", found[0])

    def test_a_part_that_is_missing_and_one_that_nobody_makes_are_found(self):
        _, found = check_commands.updated("text\n" + MADE["a"].replace(": a", ": b"), MADE)
        self.assertEqual(len(found), 2)


if __name__ == "__main__":
    unittest.main()
