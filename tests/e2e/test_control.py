#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Commands, signals, drain, totals, and completion at the prompt."""
import json
import os
import pty
import select
import signal
import subprocess
import time

import hf

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Commands(hf.Case):
    commands = (*hf.SERVICES, "set http body 100")

    def test_every_show_prints_one_json_document_and_a_text(self):
        s = hf.connect(80)
        for line in ("show port 0", "show port all", "show lcore", "show listen", "show connections",
                     "show connections state ESTABLISHED", "show connections limit 1", "show drops",
                     "show neighbours", "show config"):
            with self.subTest(line=line):
                self.assertIsInstance(self.hf.json(line), (dict, list))
                self.assertTrue(self.hf.command(line).strip())
        s.close()

    def test_a_connection_is_listed_with_both_addresses_and_its_state(self):
        s = hf.connect(7)
        name = "%s:%d" % s.getsockname()
        listed = hf.wait_for(lambda: [x for x in self.hf.json("show connections")["connections"]
                                      if name in json.dumps(x)], "the connection is listed")
        self.assertEqual(listed[0]["state"], "ESTABLISHED")
        s.close()
        hf.wait_for(lambda: name not in json.dumps(self.hf.json("show connections")), "it is gone")

    def test_drops_name_their_reasons(self):
        before = self.hf.drops()
        s = hf.connect(7)
        s.close()
        self.assertTrue(all(isinstance(v, int) for v in self.hf.drops().values()))
        self.assertTrue(set(before) <= set(self.hf.drops()))

    def test_clear_stats_begins_again(self):
        hf.connect(7).close()
        self.hf.wait_idle()
        self.hf.command("clear stats")
        self.assertEqual(sum(self.hf.drops().values()), 0)

    def test_help_lists_and_explains(self):
        text = self.hf.command("help")
        for word in ("set port", "set listen", "show", "capture", "drain", "quit"):
            self.assertIn(word, text)
        self.assertIn("drain", self.hf.command("help drain"))

    def test_stop_resets_what_is_open_and_start_serves_again(self):
        s = hf.connect(7)
        self.hf.command("stop")
        self.assertRaises(ConnectionResetError, s.recv, 1)
        s.close()
        self.hf.command("start")
        s = hf.connect(7)
        s.sendall(b"again")
        self.assertEqual(hf.read_exactly(s, 5), b"again")
        s.close()

    def test_show_config_is_a_command_file(self):
        text = self.hf.command("show config")
        for line in ("set listen 0.0.0.0:80 http", "set http body 100", f"ip {hf.SERVER}/{hf.NETWORK}"):
            self.assertIn(line, text)


class Ends(hf.unittest.TestCase):
    def start(self, *commands, **options):
        handfast = hf.Handfast((*hf.SERVICES, *commands), **options)
        self.addCleanup(handfast.discard)
        return handfast

    def page(self):
        s = hf.connect(80)
        s.sendall(GET)
        self.assertEqual(hf.Response(s).status, 200)
        return s

    def test_without_prompt_it_serves_until_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
                       signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU):
            with self.subTest(signal=number):
                handfast = self.start(interactive=False)
                s = self.page()
                handfast.signal(number)
                code, text = handfast.wait_end()
                self.assertEqual(code, 0, text)
                self.assertRegex(text, r"(?i)connection")  # the totals
                s.close()
                self.assertFalse(handfast._tap_exists())

    def test_a_signal_that_was_ignored_at_the_start_stays_so(self):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            handfast = self.start()
        finally:
            signal.signal(signal.SIGHUP, before)
        handfast.signal(signal.SIGHUP)
        self.page().close()
        self.assertIn("http", handfast.command("show listen"))
        self.assertEqual(handfast.quit()[0], 0)

    def test_a_signal_ends_a_capture_whole(self):
        handfast = self.start()
        handfast.capture_start()
        self.page().close()
        handfast.wait_idle()
        handfast.signal(signal.SIGHUP)
        code, text = handfast.wait_end()
        self.assertEqual(code, 0, text)
        self.assertEqual(hf.wirecheck.check(handfast.capture, hf.SERVER), [])
        self.assertEqual(len(hf.wirecheck.pcapng.connections(handfast.capture)), 1)

    def test_drain_lets_open_connections_end_and_refuses_new_ones(self):
        handfast = self.start("set http body 5000000")
        s = hf.connect(80, rcvbuf=4096)
        s.sendall(GET)
        hf.read_exactly(s, 1000)
        handfast.process.stdin.write(b"drain 60\n")
        handfast.process.stdin.flush()

        def refused():
            try:
                hf.connect(80).close()
            except (ConnectionRefusedError, ConnectionResetError):
                return True
            return False
        hf.wait_for(refused, "new connections are refused")
        total = 1000
        s.shutdown(hf.socket.SHUT_WR)
        while got := s.recv(1 << 16):
            total += len(got)
        self.assertGreater(total, 5_000_000)
        s.close()
        handfast._wait_text(lambda: handfast.text.rstrip().endswith(handfast.PROMPT.strip()))
        self.assertEqual(handfast.quit()[0], 0)

    def test_quit_with_connections_open_ends_them_in_order(self):
        handfast = self.start()
        s = self.page()
        self.assertEqual(handfast.quit()[0], 0)
        self.assertEqual(s.recv(1), b"")
        s.close()

    def test_commands_that_failed_on_a_pipe_are_no_success(self):
        handfast = self.start()
        self.assertIn("stdin:1: ", handfast.command("show nothing"))
        self.assertIn("http", handfast.command("show listen"))  # it goes on
        self.assertEqual(handfast.quit()[0], 3)

    def test_what_a_pipe_says_is_taken_as_it_is(self):
        handfast = self.start()
        lines = (("help x?y\tz", r"'x\?y' is not known"), ("set http file " + "x" * 2000, "longer than 1022"),
                 ("show\0 listen", "NUL"), ("show listen\x1b[A", r"control character: show listen\\x1b"))
        handfast.process.stdin.write("".join(line + "\n" for line, _ in lines).encode())
        handfast.process.stdin.flush()
        code, text = handfast.quit()
        for n, (_, words) in enumerate(lines):
            self.assertRegex(text, f"stdin:{n + 1}: .*{words}")
        self.assertEqual(code, 3)

    def test_the_end_of_standard_input_is_quit(self):
        handfast = self.start()
        handfast.process.stdin.close()
        self.assertEqual(handfast.process.wait(hf.DEADLINE), 0)

    def test_a_capture_that_was_not_stopped_is_whole(self):
        handfast = self.start()
        handfast.capture_start()
        self.page().close()
        handfast.wait_idle()
        self.assertEqual(handfast.quit()[0], 0)
        self.assertEqual(hf.wirecheck.check(handfast.capture, hf.SERVER), [])
        self.assertEqual(len(hf.wirecheck.pcapng.connections(handfast.capture)), 1)

    def test_a_capture_ends_at_its_limit(self):
        handfast = self.start()
        path = os.path.join(handfast.dir, "limited.pcapng")
        handfast.command(f"capture start {path} limit 5")
        for _ in range(5):
            self.page().close()
        hf.wait_for(lambda: "capture: 5 packets" in handfast.text, "the capture has ended")
        self.assertIn("has ended by itself", handfast.command("capture stop"), "which is no error")
        self.assertEqual(sum(1 for _ in hf.wirecheck.pcapng.packets(path)), 5)
        self.assertEqual(handfast.quit()[0], 0)


class Terminal(hf.unittest.TestCase):
    """The prompt on a terminal."""

    def test_tab_completes_and_up_repeats(self):
        ours, theirs = pty.openpty()
        command = [hf.PROGRAM, *hf.eal(), "--", "-i"]
        p = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
                             start_new_session=True)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        self.addCleanup(hf.shutil.rmtree, f"/var/run/dpdk/hf-{os.getpid()}", True)
        self.addCleanup(lambda: p.poll() is None and (p.kill(), p.wait()))
        self.seen = ""

        def until(word):
            """Read up to the word, and keep the text behind it."""
            end = time.monotonic() + hf.DEADLINE
            while word not in self.seen:
                self.assertLess(time.monotonic(), end, f"no {word!r} in {self.seen[-2000:]!r}")
                if select.select([ours], [], [], 0.1)[0]:
                    got = os.read(ours, 4096).decode("utf-8", "replace")
                    self.seen = hf.ANSI.sub("", self.seen + got)
            self.seen = self.seen.split(word, 1)[1]
        until(hf.Handfast.PROMPT)
        os.write(ours, b"sho\t")
        until("show ")
        os.write(ours, b"lc\t\n")
        until("lcore")
        until(hf.Handfast.PROMPT)
        os.write(ours, b"\x1b[A")
        until("show lcore")
        os.write(ours, b"\n")
        until(hf.Handfast.PROMPT)
        os.write(ours, b"nonsense\n")  # the message is enough: on a terminal it sets no exit code
        until("not known")
        until(hf.Handfast.PROMPT)
        os.write(ours, b"help " + b"x" * 700 + b"\n")
        until("at most 511 bytes")
        until(hf.Handfast.PROMPT)
        os.write(ours, b"quit\n")
        self.assertEqual(p.wait(hf.DEADLINE), 0)


if __name__ == "__main__":
    hf.main()
