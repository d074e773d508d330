#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A reader of the program's output may stop: the stack goes on, and signals are handled."""
import fcntl
import os
import pty
import signal
import subprocess
import threading
import time

import hf

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SOON = 15  # seconds for an end in order: one for connections, the rest for EAL


class Stuck(hf.unittest.TestCase):
    def launch(self, stdin, stdout, *arguments, through=()):
        place = hf.tempfile.mkdtemp(prefix="hf-e2e-")
        self.addCleanup(hf.shutil.rmtree, place, True)
        commands = os.path.join(place, "commands")
        with open(commands, "w", encoding="ascii") as f:
            f.write("\n".join([hf.ADDRESS, *hf.SERVICES]) + "\n")
        p = subprocess.Popen([*through, hf.PROGRAM, *hf.eal(), "--", "--cmdline-file", commands, *arguments], stdin=stdin,
                             stdout=stdout, stderr=subprocess.STDOUT, close_fds=True, start_new_session=True)
        self.addCleanup(hf.shutil.rmtree, f"/var/run/dpdk/hf-{os.getpid()}", True)
        self.addCleanup(lambda: p.poll() is None and (p.kill(), p.wait()))
        hf.wait_for(hf.Handfast._tap_exists, "the TAP is there")
        hf.run("ip", "addr", "add", f"{hf.CLIENT}/{hf.NETWORK}", "dev", hf.TAP)
        hf.run("ip", "link", "set", hf.TAP, "up")
        return p

    def page(self):
        s = hf.connect(80)
        s.sendall(GET)
        self.assertIn(b"200", hf.read_exactly(s, 15))
        return s

    def served_until_a_signal(self, p, number=signal.SIGTERM):
        for _ in range(3):
            self.page().close()
        s = self.page()
        s.settimeout(SOON)
        p.send_signal(number)
        self.assertEqual(p.wait(SOON), 0)
        hf.read_all(s)  # an end in order reaches the open connection
        s.close()

    def full_pipe(self):
        """A pipe without a reader."""
        theirs, ours = os.pipe()
        self.addCleanup(os.close, theirs)
        self.addCleanup(os.close, ours)
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_NONBLOCK)
        try:
            while True:
                os.write(ours, b"x" * 4096)
        except BlockingIOError:
            fcntl.fcntl(ours, fcntl.F_SETFL, 0)
        return theirs, ours

    def test_a_pipe_without_a_reader(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                p = self.launch(subprocess.DEVNULL, self.full_pipe()[1], "--stats-period", "1")
                time.sleep(2)  # lines of figures without a reader
                self.served_until_a_signal(p, number)

    def test_answers_without_a_reader(self):
        p = self.launch(subprocess.PIPE, self.full_pipe()[1], "-i", "--auto-start")
        p.stdin.write(b"help\nshow config\n" * 300)
        p.stdin.flush()
        self.served_until_a_signal(p)
        p.stdin.close()

    def test_what_was_not_read_in_time_is_read_later(self):
        theirs, ours = self.full_pipe()
        p = self.launch(subprocess.PIPE, ours, "-i", "--auto-start")
        p.stdin.write(b"help\n" * 300 + b"quit\n")
        p.stdin.flush()
        self.page().close()
        seen = bytearray()

        def read():
            while got := os.read(theirs, 1 << 16):
                seen.extend(got)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.assertEqual(p.wait(hf.DEADLINE), 0)
        hf.wait_for(lambda: b"totals of" in seen, "all was said")
        self.assertEqual(seen.count(b"capture start FILE"), 300)
        p.stdin.close()

    def test_standard_files_that_are_closed(self):
        """No file that the program opens gets their numbers."""
        for closed in ("<&-", ">&-", "<&- >&- 2>&-"):
            with self.subTest(closed=closed):
                p = self.launch(subprocess.DEVNULL, subprocess.DEVNULL,
                                through=("sh", "-c", f'exec "$@" {closed}', "sh"))
                self.served_until_a_signal(p)

    def test_a_terminal_that_was_told_to_stop(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        p = self.launch(theirs, theirs, "-i", "--auto-start", "--stats-period", "1")
        os.close(theirs)
        hf.wait_for(lambda: hf.Handfast.PROMPT.encode() in os.read(ours, 1 << 16), "the prompt")
        os.write(ours, b"\x13")  # Ctrl-S
        os.write(ours, b"help\n" * 20)
        time.sleep(2)
        self.served_until_a_signal(p)


class Captures(hf.unittest.TestCase):
    def setUp(self):
        self.hf = hf.Handfast(hf.SERVICES)
        self.addCleanup(self.hf.discard)
        self.fifo = os.path.join(self.hf.dir, "fifo")
        os.mkfifo(self.fifo)

    def page(self):
        s = hf.connect(80)
        s.sendall(GET)
        self.assertIn(b"200", hf.read_exactly(s, 15))
        s.close()

    def test_a_fifo_without_a_reader_is_refused(self):
        said = self.hf.command(f"capture start {self.fifo}")
        self.assertIn("FIFO", said)
        self.assertIn("cat", said)
        self.assertNotIn("No such device", said)  # the cause is printed once
        self.page()
        self.assertIn("no capture is running", self.hf.command("capture stop"))
        self.assertEqual(self.hf.quit()[0], 3)

    def test_a_fifo_that_is_read_gets_all(self):
        copy = os.path.join(self.hf.dir, "copy.pcapng")
        with open(copy, "wb") as f:
            cat = subprocess.Popen(["cat", self.fifo], stdout=f)
        self.addCleanup(cat.wait)
        hf.wait_for(lambda: self.hf.command(f"capture start {self.fifo}") == "", "a reader is there")
        self.page()
        self.hf.wait_idle()
        self.hf.command("capture stop")
        self.assertEqual(cat.wait(hf.DEADLINE), 0)
        self.assertEqual(hf.wirecheck.check(copy, hf.SERVER), [])
        self.assertIn(self.hf.quit()[0], self.hf.codes())

    def test_a_reader_that_stops_costs_the_capture_alone(self):
        reader = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(self.hf.command(f"capture start {self.fifo}"), "")
        for _ in range(200):
            self.page()  # more than a FIFO holds
        self.assertIn("the end is missing", self.hf.command("capture stop"))
        self.page()
        self.assertEqual(self.hf.quit()[0], 0)

    def test_a_signal_ends_it_all_the_same(self):
        reader = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(self.hf.command(f"capture start {self.fifo}"), "")
        for _ in range(200):
            self.page()
        self.hf.signal(signal.SIGTERM)
        code, text = self.hf.wait_end()
        self.assertEqual(code, 0)
        self.assertIn("the end is missing", text)


if __name__ == "__main__":
    hf.main()
