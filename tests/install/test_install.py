#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What `meson install` gives an embedder: the examples of docs/ are compiled against a tree
installed into a temporary DESTDIR, with the shared and with the static library, and answer.

    test_install.py Install|Hello BUILD C-COMPILER [C++-COMPILER]

Install compiles, Hello runs what it compiled over a TAP device in a network namespace.
Exit code 77 means skipped; the reason is printed.
"""
import glob
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
import hf  # noqa: E402

BUILD, CC, CXX = "build", "cc", None
PORT = 7777


class Installed:
    """A tree that is installed, and compilers that know nothing else of Handfast."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="hf-install-")
        hf.run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", self.dir.name, timeout=120)
        self.pc = self.find("handfast.pc")
        with open(self.pc, encoding="utf-8") as f:
            text = f.read()
        with open(self.pc, "w", encoding="utf-8") as f:  # where DESTDIR has put it
            f.write(re.sub(r"^prefix=", f"prefix={self.dir.name}", text, flags=re.M))

    def find(self, name):
        return glob.glob(f"{self.dir.name}/**/{name}", recursive=True)[0]

    def flags(self, *arguments):
        env = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(self.pc)}
        return shlex.split(hf.run("pkg-config", *arguments, env=env).stdout)

    def library_flags(self, kind):
        """shared; static: this library alone, DPDK's are shared; all_static: DPDK's, too."""
        if kind == "shared":
            return self.flags("--cflags", "--libs", "handfast")
        flags = self.flags("--cflags", "--libs", *["--static"] * (kind == "all_static"), "handfast")
        # both libraries lie in one folder, and the linker would take the shared one
        flags = ["-l:libhandfast.a" if f == "-lhandfast" else f for f in flags]
        return flags if kind == "all_static" else [*flags, *self.flags("--libs", "libdpdk", "numa")]

    def compile(self, compiler, source, kind="shared"):
        """The path of the program."""
        out = os.path.join(self.dir.name, f"{os.path.basename(source)}.{kind}")
        flags = self.library_flags(kind)
        hf.run(*shlex.split(compiler), "-Wall", "-Wextra", "-Werror", os.path.join(ROOT, "docs", source), "-o", out,
               *flags, timeout=300)
        return out

    def environment(self):
        return {**os.environ, "LD_LIBRARY_PATH": os.path.dirname(self.find("libhandfast.so"))}


def symbols(*command):
    return [line.split()[-1] for line in hf.run(*command).stdout.splitlines() if re.search(r" [A-Z] ", line)]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = Installed()

    @classmethod
    def tearDownClass(cls):
        cls.tree.dir.cleanup()

    def test_libraries_export_hf_names_and_no_others(self):
        promised = set()
        for header in glob.glob(os.path.join(os.path.dirname(self.tree.find("handfast.h")), "*.h")):
            with open(header, encoding="utf-8") as f:
                code = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
            promised |= set(re.findall(r"^[a-z][^()#;]*?\b(hf_\w+)\(", code, re.M))
        self.assertGreater(len(promised), 40)
        for command in (["nm", "-D", "--defined-only", self.tree.find("libhandfast.so")],
                        ["nm", "-g", "--defined-only", self.tree.find("libhandfast.a")]):
            self.assertEqual(set(symbols(*command)), promised, command[-1])

    def test_library_needs_dpdk_and_numa_alone(self):
        text = hf.run("readelf", "-d", self.tree.find("libhandfast.so")).stdout
        needed = re.findall(r"NEEDED.*\[(.*?)\.so", text)
        others = [n for n in needed if not n.startswith(("librte_", "ld-linux")) and n not in ("libnuma", "libc")]
        self.assertEqual(others, [])
        self.assertNotIn("libjansson", text)

    def test_cflags_name_the_headers_and_nothing_of_dpdk(self):
        """-march or -include rte_config.h would change the embedder's own code."""
        headers = os.path.dirname(os.path.dirname(self.tree.find("handfast.h")))
        self.assertEqual(self.tree.flags("--cflags", "handfast"), [f"-I{headers}"])
        self.assertNotIn("rte_eal", " ".join(self.tree.flags("--libs", "handfast")))
        self.assertIn("rte_eal", " ".join(self.tree.flags("--libs", "--static", "handfast")))

    def compiles(self, kind):
        for source in ("hello.c", "hello_client.c"):
            self.tree.compile(CC, source, kind)
        if CXX:
            self.tree.compile(CXX + " -std=c++17", "hello.cpp", kind)
        else:
            print("there is no C++ compiler: docs/hello.cpp is not built", file=sys.stderr)

    def test_examples_compile_with_the_shared_library(self):
        self.compiles("shared")

    def test_examples_compile_with_the_static_library(self):
        self.compiles("static")

    def test_examples_compile_with_dpdk_static_too(self):
        """As `pkg-config --static` has it, which needs the static libraries that DPDK needs."""
        empty = os.path.join(self.tree.dir.name, "empty.c")
        with open(empty, "w", encoding="ascii") as f:
            f.write("int main(void) { return 0; }\n")
        alone = hf.run(*shlex.split(CC), empty, "-o", empty[:-2],
                       *self.tree.flags("--cflags", "--libs", "--static", "libdpdk"), check=False, timeout=300)
        if alone.returncode:
            self.skipTest("DPDK alone cannot be linked with --static here: " + alone.stderr.splitlines()[0])
        self.compiles("all_static")


class Hello(unittest.TestCase):
    """The server greets, says back what it hears, and ends in order."""

    @classmethod
    def setUpClass(cls):
        cls.tree = Installed()

    @classmethod
    def tearDownClass(cls):
        cls.tree.dir.cleanup()

    def answers(self, program):
        log = tempfile.TemporaryFile("w+")
        self.addCleanup(log.close)
        process = subprocess.Popen([program, *hf.eal(memory=256)], env=self.tree.environment(),
                                   stdout=log, stderr=subprocess.STDOUT)
        try:
            self.talk(process)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(hf.DEADLINE), 0)
        except BaseException:
            log.seek(0)
            print(log.read(), file=sys.stderr)
            raise
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def talk(self, process):
        hf.wait_for(lambda: os.path.exists(f"/proc/sys/net/ipv4/conf/{hf.TAP}") or process.poll() is not None, "the TAP")
        hf.run("ip", "addr", "add", f"{hf.CLIENT}/{hf.NETWORK}", "dev", hf.TAP)
        hf.run("ip", "link", "set", hf.TAP, "up")
        with socket.create_connection((hf.SERVER, PORT), timeout=hf.DEADLINE) as s:
            stream = s.makefile("rwb")
            self.assertEqual(stream.readline(), b"hello\n")
            stream.write(b"what was said\n")
            stream.flush()
            self.assertEqual(stream.readline(), b"what was said\n")
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(stream.read(), b"")

    def test_with_the_shared_library(self):
        self.answers(self.tree.compile(CC, "hello.c"))

    def test_with_the_static_library(self):
        self.answers(self.tree.compile(CC, "hello.c", "static"))

    def test_in_cpp_with_a_loop_of_its_own(self):
        if not CXX:
            self.skipTest("there is no C++ compiler")
        self.answers(self.tree.compile(CXX + " -std=c++17", "hello.cpp"))


def main():
    global BUILD, CC, CXX
    hf.require("pkg-config", "meson", "nm", "readelf")
    what, BUILD, CC, *more = sys.argv[1:]
    CXX = more[0] if more else None
    if what == "Hello":
        hf.enter_namespace()
    unittest.main(argv=[sys.argv[0], what], verbosity=2)


if __name__ == "__main__":
    main()
