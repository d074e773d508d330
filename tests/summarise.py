#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Adds up the results of meson's tests, down to their single cases.

    summarise.py --builds NAME=ok|failed ... --logs LABEL=testlog.json ...

The last line is `N passed, N failed`. Criterion and unittest print how many cases
they ran. A test that prints neither, or fails without naming a case, counts as one
case. A build counts as one case, too. Exit code 0: nothing failed.
"""
import argparse
import json
import re
import sys

ANSI = re.compile(r"\x1b\[[0-9;]*m")
CRITERION = re.compile(r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+)")  # crashed cases count as failing
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*?\n+(OK|FAILED)(?: \(([^)]*)\))?", re.M)
MESON_SKIP = 77


def counts_of_text(text):
    """(passed, failed, skipped): cases in the output of a test."""
    text = ANSI.sub("", text)
    passed = failed = skipped = 0
    for _, ok, bad in CRITERION.findall(text):
        passed += int(ok)
        failed += int(bad)
    for ran, _, notes in UNITTEST.findall(text):
        note = {k: int(v) for k, v in re.findall(r"(?:^|, )(\w+)=(\d+)", notes)}
        bad = note.get("failures", 0) + note.get("errors", 0)
        skip = note.get("skipped", 0)
        passed += int(ran) - bad - skip
        failed += bad
        skipped += skip
    return passed, failed, skipped


def counts_of_test(test):
    if test["result"] == "SKIP" or test.get("returncode") == MESON_SKIP:
        return 0, 0, 1
    passed, failed, skipped = counts_of_text(test.get("stdout", "") + "\n" + test.get("stderr", ""))
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return max(passed, 0 if skipped else 1), failed, skipped
    return passed, max(failed, 1), skipped


def tests_of(path):
    try:
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.strip()]
    except OSError:
        return []


def summarise(builds, logs):
    """Prints the table; returns [passed, failed, skipped]."""
    total, failures, skips = [0, 0, 0], [], []
    for name, result in builds:
        ok = result == "ok"
        total[0 if ok else 1] += 1
        print(f"  {'1 passed' if ok else 'FAILED':>24}   build: {name}")
    for label, path in logs:
        tests = tests_of(path)
        part = [0, 0, 0]
        for test in tests:
            counts = counts_of_test(test)
            part = [a + b for a, b in zip(part, counts)]
            if counts[1]:
                failures.append(f"{label}: {test['name']} ({counts[1]})")
            if counts[2]:
                skips.append(f"{label}: {test['name']} ({counts[2]})")
        if not tests:
            part[1] += 1
            failures.append(f"{label}: no test was run")
        print(f"  {part[0]:5} passed, {part[1]:3} failed, {part[2]:3} skipped   {label}, {len(tests)} programs")
        total = [a + b for a, b in zip(total, part)]
    for title, names in (("skipped", skips), ("failed", failures)):
        for name in names:
            print(f"  {title}: {name}")
    print(f"{total[0]} passed, {total[1]} failed")
    return total


def pairs(words):
    return [word.rsplit("=", 1) if "=" in word else (word, "") for word in words]


def main():
    p = argparse.ArgumentParser(description="Adds up the results of meson's tests.")
    p.add_argument("--builds", nargs="*", default=[])
    p.add_argument("--logs", nargs="*", default=[])
    args = p.parse_args()
    print("\n== Result")
    return 1 if summarise(pairs(args.builds), pairs(args.logs))[1] else 0


if __name__ == "__main__":
    sys.exit(main())
