#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Is the layout of every C file clang-format's? usage: check_format.sh ROOT
# Each release of it lays out some lines otherwise; Debian 12's is the one that decides.
command -v clang-format >/dev/null || { echo "clang-format is not installed"; exit 77; }
case $(clang-format --version) in
*"version 14."*) ;;
*) echo "the layout is that of clang-format 14, and this is $(clang-format --version)"; exit 77 ;;
esac
cd "$1" || exit 1
find include lib drivers-glue app bench docs tests -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
