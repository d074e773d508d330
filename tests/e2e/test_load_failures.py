#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads on servers that fail, each in its own way: every connection counts as that error
and as no other, and no state of it is left."""
import collections
import contextlib
import os
import socket
import struct
import threading

import hf
import loads
import peers
import wirecheck
from pcapng import SYN
from test_link import checksum

NOBODY = "192.0.2.77"    # on the link, without a host
SILENT = "198.51.100.9"  # behind the kernel, which drops packets to it
BARRED = "198.51.100.10"  # behind the kernel, which answers with an ICMP error
FILTERED = "198.51.100.11"  # behind the kernel, which answers that a filter forbids it
FEW = "rate 10 duration 1 warmup 0"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class BadAnswers(loads.LoadCase):
    def fails(self, kind, temper, options=loads.SMALL, scheme="http"):
        with peers.Peer(temper) as peer:
            report = self.all_fail(kind, peer.url(scheme), options)
        self.assertEqual(peer.accepted, report["attempted"])
        return peer

    def test_it_closes_without_an_answer(self):
        self.fails("short_answer", peers.closes_without_an_answer)

    def test_it_closes_within_the_answer(self):
        for text in (b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n", peers.HALF, CHUNKED + b"5\r\nhello\r\n"):
            with self.subTest(text=text):
                self.fails("short_answer", peers.answers_and_closes(text))

    def test_it_closes_each_time_without_an_answer(self):
        """A server may close after an answer; a connection without any answer is an error."""
        answered = []

        def temper(_, s):
            if peers.request(s) and not answered:
                answered.append(True)
                s.sendall(peers.OK)
                peers.request(s)
        with peers.Peer(temper) as peer:
            report = self.load(peer.url(), "concurrency 1 duration 1 warmup 0 requests-per-connection 2 close fin")
        type(self).exit_code = loads.MISSED
        self.assertEqual(report["closed_idle"], 1)
        self.assertEqual(report["errors"]["short_answer"], report["attempted"], report["errors"])
        self.assertEqual(peer.accepted, report["attempted"] + 1)

    def test_it_says_what_is_no_answer(self):
        for text in (b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc OK\r\n\r\n", bytes(1000),
                     b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", CHUNKED + b"xyz\r\n"):
            with self.subTest(text=text[:20]):
                self.fails("bad_answer", peers.says_and_waits(text))

    def test_it_says_more_than_it_announced(self):
        for text in (peers.OK + b"!", peers.OK * 2):
            with self.subTest(text=text[-5:]):
                self.fails("bad_answer", peers.says_and_waits(text))

    def test_its_status_is_an_error(self):
        for status in (b"404 Not Found", b"500 Internal Server Error"):
            text = b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
            for close in ("server", "fin", "rst"):
                with self.subTest(status=status, close=close):
                    self.fails("bad_status", peers.says_and_waits(text), f"{loads.SMALL} close {close}")

    def test_its_echo_is_something_else(self):
        self.fails("bad_answer", peers.echoes_something_else, scheme="echo")


class Silence(loads.LoadCase):
    fails = BadAnswers.fails

    def test_it_never_answers(self):
        peer = self.fails("timeout", peers.never_answers, f"{FEW} timeout 700")
        self.assertEqual(peer.surprises, [])

    def test_its_answer_does_not_go_on(self):
        self.fails("timeout", peers.says_and_waits(peers.HALF), f"{FEW} timeout 700")

    def test_it_does_not_close_after_we_have(self):
        def temper(peer, s):
            peers.request(s)
            s.sendall(peers.OK)
            hf.read_all(s)
            peer.over.wait(hf.DEADLINE)
        self.fails("timeout", temper, f"{FEW} timeout 700 close fin")


class Resets(loads.LoadCase):
    fails = BadAnswers.fails

    def test_a_port_without_a_listener(self):
        self.all_fail("refused", f"http://{hf.CLIENT}:4/")

    def test_reset_as_soon_as_accepted(self):
        self.fails("reset", peers.resets_at_once)

    def test_reset_instead_of_an_answer(self):
        def temper(_, s):
            peers.request(s)
            hf.reset(s)
        self.fails("reset", temper)

    def test_reset_within_the_answer(self):
        self.fails("reset", peers.resets_within_the_answer)

    def test_reset_instead_of_a_close(self):
        def temper(_, s):
            peers.request(s)
            s.sendall(peers.CLOSING)
            hf.reset(s)
        self.fails("reset", temper)


@contextlib.contextmanager
def says_port_unreachable(address):
    """ICMP for each SYN to an address (RFC 792: type 3, code 3)."""
    over = threading.Event()

    def answer(wire, out):
        while not over.is_set():
            try:
                frame = wire.recv(2048)
            except socket.timeout:
                continue
            if frame[23] == 6 and frame[30:34] == socket.inet_aton(address):
                quoted = frame[14:42]
                text = struct.pack(">BBHI", 3, 3, 0, 0) + quoted
                out.sendto(text[:2] + struct.pack(">H", checksum(text)) + text[4:], (hf.SERVER, 0))

    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as wire, \
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as out:
        wire.bind((hf.TAP, 0x0800))
        wire.settimeout(0.2)
        thread = threading.Thread(target=answer, args=(wire, out))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class NoNeighbour(loads.LoadCase):
    options = {"arguments": ("--load-wait", "2")}
    exit_code = loads.ENVIRONMENT

    def test_an_address_without_a_host(self):
        """The load waits for an answer to ARP, and never begins without one."""
        self.load_begin(f"http://{NOBODY}/", FEW)
        hf.wait_for(lambda: "nothing was measured" in self.hf.text, "the end of the wait")
        self.assertIn(f"error: no answer to ARP for {NOBODY} (port 0) within 2 s", self.hf.text)
        self.assertIn(f"ip addr add {NOBODY}/24 dev {hf.TAP}", self.hf.text)
        self.assertNotIn("CPS", self.hf.text)
        self.assertFalse(os.path.exists(self.report_path))
        self.assertIn("no answer to ARP", self.hf.command("show load"))


class LongWait(loads.LoadCase):
    """More microseconds than 32 bits hold."""
    options = {"arguments": ("--load-wait", "4295")}
    exit_code = loads.MISSED  # no connection was completed

    def test_it_goes_on(self):
        self.load_begin(f"http://{NOBODY}/", FEW)
        hf.wait_for(lambda: f"waiting for an answer to ARP for {NOBODY} (port 0), 4295 s at most" in self.hf.text,
                    "it says for what it waits")
        self.hf.command("stop load")
        hf.wait_for(lambda: os.path.exists(self.report_path), "the report")
        self.assertIn("The load was stopped before it began", " ".join(self.hf.text.split()))
        self.assertNotIn("longer than its warm-up", " ".join(self.hf.text.split()))


class NoWay(loads.LoadCase):
    capture = False  # each test has its own

    def setUp(self):
        self.hf.capture_start(self.id() + ".pcapng")
        self.addCleanup(self.hf.capture_stop)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.sysctl("net.ipv4.ip_forward", 1)
        hf.sysctl("net.ipv4.icmp_ratelimit", 0)
        hf.run("ip", "route", "add", "blackhole", SILENT)
        hf.run("ip", "route", "add", "unreachable", BARRED)
        hf.run("ip", "route", "add", "prohibit", FILTERED)

    def syns(self, address):
        """The numbers of SYNs of each connection to an address."""
        path = self.hf.capture_stop()
        self.assertEqual(wirecheck.check(path, hf.SERVER), [])
        return collections.Counter(
            sum(s.flags == SYN for s in c.segments)
            for c in wirecheck.pcapng.connections(path) if c.server[0] == address)

    def test_syns_are_lost_and_come_again_after_1_2_and_4_seconds(self):
        report = self.all_fail("timeout", f"http://{SILENT}/", f"{FEW} timeout 9500")
        self.assertEqual(self.syns(SILENT), {4: report["attempted"]})
        self.assertEqual(report["retransmissions"], 3 * report["attempted"])

    def test_a_router_says_that_the_host_is_unreachable(self):
        """The error may hold for a moment only, so SYNs are repeated (RFC 1122 4.2.3.9)."""
        report = self.all_fail("timeout", f"http://{BARRED}/", f"{FEW} timeout 2500")
        self.assertEqual(self.syns(BARRED), {2: report["attempted"]})

    def test_a_filter_says_no(self):
        """A filter lasts, so the error ends the open (RFC 5461;
        docs/decisions/0023-reasons-and-errno.md). The kernel sends five such errors, and then
        one a second."""
        report = self.all_fail("unreachable", f"http://{FILTERED}/", "rate 4 duration 1 warmup 0")
        self.assertEqual(self.syns(FILTERED), {1: report["attempted"]})

    def test_a_host_says_that_the_port_is_unreachable(self):
        """The error ends the open (RFC 9293 3.9.2.2), with the same reason as a reset."""
        with says_port_unreachable(SILENT):
            report = self.all_fail("refused", f"http://{SILENT}/", FEW)
        self.assertEqual(self.syns(SILENT), {1: report["attempted"]})


if __name__ == "__main__":
    hf.require("tshark")
    hf.main()
