#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuses comments of C files that name what is not there, or that break the cheapest rules of English.

    some_function()        is called or defined somewhere in the tree
    some_name, SOME_NAME   stands in code, in a string or in docs/*.md, or is a file's name;
                           a "some_name" in quotes is an example, and may be anything
    stack.h, tcp/cc_*.c    is a file of the tree (a system's header is written <poll.h>)
    decisions/0007         is a decision record

In the folders of PLAIN, furthermore:

    he, whom, nobody ...   name the subject: "the peer", "the caller", "no core"
    so many                say N, or the number
    Who ..., What ...      no sentence begins so, but a question may
    the first comment      of a file says what the file is

    check_comments.py [TREE]     0: all is well, 1: the list of complaints
"""
import fnmatch
import os
import re
import sys

TOPS = ("include", "lib", "drivers-glue", "app", "bench", "tests", "docs")
SUFFIXES = (".c", ".h", ".def", ".py", ".sh", ".md")

# The folders whose comments keep the rules of English. A folder joins once it passes.
PLAIN = ("include", "lib", "drivers-glue", "app", "bench", "docs", "tests")

# Names of libraries and kernels that comments may mention, though no code has them.
OUTSIDE = {"binfmt_misc", "lcore_function_t", "cookie_write_function_t", "set_mac_type", "vdev_probe", "SA_RESTART"}
OUTSIDE_PREFIX = ("rte_", "librte_", "_mm_", "__builtin_", "__atomic_")

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
WORD = re.compile(r"[A-Za-z_]\w*")
CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?(\w+)[^()]*\)\s*\(")

FUNCTION = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(\)")
NAME = re.compile(r'(?<![\w./<*"-])([A-Za-z]\w*_\w*\w)(?![\w*/("]|\.[a-z])')
FILE = re.compile(r"(?<![\w./<*-])((?:[\w-]+/)*[\w*-]+\.(?:h|c|def|py|md|sh))\b(?!\()")
DECISION = re.compile(r"decisions/(\d+)")

QUOTED = re.compile(r'"[^"\n]*"|`[^`\n]*`')
FRAME = re.compile(r"^[^\S\n]*\*(?!/)|/\*|\*/|//", re.M)
RIDDLE = re.compile(r"\b(?:[Hh](?:e|im|is|imself)|[Ww]ho(?:m|ever)|(?:[Nn]o|[Ss]ome|[Aa]ny|[Ee]very)body"
                    r"|[Mm]end(?:s|ed|ing)?|[Ss]o\s+many)\b")
SENTENCE = re.compile(r"(?:\A|(?<=[.!?])\s)\s*(Who|Whose|What)\b.*?(?:[.!?](?=\s|\Z)|\Z)", re.S)
SPDX = re.compile(r"\A/\* SPDX-License-Identifier: [^\n]* \*/\n")


def content(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


class Tree:
    """The names that exist, and the comments: {path: [(line, text)]}."""

    def __init__(self, root):
        self.functions, self.names, self.paths, self.comments = set(), set(), [], {}
        for folder, dirs, files in os.walk(root):
            dirs[:] = sorted(d for d in dirs if not d.startswith((".", "build")))
            self.paths += [os.path.relpath(os.path.join(folder, f), root) for f in files if f.endswith(SUFFIXES)]
        self.names.update(os.path.splitext(os.path.basename(p))[0].replace("-", "_") for p in self.paths)
        for path in sorted(self.paths):
            if path.startswith(tuple(t + "/" for t in TOPS)) and path.endswith((".c", ".h", ".def")):
                self.comments[path] = self.read(content(root, path))
            elif os.path.dirname(path) == "docs":
                self.names.update(WORD.findall(content(root, path)))

    def read(self, text):
        """Collects the names in a file's code; returns its comments."""
        comments, code, at = [], [], 0
        for m in TOKEN.finditer(text):
            code.append(text[at:m.start()])
            at = m.end()
            if m.group().startswith("/"):
                comments.append((text.count("\n", 0, m.start()) + 1, m.group()))
            else:
                self.names.update(WORD.findall(m.group()))
        code = " ".join([*code, text[at:]])
        self.names.update(WORD.findall(code))
        self.functions.update(CALLED.findall(code))
        self.functions.update(POINTER.findall(code))
        return comments

    def has_name(self, name):
        return name in self.names or name in OUTSIDE or name.startswith(OUTSIDE_PREFIX)

    def has_function(self, name):
        return name in self.functions or name in OUTSIDE or name.startswith(OUTSIDE_PREFIX)

    def has_file(self, name):
        return any(fnmatch.fnmatch("/" + path, "*/" + name) for path in self.paths)

    def has_decision(self, number):
        return any(fnmatch.fnmatch(path, f"docs/decisions/{number}-*.md") for path in self.paths)


def wrong(tree, text):
    """(place, complaint) for each name in a comment that does not exist."""
    for m in FUNCTION.finditer(text):
        if not tree.has_function(m.group(1)):
            yield m.start(), f"there is no {m.group()}"
    for m in NAME.finditer(text):
        if not tree.has_name(m.group(1)):
            yield m.start(), f"there is no {m.group(1)}"
    for m in FILE.finditer(text):
        if not tree.has_file(m.group(1)):
            yield m.start(), f"there is no file {m.group(1)}"
    for m in DECISION.finditer(text):
        if not tree.has_decision(m.group(1)):
            yield m.start(), f"there is no decision {m.group(1)}"


def blank(m):
    """Spaces in the place of a match; lines stay lines."""
    return re.sub(r"[^\n]", " ", m.group())


def riddles(text):
    """(place, complaint) of the words and beginnings that hide the subject of a sentence."""
    text = FRAME.sub(blank, QUOTED.sub(lambda m: "x" * len(m.group()), text))
    for m in RIDDLE.finditer(text):
        yield m.start(), f'"{" ".join(m.group().split())}": name the subject, or the number'
    for m in SENTENCE.finditer(text):
        if not m.group().endswith("?"):
            yield m.start(1), f'"{m.group(1)} ..." begins a sentence: the subject comes first'


def is_plain(path):
    return path.startswith(tuple(folder + "/" for folder in PLAIN))


def has_opening(text):
    """The licence, and behind it a comment."""
    return SPDX.sub("", text).startswith("/*")


def check(root):
    """The number of comments, and all complaints as file:line: text."""
    tree, found = Tree(root), []
    for path, comments in tree.comments.items():
        if is_plain(path) and not has_opening(content(root, path)):
            found.append(f"{path}:2: the first comment is missing: say what this file is")
        for line, text in comments:
            complaints = [*wrong(tree, text), *(riddles(text) if is_plain(path) else ())]
            for at, complaint in sorted(complaints):
                found.append(f"{path}:{line + text.count(chr(10), 0, at)}: {complaint}")
    return sum(map(len, tree.comments.values())), found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    seen, found = check(root)
    if seen == 0:
        print(f"check_comments: no comments under {root}", file=sys.stderr)
        return 1
    for line in found:
        print(line, file=sys.stderr)
    if any("there is no " in line for line in found):
        print(f"a name of a library's? Then it belongs to OUTSIDE in {os.path.basename(__file__)}", file=sys.stderr)
    print(f"{seen} comments, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
