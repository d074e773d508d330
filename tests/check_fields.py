#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuses docs/connection.md where it lacks a user of a field of a connection, or names one too many.

The page has a row for each field of struct tcp_conn and struct tcp_rare: `field`, the files that write
it, the files that read it. The rows stand in the order of lib/tcp/conn.h. A file counts as a user if it
has the field behind a pointer with a usual name (POINTERS); a file that the page names must have the
field behind any pointer, or in an initializer.

    check_fields.py [TREE]     0: the page is right, 1: it is not; the list is on stderr
"""
import os
import re
import sys

HEADER = "lib/tcp/conn.h"
PAGE = "docs/connection.md"
FOLDERS = ("lib/api", "lib/stack", "lib/tcp")
POINTERS = {"tcp_conn": r"\bc->", "tcp_rare": r"(?:\brare->|\btcp_rare\([^()]*\)->)"}

COMMENT = re.compile(r"/\*.*?\*/", re.S)
STRUCT = r"struct %s \{\n(.*?)\n\}"
FIELD = re.compile(r"(\w+)(?:\s*:\s*\d+)?;")
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", re.M)


def content(tree, path):
    with open(os.path.join(tree, path), encoding="utf-8") as f:
        return f.read()


def fields(header, struct):
    return FIELD.findall(re.search(STRUCT % struct, COMMENT.sub("", header), re.S).group(1))


def sources(tree):
    """{"tcp/ack.c": its code without comments}"""
    return {f"{os.path.basename(folder)}/{name}": COMMENT.sub("", content(tree, f"{folder}/{name}"))
            for folder in FOLDERS for name in sorted(os.listdir(os.path.join(tree, folder)))
            if name.endswith((".c", ".h"))}


def named(cell):
    return set(re.findall(r"[\w/]+\.[ch]", cell))


def judge_row(struct, field, users, code):
    """All complaints about one row."""
    certain = re.compile(POINTERS[struct] + field + r"\b")
    possible = re.compile(r"(?:->|\.)%s\b" % field)
    for path, text in code.items():
        if path not in users and certain.search(text):
            yield f"{PAGE}: {field}: {path} uses it and is not named"
    for path in sorted(users):
        if path not in code:
            yield f"{PAGE}: {field}: there is no {path}"
        elif not possible.search(code[path]):
            yield f"{PAGE}: {field}: {path} does not use it"


def check(tree):
    header, page, code = content(tree, HEADER), content(tree, PAGE), sources(tree)
    rows, found = ROW.findall(page), []
    want = [(struct, field) for struct in POINTERS for field in fields(header, struct)]
    if [row[0] for row in rows] != [field for _, field in want]:
        return [f"{PAGE}: its rows are not the fields of {HEADER}, in that order"]
    for (struct, field), (_, writers, readers) in zip(want, rows):
        found += judge_row(struct, field, named(writers) | named(readers), code)
    return found


def main():
    found = check(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), ".."))
    for line in found:
        print(line, file=sys.stderr)
    print(f"fields of a connection: {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
