#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Full disks, devices and pipes: the message names the cause, and files end with a whole block."""
import json
import os
import re
import resource
import signal
import struct
import subprocess
import time

import hf
import peers

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CLONE_NEWNS = 0x20000
ENVIRONMENT = 2
PACKET = 6  # an Enhanced Packet Block


def blocks(path):
    """The number of packets in a file, which must end with its last block."""
    with open(path, "rb") as f:
        data = f.read()
    at = packets = 0
    while at < len(data):
        kind, length = struct.unpack_from("=II", data, at)
        assert length >= 12 and at + length <= len(data), f"a block of {length} bytes at {at} of {len(data)}"
        assert struct.unpack_from("=I", data, at + length - 4)[0] == length
        packets += kind == PACKET
        at += length
    return packets


def page(size):
    s = hf.connect(80)
    s.sendall(GET)
    hf.read_exactly(s, size)
    s.close()


def mount_small(path, size):
    os.makedirs(path)
    hf.run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", path)


class Captures(hf.unittest.TestCase):
    def start(self):
        self.hf = hf.Handfast((*hf.SERVICES, "set http body 20000"))
        self.addCleanup(self.hf.discard)
        self.disk = os.path.join(self.hf.dir, "disk")
        self.path = os.path.join(self.disk, "wire.pcapng")

    def fill(self):
        """Make traffic until the capture has ended by itself; returns the numbers of its message."""
        mark = len(self.hf.text)

        def told():
            page(20000)
            return re.search(r"capture: (\d+) packets in \S+; writing failed: (.*?); (\d+) more", self.hf.text[mark:])
        found = hf.wait_for(told, "the capture ends")
        return int(found[1]), found[2], int(found[3])

    def test_a_disk_that_is_full(self):
        self.start()
        mount_small(self.disk, "128k")
        self.addCleanup(hf.run, "umount", self.disk)
        self.assertEqual(self.hf.command(f"capture start {self.path}"), "")
        n, why, more = self.fill()
        self.assertIn("No space left on device", why)
        self.assertNotIn("no free buffer", self.hf.text)
        self.assertGreater(n, 0)
        self.assertGreater(more, 0)
        self.assertEqual(blocks(self.path), n)
        self.assertIn(f"{self.path} has ended by itself", self.hf.command("capture stop"))
        self.assertIn("no capture is running", self.hf.command("capture stop"))
        said = self.hf.command(f"capture start {self.disk}/second.pcapng")  # there is no room even for the head of the file
        self.assertIn("No space left on device", said)
        self.assertNotIn("memory", said)
        self.assertFalse(os.path.exists(f"{self.disk}/second.pcapng"))
        page(20000)
        code, text = self.hf.quit()
        self.assertEqual(code, ENVIRONMENT, text)

    def test_a_limit_of_the_size_of_files(self):
        self.start()  # before the limit: the memory of the program is a larger file
        resource.prlimit(self.hf.process.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        os.mkdir(self.disk)
        self.assertEqual(self.hf.command(f"capture start {self.path}"), "")
        n, why, _ = self.fill()
        self.assertIn("File too large", why)
        self.assertEqual(blocks(self.path), n)
        self.assertLessEqual(os.path.getsize(self.path), 100_000)
        self.assertEqual(self.hf.quit()[0], ENVIRONMENT)

    def test_places_that_cannot_be_written_have_their_own_causes(self):
        self.start()
        link = os.path.join(self.hf.dir, "link")
        os.symlink("/dev/full", link)
        for path, words in ((link, "No space left on device"), (self.hf.dir, "folder"), ("-", "standard output"),
                            ("/proc/nothing", "Permission denied|No such file"), ("/proc/version", "")):
            with self.subTest(path=path):
                said = self.hf.command(f"capture start {path}")
                self.assertRegex(said, f"no capture to {path}: .*({words})")
                self.assertNotIn("more memory", said)
        self.assertTrue(os.path.islink(link))
        page(20000)
        self.hf.quit()

    def test_a_reader_that_leaves(self):
        self.start()
        fifo = os.path.join(self.hf.dir, "fifo")
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.assertEqual(self.hf.command(f"capture start {fifo}"), "")
        os.close(reader)
        self.assertEqual(self.fill()[1], "it is a FIFO without a reader")
        self.assertEqual(self.hf.quit()[0], ENVIRONMENT)


class Standard(hf.unittest.TestCase):
    """Standard output, and documents that go to it."""

    def setUp(self):
        self.dir = hf.tempfile.mkdtemp(prefix="hf-full-")
        self.addCleanup(hf.shutil.rmtree, self.dir, True)
        self.addCleanup(hf.shutil.rmtree, f"/var/run/dpdk/hf-{os.getpid()}", True)

    def path(self, name, text=None):
        path = os.path.join(self.dir, name)
        if text is not None:
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
        return path

    def served(self, *lines):
        return [*hf.eal(), "--", "--cmdline-file", self.path("commands", "\n".join([hf.ADDRESS, *lines]) + "\n")]

    def to_full(self, *arguments):
        """Run with standard output on a full device; returns (exit code, stderr)."""
        with open("/dev/full", "wb") as full:
            done = subprocess.run([hf.PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=hf.DEADLINE, check=False)
        return done.returncode, done.stderr

    def test_what_cannot_be_written_is_no_success(self):
        for arguments in (["--version"], ["--help"], ["report", "--help"], ["demo", "--help"],
                          self.served("start", "show port 0 json", "quit")):
            with self.subTest(arguments=arguments):
                code, said = self.to_full(*arguments)
                self.assertEqual(code, ENVIRONMENT)
                self.assertEqual(said.count("No space left on device"), 1, said)

    def test_a_reader_that_has_seen_enough_is_told_nothing(self):
        p = subprocess.Popen([hf.PROGRAM, *self.served("start", "help", "quit")], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.close()
        self.assertEqual(p.stderr.read(), b"")
        p.stderr.close()
        self.assertEqual(p.wait(hf.DEADLINE), ENVIRONMENT)

    def load(self, *documents):
        """Run a load with these documents; returns (exit code, stdout, stderr)."""
        with peers.Peer(peers.answers_and_closes(peers.CLOSING), address="0.0.0.0") as peer:
            line = f"load {peer.url()} rate 50 duration 1 warmup 0 " + " ".join(documents)
            p = subprocess.Popen([hf.PROGRAM, *self.served(line)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
            self.addCleanup(lambda: p.poll() is None and (p.kill(), p.wait()))
            hf.wait_for(hf.Handfast._tap_exists, "the TAP is there")
            hf.run("ip", "addr", "add", f"{hf.CLIENT}/{hf.NETWORK}", "dev", hf.TAP)
            hf.run("ip", "link", "set", hf.TAP, "up")
            said, errors = p.communicate(timeout=hf.DEADLINE)
            return p.returncode, said, errors

    def test_a_report_on_standard_output_is_alone_there(self):
        code, said, text = self.load("json", "-", "html", self.path("page"))
        self.assertEqual(code, 0, text)
        self.assertGreater(json.loads(said)["completed"], 0)
        self.assertIn("totals of", text)
        self.assertIn("completed of", text)
        report = self.path("report.json", said)
        merged = hf.run(hf.PROGRAM, "report", "merge", report, "json", "-", check=False)
        self.assertEqual(json.loads(merged.stdout)["completed"], json.loads(said)["completed"])
        self.assertIn("completed of", merged.stderr)
        self.assertEqual(self.to_full("report", "merge", report, "json", "-")[0], ENVIRONMENT)

    def test_a_report_leaves_devices_links_and_fifos_what_they_are(self):
        null, link, fifo = self.path("null"), self.path("link"), self.path("fifo")
        os.mknod(null, 0o666 | 0o020000, os.makedev(1, 3))
        os.symlink("report.json", link)
        os.mkfifo(fifo)
        code, _, text = self.load("json", link, "html", null)
        self.assertEqual(code, 0, text)
        self.assertTrue(os.path.islink(link))
        self.assertFalse(os.path.isfile(null))
        report = self.path("report.json")
        cat = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
        hf.run(hf.PROGRAM, "report", "merge", report, "json", fifo)
        self.assertIn(b"schema_version", cat.communicate()[0])
        self.assertFalse(os.path.isfile(fifo))
        done = hf.run(hf.PROGRAM, "report", "merge", report, "json", fifo, check=False)
        self.assertEqual(done.returncode, ENVIRONMENT)
        self.assertIn("it is a FIFO without a reader", done.stderr)

    def test_a_signal_ends_a_merge_as_it_would(self):
        os.mkfifo(self.path("fifo"))
        p = subprocess.Popen([hf.PROGRAM, "report", "merge", self.path("fifo"), "json", self.path("out")],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)  # `report merge` waits for the report that it reads
        p.send_signal(signal.SIGTERM)
        self.assertEqual(p.wait(hf.DEADLINE), -signal.SIGTERM)
        self.assertNotIn("out", os.listdir(self.dir))


if __name__ == "__main__":
    hf.require("mount", "umount")
    hf.enter_namespace()
    if hf.libc.unshare(CLONE_NEWNS):
        hf.skip("the kernel refuses a mount namespace")
    hf.run("mount", "--make-rprivate", "/")
    hf.unittest.main(verbosity=2)
