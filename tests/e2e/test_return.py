#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients that connect again from the same address and port while we hold their last
connection in TIME-WAIT, and strangers that attack such a flow. TIME-WAIT lasts longer here
than any test, so a client that connects has reopened it.
"""
import socket
import struct
import threading

import hf
import hostile
from hostile import ACK, FIN, PSH, RST, SYN, tcp

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
AGES = 3600  # a TIME-WAIT that does not end during a test


def fetch(port):
    """Fetch a page from this source port; the server closes first, and TIME-WAIT is on its side."""
    with socket.socket() as s:
        s.settimeout(hf.DEADLINE)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((hf.CLIENT, port))
        s.connect((hf.SERVER, 80))
        s.sendall(GET)
        status = hf.Response(s).status
        assert s.recv(1) == b"", "the server does not close"
    return status


class Returning(hf.Case):
    commands = (*hf.SERVICES, "set http close on")
    options = {"arguments": ("--time-wait", str(AGES))}
    capture = False  # the hosts that the tests imitate break the rules


class Kernel(Returning):
    """Linux, with timestamps, without them, and with a change between two connections, as
    after a restart."""
    PORTS = 16
    begin = 40000

    def setUp(self):
        Kernel.begin += 100
        self.addCleanup(hf.sysctl, "net.ipv4.tcp_timestamps", 1)

    def fetch_all(self, timestamps):
        """From each port at the same time."""
        hf.sysctl("net.ipv4.tcp_timestamps", timestamps)
        got = {}

        def one(port):
            try:
                got[port] = fetch(port)
            except OSError as e:
                got[port] = e
        ports = range(self.begin, self.begin + self.PORTS)
        threads = [threading.Thread(target=one, args=(p,)) for p in ports]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(got, dict.fromkeys(ports, 200))

    def check(self, *timestamps):
        for how in timestamps:
            self.fetch_all(how)
            self.hf.wait_idle()

    def check_reopened(self, *timestamps):
        """... by the SYN itself."""
        reopened = self.hf.counter("tw_reopened")
        self.check(*timestamps)
        self.assertEqual(self.hf.counter("tw_reopened") - reopened, self.PORTS * (len(timestamps) - 1))

    def test_with_timestamps(self):
        self.check_reopened(1, 1, 1)

    def test_without(self):
        self.check_reopened(0, 0, 0)

    def test_now_with_now_without(self):
        self.check_reopened(0, 1, 0, 1)

    def test_timestamps_of_another_origin(self):
        """2: without the flow's random offset. Half of the flows go back in time by that."""
        self.check(1, 2, 1)


class Flow(hostile.Flow):
    """With timestamps, or without them; the server closes first."""

    def __init__(self, host, seq, tsval=None):
        self.tsval, self.tsecr = tsval, 0
        super().__init__(host, 80, seq, options=self.stamp())

    def stamp(self):
        return b"" if self.tsval is None else struct.pack("!BBBBII", 1, 1, 8, 10, self.tsval, self.tsecr)

    def make(self, flags=ACK, text=b"", dseq=0, dack=0, **more):
        return super().make(flags, text, dseq, dack, options=self.stamp(), **more)

    def say(self, flags=ACK, text=b"", **more):
        heard = super().say(flags, text, **more)
        for s in heard:
            if self.tsval is not None and s.options[:4] == b"\1\1\x08\x0a":
                self.tsecr = struct.unpack("!I", s.options[4:8])[0]
        return heard

    def page(self):
        """A connection to its end; then TIME-WAIT is on the server's side."""
        got = self.says_well(GET)
        heard = self.say(FIN | ACK)
        assert [s.flags for s in heard] == [ACK], heard
        self.seq += 1
        assert heard[0].ack == self.seq & 0xffffffff, heard
        return got

    def syn(self, seq):
        return self.segments(tcp(self.lport, 80, SYN, seq, options=self.stamp()))

    def segments(self, *segments):
        return [s for s in self.host.segments(*segments) if s.dport == self.lport]


class Raw(Returning):
    """A host that lost its state: its ISN and its timestamps are below the old ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = hostile.Host()
        cls.addClassCleanup(cls.host.close)

    def old(self, tsval=None):
        f = Flow(self.host, 0x50000000, tsval)
        self.assertTrue(f.page().startswith(b"HTTP/1.1 200"))
        if tsval is not None:
            f.tsval, f.tsecr = tsval - 1000, 0
        return f

    def challenged(self, f, seq):
        """The answer to a SYN below the old connection's numbers."""
        # In some seconds an address gets few of these answers (docs/decisions/0011).
        heard = hf.wait_for(lambda: f.syn(seq), "an answer")
        self.assertEqual([s.flags for s in heard], [ACK], heard)
        self.assertEqual((heard[0].seq, heard[0].ack), (f.ack & 0xffffffff, f.seq & 0xffffffff))
        return heard[0]

    def lets_in(self, f, seq):
        heard = f.syn(seq)
        self.assertEqual([(s.flags, s.ack) for s in heard], [(SYN | ACK, seq + 1)], heard)
        f.seq, f.ack = seq + 1, heard[0].seq + 1
        f.say(ACK)
        self.assertTrue(f.page().startswith(b"HTTP/1.1 200"))

    def check_proof(self, tsval=None):
        f = self.old(tsval)
        ack = self.challenged(f, 1000)
        # RFC 9293 3.10.7.3: an unacceptable segment in SYN-SENT is reset, at its ACK field.
        self.assertEqual(f.segments(tcp(f.lport, 80, RST, ack.ack)), [])
        self.lets_in(f, 1000)

    def test_the_answer_to_the_challenge_lets_it_in(self):
        self.check_proof()

    def test_with_timestamps_too(self):
        self.check_proof(tsval=0x40000000)

    def test_a_newer_syn_needs_no_proof(self):
        f = self.old()
        self.lets_in(f, f.seq + 1_000_000)

    def test_a_reset_without_a_challenge_ends_nothing(self):
        """RFC 1337: a RST ends no TIME-WAIT, whatever its number."""
        for off in (0, 1, -1, 1000):
            f = self.old()
            self.assertEqual(f.segments(f.make(RST, dseq=off), tcp(f.lport, 80, RST, f.seq + off)), [])
            self.challenged(f, 1000)

    def test_a_reset_of_another_number_is_no_proof(self):
        f = self.old()
        self.challenged(f, 1000)
        for off in (-1, 1, 1000, -1000, 1 << 31):
            self.assertEqual(f.segments(tcp(f.lport, 80, RST, f.seq + off)), [])
        self.challenged(f, 1000)

    def test_a_syn_alone_is_no_proof(self):
        f = self.old()
        for _ in range(5):
            self.challenged(f, 1000)

    def test_what_is_late_is_still_kept_off(self):
        """An old segment ends nothing, and gets the last ACK again."""
        f = self.old()
        late = hf.wait_for(lambda: f.segments(f.make(PSH | ACK, GET, dseq=-len(GET) - 1)), "an answer")
        self.assertEqual([s.flags for s in late], [ACK])
        self.challenged(f, 1000)


if __name__ == "__main__":
    hf.main()
