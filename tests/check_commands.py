#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuses a docs/commands.md whose tables differ from the program's.

Parts of the page stand between `<!-- made from the tables: NAME -->` and `<!-- end -->`;
commands-page prints them.

    check_commands.py PAGE_PROGRAM [TREE]            0: they are the same, 1: the parts that differ
    check_commands.py --write PAGE_PROGRAM [TREE]    write the parts into the page
"""
import os
import re
import subprocess
import sys

PAGE = "docs/commands.md"
PART = re.compile(r"<!-- made from the tables: (\w+) -->\n.*?<!-- end -->\n", re.S)
FIX = "ninja -C build commands-md"


def parts(text):
    return {m.group(1): m.group() for m in PART.finditer(text)}


def updated(page, made):
    """The page with new parts, and complaints about its old parts."""
    found, old = [], parts(page)
    for name in made:
        if name not in old:
            found.append(f"{PAGE}:1: it has no part for `{name}`: add the two lines where it belongs")
    for name, text in old.items():
        line = page.count("\n", 0, page.index(text)) + 1
        if name not in made:
            found.append(f"{PAGE}:{line}: no table is called `{name}`")
        elif made[name] != text:
            found.append(f"{PAGE}:{line}: the part `{name}` is not what the program has")
    return PART.sub(lambda m: made.get(m.group(1), m.group()), page), found


def main():
    write = sys.argv[1:2] == ["--write"]
    arguments = sys.argv[2:] if write else sys.argv[1:]
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 3
    tree = arguments[1] if len(arguments) > 1 else os.path.join(os.path.dirname(__file__), "..")
    path = os.path.join(tree, PAGE)
    made = parts(subprocess.run([arguments[0], "md"], check=True, capture_output=True, text=True).stdout)
    with open(path, encoding="utf-8") as f:
        page = f.read()
    page, found = updated(page, made)
    if write:
        with open(path, "w", encoding="utf-8") as f:
            f.write(page)
        return 0
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(f"to fix it: {FIX}", file=sys.stderr)
    print(f"{len(made)} parts, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
