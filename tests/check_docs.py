#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Refuses documents that name missing things (tests and functions in docs/rfc.md, files in any
document), documents that quote another number than the header of defaults or limits has,
decision records without their four parts, and a table of events and calls that differs from handfast.h.

    check_docs.py [TREE]     0: nothing is missing, 1: something is; the list is on stderr
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
DEFINE = re.compile(r"^#define\s+((?:DEFAULT|LIMIT)_\w+)\s+(\(?[\du][\du <]*\)?)", re.M)
HEADERS = ["lib/base/defaults.h", "lib/base/limits.h"]

# Sentences that quote a default or a limit: the file, the sentence with its number in a group,
# and what the number is. A new quotation has a row here.
QUOTATIONS = [
    ("include/handfast/engine.h", r"packet buffers of each worker \[([\d,]+)\]", "DEFAULT_PACKETS"),
    ("include/handfast/engine.h", r"most half of `packets` \[([\d,]+), or that half\]", "DEFAULT_KEPT"),
    ("include/handfast/engine.h", r"number of such addresses, at most ([\d,]+)", "LIMIT_SOURCES"),
    ("include/handfast/engine.h", r"connections of each worker \[([\d,]+)\]", "DEFAULT_CONNS"),
    ("include/handfast/engine.h", r"receive window that a connection offers \[([\d,]+)\]", "DEFAULT_RCV_WND"),
    ("include/handfast/engine.h", r"([\d,]+)\s+\*?\s*listeners and clients", "LIMIT_USERS"),
    ("include/handfast/handfast.h", r"descriptors and 1 GiB .*\s+\*?.*, ([\d,]+) listeners", "LIMIT_USERS"),
    ("include/handfast/core.h", r"Bounds\s+([\d,]+) listeners and clients for each core", "LIMIT_USERS"),
    ("config/handfast.service.in", r"the time of `set drain-time`\s+# \((\d+) s\)", "DEFAULT_DRAIN_MS / 1000"),
    ("docs/commands.md", r"`client_header_timeout` \((\d+) s\)", "DEFAULT_HTTP_HEADER_MS / 1000"),
    ("docs/commands.md", r"`client_body_timeout` \((\d+) s\)", "DEFAULT_HTTP_BODY_MS / 1000"),
    ("docs/commands.md", r"`keepalive_timeout` \((\d+) s\)", "DEFAULT_HTTP_KEEPALIVE_MS / 1000"),
    ("docs/commands.md", r"`send_timeout` \((\d+) s\)", "DEFAULT_HTTP_SEND_MS / 1000"),
    ("docs/commands.md", r"The default is (\d+) seconds. `daytime`", "DEFAULT_IDLE_MS / 1000"),
    ("docs/commands.md", r"A range has up to ([\d,]+) addresses", "LIMIT_SOURCES"),
    ("docs/commands.md", r"the ports (\d+)-65535 unless", "DEFAULT_SOURCE_PORT_MIN"),
    ("docs/commands.md", r"the ports 1024-(\d+) unless", "DEFAULT_SOURCE_PORT_MAX"),
    ("docs/commands.md", r"when it ends. The default is (\d+) s;", "DEFAULT_DRAIN_MS / 1000"),
    ("docs/commands.md", r"in order. The default is (\d+) seconds; connections", "DEFAULT_DRAIN_S"),
    ("docs/commands.md", r"`--max-conns N` .*\((\d+)\)", "DEFAULT_CONNS"),
    ("docs/commands.md", r"`--max-neighbours N` .* at least ([\d,]+), at most", "DEFAULT_NEIGHBOURS_MIN"),
    ("docs/commands.md", r"`--max-neighbours N` .* at most ([\d,]+)\.", "DEFAULT_NEIGHBOURS_MAX"),
    ("docs/commands.md", r"`--syn-rate N` .*\((\d+)\)", "DEFAULT_SYN_RATE"),
    ("docs/commands.md", r"`--time-wait S` .*\((\d+)\)", "2 * DEFAULT_MSL_MS / 1000"),
    ("docs/commands.md", r"`--load-wait S` .*\((\d+)\)", "DEFAULT_LOAD_WAIT_S"),
    ("docs/commands.md", r"`--pool-size N` .* has (\d+), and", "DEFAULT_POOL"),
    ("docs/commands.md", r"`--pool-size N` .*and (\d+) for each port", "DEFAULT_POOL_PER_PORT"),
    ("docs/load.md", r"up to (\d+) s \(`--load-wait`\)", "DEFAULT_LOAD_WAIT_S"),
    ("docs/rfc.md", r"The least RTO is (\d+) ms", "DEFAULT_RTO_MIN_MS"),
]
EVENTS = ["include/handfast/handfast.h", "docs/embedding.md"]
LINK = re.compile(r"\]\(([^)#:]+)[^):]*\)")


def read(tree, pattern):
    """The files that match a pattern: {path: text}."""
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
    """Quoted names that do not exist. After `suite::test`, bare words are tests of that suite."""
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
    """Functions that are not in the file that the line gives for them."""
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


def numbers(tree):
    """{name: value} of the headers of defaults and limits."""
    values = {}
    for header in HEADERS:
        for name, literal in DEFINE.findall(read(tree, header).get(header, "")):
            values[name] = eval(literal.replace("u", ""))  # digits, a shift, parentheses
    return values


def check_numbers(tree, quotations=None):
    """Each quotation is there, and says what the header says."""
    values = numbers(tree)
    for path, sentence, formula in QUOTATIONS if quotations is None else quotations:
        text = read(tree, path).get(path, "")
        found = list(re.finditer(sentence, text))
        if not found:
            yield f"{path}:1: no sentence quotes {formula}; correct its row in tests/check_docs.py"
        for m in found:
            number, want = int(m.group(1).replace(",", "")), eval(formula, {}, values)
            if number != want:
                yield f"{path}:{text.count(chr(10), 0, m.start()) + 1}: {formula} is {want:g}, not {number}"


def calls_of_page(page):
    """{"hf_send": ["yes", "-EPIPE", "yes"]} of the table in docs/embedding.md."""
    cells = {}
    for row in re.findall(r"^\| (`hf_\w+`.*) \|$", page, re.M):
        calls, *events = row.replace("`", "").split(" | ")
        cells.update({call: events for call in calls.split(", ")})
    return {call: events for call, events in cells.items() if len(events) == 3}


def calls_of_header(header):
    """The same of the table at the top of handfast.h."""
    cells = {}
    for row in re.findall(r"^ \*   (hf_\w+\(\).*)$", header, re.M):
        calls, *events = re.split(r"\s{2,}", row)
        cells.update({call: [e.replace("()", "") for e in events] for call in re.findall(r"hf_\w+", calls)})
    return cells


def check_events(tree):
    """The two tables of events and calls say the same."""
    header, page = calls_of_header(read(tree, EVENTS[0])[EVENTS[0]]), calls_of_page(read(tree, EVENTS[1])[EVENTS[1]])
    for call in sorted(header.keys() | page.keys()):
        if header.get(call) != page.get(call):
            yield f"{EVENTS[1]}: {call} has {page.get(call)}, and {EVENTS[0]} has {header.get(call)}"


def check(tree):
    return [*check_rfc(tree), *check_paths(tree), *check_records(tree), *check_numbers(tree),
            *check_events(tree)]


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
