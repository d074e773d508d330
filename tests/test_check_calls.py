#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_calls on small trees, right and wrong ones."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_calls  # noqa: E402

FLOORS = {"lib/tcp": [["segment"], ["life", "text"], ["kept"]]}
FILES = {
    "tcp.h": "struct tcp;\n",
    "segment.c": '#include "tcp/life.h"\nint\nsegment(void)\n{\n\treturn life_end();\n}\n',
    "life.h": "int life_end(void);\n",
    "life.c": '#include "tcp/life.h"\nint\nlife_end(void)\n{\n\treturn kept_give(1);\n}\n',
    "text.h": "int take_text(void);\n",
    "text.c": "int\ntake_text(void)\n{\n\treturn 0;\n}\n",
    "kept.h": "static inline int\nkept_give(int n)\n{\n\treturn n;\n}\n",
}


class CheckCalls(unittest.TestCase):
    def setUp(self):
        self.saved = check_calls.FLOORS, check_calls.SHARED
        check_calls.FLOORS, check_calls.SHARED = FLOORS, {"lib/tcp": ["tcp.h"]}

    def tearDown(self):
        check_calls.FLOORS, check_calls.SHARED = self.saved

    def complaints(self, **files):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        os.makedirs(os.path.join(tree.name, "lib/tcp"))
        for name, text in {**FILES, **{k.replace("_", "."): v for k, v in files.items()}}.items():
            with open(os.path.join(tree.name, "lib/tcp", name), "w", encoding="utf-8") as f:
                f.write(text)
        return check_calls.judge_folder(tree.name, "lib/tcp")

    def refused(self, where, because, **files):
        found = self.complaints(**files)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where), found)
        self.assertIn(because, found[0])

    def circles(self, **files):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        os.makedirs(os.path.join(tree.name, "app"))
        for name, text in files.items():
            with open(os.path.join(tree.name, "app", name.replace("_", ".")), "w", encoding="utf-8") as f:
                f.write(text)
        return check_calls.judge_circles(tree.name)

    def test_a_circle_of_calls_is_refused(self):
        down = "int\na(void)\n{\n\treturn b();\n}\n"
        through = "int\nb(void)\n{\n\treturn c();\n}\n"
        self.assertEqual(self.circles(a_c=down, b_c=through, c_c="int\nc(void)\n{\n\treturn 0;\n}\n"), [])
        found = self.circles(a_c=down, b_c=through, c_c="int\nc(void)\n{\n\treturn a();\n}\n")
        self.assertEqual(len(found), 3, found)
        self.assertIn("app/c.c:4: a() of app/a.c closes a circle", found)

    def test_pointers_and_helpers_in_headers_close_no_circle(self):
        self.assertEqual(self.circles(
            a_c="int\na(struct s *s)\n{\n\treturn b(s);\n}\n",
            a_h="static inline int\nhelp(void)\n{\n\treturn 1;\n}\n",
            b_c="int\nb(struct s *s)\n{\n\treturn s->a() + s.a() + help();\n}\n"), [])

    def test_a_drawing_has_the_floors_of_the_table(self):
        page = "lib/tcp                                    the protocol\n" \
               "segment                                    the entry\ntext  life\nkept\n\nlib/tcp is old\n"
        self.assertEqual(check_calls.drawn_floors(page.split("\n\n")[0]),
                         {"lib/tcp": [["segment"], ["life", "text"], ["kept"]]})
        self.assertNotEqual(check_calls.drawn_floors(page.replace("text  life", "text")),
                            {"lib/tcp": [["segment"], ["life", "text"], ["kept"]]})

    def test_downward_is_accepted(self):
        self.assertEqual(self.complaints(), [])

    def test_a_call_upwards_is_refused(self):
        self.refused("lib/tcp/text.c:4:", "segment() of segment.c",
                     text_c="int\ntake_text(void)\n{\n\treturn segment();\n}\n")
        self.refused("lib/tcp/kept.h:4:", "life_end() of life.c",
                     kept_h="static inline int\nkept_give(int n)\n{\n\treturn life_end() + n;\n}\n")

    def test_a_call_along_a_floor_is_refused(self):
        self.refused("lib/tcp/text.c:4:", "life_end()",
                     text_c="int\ntake_text(void)\n{\n\treturn life_end();\n}\n")

    def test_an_include_upwards_is_refused(self):
        self.refused("lib/tcp/kept.h:1:", "life.h",
                     kept_h='#include "tcp/life.h"\n' + FILES["kept.h"])
        self.assertEqual(self.complaints(kept_h='#include "tcp/tcp.h"\n' + FILES["kept.h"]), [])

    def test_a_static_function_of_the_same_name_is_its_own(self):
        self.assertEqual(self.complaints(
            text_c="static int\nlife_end(void)\n{\n\treturn 0;\n}\n\n"
                   "int\ntake_text(void)\n{\n\treturn life_end();\n}\n"), [])

    def test_a_comment_is_no_call(self):
        self.assertEqual(self.complaints(
            text_c="int\ntake_text(void)\n{\n\t/* as segment() */\n\treturn 0;\n}\n"), [])

    def test_a_file_without_a_floor_is_refused(self):
        self.refused("lib/tcp/new.c:1:", "on no floor", new_c="")

    def test_the_tree_is_in_order(self):
        check_calls.FLOORS, check_calls.SHARED = self.saved
        self.assertEqual(check_calls.check(os.path.join(os.path.dirname(__file__), "..")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
