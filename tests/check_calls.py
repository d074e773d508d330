#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuse circles of calls everywhere, and calls and includes that point upwards inside a folder.

A circle is two files or more of TOPS that call each other, directly or through others. name.c may
call the inline functions of name.h: a header of types with small helpers ties no circle.

FLOORS says for each folder which files stand on which floor, top floor first; docs/architecture.md
draws the same. `name` is name.c and name.h together. A file may call functions of lower floors
alone, and include their headers. Files of one floor do not use each other. The headers of SHARED
hold types and inline functions that call nothing above the lowest floor: any file may include
them.

Names come from the sources: a definition has its name at the beginning of a line.

    check_calls.py [TREE]     0: in order, 1: the list of what is not
"""
import os
import re
import sys

FLOORS = {
    "lib/tcp": [
        ["segment"],
        ["listen", "syn_received"],
        ["accept"],
        ["end", "expire", "input"],
        ["ack", "icmp", "open", "pressure", "speak", "syn_sent"],
        ["life", "text"],
        ["held"],
        ["create", "fin", "handshake", "seqcheck", "urgent"],
        ["output", "ports", "tell"],
        ["close", "flows", "mtu"],
        ["pend", "pieces", "reasm_give", "time_wait", "timers", "window"],
        ["bare", "cc_newreno", "crowd", "hand", "loss", "reasm", "resent", "rtt", "sends"],
        ["cc", "handle", "kept", "out", "users"],
    ],
    "lib/stack": [
        ["close", "services", "show"],
        ["stack"],
        ["demux"],
        ["arp", "icmp", "other"],
        ["away", "emit"],
        ["waiting"],
        ["frames", "route"],
    ],
    "lib/syn": [
        ["cookie", "half_open", "mode"],
        ["keys", "offer"],
    ],
    "lib/engine": [
        ["engine"],
        ["ending"],
        ["control"],
        ["worker"],
        ["transmit"],
        ["capture", "decode", "inbox"],
        ["capture_file"],
        ["compat", "look", "posts", "prefetch", "quota", "thread"],
    ],
}
SHARED = {
    "lib/engine": ["engine.h", "private.h"],
    "lib/stack": ["private.h", "stack.h", "waiting.h"],
    "lib/tcp": ["tcp.h", "conn.h", "steps.h", "crowd.h", "end.h", "ports.h", "pressure.h",
                "reasm.h", "resent.h", "time_wait.h"],
}

TOPS = ("lib", "drivers-glue", "app", "bench")
PAGE = "docs/architecture.md"
TEXT_AT = 43  # the column in which a floor's words begin

BLANK = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
NAME = re.compile(r"(\w+)\(")
CALL = re.compile(r"(?<![\w.>])(?<!->)([A-Za-z_]\w*)\s*\(")
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def unit_of(name, shared):
    return name if name in shared and name in ("tcp.h", "conn.h") else name.rsplit(".", 1)[0]


def blank(text):
    """Without comments and strings; lines stay where they are."""
    return BLANK.sub(lambda m: "\n" * m.group().count("\n"), text)


def definitions(lines):
    """(name, is it static) of each function that is defined."""
    for i, line in enumerate(lines):
        m = NAME.match(line)
        if not m:
            continue
        j = i
        while j < len(lines) and not lines[j].startswith("{") and ";" not in lines[j]:
            j += 1
        if j < len(lines) and lines[j].startswith("{"):
            yield m.group(1), i > 0 and lines[i - 1].startswith("static")


def judge_folder(tree, folder):
    """All complaints about one folder."""
    shared = SHARED.get(folder, [])
    floor = {unit: n for n, units in enumerate(reversed(FLOORS[folder])) for unit in units}
    files = sorted(f for f in os.listdir(os.path.join(tree, folder)) if f.endswith((".c", ".h")))
    home, own, text, found = {}, {}, {}, []
    for name in files:
        with open(os.path.join(tree, folder, name), encoding="utf-8") as f:
            raw = f.read()
        text[name] = (raw, blank(raw).split("\n"))
        own[name] = set()
        for function, is_static in definitions(text[name][1]):
            own[name].add(function)
            if not is_static or name.endswith(".h"):
                home[function] = name
    for name in files:
        unit = unit_of(name, shared)
        if unit not in floor and name not in shared:
            found.append(f"{folder}/{name}:1: stands on no floor (tests/check_calls.py)")
            continue
        rank = floor.get(unit, -1)
        raw, lines = text[name]
        for m in INCLUDE.finditer(raw):
            used = os.path.basename(m.group(1))
            if not m.group(1).startswith(os.path.basename(folder) + "/") or used in shared:
                continue
            if name not in shared and unit_of(used, shared) != unit and \
                    floor.get(unit_of(used, shared), -1) >= rank:
                line = raw.count("\n", 0, m.start(1)) + 1
                found.append(f"{folder}/{name}:{line}: {used} is not on a lower floor")
        for i, line in enumerate(lines):
            if not line[:1].isspace():
                continue
            for word in WORD.findall(line):
                used = home.get(word)
                if used is None or word in own[name] or unit_of(used, shared) == unit or \
                        not re.search(r"\b%s\s*\(" % word, line):
                    continue
                if floor.get(unit_of(used, shared), -1) >= rank:
                    if rank < 0 and floor.get(unit_of(used, shared), -1) < 0:
                        continue
                    found.append(f"{folder}/{name}:{i + 1}: {word}() of {used} is not on a lower floor")
    return found


def call_graph(tree):
    """{file: {file that it calls: (line, function)}} over all of TOPS.

    A function that several files define (each program of bench/ has some) stays out.
    """
    lines, home = {}, {}
    for top in TOPS:
        for folder, _, names in os.walk(os.path.join(tree, top)):
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    lines[os.path.relpath(path, tree)] = blank(f.read()).split("\n")
    own = {path: set() for path in lines}
    for path in lines:
        for function, is_static in definitions(lines[path]):
            own[path].add(function)
            if (not is_static or path.endswith(".h")) and not function.startswith("__"):
                home.setdefault(function, set()).add(path)
    graph = {}
    for path in sorted(lines):
        calls = graph.setdefault(path, {})
        for i, line in enumerate(lines[path]):
            for word in CALL.findall(line) if line[:1].isspace() else ():
                used = next(iter(home[word])) if len(home.get(word, ())) == 1 else None
                if used and word not in own[path] and used != path[:-2] + ".h":
                    calls.setdefault(used, (i + 1, word))
    return graph


def reach(graph, start):
    """All files that start calls, directly or through others."""
    seen, ahead = set(), list(graph[start])
    while ahead:
        path = ahead.pop()
        if path not in seen:
            seen.add(path)
            ahead.extend(graph[path])
    return seen


def judge_circles(tree):
    """One complaint for each call that belongs to a circle."""
    graph = call_graph(tree)
    below = {path: reach(graph, path) for path in graph}
    return [f"{path}:{line}: {word}() of {used} closes a circle"
            for path in graph for used, (line, word) in graph[path].items() if path in below[used]]


def drawn_floors(page):
    """{folder: [the names of a floor, sorted]} as the blocks of docs/architecture.md draw them."""
    floors, folder = {}, None
    for line in page.split("\n"):
        if line.startswith("lib/") and line.split()[0] in FLOORS:
            folder = line.split()[0]
            floors[folder] = []
        elif not line or line.startswith("```"):
            folder = None
        elif folder:
            names = line[:TEXT_AT] if len(line) > TEXT_AT and line[TEXT_AT - 1] == " " else line
            floors[folder].append(sorted(names.split()))
    return floors


def judge_drawing(tree):
    """A complaint for each folder whose floors are drawn in another way."""
    with open(os.path.join(tree, PAGE), encoding="utf-8") as f:
        drawn = drawn_floors(f.read())
    return [f"{PAGE}: the floors of {folder} are not those of tests/check_calls.py"
            for folder in FLOORS if drawn.get(folder) != [sorted(floor) for floor in FLOORS[folder]]]


def check(tree):
    return judge_drawing(tree) + [line for folder in FLOORS for line in judge_folder(tree, folder)] + judge_circles(tree)


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    found = check(tree)
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(FLOORS)} folders with floors, {len(found)} calls and includes out of order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
