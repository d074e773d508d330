# SPDX-License-Identifier: BSD-3-Clause
"""Prints the same table of figures as bench/kit/table.h."""
import statistics

WHAT_WIDTH = 46


def decimals_of(value):
    """The number of decimals with which a figure has about four digits."""
    if value == 0 or abs(value) >= 1000:
        return 0
    return 1 if abs(value) >= 10 else 3


def head(text):
    print(f"{text}\n\n{'':{WHAT_WIDTH + 2}} {'median':>10} {'least':>10} {'most':>10}  unit", flush=True)


def group(text):
    print(text, flush=True)


def row(what, values, unit):
    middle = statistics.median(values)
    d = decimals_of(middle)
    print(f"  {what:{WHAT_WIDTH}} {middle:10.{d}f} {min(values):10.{d}f} {max(values):10.{d}f}  {unit}", flush=True)


def note(text):
    print(f"    {text}", flush=True)
