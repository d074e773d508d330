#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuses includes that point upwards.

docs/architecture.md draws the layers; TIERS says the same, lowest first. Within
a tier a folder may use itself and wire, nothing else. The public headers of include/handfast
include nothing of ours but each other, and any file may include them. DPDK's headers
begin at engine. The headers of one kind of CPU belong to CPU_FILES alone, which have code
for the other kinds.

    check_includes.py [TREE]     0: in order, 1: the list of complaints is on stderr
"""
import os
import re
import sys

TIERS = [
    ["include/handfast"],
    ["lib/base"],
    ["lib/wire", "lib/timer", "lib/conn"],
    ["lib/syn"],
    ["lib/tcp", "lib/neigh"],
    ["lib/stack"],
    ["lib/api"],
    ["lib/engine"],
    ["drivers-glue"],
    ["lib/embed"],
    ["app/text", "app/service"],
    ["app/start", "app/load/spec", "app/service/http"],
    ["app/load/client", "app/command"],
    ["app/load/report", "app/program"],
    ["app/load/run"],
    ["app/show"],
    ["app/control"],
    ["app/demo"],
    ["app"],
    ["bench/kit"],
    ["bench/cps", "bench/load", "bench/flood", "bench/close", "bench/micro"],
]
RANK = {folder: rank for rank, tier in enumerate(TIERS) for folder in tier}
DPDK_FROM = RANK["lib/engine"]
PUBLIC = "include/handfast"
SHARED_IN_TIER = "lib/wire"
PAGE = "docs/architecture.md"
WHOLE = ("include/handfast", "drivers-glue")  # names that are drawn as they are
CPU_HEADER = re.compile(r"\w*(mmintrin|x86intrin|arm_neon|arm_acle|x86gprintrin|cpuid)\.h")
CPU_FILES = ("lib/base/aes.h", "bench/kit/cycles.h")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def folder_of(path):
    """The ranked folder that holds a path, or None."""
    while path:
        path = os.path.dirname(path)
        if path in RANK:
            return path
    return None


def blank_comments(text):
    return COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)


def resolve(tree, source, name):
    """Path of an included file, relative to the tree; None: the file is not in the tree."""
    for base in (os.path.dirname(source), "include", "lib", "app", ""):
        path = os.path.normpath(os.path.join(base, name))
        if not path.startswith("..") and os.path.isfile(os.path.join(tree, path)):
            return path
    return None


def is_dpdk(name):
    return name.startswith(("rte_", "dpdk/")) or name == "cmdline.h" or name.startswith("cmdline_")


def drawn_tiers(page):
    """The tiers as docs/architecture.md draws them, each sorted."""
    tiers = []
    block = re.search(r"^## Layers\n+```\n(.*?)```", page, re.M | re.S).group(1)
    for top, drawing in re.findall(r"^(\w+):(.*(?:\n +.*)*)", block, re.M):
        for tier in drawing.split("<-"):
            names = [name.strip() for name in tier.split(",")]
            tiers.append(sorted(top if name == "main.c" else name if name in WHOLE else f"{top}/{name}"
                                for name in names))
    return tiers


def check_drawing(tree):
    """Complaints about a drawing that is not TIERS."""
    with open(os.path.join(tree, PAGE), encoding="utf-8") as f:
        drawn = drawn_tiers(f.read())
    return [] if drawn == [sorted(tier) for tier in TIERS] else \
        [f"{PAGE}: the layers are not those of tests/check_includes.py"]


def may_use(user, used):
    if user == used or RANK[used] < RANK[user]:
        return True
    return RANK[used] == RANK[user] and used == SHARED_IN_TIER


def judge(tree, source, quote, name):
    """The complaint about one include, or None."""
    target = resolve(tree, source, name)
    user = folder_of(source)
    if target is None:
        if CPU_HEADER.fullmatch(name) and source not in CPU_FILES:
            return f"<{name}> is there on one CPU only: {' and '.join(CPU_FILES)} may include it"
        if is_dpdk(name) and RANK[user] < DPDK_FROM:
            return f"{user} is below DPDK and may not include <{name}>"
        if quote == '"' and not is_dpdk(name):
            return f'"{name}" is not in the tree'
        return None
    used = folder_of(target)
    if user == PUBLIC and used != PUBLIC:
        return f"{source} is installed without {target} and may not include it"
    if used is None:
        return f"{target} is in no folder that has a rank"
    if not may_use(user, used):
        return f"{user} may not include {target}: {used} is not below it"
    if target.endswith(".c"):
        return f"{target} is a source, not a header"
    return None


def sources(tree):
    for top in ("include", "lib", "drivers-glue", "app", "bench"):
        for path, dirs, files in os.walk(os.path.join(tree, top)):
            dirs.sort()
            for name in sorted(files):
                if name.endswith((".c", ".h", ".def")):
                    yield os.path.relpath(os.path.join(path, name), tree)


def check(tree):
    """All complaints, as file:line: text."""
    found = []
    for source in sources(tree):
        if folder_of(source) is None:
            found.append(f"{source}:1: is in no folder that has a rank")
            continue
        with open(os.path.join(tree, source), encoding="utf-8") as f:
            text = blank_comments(f.read())
        for m in INCLUDE.finditer(text):
            wrong = judge(tree, source, m.group(1), m.group(2))
            if wrong:
                line = text.count("\n", 0, m.start(2)) + 1
                found.append(f"{source}:{line}: {wrong}")
    return found


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    seen = sum(1 for _ in sources(tree))
    if seen == 0:
        print(f"check_includes: no sources under {tree}", file=sys.stderr)
        return 1
    found = check(tree) + check_drawing(tree)
    for line in found:
        print(line, file=sys.stderr)
    print(f"{seen} files, {len(found)} includes out of order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
