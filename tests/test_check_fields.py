#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_fields on a small tree, and on this one."""
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import check_fields  # noqa: E402

FILES = {
    "lib/tcp/conn.h": "struct tcp_conn {\n\tuint8_t state : 4; /* a; b */\n\tvoid *ctx;\n};\n"
                      "struct tcp_rare {\n\tuint32_t loss;\n};\n",
    "lib/tcp/ack.c": "int\nf(void)\n{\n\tc->state = 1;\n\treturn tcp_rare(t, c)->loss;\n}\n",
    "lib/api/send.c": "int\nf(void)\n{\n\treturn c->ctx; /* c->state */\n}\n",
    "lib/stack/show.c": "",
    "docs/connection.md": "| `state` | tcp/ack.c | - |\n| `ctx` | - | api/send.c |\n| `loss` | - | tcp/ack.c |\n",
}


class CheckFields(unittest.TestCase):
    def complaints(self, **changed):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        changed = {{"page": "docs/connection.md", "ack": "lib/tcp/ack.c", "show": "lib/stack/show.c"}[k]: v
                   for k, v in changed.items()}
        for path, text in {**FILES, **changed}.items():
            os.makedirs(os.path.join(tree.name, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree.name, path), "w", encoding="utf-8") as f:
                f.write(text)
        return check_fields.check(tree.name)

    def test_a_page_that_is_right(self):
        self.assertEqual(self.complaints(), [])

    def test_a_user_that_is_not_named(self):
        self.assertIn("ctx: stack/show.c uses it and is not named",
                      self.complaints(show="int\nf(void)\n{\n\treturn c->ctx;\n}\n")[0])

    def test_a_file_that_does_not_use_the_field(self):
        found = self.complaints(ack="int\nf(void)\n{\n\tc->state = 1;\n\treturn 0;\n}\n")
        self.assertEqual(found, ["docs/connection.md: loss: tcp/ack.c does not use it"])

    def test_a_file_that_is_not_there(self):
        page = FILES["docs/connection.md"].replace("api/send.c", "api/send.c, api/sent.c")
        self.assertEqual(self.complaints(page=page), ["docs/connection.md: ctx: there is no api/sent.c"])

    def test_a_field_without_a_row(self):
        self.assertIn("are not the fields", self.complaints(page="| `state` | tcp/ack.c | - |\n")[0])

    def test_this_tree(self):
        self.assertEqual(check_fields.check(os.path.dirname(HERE)), [])


if __name__ == "__main__":
    unittest.main()
