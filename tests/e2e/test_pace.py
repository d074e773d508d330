#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One side is slow: a client that reads slowly, an application that does not take all bytes,
small writes. This wire loses nothing, so every retransmission is a fault of one side. Counts
are judged, never seconds.
"""
import fcntl
import socket
import struct
import termios
import threading
import time

import hf
import lossy
import wirecheck
from wirecheck import pcapng

SERVER = hf.SERVER
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
BODY = lossy.content(1 << 20)
MSS = 1448
MESSAGES = 380  # more than the window holds, and no more than one connection may queue
FEW = 5        # a busy machine may add this many to any count
RTO_S = 0.2    # the least RTO; a longer pause reaches the timers
COUNTED = ("segments_retransmitted", "rto_fired", "fast_retransmits", "zero_window_probes")
SHORT_S, LONG_S = RTO_S / 20, RTO_S * 3


def kernel():
    """The counters of the client's TCP."""
    met = {}
    for file, group in (("snmp", "Tcp:"), ("netstat", "TcpExt:")):
        with open(f"/proc/net/{file}", encoding="ascii") as f:
            names, values = [line.split()[1:] for line in f if line.startswith(group)]
        met.update(zip(names, map(int, values)))
    return met


def unacked(s):
    """Octets in the socket's queue that the peer has not acknowledged."""
    return struct.unpack("i", fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)))[0]


class Paced(hf.Case):
    @classmethod
    def setUpClass(cls):
        page = cls.enterClassContext(lossy.page(BODY))
        cls.commands = (*hf.SERVICES, f"set http file {page}")
        super().setUpClass()

    def setUp(self):
        self.ours = {name: self.hf.counter(name) for name in COUNTED}
        self.theirs = kernel()
        self.dropped = self.hf.drops()

    def nothing_sent_again(self):
        """Retransmissions by Handfast, without the octet that probes a closed window, and by
        the kernel, without its probes of a tail."""
        rose = {name: self.hf.counter(name) - n for name, n in self.ours.items()}
        self.assertEqual(rose["fast_retransmits"], 0, rose)
        self.assertLess(rose["rto_fired"], FEW, rose)
        self.assertLess(rose["segments_retransmitted"], rose["zero_window_probes"] + FEW, rose)
        now = kernel()
        again = now["RetransSegs"] - self.theirs["RetransSegs"]
        self.assertLess(again, now["TCPLossProbes"] - self.theirs["TCPLossProbes"] + FEW, self.drops_since())

    def drops_since(self):
        return {k: n - self.dropped.get(k, 0) for k, n in self.hf.drops().items() if n != self.dropped.get(k, 0)}


class SlowReaders(Paced):
    """Handfast waits for a window, and no longer."""

    def read(self, step, pause, rcvbuf):
        with hf.connect(80, rcvbuf=rcvbuf) as s:
            body, _ = lossy.get_slowly(s, "/", step, pause)
        self.assertEqual(lossy.digest(body), lossy.digest(BODY))

    def test_short_pauses(self):
        for rcvbuf in (4 << 10, 32 << 10, 256 << 10):
            self.read(rcvbuf, SHORT_S, rcvbuf)
        self.nothing_sent_again()

    def test_pauses_longer_than_the_timeout(self):
        """A closed window is probed, and no segment in flight is sent again."""
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
        """A pause so long that probes come further apart; then the client reads all at once."""
        with hf.connect(80, rcvbuf=16 << 10) as s:
            s.sendall(GET)
            hf.wait_for(lambda: self.hf.counter("zero_window_probes") > 3, "some probes")
            answer = hf.Response(s)
        self.assertEqual(lossy.digest(answer.body), lossy.digest(BODY))
        self.nothing_sent_again()


class SlowApplications(Paced):
    """The kernel waits: bytes that the service does not take are held, and the window closes.
    No byte comes twice: back-pressure is no loss."""

    def nothing_sent_again(self):
        self.assertNotIn("tcp_app_full", self.drops_since())
        super().nothing_sent_again()

    def stuff(self, s, data):
        """A thread that sends all, as far as the window allows."""
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
    """MUST-38 of RFC 9293: small writes leave as full segments if possible."""
    capture = False  # each test has its own

    def captured(self, port, do):
        """The segments with text, in order: (from us?, length)."""
        self.hf.capture_start(f"{self.id()}.pcapng")
        with hf.connect(port, **{"rcvbuf": 2048} if port == 7 else {}) as s:
            do(s)
        self.hf.wait_idle()
        path = self.hf.capture_stop()
        self.assertEqual(wirecheck.check(path, SERVER), [])
        c, = pcapng.connections(path)
        return [(s.src == c.server, s.len) for s in c.segments if s.len]

    def test_answers_to_pipelined_requests(self):
        """Each answer is its own write, and a segment of requests causes some 40 answers."""
        def do(s):
            s.sendall(HEAD * 2000)
            for _ in range(2000):
                hf.Response(s, head_only=True)
        texts = self.captured(80, do)
        out = [n for ours, n in texts if ours]
        brought = len(texts) - len(out)
        # The last answer segment for a segment of requests need not be full.
        self.assertLessEqual(len(out), sum(out) // MSS + 2 * brought, f"{sum(out)} bytes, {sorted(out)[:20]}")

    def test_what_waited_for_a_window(self):
        """Messages of ten bytes are echoed into a window that is closed, until all have come."""
        messages = [b"%09d\n" % n for n in range(MESSAGES)]

        def do(s):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for m in messages:  # a segment each
                s.sendall(m)
                while unacked(s):
                    time.sleep(0)
            self.assertEqual(hf.read_exactly(s, 10 * MESSAGES), b"".join(messages))
        texts = self.captured(7, do)
        last = max(i for i, (ours, _) in enumerate(texts) if not ours)
        late = [n for ours, n in texts[last + 1:] if ours and n > 1]  # 1: a probe
        self.assertGreater(sum(late), MSS)
        # The window is small, too: at most half of it need not be used (RFC 9293 3.8.6.2.1).
        self.assertLessEqual(len(late), sum(late) // 512 + FEW, late)


if __name__ == "__main__":
    hf.main()
