#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads and writes corpora. A corpus is a file of inputs, shortest first; each follows its
length in 4 bytes, little-endian.

    corpus.py unpack PACK DIR           one file per input, named by its hash
    corpus.py pack PACK DIR...          what is in DIRs becomes PACK
    corpus.py add PACK TARGET DIR...    PACK, DIRs: what of it adds coverage becomes PACK
    corpus.py short TARGET DICT PACK    a fixed number of runs from PACK on; what CI does
    corpus.py long TARGET DICT PACK DIR SECONDS
                                        goes on in DIR, where findings are left, too
"""
import hashlib
import os
import subprocess
import sys
import tempfile

RUNS = {"fuzz-sequences": 2500, "fuzz-engine": 1500, "fuzz-report": 2000, "fuzz-commands": 3000,
        "fuzz-request": 4000, "fuzz-arguments": 6000}  # a few seconds each
RUNS_OTHERWISE = 15000
LONGEST = 4096
HOW = ["-entropic=0", "-detect_leaks=0"]  # its schedule took four fifths of the time; replays look for leaks
SECONDS_OF_ONE = 10  # then it hangs


def unpack(pack, folder):
    os.makedirs(folder, exist_ok=True)
    with open(pack, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "little")
        one = data[at + 4:at + 4 + size]
        at += 4 + size
        with open(os.path.join(folder, hashlib.sha1(one).hexdigest()), "wb") as f:
            f.write(one)


def files_in(folders):
    return [os.path.join(folder, name) for folder in folders for name in sorted(os.listdir(folder))
            if not name.startswith(("crash-", "leak-", "timeout-", "oom-", "slow-unit-"))]


def pack_up(pack, folders):
    inputs = set()
    for path in files_in(folders):
        with open(path, "rb") as f:
            inputs.add(f.read())
    with open(pack, "wb") as f:
        for one in sorted(inputs, key=lambda i: (len(i), i)):
            f.write(len(one).to_bytes(4, "little") + one)
    print(f"{pack}: {len(inputs)} inputs, {os.path.getsize(pack)} bytes")


def add(pack, target, *folders):
    with tempfile.TemporaryDirectory() as old, tempfile.TemporaryDirectory() as best:
        unpack(pack, old)
        subprocess.run([target, "-merge=1", "-use_counters=0", *HOW, f"-max_len={LONGEST}", best, old, *folders], check=True)
        pack_up(pack, [best])


def fuzz(target, dictionary, folder, *how):
    """0, or 1; findings are left in the folder above. libFuzzer says 77, which for meson
    is a test that was skipped."""
    code = subprocess.run([target, f"-max_len={LONGEST}", f"-timeout={SECONDS_OF_ONE}",
                           f"-dict={dictionary}", *HOW, *how, folder]).returncode
    return 1 if code else 0


def short(target, dictionary, pack):
    runs = RUNS.get(os.path.basename(target), RUNS_OTHERWISE)
    with tempfile.TemporaryDirectory() as folder:
        unpack(pack, folder)
        return fuzz(target, dictionary, folder, f"-runs={runs}", "-seed=1")


def long(target, dictionary, pack, folder, seconds):
    unpack(pack, folder)
    return fuzz(target, dictionary, folder, f"-max_total_time={seconds}", f"-artifact_prefix={folder}/",
                "-print_final_stats=1")


def main(arguments):
    commands = {"unpack": (unpack, 2), "add": (add, 3), "short": (short, 3), "long": (long, 5),
                "pack": (lambda pack, *folders: pack_up(pack, folders), 2)}
    if not arguments or arguments[0] not in commands or len(arguments) - 1 < commands[arguments[0]][1]:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[arguments[0]][0](*arguments[1:]) or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
