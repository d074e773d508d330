#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuse documents that name what is not there (tests and functions of docs/rfc.md, and
files anywhere), and decision records without their four parts.

    check_docs.py [TREE]     0: all is there, 1: the list of what is not
"""
import fnmatch
import glob
import os
import re
import sys

TEST = re.compile(r"^(?:Parameterized)?Test\(\s*(?:struct [^,]+,\s*)?(\w+),\s*(\w+)", re.M)
QUOTED = re.compile(r"`([^`]+)`")
IN_FILE = re.compile(r"`(\w+)`((?:, `\w+`)*) \(([\w/]+\.[ch])\)")
PATH = re.compile(r"(?:app|bench|config|docs|drivers-glue|include|lib|tests)/[\w./-]*\w")
PARTS = ["Context", "Decision", "Consequences", "Measured"]
PART = re.compile(r"^## (.+)$", re.M)
LINK = re.compile(r"\]\(([^)#:]+)[^):]*\)")


def read(tree, pattern):
    """All files of a pattern: {path: text}."""
    found = {}
    for path in sorted(glob.glob(os.path.join(tree, pattern), recursive=True)):
        with open(path, encoding="utf-8") as f:
            found[os.path.relpath(path, tree)] = f.read()
    return found


def tests(tree):
    """{suite: its tests}"""
    suites = {}
    for text in read(tree, "tests/unit/**/*.c").values():
        for suite, name in TEST.findall(text):
            suites.setdefault(suite, set()).add(name)
    return suites


def has_word(texts, word):
    return any(re.search(rf"\b{re.escape(word)}\b", text) for text in texts)


def names(line, suites, code):
    """What a line quotes and nobody has: after `suite::test`, bare words are tests of that suite."""
    suite = None
    for quoted in QUOTED.findall(line):
        if re.fullmatch(r"\w+::[\w*]+", quoted):
            suite, quoted = quoted.split("::")
        elif not re.fullmatch(r"[\w*]+", quoted):
            continue
        elif suite is None:
            if not has_word(code.values(), quoted):
                yield f"`{quoted}` is nowhere in lib/"
            continue
        if not fnmatch.filter(suites.get(suite, ()), quoted):
            yield f"there is no test {suite}::{quoted}"


def places(line, code):
    """Functions that are not in the file that stands behind them."""
    for first, more, name in IN_FILE.findall(line):
        texts = [text for path, text in code.items() if path.endswith("/" + name)]
        for word in [first, *re.findall(r"\w+", more)]:
            if not has_word(texts, word):
                yield f"{name} has no {word}"


def check_rfc(tree):
    path = "docs/rfc.md"
    suites, code = tests(tree), read(tree, "lib/**/*.[ch]")
    for n, line in enumerate(read(tree, path).get(path, "").splitlines(), 1):
        if line.startswith("|") or "`tcp_" in line:
            for wrong in (*names(line, suites, code), *places(line, code)):
                yield f"{path}:{n}: {wrong}"


def check_paths(tree):
    for path, text in {**read(tree, "*.md"), **read(tree, "*/*.md"), **read(tree, "docs/*/*.md")}.items():
        for n, line in enumerate(text.splitlines(), 1):
            there = [os.path.join(tree, x) for quoted in QUOTED.findall(line) for x in PATH.findall(quoted)
                     if quoted.startswith(x) and "*" not in quoted]
            there += [os.path.join(tree, os.path.dirname(path), x) for x in LINK.findall(line)]
            for x in there:
                if not os.path.exists(x) and not glob.glob(x + ".c"):
                    yield f"{path}:{n}: there is no {os.path.relpath(x, tree)}"


def check_records(tree):
    """Each record has the four parts, in this order, each with some text."""
    for path, text in read(tree, "docs/decisions/*.md").items():
        title, *rest = PART.split(text)
        if not title.startswith("# "):
            yield f"{path}:1: a record begins with its title"
        if rest[::2] != PARTS:
            yield f"{path}:1: a record has the parts {', '.join(PARTS)}, not {', '.join(rest[::2]) or 'none'}"
        for part, body in zip(rest[::2], rest[1::2]):
            if not body.strip():
                yield f"{path}:1: the part {part} is empty"


def check(tree):
    return [*check_rfc(tree), *check_paths(tree), *check_records(tree)]


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    suites = tests(tree)
    if not suites or not read(tree, "docs/rfc.md"):
        print(f"check_docs: no tests, or no docs/rfc.md, under {tree}", file=sys.stderr)
        return 1
    found = check(tree)
    for line in found:
        print(line, file=sys.stderr)
    print(f"{sum(map(len, suites.values()))} tests, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
