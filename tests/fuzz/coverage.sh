#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Lines of the code that takes what peers send, and what files and people say, and how many
# of them the corpora reach.
# usage: tests/fuzz/coverage.sh [MORE]; MORE/TARGET/ holds further inputs.
# COVERAGE_SHOW=FILE prints that file with its counts instead.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
dir=build-coverage

tool() {
    command -v "$1" || command -v "$1-14" ||
        { echo "coverage.sh: $1 is missing; to fix it: apt-get install llvm" >&2; exit 2; }
}
profdata=$(tool llvm-profdata)
cov=$(tool llvm-cov)

[ -f $dir/build.ninja ] ||
    CC=clang meson setup $dir -Dtests=enabled --buildtype=debug \
        -Dc_args='-fprofile-instr-generate -fcoverage-mapping' \
        -Dc_link_args=-fprofile-instr-generate >/dev/null
targets=$(cd tests/fuzz/corpus && for pack in *.pack; do echo "${pack%.pack}"; done)
ninja -C $dir --quiet $(for t in $targets; do echo tests/fuzz/replay-$t; done) >/dev/null

objects=$dir/tests/fuzz/replay-frames
for target in $targets; do
    find tests/fuzz/corpus -name "$target.pack" -print0 >$dir/inputs
    [ $# -eq 0 ] || find "$1/$target/" -type f -print0 >>$dir/inputs
    LLVM_PROFILE_FILE=$dir/$target-%m-%p.profraw \
        xargs -0 $dir/tests/fuzz/replay-$target <$dir/inputs >/dev/null
    objects="$objects -object $dir/tests/fuzz/replay-$target"
done
$profdata merge -o $dir/all.profdata $dir/*.profraw
rm -f $dir/*.profraw $dir/inputs

if [ -n "${COVERAGE_SHOW-}" ]; then
    $cov show $objects -instr-profile=$dir/all.profdata "$COVERAGE_SHOW"
    exit
fi
# Paths are told from where all of them part: DPDK's headers are among them.
$cov report $objects -instr-profile=$dir/all.profdata | awk -v top="${PWD#/}/" '
    index($1, top) == 1 { $1 = substr($1, length(top) + 1) }
    $1 ~ /^(lib\/(wire|stack|syn|tcp|engine)|app)\/.*\.c$/ {
        printf "%-28s %5d lines %5d missed %7s\n", $1, $8, $9, $10
        if ($1 ~ /^lib.*(wire|syn|(input|accept|seqcheck|ack|text|reasm|listen|syn_sent|syn_received|cookies|time_wait|closed|icmp|handshake|half_open)\.c)/) {
            lines += $8
            missed += $9
        }
    }
    END { printf "lib/wire, lib/syn and input:  %d lines, %d missed: %.1f %%\n",
        lines, missed, 100 * (lines - missed) / lines }'
