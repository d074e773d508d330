#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Checks that clang-format would change no C file. usage: check_format.sh ROOT
# Releases of clang-format differ in some lines; the release of Debian 12 decides.
command -v clang-format >/dev/null || { echo "clang-format is not installed"; exit 77; }
case $(clang-format --version) in
*"version 14."*) ;;
*) echo "the layout is that of clang-format 14, and this machine has $(clang-format --version)"; exit 77 ;;
esac
cd "$1" || exit 1
find include lib drivers-glue app bench docs tests -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
