#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One side takes its time: a client that reads slowly, an application that does not
take what came, small writes, clients that vanish. Nothing is lost on this wire, so
whatever is sent again is somebody's fault. Counts are judged, never seconds.
"""
import os
import socket
import threading
import time

import hf
import lossy
import pcapng

SERVER = hf.SERVER
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
BODY = lossy.content(1 << 20)
MSS = 1448
FEW = 5        # of what a machine that stands still for a moment may add to any count
RTO_S = 0.2    # at the least; a longer pause meets the timers
SHORT_S, LONG_S = RTO_S / 20, RTO_S * 3


def kernel():
    """What the client's TCP counts."""
    met = {}
    for file, group in (("snmp", "Tcp:"), ("netstat", "TcpExt:")):
        with open(f"/proc/net/{file}", encoding="ascii") as f:
            names, values = [line.split()[1:] for line in f if line.startswith(group)]
        met.update(zip(names, map(int, values)))
    return met


class Paced(hf.Case):
    @classmethod
    def setUpClass(cls):
        page = cls.enterClassContext(lossy.page(BODY))
        cls.commands = (*hf.SERVICES, f"set http file {page}")
        super().setUpClass()

    def setUp(self):
        self.ours = {name: self.hf.counter(name) for name in ("segments_retransmitted", "rto_fired")}
        self.theirs = kernel()
        self.dropped = self.hf.drops()

    def nothing_sent_again(self):
        """By Handfast, and by the kernel but for its probes of a tail."""
        for name, n in self.ours.items():
            self.assertLess(self.hf.counter(name) - n, FEW, name)
        now = kernel()
        again = now["RetransSegs"] - self.theirs["RetransSegs"]
        self.assertLess(again, now["TCPLossProbes"] - self.theirs["TCPLossProbes"] + FEW, self.drops_since())

    def drops_since(self):
        return {k: n - self.dropped.get(k, 0) for k, n in self.hf.drops().items() if n != self.dropped.get(k, 0)}


class SlowReaders(Paced):
    """Handfast waits: for a window, and no longer than for that."""

    def read(self, step, pause, rcvbuf, size=len(BODY)):
        with hf.connect(80, rcvbuf=rcvbuf) as s:
            body, _ = lossy.get_slowly(s, "/", step, pause)
        self.assertEqual(lossy.digest(body), lossy.digest(BODY))

    def test_short_pauses(self):
        for rcvbuf in (4 << 10, 32 << 10, 256 << 10):
            self.read(rcvbuf, SHORT_S, rcvbuf)
        self.nothing_sent_again()

    def test_pauses_longer_than_the_timeout(self):
        """A closed window is probed; nothing goes again that was under way."""
        probes = self.hf.counter("zero_window_probes")
        readers = [threading.Thread(target=self.read, args=(len(BODY) // 4, LONG_S, 64 << 10)) for _ in range(4)]
        for r in readers:
            r.start()
        for r in readers:
            r.join(hf.DEADLINE)
        self.assertFalse(any(r.is_alive() for r in readers))
        self.assertGreater(self.hf.counter("zero_window_probes"), probes)
        self.nothing_sent_again()

    def test_a_byte_at_a_time(self):
        """The silly window (RFC 9293 3.8.6.2): it may not be answered with small segments."""
        with hf.connect(80, rcvbuf=4096) as s:
            s.sendall(GET)
            for _ in range(2000):
                hf.read_exactly(s, 1)
            hf.reset(s)
        self.nothing_sent_again()

    def test_silence_that_ends(self):
        """So long that probes come further apart; then all of it at once."""
        with hf.connect(80, rcvbuf=16 << 10) as s:
            s.sendall(GET)
            hf.wait_for(lambda: self.hf.counter("zero_window_probes") > 3, "some probes")
            answer = hf.Response(s)
        self.assertEqual(lossy.digest(answer.body), lossy.digest(BODY))
        self.nothing_sent_again()


class SlowApplications(Paced):
    """The kernel waits: what the service does not take is held, and its window closes.
    None of it comes twice (back-pressure is no loss)."""

    def stuff(self, s, data):
        """A thread that says it all, as far as the window lets it."""
        def speak():
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        self.addCleanup(speaker.join, hf.DEADLINE)

    def echo(self, step, pause, rcvbuf):
        """Echo takes no more while its answers are not read."""
        data = BODY
        with hf.connect(7, rcvbuf=rcvbuf) as s:
            self.stuff(s, data)
            got = bytearray()
            while len(got) < len(data):
                time.sleep(pause)
                got += hf.read_exactly(s, min(step, len(data) - len(got)))
            self.assertEqual(s.recv(1), b"")
        self.assertEqual(lossy.digest(got), lossy.digest(data))

    def test_echo_with_short_pauses(self):
        for rcvbuf in (4 << 10, 64 << 10):
            self.echo(64 << 10, SHORT_S, rcvbuf)
        self.nothing_sent_again()

    def test_echo_with_pauses_longer_than_the_timeout(self):
        self.echo(len(BODY) // 4, LONG_S, 16 << 10)
        self.nothing_sent_again()

    def test_a_thousand_requests_whose_answers_are_not_read(self):
        """http reads no further request while 256 KB of answers wait."""
        with hf.connect(80, rcvbuf=64 << 10) as s:
            self.stuff(s, GET * 40 + HEAD * 1000)
            time.sleep(LONG_S)
            for _ in range(40):
                self.assertEqual(lossy.digest(hf.Response(s).body), lossy.digest(BODY))
            for _ in range(1000):
                self.assertEqual(hf.Response(s, head_only=True).length, len(BODY))
            self.assertEqual(s.recv(1), b"")
        self.nothing_sent_again()

    def test_a_large_post_behind_answers_that_are_not_read(self):
        post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + bytes(500_000)
        with hf.connect(80, rcvbuf=64 << 10) as s:
            self.stuff(s, GET * 4 + post + GET)
            time.sleep(LONG_S)
            for status in (200, 200, 200, 200, 405, 200):
                self.assertEqual(hf.Response(s).status, status)
        self.nothing_sent_again()

    def test_discard_is_never_slow(self):
        with hf.connect(9) as s:
            lossy.give(s, BODY * 4)
        self.nothing_sent_again()


class SmallWrites(Paced):
    """MUST-38 of RFC 9293: small writes of one turn leave as full segments."""

    def segments(self, path, port):
        """(data segments from us, data segments to us, bytes from us) of the last connection of a port."""
        c = [c for c in pcapng.connections(path) if c.server[1] == port][-1]
        out = [s.len for s in c.segments if s.src == c.server and s.len]
        return out, [s.len for s in c.segments if s.dst == c.server and s.len]

    def captured(self, name):
        path = os.path.join(self.hf.dir, name)
        self.hf.capture_stop()
        self.hf.capture_start(name)
        return path

    def test_answers_to_pipelined_requests(self):
        """Each answer is a write of some 200 bytes; a segment of requests brings some 40."""
        path = self.captured("pipelined.pcapng")
        with hf.connect(80) as s:
            s.sendall(HEAD * 2000)
            for _ in range(2000):
                hf.Response(s, head_only=True)
        self.hf.wait_idle()
        self.hf.capture_stop()
        out, into = self.segments(path, 80)
        self.hf.capture_start()
        # The last segment of what one segment brought need not be full.
        full = sum(out) // MSS
        self.assertLessEqual(len(out), full + 2 * len(into), f"{sum(out)} bytes, {sorted(out)[:20]}")

    def test_what_waited_for_a_window(self):
        """Many small messages are echoed into a closed window; it opens wide."""
        path = self.captured("waited.pcapng")
        with hf.connect(7) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for n in range(200):
                s.sendall(b"%09d\n" % n)
            self.assertEqual(hf.read_exactly(s, 2000), b"".join(b"%09d\n" % n for n in range(200)))
        self.hf.wait_idle()
        self.hf.capture_stop()
        out, into = self.segments(path, 7)
        self.hf.capture_start()
        self.assertLessEqual(len(out), len(into))


class Vanished(hf.Case):
    """The cable is pulled: nobody says another word, and none of them stays for ever."""
    commands = (*hf.SERVICES, "set http body 4000000")


if __name__ == "__main__":
    hf.main()
