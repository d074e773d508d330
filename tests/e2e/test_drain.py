#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The end in order, by `drain`, signals and `quit`, with clients that keep connections."""
import signal
import subprocess
import threading

import hf

hf.require("curl", "wrk")

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Keeper(threading.Thread):
    """A client that sends requests on one connection, and notes how each connection ended."""

    def __init__(self):
        super().__init__(daemon=True)
        self.answers = self.farewells = 0
        self.wrong = []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                s = hf.connect(80)
            except OSError:
                return  # the program has ended, or it refuses connections
            with s:
                try:
                    if not self.converse(s):
                        self.wrong.append("a FIN in the midst of questions")
                except (OSError, AssertionError) as e:
                    self.wrong.append(repr(e))
                    return

    def converse(self, s):
        while not self.over.is_set():
            s.sendall(GET)
            r = hf.Response(s)
            self.answers += r.status == 200
            if r.fields.get("connection") == "close":
                self.farewells += 1
                return s.recv(1) == b""
        return True


class Ends(hf.unittest.TestCase):
    options = {}

    def start(self, *commands, **options):
        handfast = hf.Handfast((*hf.SERVICES, *commands), **self.options, **options)
        self.addCleanup(handfast.discard)
        return handfast

    def begin(self, handfast, how):
        if isinstance(how, str):
            handfast.process.stdin.write(how.encode() + b"\n")
            handfast.process.stdin.flush()
        else:
            handfast.signal(how)

    def end(self, handfast, how, cut=0):
        """Expect exit code 0, and `cut` connections that were cut off."""
        if isinstance(how, str) and how.startswith("drain"):
            handfast._wait_text(lambda: "stopped: " in handfast.text)
            code, text = handfast.quit()
        else:
            code, text = handfast.wait_end()
        self.assertEqual(code, 0, text)
        if cut:
            self.assertIn(f"{cut} connection{'s' if cut > 1 else ''} had not ended and {'were' if cut > 1 else 'was'} reset", text)
        else:
            self.assertNotIn("had not ended", text)
        return text

    def page(self):
        s = hf.connect(80)
        s.sendall(GET)
        r = hf.Response(s)
        self.assertEqual(r.status, 200)
        self.assertNotIn("connection", r.fields)
        return s

    EVERY_WAY = ("drain 60", signal.SIGTERM, signal.SIGINT, "quit")


class Busy(Ends):
    def test_clients_are_told_and_see_no_reset(self):
        for how in self.EVERY_WAY:
            with self.subTest(how=how):
                handfast = self.start()
                clients = [Keeper() for _ in range(8)]
                for c in clients:
                    c.start()
                hf.wait_for(lambda: all(c.answers > 20 for c in clients), "they are busy")
                self.begin(handfast, how)
                self.end(handfast, how)
                for c in clients:
                    c.over.set()
                    c.join(hf.DEADLINE)
                self.assertEqual([c.wrong for c in clients], [[]] * 8)
                # Two are possible: the first core drains, and the second one is told a little later.
                self.assertTrue(all(1 <= c.farewells <= 2 for c in clients), [c.farewells for c in clients])


class BusyCores(Busy):
    options = {"lcores": "0@0,1@0,2@1"}
    EVERY_WAY = ("drain 60", signal.SIGTERM)


class Keeping(Ends):
    EVERY_WAY = ("drain 60", signal.SIGTERM)

    def test_an_idle_one_gets_a_fin(self):
        for how in self.EVERY_WAY:
            with self.subTest(how=how):
                handfast = self.start()
                idle, silent = self.page(), hf.connect(80)
                self.begin(handfast, how)
                self.assertEqual(idle.recv(1), b"")
                self.assertEqual(silent.recv(1), b"")
                idle.close()
                silent.close()
                self.end(handfast, how)

    def test_one_that_does_not_close_its_half_is_not_waited_for(self):
        """The client has its whole response, so the end does not wait 600 s for its FIN."""
        handfast = self.start("set drain-time 600")
        with self.page() as s:
            self.begin(handfast, signal.SIGTERM)
            self.end(handfast, signal.SIGTERM)
            self.assertEqual(s.recv(1), b"")

    def test_wrk_counts_no_error_in_reading(self):
        handfast = self.start()
        wrk = subprocess.Popen(["wrk", "-t1", "-c32", "-d4s", f"http://{hf.SERVER}/"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: wrk.poll() is None and (wrk.kill(), wrk.wait()))
        hf.wait_for(lambda: handfast.counter("text_bytes_out") > 1000000, "it is busy")
        self.begin(handfast, "drain 60")
        handfast._wait_text(lambda: "stopped: " in handfast.text)
        self.assertIn("no connection was cut off", handfast.text)
        said = wrk.communicate(timeout=hf.DEADLINE)[0]
        self.assertNotRegex(said, r"Socket errors: connect \d+, read [1-9]", said)
        self.assertEqual(handfast.quit()[0], 0)

    def test_curl_is_told(self):
        hf.sysctl("net.ipv4.tcp_rmem", "4096 65536 131072")  # a small buffer, so that curl reads late
        self.addCleanup(hf.sysctl, "net.ipv4.tcp_rmem", "4096 131072 6291456")
        handfast = self.start("set http body 3000000", "set drain-time 60")
        curl = subprocess.Popen(["curl", "-sS", "-v", "--limit-rate", "1M", "-o", "/dev/null", "-o", "/dev/null",
                                 f"http://{hf.SERVER}/", f"http://{hf.SERVER}/"], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: curl.poll() is None and (curl.kill(), curl.wait()))
        hf.wait_for(lambda: handfast.counter("text_bytes_in") > 0, "it has asked")
        self.begin(handfast, signal.SIGTERM)
        said = curl.communicate(timeout=hf.DEADLINE)[0]
        self.assertEqual(curl.returncode, 0, said)
        self.assertEqual(said.count("Connection: close"), 1, said)
        self.end(handfast, signal.SIGTERM)


class Downloads(Ends):
    EVERY_WAY = ("drain 60", "quit")

    def slow(self, handfast):
        s = hf.connect(80, rcvbuf=4096)
        s.sendall(GET)
        hf.read_exactly(s, 1000)
        return s

    def test_what_is_under_way_ends_whole(self):
        for how in self.EVERY_WAY:
            with self.subTest(how=how):
                handfast = self.start("set http body 3000000", "set drain-time 60")
                with self.slow(handfast) as s:
                    self.begin(handfast, how)
                    hf.wait_for(self.refused, "new connections are refused")
                    self.assertGreater(len(hf.read_all(s)), 2999000)
                self.end(handfast, how)

    @staticmethod
    def refused():
        try:
            hf.connect(80).close()
        except OSError:
            return True
        return False

    def test_what_lasts_longer_is_cut_off_and_counted(self):
        for how in ("drain 1", signal.SIGTERM):
            with self.subTest(how=how):
                handfast = self.start("set http body 3000000", "set drain-time 1")
                with self.slow(handfast) as s, self.slow(handfast) as t:
                    self.begin(handfast, how)
                    self.end(handfast, how, cut=2)
                    self.assertRaises(ConnectionResetError, hf.read_all, s)
                    self.assertRaises(ConnectionResetError, hf.read_all, t)

    def test_a_second_signal_ends_at_once(self):
        handfast = self.start("set http body 3000000", "set drain-time 600")
        with self.slow(handfast) as s:
            self.begin(handfast, signal.SIGTERM)
            hf.wait_for(self.refused, "new connections are refused")
            handfast._wait_text(lambda: "waiting for 1 connection" in handfast.text)
            self.begin(handfast, signal.SIGTERM)
            self.end(handfast, signal.SIGTERM, cut=1)
            self.assertRaises(ConnectionResetError, hf.read_all, s)

    def test_a_signal_ends_what_quit_waits_for(self):
        handfast = self.start("set http body 3000000", "set drain-time 600")
        with self.slow(handfast):
            self.begin(handfast, "quit")
            hf.wait_for(self.refused, "new connections are refused")
            self.begin(handfast, signal.SIGINT)
            self.end(handfast, signal.SIGINT, cut=1)

    def test_no_time_at_all(self):
        handfast = self.start("set drain-time 0")
        self.assertIn("set drain-time 0", handfast.command("show config"))
        with self.page() as s:
            self.begin(handfast, signal.SIGTERM)
            self.end(handfast, signal.SIGTERM, cut=1)
            self.assertRaises(ConnectionResetError, s.recv, 1)


class Others(Ends):
    def test_echo_discard_and_chargen_end_in_order(self):
        handfast = self.start("set drain-time 60")
        with hf.connect(7) as echo, hf.connect(9) as discard, hf.connect(19) as chargen:
            echo.sendall(b"under way")
            discard.sendall(b"x" * 1000)
            hf.read_exactly(chargen, 1000)
            self.begin(handfast, signal.SIGTERM)
            self.assertEqual(discard.recv(1), b"")
            self.assertEqual(hf.read_all(chargen)[-2:], b"\r\n")
            self.assertEqual(hf.read_all(echo), b"under way")
        self.end(handfast, signal.SIGTERM)


class ManyCut(Ends):
    """More connections are cut off than a port's transmit queue has room for resets."""
    CONNS = 3000
    options = {"arguments": ("--max-conns", "8192")}

    def test_each_gets_its_reset(self):
        hf.more_files(4096)
        handfast = self.start("set drain-time 0")
        socks = [hf.connect(9) for _ in range(self.CONNS - 1)] + [hf.connect(7)]
        socks[-1].sendall(b"x")
        self.assertEqual(socks[-1].recv(1), b"x")  # so the ACKs of all handshakes have arrived
        self.begin(handfast, signal.SIGTERM)
        text = self.end(handfast, signal.SIGTERM, cut=self.CONNS)
        self.assertNotIn("could not be sent", text)
        for s in socks:
            self.assertRaises(ConnectionResetError, s.recv, 1)
            s.close()


if __name__ == "__main__":
    hf.main()
