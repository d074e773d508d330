#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Disks, devices and pipes that take no more: the cause is told, and files end whole."""
import os
import re
import resource
import struct
import subprocess
import sys

import hf

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CLONE_NEWNS = 0x20000
ENVIRONMENT, USAGE = 2, 3
PACKET = 6  # an Enhanced Packet Block


def blocks(path):
    """How many packets are in a file, which must end with its last block."""
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
        """Traffic until the capture has ended by itself; returns what it said."""
        mark = len(self.hf.text)

        def told():
            page(20000)
            return re.search(r"capture: (\d+) packets in \S+; it takes no more: (.*?); (\d+) more", self.hf.text[mark:])
        found = hf.wait_for(told, "the capture ends")
        return int(found[1]), found[2], int(found[3])

    def test_a_disk_that_is_full(self):
        self.start()
        mount_small(self.disk, "128k")
        self.addCleanup(hf.run, "umount", self.disk)
        self.assertEqual(self.hf.command(f"capture start {self.path}"), "")
        n, why, more = self.fill()
        self.assertIn("No space left on device", why)
        self.assertNotIn("no buffer free", self.hf.text)
        self.assertGreater(n, 0)
        self.assertGreater(more, 0)
        self.assertEqual(blocks(self.path), n)
        self.assertIn("there is no capture", self.hf.command("capture stop"))
        said = self.hf.command(f"capture start {self.disk}/second.pcapng")  # not even its head has room
        self.assertIn("No space left on device", said)
        self.assertNotIn("memory", said)
        self.assertFalse(os.path.exists(f"{self.disk}/second.pcapng"))
        page(20000)
        code, text = self.hf.quit()
        self.assertEqual(code, ENVIRONMENT, text)

    def test_a_limit_of_the_size_of_files(self):
        self.start()  # its memory is a file, too, and larger
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
        for path, words in ((link, "No space left on device"), (self.hf.dir, "folder"),
                            ("/proc/nothing", "Permission denied|No such file"), ("/proc/version", "")):
            with self.subTest(path=path):
                said = self.hf.command(f"capture start {path}")
                self.assertRegex(said, f"no capture to {path}: .*({words})")
                self.assertNotIn("more memory", said)
        self.assertTrue(os.path.islink(link))
        page(20000)
        self.hf.quit()

    def test_a_reader_who_leaves(self):
        self.start()
        fifo = os.path.join(self.hf.dir, "fifo")
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.assertEqual(self.hf.command(f"capture start {fifo}"), "")
        os.close(reader)
        self.assertEqual(self.fill()[1], "nobody reads it")
        self.assertEqual(self.hf.quit()[0], ENVIRONMENT)


if __name__ == "__main__":
    hf.require("mount", "umount")
    hf.enter_namespace()
    if hf.libc.unshare(CLONE_NEWNS):
        hf.skip("the kernel refuses a mount namespace")
    hf.run("mount", "--make-rprivate", "/")
    hf.unittest.main(verbosity=2)
