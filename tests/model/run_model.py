#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs spin over every state of the model. Each world must hold; in each world with a built-in
mistake, spin must find that mistake.

    run_model.py [Holds|Breaks[.test_NAME]]
    run_model.py --trail NAME  shows the steps to the error, segment by segment
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "model.pml")
SKIPPED = 77  # as meson has it
MEMORY_MB = 900
DEPTH = 20_000
SECONDS = 300  # until a run is given up; speed is never judged

# No assertion may fail in these worlds, and every run must end: with the claim `ends`, spin finds
# both a side that waits for ever and a side that repeats itself for ever.
HOLDS = {
    "loss": "-DLOSSES=2 -DCOPIES=2",
    "newer_syn": "-DOPENS=2 -DCOPIES=1 -DCARELESS",
    "newer_timestamp": "-DOPENS=2 -DCOPIES=1 -DLOSSES=0 -DCARELESS -DTS",
    "crossing": "-DCROSSING -DCOPIES=1",
    "cookies": "-DSTATELESS=1 -DSWITCHES=1 -DCOPIES=1",
    "cookies_again": "-DOPENS=2 -DSTATELESS=1 -DEPOCHS=2 -DLOSSES=0 -DCOPIES=1",
    "forged": "-DSTATELESS=1 -DSWITCHES=1 -DFORGED=1 -DLOSSES=0 -DCOPIES=1",
    "eviction": "-DOPENS=2 -DEVICTIONS=1 -DCOPIES=1",
    "pressure": "-DSWITCHES=2 -DEVICTIONS=1 -DCOPIES=1",
    "abort": "-DOPENS=2 -DABORTS=1",
}

# mistake: the world in which it shows, and the claim that it must violate
LEGAL, BELONGS = r"assertion.*was==", r"assertion.*s>>20.*irs"
AGREE, COOKIE, EPOCH = r"assertion.*c\[0\]\.iss==c\[1\]\.irs", r"assertion.*sent&", r"assertion.*epoch-"
BREAKS = {
    "BUG_NO_SEQ": ("newer_syn", BELONGS),
    "BUG_NO_TIME_WAIT": ("newer_syn", BELONGS),
    "BUG_TW_ANY_SYN": ("newer_syn", BELONGS),
    "BUG_TW_RST": ("newer_syn", BELONGS),
    "BUG_NO_PAWS": ("newer_timestamp", BELONGS),
    "BUG_ANY_ACK": ("eviction", AGREE),
    "BUG_OLD_EPOCH": ("cookies", EPOCH),
    "BUG_NO_MAC": ("forged", COOKIE),
    "BUG_CLOSING": ("loss", LEGAL),
    "BUG_NO_TIMER": ("loss", "invalid end state"),
    "BUG_TW_TALKS": ("crossing", "acceptance cycle"),
}


def pan(folder, defines, claim, optimise):
    """Builds and runs the checker; returns its output."""
    def run(*command, timeout=SECONDS):
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=timeout, check=False)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}")
        return done.stdout

    run("spin", "-a", *defines, MODEL)
    how = [] if claim else ["-DSAFETY", "-DNOCLAIM"]
    run("gcc", optimise, "-w", f"-DMEMLIM={MEMORY_MB}", *how, "-o", "pan", "pan.c")
    return run("./pan", f"-m{DEPTH}", *(["-a"] if claim else []))


def wrong(said):
    """The error that pan found, or why its answer does not count; "": no error."""
    found = re.search(r"^pan:\d+: (.*)", said, re.M)
    if found:
        return found[1]
    if "max search depth too small" in said or "reached -DMEMLIM" in said or "out of memory" in said:
        return "not all was searched"
    return "" if re.search(r"errors: 0$", said, re.M) else "pan did not say that it was done"


def check(defines, claim=False, trail=False, optimise="-O1"):
    with tempfile.TemporaryDirectory(prefix="hf-model-") as folder:
        said = pan(folder, defines.split(), claim, optimise)
        why = wrong(said)
        if trail and os.path.exists(os.path.join(folder, "model.pml.trail")):
            subprocess.run(["spin", "-k", "model.pml.trail", *defines.split(), MODEL], cwd=folder, check=False)
        return why, said


class Holds(unittest.TestCase):
    """The promises of the protocol hold in each world."""


class Breaks(unittest.TestCase):
    """Each mistake is found."""


def add(case, name, test):
    test.__name__ = name
    setattr(case, name, test)


def add_tests():
    for name, defines in HOLDS.items():
        def holds(self, defines=defines):
            why, said = check(defines, claim=True)
            self.assertEqual(why, "", said[:3000])
        add(Holds, f"test_{name}", holds)
    for bug, (name, expected) in BREAKS.items():
        def breaks(self, defines=f"{HOLDS[name]} -D{bug}", expected=expected):
            why, said = check(defines, claim="cycle" in expected, optimise="-O0")  # soon found
            self.assertRegex(why, expected, said[:3000])
        add(Breaks, f"test_{bug.lower()}", breaks)


def main():
    for program in ("spin", "gcc"):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program} here (./setup.sh test all installs it)", file=sys.stderr)
            sys.exit(SKIPPED)
    if sys.argv[1:2] == ["--trail"]:
        bug = BREAKS.get(sys.argv[2])
        defines = f"{HOLDS[bug[0]]} -D{sys.argv[2]}" if bug else HOLDS[sys.argv[2]]
        print(check(defines, claim=bug is None or "cycle" in bug[1], trail=True)[0])
        return
    add_tests()
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
