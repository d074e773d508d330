#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_includes on small trees, right and wrong ones."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import check_includes  # noqa: E402

HEADERS = {path: "" for path in (
    "lib/base/seq.h", "lib/wire/seg.h", "lib/timer/wheel.h", "lib/conn/pool.h", "lib/tcp/tcp.h",
    "lib/syn/half.h", "lib/neigh/neigh.h", "lib/stack/stack.h", "include/handfast/handfast.h",
    "include/handfast/engine.h", "bench/kit/table.h", "bench/cps/rig.h",
    "lib/engine/engine.h", "drivers-glue/port.h", "lib/embed/x.h", "app/options.h",
    "app/text/error.h", "app/program/app.h", "app/control/loop.h", "app/load/run/run.h")}
with open(os.path.join(HERE, "..", check_includes.PAGE), encoding="utf-8") as page:
    HEADERS[check_includes.PAGE] = page.read()


class Tree:
    """A tree with one header in each folder, and the given files over it."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory()

    def complaints(self, files):
        for path, text in {**HEADERS, **files}.items():
            full = os.path.join(self.dir.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        return check_includes.check(self.dir.name)


class CheckIncludes(unittest.TestCase):
    def check(self, source, text):
        tree = Tree()
        self.addCleanup(tree.dir.cleanup)
        return tree.complaints({source: text})

    def accepted(self, source, *names):
        text = "".join(f"#include {n}\n" for n in names)
        self.assertEqual(self.check(source, text), [])

    def refused(self, source, name, because):
        found = self.check(source, f"/* first line */\n#include {name}\n")
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{source}:2: "), found)
        self.assertIn(because, found[0])

    def test_downward_is_accepted(self):
        self.accepted("lib/tcp/input.c", '"base/seq.h"', '"wire/seg.h"', '"timer/wheel.h"',
                      '"conn/pool.h"', '"tcp/tcp.h"', '"tcp.h"', "<stdint.h>")
        self.accepted("lib/stack/demux.c", '"tcp/tcp.h"', '"syn/half.h"', '"neigh/neigh.h"')
        self.accepted("lib/embed/engine.c", '"drivers-glue/port.h"', "<rte_eal.h>")
        self.accepted("app/main.c", '"engine/engine.h"', '"drivers-glue/port.h"',
                      "<rte_eal.h>", "<cmdline.h>")

        self.accepted("app/control/x.c", '"load/run/run.h"', '"program/app.h"', '"text/error.h"')

    def test_one_cpus_headers_are_refused(self):
        for name in ("<emmintrin.h>", "<immintrin.h>", "<x86intrin.h>", "<arm_neon.h>"):
            self.refused("lib/conn/x.h", name, "one CPU only")
            self.refused("app/x.c", name, "one CPU only")
            self.accepted("lib/base/aes.h", name)
            self.accepted("bench/kit/cycles.h", name)

    def test_upward_is_refused(self):
        for source, name in (("lib/base/x.c", "wire/seg.h"), ("lib/wire/x.c", "tcp/tcp.h"),
                             ("lib/tcp/x.c", "stack/stack.h"), ("lib/neigh/x.c", "stack/stack.h"),
                             ("lib/stack/x.h", "engine/engine.h"),
                             ("lib/engine/x.c", "drivers-glue/port.h"),
                             ("lib/engine/x.c", "app/options.h"), ("drivers-glue/x.c", "embed/x.h"),
                             ("app/program/x.c", "control/loop.h"), ("app/program/x.c", "load/run/run.h"),
                             ("app/load/run/x.c", "control/loop.h"), ("app/text/x.c", "program/app.h")):
            with self.subTest(source=source, name=name):
                self.refused(source, f'"{name}"', "may not include")

    def test_sideways_is_refused_except_for_wire(self):
        self.accepted("lib/conn/x.c", '"wire/seg.h"')
        self.refused("lib/conn/x.c", '"timer/wheel.h"', "may not include")
        self.refused("lib/wire/x.c", '"conn/pool.h"', "may not include")
        self.refused("lib/tcp/x.c", '"neigh/neigh.h"', "may not include")

    def test_a_way_round_by_dots_or_angles_is_refused(self):
        self.refused("lib/base/x.c", '"../tcp/tcp.h"', "may not include")
        self.refused("lib/base/x.c", "<tcp/tcp.h>", "may not include")
        self.refused("lib/base/x.c", '"../../app/options.h"', "may not include")

    def test_dpdk_begins_at_engine(self):
        self.refused("lib/stack/x.c", "<rte_mbuf.h>", "below DPDK")
        self.refused("lib/api/x.c", "<rte_mbuf.h>", "below DPDK")
        self.accepted("lib/engine/x.c", "<rte_mbuf.h>")
        self.accepted("bench/cps/x.c", "<rte_eth_ring.h>")

    def test_public_headers_use_each_other_and_any_file_may_use_them(self):
        self.accepted("lib/base/x.c", '"handfast/handfast.h"', "<handfast/handfast.h>")
        self.accepted("lib/api/handfast.c", '"stack/stack.h"', '"handfast/handfast.h"')
        self.accepted("include/handfast/ports.h", "<handfast/engine.h>", '"handfast.h"', "<stdint.h>")
        self.refused("include/handfast/handfast.h", '"base/seq.h"', "installed without")
        self.refused("include/handfast/engine.h", "<engine/engine.h>", "installed without")
        self.refused("include/handfast/engine.h", "<rte_mbuf.h>", "below DPDK")
        self.refused("lib/stack/x.c", '"api/other.h"', "not in the tree")

    def test_what_is_not_there_has_no_rank_or_is_a_source_is_refused(self):
        self.refused("lib/tcp/x.c", '"tcp/nowhere.h"', "not in the tree")
        self.assertIn("no rank", "".join(self.check("lib/new/x.c", "")).replace(
            "in no folder that has a rank", "no rank"))
        tree = Tree()
        self.addCleanup(tree.dir.cleanup)
        found = tree.complaints({"lib/tcp/a.c": "", "lib/tcp/b.c": '#include "tcp/a.c"\n'})
        self.assertEqual(len(found), 1)
        self.assertIn("not a header", found[0])

    def test_benches_use_the_kit_and_not_each_other(self):
        self.accepted("bench/flood/x.c", '"bench/kit/table.h"')
        self.refused("bench/flood/x.c", '"bench/cps/rig.h"', "is not below it")
        self.refused("bench/kit/x.c", '"bench/cps/rig.h"', "is not below it")

    def test_a_drawing_of_other_layers_is_refused(self):
        tree = Tree()
        self.addCleanup(tree.dir.cleanup)
        tree.complaints({})
        self.assertEqual(check_includes.check_drawing(tree.dir.name), [])
        tree.complaints({check_includes.PAGE: HEADERS[check_includes.PAGE].replace("<- syn <-", "<-")})
        self.assertEqual(len(check_includes.check_drawing(tree.dir.name)), 1)

    def test_a_comment_is_not_an_include(self):
        self.assertEqual(self.check("lib/base/x.c", '/*\n#include "tcp/tcp.h"\n*/\n'), [])

    def test_the_command_fails_and_names_file_and_line(self):
        tree = Tree()
        self.addCleanup(tree.dir.cleanup)
        self.assertEqual(tree.complaints({}), [])
        command = [sys.executable, os.path.join(HERE, "check_includes.py"), tree.dir.name]
        self.assertEqual(subprocess.run(command, capture_output=True).returncode, 0)
        tree.complaints({"lib/base/bad.c": '#include "stack/stack.h"\n'})
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("lib/base/bad.c:1:", run.stderr)
        empty = tempfile.TemporaryDirectory()
        self.addCleanup(empty.cleanup)
        self.assertEqual(subprocess.run([*command[:2], empty.name], capture_output=True).returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
