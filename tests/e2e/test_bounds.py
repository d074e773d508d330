#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every wait for a peer ends. Clients that send half a request and leave fill all
records, and other clients are still served. Slow clients delay no other. A connection
that is idle for too long is ended by a timeout or by a command."""
import subprocess
import time

import floods
import hf

hf.require("curl", "ip")

TABLE = 256
CROWD = 16  # /24s
HALF = b"GET / HTTP/1.1\r\nHo"
REST = b"st: x\r\n\r\n"


def page(patience=hf.DEADLINE):
    """Does curl get a page, from an address that is not among the attackers'?"""
    return subprocess.run(["curl", "-sS", "--fail", "--interface", hf.CLIENT, "--max-time", str(patience), "-o",
                           "/dev/null", f"http://{hf.SERVER}/"], capture_output=True, check=False).returncode == 0


class Bounds(hf.Case):
    capture = False
    commands = hf.SERVICES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.more_files(4096)
        for n in range(CROWD):
            hf.run("ip", "addr", "add", cls.source(n) + "/32", "dev", hf.TAP)

    @staticmethod
    def source(n):
        return f"198.51.{100 + n}.1"

    def setUp(self):
        self.count = floods.Count(self.hf)
        self.crowd = []

    def tearDown(self):
        for s in self.crowd:
            hf.reset(s)
        self.hf.wait_idle()

    def come(self, n, sources, said=HALF, port=80):
        """Open n connections that send `said` and then nothing. Refused ones do not count."""
        for i in range(n):
            try:
                s = hf.connect(port, source=self.source(i % sources))
                self.crowd.append(s)
                s.sendall(said)
            except ConnectionError:
                pass


class Full(Bounds):
    """A connection table that is soon full."""
    options = {"arguments": ("--max-conns", str(TABLE))}

    def test_half_requests_of_one_address(self):
        """One address may have seven eighths of the table, and its connections are evicted first."""
        self.come(2 * TABLE, 1)
        self.assertTrue(page(2))
        self.assertLess(self.hf.lcore_sum("conns"), TABLE)
        self.assertGreater(self.count.of("prefix_cap"), 0)

    def test_half_requests_of_many_addresses(self):
        self.come(TABLE, CROWD)
        hf.wait_for(lambda: page(2), "a page")
        self.assertGreater(self.count.of("evicted_idle"), 0)

    def test_keep_alive_clients_that_vanish(self):
        """Clients that got their page and are never heard of again."""
        self.come(TABLE, CROWD, HALF + REST)
        hf.wait_for(lambda: page(2), "a page")
        self.assertGreater(self.count.of("evicted_idle"), 0)
        for _ in range(20):
            self.assertTrue(page(2))

    def test_active_connections_stay(self):
        """The table is full. A new connection takes the place of an idle one, never of the active
        one."""
        with hf.connect(7) as s:
            for n in range(14):
                s.sendall(b"still here")
                self.assertEqual(hf.read_exactly(s, 10), b"still here")
                if n == 0:
                    self.come(TABLE - 1, CROWD)
                else:
                    time.sleep(0.5)
                    page(1)
            self.assertGreater(self.count.of("evicted_idle"), 0)


class Slow(Bounds):
    """512 records for requests in parts, and more slow clients than that."""
    options = {"arguments": ("--max-conns", "4096")}
    SLOW = 1200

    def in_two_segments(self):
        """Send a request in two segments; returns the seconds until the page came."""
        begin = time.monotonic()
        with hf.connect(80) as s:
            s.sendall(HALF)
            time.sleep(0.05)
            s.sendall(REST)
            head = s.recv(4096)
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head)
        return time.monotonic() - begin

    def hold_no_other_up(self, sources):
        before = self.count.of("segments_retransmitted")
        self.come(self.SLOW, sources)
        worst = max(self.in_two_segments() for _ in range(20))
        print(f"{self.SLOW} slow clients of {sources} addresses: a page in two segments took {worst * 1000:.0f} ms")
        # no byte was refused: the kernel would send it again after 200 ms or more
        self.assertEqual(self.count.of("tcp_app_full"), 0)
        self.assertEqual(self.count.of("segments_retransmitted"), before)

    def test_of_one_address(self):
        self.hold_no_other_up(1)

    def test_of_many_addresses(self):
        self.hold_no_other_up(CROWD)


class Timeouts(Bounds):
    commands = (*hf.SERVICES, "set http client_header_timeout 1", "set http keepalive_timeout 1.5",
                "set http send_timeout 2", "set http client_body_timeout 1", "set echo idle_timeout 1s",
                "set http body 2000000")

    def test_half_a_request(self):
        with hf.connect(80) as s:
            s.sendall(HALF)
            self.assertTrue(s.recv(4096).startswith(b"HTTP/1.1 408 "))
            while s.recv(4096):
                pass

    def test_no_request(self):
        with hf.connect(80) as s:
            self.assertEqual(s.recv(4096), b"")

    def test_no_second_request(self):
        with hf.connect(80) as s:
            s.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(s.recv(4096).startswith(b"HTTP/1.1 200 "))
            self.assertEqual(s.recv(4096), b"")

    def test_a_peer_that_does_not_read(self):
        with hf.connect(80, rcvbuf=2048) as s:
            s.sendall(HALF + REST)
            hf.wait_for(lambda: self.count.of("deadlines_passed") > 0, "the deadline")
            hf.wait_for(lambda: self.hf.lcore_sum("conns") == 0, "the end")

    def test_content_that_does_not_come(self):
        with hf.connect(80) as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            self.assertTrue(s.recv(4096).startswith(b"HTTP/1.1 405 "))
            while s.recv(4096):
                pass

    def test_echo_that_rests(self):
        with hf.connect(7) as s:
            s.sendall(b"x")
            self.assertEqual(hf.read_exactly(s, 1), b"x")
            self.assertRaises(ConnectionResetError, s.recv, 1)


class ByHand(Bounds):
    def ended(self, command, *socks):
        self.hf.command(command)
        for s in socks:
            self.assertRaises(ConnectionResetError, s.recv, 1)

    def test_one_and_all_of_a_prefix(self):
        self.come(3, 1, b"", port=7)
        one, two, three = self.crowd
        with hf.connect(7) as other:
            host, port = one.getsockname()
            self.ended(f"close connection {host}:{port} to {hf.SERVER}:7", one)
            host, port = two.getsockname()
            self.ended(f"close connection {host}:{port}", two)
            self.ended("close connections from 198.51.100.0/24", three)
            other.sendall(b"x")
            self.assertEqual(hf.read_exactly(other, 1), b"x")


if __name__ == "__main__":
    hf.main()
