#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mistakes of users: each message names the cause and a command that fixes it."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import hf

ENVIRONMENT, USAGE = 2, 3


class Mistakes(unittest.TestCase):
    longMessage = True

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="hf-mistakes-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.addCleanup(shutil.rmtree, f"/var/run/dpdk/hf-{os.getpid()}", True)

    def file(self, *lines):
        path = os.path.join(self.dir, "commands")
        with open(path, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")
        return path

    def program(self, *arguments, before=(), eal=None, program=hf.PROGRAM):
        """(exit code, what it said); must end by itself."""
        command = [*before, program, *(hf.eal() if eal is None else eal), "--", *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=hf.DEADLINE, check=False)
        return done.returncode, done.stdout

    def fails(self, code, words, *arguments, **kw):
        got, said = self.program(*arguments, **kw)
        self.assertEqual(got, code, said)
        for word in words:
            self.assertRegex(said, f"(?i){word}")
        return said

    def with_file(self, code, words, *lines):
        return self.fails(code, words, "--cmdline-file", self.file(*lines), "--auto-start")

    # --- the environment

    def test_not_root(self):
        program = shutil.copy(hf.PROGRAM, self.dir)
        self.fails(ENVIRONMENT, ["root", "sudo"], "--cmdline-file", self.file(hf.ADDRESS), "--auto-start",
                   before=["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
                   program=program)

    def test_no_tun_device(self):
        script = 'mount -t tmpfs none /dev/net && exec "$@"'
        self.fails(ENVIRONMENT, ["/dev/net/tun", "modprobe tun"], "--cmdline-file", self.file(hf.ADDRESS),
                   "--auto-start", before=["unshare", "--mount", "sh", "-c", script, "sh"])

    def test_no_hugepages(self):
        with open("/proc/sys/vm/nr_hugepages", encoding="ascii") as f:
            if int(f.read()):
                self.skipTest("this machine has hugepages")
        eal = [x for x in hf.eal() if x != "--no-huge"]
        self.fails(ENVIRONMENT, ["hugepage", "--no-huge"], eal=eal)

    def test_a_runtime_directory_that_cannot_be_written(self):
        script = 'mount -t tmpfs -o ro none /run && exec "$@"'
        said = self.fails(ENVIRONMENT, ["Read-only file system", "RUNTIME_DIRECTORY="], "--cmdline-file",
                          self.file(hf.ADDRESS), before=["unshare", "--mount", "sh", "-c", script, "sh"])
        self.assertNotIn("command line", said)
        self.program("--cmdline-file", self.file(hf.ADDRESS, "quit"),
                     before=["unshare", "--mount", "sh", "-c", script, "sh", "env", f"RUNTIME_DIRECTORY={self.dir}"])
        self.assertTrue(os.path.exists(os.path.join(self.dir, "dpdk")), "the fix is one")

    def test_a_runtime_directory_without_room(self):
        """EAL's files there grow when they are written. Without room that is a SIGBUS."""
        script = 'mount -t tmpfs -o size=1M none /run && "$@"; code=$?; ls -A /run/dpdk; exit $code'
        said = self.fails(ENVIRONMENT, ["No space left on device", "df -h /run"], "--cmdline-file",
                          self.file(hf.ADDRESS), before=["unshare", "--mount", "sh", "-c", script, "sh"])
        self.assertTrue(said.endswith("df -h /run /dev/shm /dev/hugepages\n"), "nothing is left: " + said)

    def test_the_demo_needs_no_runtime_directory(self):
        script = 'mount -t tmpfs -o ro none /run && exec "$@"'
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", hf.PROGRAM, "demo", "duration", "1"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=hf.DEADLINE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_more_files(self):
        for files in (8, 12):
            with self.subTest(files=files):
                self.fails(ENVIRONMENT, ["the limit of open files is reached", "to fix it: ulimit -n"],
                           before=["prlimit", f"--nofile={files}"])

    def test_no_more_threads(self):
        """EAL would say that another program has its prefix, or panic."""
        program = shutil.copy(hf.PROGRAM, self.dir)
        os.chmod(self.dir, 0o777)
        for threads in range(1, 6):
            with self.subTest(threads=threads):
                said = self.fails(ENVIRONMENT, ["the system allows [0-9]+ more threads?", "ulimit -u"],
                                  before=["prlimit", f"--nproc={threads}", "setpriv", "--reuid", "60321", "--regid",
                                          "60321", "--clear-groups", "env", f"RUNTIME_DIRECTORY={self.dir}"],
                                  eal=["--lcores", "0,1@0,2@0", "--no-huge", "-m", "128", "--no-pci",
                                       "--vdev=net_ring0"], program=program)
                self.assertNotIn("prefix", said)

    def test_too_small_an_address_space(self):
        for kilobytes in (60000, 300000):
            with self.subTest(kilobytes=kilobytes):
                self.fails(ENVIRONMENT, ["to fix it: ulimit -v unlimited"],
                           before=["prlimit", f"--as={kilobytes * 1024}"])

    def test_too_little_memory_of_eals_for_the_buffers(self):
        said = self.fails(ENVIRONMENT, ["too little memory for .* packet buffers on each of 2 cores", "to fix it: -m "],
                          "--pool-size", "100000", eal=hf.eal(lcores="0@0,1@0,2@0"))
        more = re.search("-m ([0-9]+)", said).group(1)
        code, said = self.program("--pool-size", "100000", "--cmdline-file", self.file(hf.ADDRESS, "quit"),
                                  eal=hf.eal(lcores="0@0,1@0,2@0", memory=more))
        self.assertEqual(code, 0, "the fix is one: " + said)

    def test_no_such_driver(self):
        eal = [x.replace("net_tap0", "net_nosuch0") for x in hf.eal()]
        self.fails(ENVIRONMENT, ["net_nosuch0"], eal=eal)

    def test_a_device_that_is_not_there(self):
        eal = [x for x in hf.eal() if x != "--no-pci"] + ["-a", "0000:ff:1f.7"]
        self.fails(ENVIRONMENT, ["0000:ff:1f.7"], "--cmdline-file", self.file(hf.ADDRESS), eal=eal)

    def test_more_connections_than_there_is_memory(self):
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") > 64 << 30:
            self.skipTest("this machine has memory for all that may be asked for")
        for lines in ([hf.ADDRESS], [hf.ADDRESS, "start"]):
            with self.subTest(lines=lines):
                self.fails(ENVIRONMENT, ["MB left", "--max-conns"], "--cmdline-file", self.file(*lines),
                           "--max-conns", str(1 << 28))

    def test_more_half_open_ones_than_there_is_memory(self):
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") > 64 << 30:
            self.skipTest("this machine has memory for all that may be asked for")
        self.fails(ENVIRONMENT, ["MB left", "to fix it: --syn-backlog"], "--cmdline-file", self.file(hf.ADDRESS),
                   "--syn-backlog", str(1 << 28), eal=hf.eal(lcores="0@0,1@0,2@0,3@0,4@0"))

    def test_more_neighbours_than_there_is_memory(self):
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") > 30 << 30:
            self.skipTest("this machine has memory for all that may be asked for")
        ports = range(1, 8)
        taps = [f"--vdev=net_tap{n},iface=hf{n}" for n in ports]
        commands = [hf.ADDRESS, *(f"set port {n} ip 192.0.{2 + n}.2/24" for n in ports)]
        self.fails(ENVIRONMENT, ["MB left", "to fix it: --max-neighbours"], "--cmdline-file", self.file(*commands),
                   "--max-neighbours", str(1 << 24), "--pool-size", "20000",
                   eal=hf.eal(lcores="0@0,1@0,2@0,3@0,4@0", more=taps))

    # --- the command line

    def test_a_core_that_is_not_there(self):
        said = self.fails(USAGE, ["core 4000", "-l 0"], eal=hf.eal(lcores="4000"))
        self.assertNotIn("EAL:", said)

    def test_values_that_eal_does_not_take(self):
        """One message, not the whole of EAL's usage."""
        for option, value in (("--lcores", "(0"), ("-l", "x"), ("-l", "0,,1-"), ("-c", "xyz"), ("--iova-mode", "zz"),
                              ("--main-lcore", "7"), ("--proc-type", "zz"), ("-m", "x"), ("-m", "512M")):
            with self.subTest(option=option, value=value):
                eal = [*hf.eal()[2:], option, value]  # without --lcores and its value
                said = self.fails(USAGE, [f"{re.escape(option)} {re.escape(value)}", "to fix it: "], eal=eal)
                self.assertLess(said.count("\n"), 4, said)

    def test_arguments_that_a_driver_does_not_take(self):
        for vdev, word in (("net_tap0,iface=hf0,mac=zz", "mac=zz"), ("net_tap0,ifcae=hf0", "did you mean 'iface='"),
                           ("net_tap0,iface=abcdefghijklmnop", "abcdefghijklmnop")):
            with self.subTest(vdev=vdev):
                eal = [x for x in hf.eal() if "vdev" not in x] + [f"--vdev={vdev}"]
                self.fails(USAGE, [word], eal=eal)
        for vdev, word in (("net_memif0,role=zz", "Unknown role: zz"),
                           ("net_af_packet0,iface=nosuch", "No such device")):
            with self.subTest(vdev=vdev):
                eal = [x for x in hf.eal() if "vdev" not in x] + [f"--vdev={vdev}"]
                self.fails(ENVIRONMENT, [f"made no port: .*{word}"], eal=eal)

    def test_a_device_given_twice(self):
        self.fails(USAGE, ["net_tap0", "twice"], eal=hf.eal(more=["--vdev=net_tap0,iface=hf1"]))

    def test_a_command_file_that_does_not_exist(self):
        self.fails(USAGE, ["/no/such/file", "No such file"], "--cmdline-file", "/no/such/file")

    def test_an_option_that_does_not_exist(self):
        said = self.fails(USAGE, ["cmdline-fil"], "--cmdline-fil2")
        self.assertRegex(said, "(?i)usage|--cmdline-file")

    def test_a_period_that_is_no_number(self):
        self.fails(USAGE, ["stats-period"], "--stats-period", "often")

    def test_nothing_is_left_in_eals_folder(self):
        folder = f"/var/run/dpdk/hf-{os.getpid()}"
        self.assertEqual(self.program("--cmdline-file", self.file(hf.ADDRESS, "quit"))[0], 0)
        self.assertFalse(os.path.exists(folder))
        self.with_file(USAGE, ["7"], "set port 7 ip 192.0.2.2/24")
        self.assertFalse(os.path.exists(folder))
        limited = ["sh", "-c", 'ulimit -v 300000; exec "$@"', "sh"]
        self.assertNotEqual(self.program("--cmdline-file", self.file(hf.ADDRESS), before=limited)[0], 0)
        self.assertFalse(os.path.exists(folder))

    def test_an_option_given_twice(self):
        self.fails(USAGE, ["--cmdline-file is given twice"], "--cmdline-file", "a", "--cmdline-file=b")

    # --- the command file

    def test_a_file_without_an_end(self):
        self.fails(USAGE, ["/dev/zero: the path is neither a file nor a pipe"], "--cmdline-file", "/dev/zero")
        with open("/dev/zero", "rb") as zero:
            cat = subprocess.Popen(["cat"], stdin=zero, stdout=subprocess.PIPE)
        self.addCleanup(cat.wait)
        self.addCleanup(cat.kill)
        done = subprocess.run([hf.PROGRAM, *hf.eal(), "--", "--cmdline-file", "/dev/stdin"], stdin=cat.stdout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=hf.DEADLINE,
                              check=False)
        cat.stdout.close()
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("/dev/stdin:1: the line contains a NUL byte", done.stdout)

    def test_a_pipe_is_a_file_of_commands(self):
        command = 'exec "$0" "$@" --cmdline-file <(printf "%s\\nquit\\n" "$LINE")'
        done = subprocess.run(["bash", "-c", command, hf.PROGRAM, *hf.eal(), "--"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=hf.DEADLINE,
                              env={**os.environ, "LINE": hf.ADDRESS}, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_a_terminal_would_obey_is_shown(self):
        said = self.with_file(USAGE, [r"\\x1b\[2J"], hf.ADDRESS, "start \x1b[2J")
        self.assertNotIn("\x1b", said)
        self.assertNotIn("\x1b", self.fails(USAGE, [r"\\x1b"], "--\x1b[2J"))

    def test_a_comment_within_a_word(self):
        self.with_file(USAGE, ["commands:2: .*'#b' is a fragment"], hf.ADDRESS,
                       "load http://192.0.2.1/a#b rate 10 duration 1")

    def test_an_unknown_command_has_its_place_and_the_nearest_match(self):
        said = self.with_file(USAGE, ["lisen", "listen"], hf.ADDRESS, "", "set lisen 0.0.0.0:80 http")
        self.assertIn("commands:3", said)

    def test_an_unknown_service_has_its_place_and_the_nearest_match(self):
        said = self.with_file(USAGE, ["htpp", "http"], hf.ADDRESS, "set listen 0.0.0.0:80 htpp")
        self.assertIn("commands:2", said)

    def test_words_that_are_no_address_or_number(self):
        for line, word in (("set port 0 ip 192.0.2.999/24", "192.0.2.999"), ("set port 0 ip 192.0.2.2/33", "33"),
                           ("set port x ip 192.0.2.2/24", "x"), ("set listen 0.0.0.0:70000 http", "70000"),
                           ("set http body many", "many"), ("set http file /no/such/page", "/no/such/page")):
            with self.subTest(line=line):
                said = self.with_file(USAGE, [word], hf.ADDRESS, line)
                self.assertIn("commands:2", said)

    def test_a_port_that_is_not_there(self):
        said = self.with_file(USAGE, ["port 7|7"], "set port 7 ip 192.0.2.2/24")
        self.assertIn("commands:1", said)

    def test_an_address_given_twice(self):
        eal = hf.eal(more=["--vdev=net_tap1,iface=hf1"])
        said = self.fails(USAGE, [hf.SERVER, "port 0"], "--cmdline-file",
                          self.file(hf.ADDRESS, f"set port 1 ip {hf.SERVER}/24"), "--auto-start", eal=eal)
        self.assertIn("commands:2", said)

    def test_a_listener_given_twice(self):
        said = self.with_file(USAGE, [":80"], hf.ADDRESS, "set listen 0.0.0.0:80 http",
                              "set listen 0.0.0.0:80 echo")
        self.assertIn("commands:3", said)

    def test_a_port_without_an_address(self):
        self.with_file(USAGE, ["port 0", "in .*commands: set port 0 ip"], "set listen 0.0.0.0:80 http")

    def test_a_line_without_its_end(self):
        said = self.with_file(USAGE, ["expected"], hf.ADDRESS, "set listen 0.0.0.0:80")
        self.assertIn("commands:2", said)


class AtThePrompt(hf.Case):
    """A mistake at the prompt is reported and changes nothing."""

    def test_the_nearest_match_is_named(self):
        said = self.hf.command("shwo port all")
        self.assertIn("shwo", said)
        self.assertIn("show", said)

    def test_nonsense_of_all_kinds_is_survived(self):
        before = self.hf.command("show config")
        for line in ("show", "set", "set port", "set port 0", "set port 0 ip", "capture", "show port 99",
                     "show connections state FOO", "show connections limit x", "start now", "help nothing",
                     "x" * 200, "set listen 1.2.3.4:5 http extra words"):
            with self.subTest(line=line):
                self.assertTrue(self.hf.command(line).strip(), "said nothing")
        self.assertEqual(self.hf.command("show config"), before)

    def test_a_second_program_leaves_the_first_ones_files(self):
        folder = f"/var/run/dpdk/hf-{os.getpid()}"
        before = sorted(os.listdir(folder))
        self.assertEqual(self.second(*hf.eal(tap="hf1"))[0], ENVIRONMENT)
        self.assertEqual(sorted(os.listdir(folder)), before)

    def test_a_capture_file_that_cannot_be_made(self):
        self.hf.capture_stop()
        said = self.hf.command("capture start /no/such/folder/x.pcapng")
        self.assertEqual(said.count("/no/such/folder/x.pcapng"), 1, said)
        self.assertIn("mkdir -p /no/such/folder\n", said)

    def second(self, *eal):
        """(exit code, what it said) of a second program in this namespace."""
        done = subprocess.run([hf.PROGRAM, *eal, "--"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=hf.DEADLINE, check=False)
        return done.returncode, done.stdout

    def test_a_second_program_on_the_same_tap(self):
        code, said = self.second(*hf.eal(more=[f"--file-prefix=hf-{os.getpid()}-2"]))
        self.assertEqual(code, ENVIRONMENT, said)
        self.assertIn(f"{hf.TAP} exists already", said)

    def test_a_second_program_with_the_same_prefix(self):
        code, said = self.second(*hf.eal(tap="hf1"))
        self.assertEqual(code, ENVIRONMENT, said)
        self.assertIn("--file-prefix=NAME", said)
        self.assertNotIn("Success", said)


if __name__ == "__main__":
    hf.require("prlimit", "setpriv", "unshare")
    hf.main()
