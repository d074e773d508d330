#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each public header compiles alone, as C11 and as C++17, without a warning.

    test_headers.py INCLUDE C-COMPILER [C++-COMPILER]    77: no C++ compiler, C was checked
"""
import glob
import os
import subprocess
import sys

WARN = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]


def complaints(compiler, language, standard, folder, header):
    """What a compiler says of a file that includes the header, twice, and nothing else."""
    source = f"#include <{header}>\n#include <{header}>\nint used;\n"
    run = subprocess.run([*compiler.split(), "-x", language, f"-std={standard}", *WARN, f"-I{folder}", "-"],
                         input=source, capture_output=True, text=True)
    return "" if run.returncode == 0 else f"{header} as {standard}:\n{run.stderr}"


def main():
    folder, c, *cpp = sys.argv[1:]
    headers = sorted(os.path.relpath(p, folder) for p in glob.glob(f"{folder}/handfast/*.h"))
    wrong = [] if headers else [f"no header in {folder}/handfast"]
    for header in headers:
        wrong.append(complaints(c, "c", "c11", folder, header))
        if cpp:
            wrong.append(complaints(cpp[0], "c++", "c++17", folder, header))
    wrong = [w for w in wrong if w]
    print("\n".join(wrong) or f"{len(headers)} headers are in order")
    if wrong:
        return 1
    if not cpp:
        print("skipped as C++: there is no C++ compiler; install g++")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
