#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Worker cores beside the main core, each with a queue pair, and cookies that any core or
host with the key can check."""
import os
import re
import socket
import unittest

import floods
import hf
import hostile
from hostile import ACK, PSH, RST, SYN, ipv4, tcp

hf.require("wrk", "curl")


class OneWorker(hf.Case):
    """The main core keeps the prompt, one worker serves."""
    options = {"lcores": "0,1"}
    commands = (*hf.SERVICES, "set http body 1000")

    def test_pages_from_the_worker(self):
        for _ in range(20):
            got = hf.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
                         f"http://{hf.SERVER}/").stdout
            self.assertEqual(got, "200 1000")

    def test_stop_and_start(self):
        self.hf.command("stop")
        self.hf.command("start")
        hf.connect(7).close()


class TwoWorkers(hf.Case):
    """Two queues: the kernel spreads the flows, and each flow reaches its core. Three lcores
    share two CPUs, so the program is slow, but it must be right."""
    options = {"lcores": "0@0,1@0,2@1"}
    capture = False
    commands = (*hf.SERVICES, "set http body 1000")

    def test_two_cores_are_listed(self):
        self.assertEqual(len(self.hf.json("show lcore")["lcores"]), 2)

    def test_many_connections_over_both(self):
        got = hf.run("wrk", "-t1", "-c50", "-d3s", f"http://{hf.SERVER}/").stdout
        self.assertNotIn("Socket errors", got)
        self.assertGreater(int(re.search(r"(\d+) requests in", got).group(1)), 50)

    def test_both_cores_work(self):
        socks = [hf.connect(7) for _ in range(200)]
        for s in socks:
            s.sendall(b"ping")
        for s in socks:
            self.assertEqual(hf.read_exactly(s, 4), b"ping")
        for s in socks:
            s.close()
        self.assertTrue(all(core["rx_packets"] > 0 for core in self.hf.json("show lcore")["lcores"]))


class Client:
    """A client of echo, driven by hand: each segment may take another path."""

    def __init__(self, host):
        self.host = host
        self.port = host.port()
        self.ack = None

    def _hear(self):
        while True:
            frame = self.host.socket.recv(65536)
            if self.host.answers_arp(frame) or frame[6:12] != self.host.server_mac or frame[23] != socket.IPPROTO_TCP:
                continue
            s = hostile.Segment(frame)
            if s.dport == self.port:
                return s

    def syn(self):
        self.host.socket.send(self.host.frame(ipv4(tcp(self.port, 7, SYN, 5000))))
        s = self._hear()
        assert (s.flags, s.ack) == (SYN | ACK, 5001), s
        self.ack = s.seq + 1

    def ack_with_text(self, host, out):
        """Send the last segment of the handshake with text, and expect its echo."""
        self.host = host
        out.send(host.frame(ipv4(tcp(self.port, 7, PSH | ACK, 5001, self.ack, payload=b"hello"))))
        s = self._hear()
        while not s.text and not s.flags & RST:
            s = self._hear()
        assert (s.text, s.seq, s.ack) == (b"hello", self.ack & 0xffffffff, 5006), s
        out.send(host.frame(ipv4(tcp(self.port, 7, RST, 5006))))


class CookiesOnTwoCores(hf.Case):
    """An ACK may arrive at another core than its SYN."""
    options = {"lcores": "0@0,1@0,2@1"}
    capture = False
    commands = (*hf.SERVICES, "set http body 1000", "set syn-cookie always")
    UNKNOWN = 0x88b5  # IEEE 802 local experimental: the kernel does not parse ports in it
    HANDSHAKES = 40

    def of_cores(self, counter):
        return [core["counters"][counter] for core in self.hf.json("show lcore")["lcores"]]

    def test_pages_beside_a_flood(self):
        with floods.Flood(self.hf, "syn", rate=5000):
            for _ in range(20):
                hf.run("curl", "-sS", "--fail", "-o", "/dev/null", f"http://{hf.SERVER}/")
        self.assertGreaterEqual(sum(self.of_cores("cookies_valid")), 20)

    def test_an_ack_that_comes_to_another_core(self):
        """The kernel hashes a frame by its protocol to choose a queue of the TAP. SYNs are sent
        as IPv4, so they reach both cores. All other frames are sent with an unknown protocol, so
        they reach one core."""
        host = hostile.Host()
        self.addCleanup(host.close)
        other = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.addCleanup(other.close)
        other.bind((hf.TAP, self.UNKNOWN))
        valid, sent = self.of_cores("cookies_valid"), self.of_cores("cookies_sent")
        for _ in range(self.HANDSHAKES):
            client = Client(host)
            client.syn()
            client.ack_with_text(host, other)
        valid = [now - then for then, now in zip(valid, self.of_cores("cookies_valid"))]
        sent = [now - then for then, now in zip(sent, self.of_cores("cookies_sent"))]
        self.assertEqual(sorted(valid), [0, self.HANDSHAKES])
        self.assertTrue(all(sent), sent)


class CookiesOfAnotherHost(unittest.TestCase):
    """Two hosts have one address. The first one answers the SYN and goes away; the second one
    gets the ACK."""

    def start(self, keys):
        one = hf.Handfast((*hf.SERVICES, "set syn-cookie always", f"set cookie-keys {keys}"))
        self.addCleanup(one.discard)
        return one

    def host(self):
        host = hostile.Host()
        self.addCleanup(host.close)
        return host

    def test_a_handshake_that_another_host_began(self):
        keys = f"/tmp/hf-keys-{os.getpid()}"
        self.addCleanup(os.unlink, keys)
        with open(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as f:
            f.write("1 000102030405060708090a0b0c0d0e0f 0\n")
        first = self.start(keys)
        client = Client(self.host())
        client.syn()
        self.assertEqual(first.quit()[0], 0)
        second = self.start(keys)
        host = self.host()
        client.ack_with_text(host, host.socket)
        self.assertEqual(second.counter("cookies_sent"), 0)
        self.assertEqual(second.counter("cookies_valid"), 1)


if __name__ == "__main__":
    hf.main()
