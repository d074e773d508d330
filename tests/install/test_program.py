#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What `meson install` gives a user of the program: it is installed into a temporary DESTDIR,
then each file is judged as its reader would: man, bash, systemd.

    test_program.py BUILD VERSION

A judge that is not here is named, and its test is skipped.
"""
import glob
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

BUILD, VERSION = "build", ""
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTION = re.compile(r"^  (?:-\w, |    )--([\w-]+)", re.M)

# COMP_WORDS are the arguments; what may come in place of the last one is printed.
COMPLETE = """
set -u
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_handfast 2>/dev/null
printf '%s\\n' "${COMPREPLY[@]+"${COMPREPLY[@]}"}"
"""


def run(*command, check=True, **kw):
    done = subprocess.run(command, text=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, **kw)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="hf-install-")
        cls.addClassCleanup(directory.cleanup)
        cls.dest = directory.name
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.dest)
        options = json.loads(run("meson", "introspect", BUILD, "--buildoptions").stdout)
        cls.prefix = next(o["value"] for o in options if o["name"] == "prefix")
        cls.help = run(cls.path("bin/handfast"), "--help").stdout
        cls.options = set(OPTION.findall(cls.help))

    @classmethod
    def path(cls, name):
        return cls.dest + os.path.join(cls.prefix, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def need(self, name):
        if shutil.which(name) is None:
            self.skipTest(f"there is no {name} here")

    # ---------------------------------------------------------------- program

    def test_program_runs_from_its_place(self):
        self.assertIn(f"handfast {VERSION}, ", run(self.path("bin/handfast"), "--version").stdout)
        self.assertGreater(len(self.options), 10)

    def test_ladder_finds_its_reader(self):
        self.assertIn("usage", run(self.path("share/handfast/ladder.py"), "--help").stdout)

    # -------------------------------------------------------------- man pages

    def page(self, name):
        return run("man", "-l", "--warnings", "-E", "UTF-8", self.path(name),
                   env={**os.environ, "MANWIDTH": "200", "MAN_KEEP_FORMATTING": "", "LC_ALL": "C.UTF-8"})

    def test_man_pages_are_formatted_without_a_warning(self):
        self.need("man")
        for name in ("share/man/man1/handfast.1", "share/man/man7/handfast-commands.7"):
            with self.subTest(name=name):
                said = self.page(name)
                self.assertEqual(said.stderr, "")
                self.assertIn("SEE ALSO", said.stdout)

    def test_mandoc_finds_no_fault(self):
        self.need("mandoc")
        for name in ("share/man/man1/handfast.1", "share/man/man7/handfast-commands.7"):
            with self.subTest(name=name):
                said = run("mandoc", "-Tlint", "-Wwarning", self.path(name), check=False).stdout
                # A page without a date is the same in every build.
                self.assertEqual([line for line in said.splitlines() if "missing date" not in line], [])

    def test_man_page_has_what_help_has(self):
        self.need("man")
        text = re.sub(r"\s+", " ", self.page("share/man/man1/handfast.1").stdout)
        for option in self.options:
            self.assertIn(f"--{option}", text)
        for line in re.findall(r"handfast (?:demo|report|\[).*", self.help.split("\n\n")[0]):
            self.assertIn(line, text)
        codes = re.findall(r"^  \d  (.+)$", self.help.split("Exit codes:\n")[1], re.M)
        self.assertEqual(len(codes), 4)
        for code in codes:
            self.assertIn(code[1:], text)  # the page begins with a capital letter

    def test_man_pages_have_every_row_of_the_page_of_commands(self):
        text = self.read("share/man/man1/handfast.1") + self.read("share/man/man7/handfast-commands.7")
        text = text.replace("\\-", "-")
        with open(os.path.join(ROOT, "docs", "commands.md"), encoding="utf-8") as f:
            made = "".join(re.findall(r"<!-- made from the tables: .*?<!-- end -->", f.read(), re.S))
        syntaxes = re.findall(r"^\| `([^`]*)` \|", made, re.M)
        self.assertGreater(len(syntaxes), 50)
        for syntax in syntaxes:
            self.assertIn(syntax.replace("\\|", "|"), text)

    # ------------------------------------------------------------- completion

    SCRIPT = "share/bash-completion/completions/handfast"

    def complete(self, *words):
        self.need("bash")
        return run("bash", "-c", COMPLETE, "bash", self.path(self.SCRIPT), "handfast", *words).stdout.split()

    def test_completion_is_a_script(self):
        self.need("bash")
        run("bash", "-n", self.path(self.SCRIPT))
        self.assertIn("complete -F _handfast handfast", self.read(self.SCRIPT).splitlines())

    def test_completion_behind_the_dashes_gives_the_programs_options(self):
        self.assertEqual(sorted(self.complete("-l", "0", "--", "--")), sorted(f"--{o}" for o in self.options))
        self.assertEqual(self.complete("--", "--time"), ["--time-wait"])
        self.assertEqual(self.complete("--", "--time-wait", ""), [])

    def test_completion_before_the_dashes_gives_eals(self):
        words = self.complete("--no-")
        self.assertIn("--no-huge", words)
        self.assertNotIn("--max-conns", self.complete("--m"))
        self.assertEqual(self.complete("--iova-mode", "v"), ["va"])
        self.assertEqual(self.complete("--iova-mode", "=", "v"), ["va"])
        self.assertEqual(self.complete("--vdev", "=", "n"), [])

    def test_completion_knows_demo_and_report(self):
        self.assertLess({"demo", "report", "--", "--vdev"}, set(self.complete("")))
        self.assertNotIn("demo", self.complete("--no-huge", ""))
        self.assertEqual(self.complete("report", ""), ["merge"])
        usage = run(self.path("bin/handfast"), "demo", "help").stdout.split("\n\n")[0]
        offered = set(self.complete("demo", "")) - {"help"}
        self.assertEqual(offered, set(re.findall(r"\b[a-z]+\b", usage)) - {"usage", "handfast", "demo"})

    def test_completion_gives_files(self):
        os.chdir(self.dest)
        self.addCleanup(os.chdir, ROOT)
        with open("a file.json", "w", encoding="ascii"):
            pass
        for words in (["--", "--cmdline-file", "a"], ["--", "--cmdline-file", "=", "a"], ["demo", "json", "a"],
                      ["report", "merge", "a"], ["report", "merge", "b.json", "html", "a"]):
            self.assertEqual(" ".join(self.complete(*words)), "a file.json", words)
        self.assertIn("json", self.complete("report", "merge", "b.json", ""))

    # ---------------------------------------------------------------- systemd

    def test_unit_names_installed_files(self):
        unit = self.read("lib/systemd/system/handfast.service")
        self.assertNotIn("@", re.sub(r"^#.*", "", unit, flags=re.M))
        start = re.search(r"^ExecStart=(\S+)", unit, re.M).group(1)
        self.assertTrue(os.access(self.dest + start, os.X_OK), start)
        examples = re.search(r"# (/\S+/examples) to", unit).group(1)
        self.assertTrue(os.path.isdir(self.dest + examples), examples)
        env = self.read("share/doc/handfast/examples/handfast.env")
        folder = os.path.dirname(re.search(r"^EnvironmentFile=(\S+)", unit, re.M).group(1))
        self.assertEqual(os.path.dirname(re.search(r"^COMMANDS=(\S+)", env, re.M).group(1)), folder)

    def test_unit_passes_systemd_analyze(self):
        self.need("systemd-analyze")
        copy = os.path.join(self.dest, "handfast.service")
        with open(copy, "w", encoding="utf-8") as f:  # ExecStart must exist: where DESTDIR has put it
            f.write(re.sub(r"^ExecStart=", f"ExecStart={self.dest}", self.read("lib/systemd/system/handfast.service"),
                           flags=re.M))
        said = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy, check=False)
        self.assertEqual((said.returncode, said.stdout + said.stderr), (0, ""))

    # ------------------------------------------------------------------- rest

    def test_page_beside_the_examples_names_files_that_are_there(self):
        page = self.read("share/doc/handfast/examples/README.md")
        named = set(re.findall(r"`(?:[\w./-]*/)?([\w-]+\.(?:conf|env|example|in|bash))`|--cmdline-file (\S+)", page))
        named = {name for pair in named for name in pair if name}
        self.assertGreater(len(named), 6)
        there = set(os.listdir(self.path("share/doc/handfast/examples")))
        self.assertEqual(named - there, set())
        self.assertEqual(there - named, {"README.md"})
        self.assertNotIn("](", page, "a link leads out of the folder")

    def test_examples_are_command_files_that_the_program_reads(self):
        """A mistake in a file is told before a core that the machine does not have."""
        found = glob.glob(self.path("share/doc/handfast/examples/*.conf"))
        self.assertEqual(len(found), 5)
        for path in found:
            said = run(self.path("bin/handfast"), "-l", "999", "--", "--cmdline-file", path, check=False)
            self.assertRegex(said.stderr, r"^handfast: core 999 does not exist: ")

    def test_licence_and_modes(self):
        self.assertIn("Redistribution and use", self.read("share/doc/handfast/LICENSE"))
        for name, mode in (("bin/handfast", 0o755), ("share/handfast/ladder.py", 0o755),
                           ("share/man/man1/handfast.1", 0o644), ("share/doc/handfast/LICENSE", 0o644),
                           (self.SCRIPT, 0o644), ("lib/systemd/system/handfast.service", 0o644)):
            self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), mode, name)


def main():
    global BUILD, VERSION
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(3)
    BUILD, VERSION = sys.argv[1:]
    if shutil.which("meson") is None:
        print("skipped: there is no meson here", file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)


if __name__ == "__main__":
    main()
