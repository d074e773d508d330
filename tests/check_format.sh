#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Is the layout of every C file clang-format's? usage: check_format.sh ROOT
command -v clang-format >/dev/null || { echo "clang-format is not installed"; exit 77; }
cd "$1" || exit 1
find lib drivers-glue app bench docs tests -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
