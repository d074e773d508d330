#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients that reset, stall or die, and ports without a listener."""
import errno
import socket
import subprocess
import sys
import time

import hf

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

DYING = """
import socket, sys, time
socks = []
for n in range(50):
    s = socket.create_connection((sys.argv[1], 80))
    s.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" if n % 2 else b"GET / HT")
    socks.append(s)
print("ready", flush=True)
time.sleep(1000)
"""


class Resets(hf.Case):
    commands = (*hf.SERVICES, "set http body 1000000")

    def test_reset_at_once(self):
        for _ in range(200):
            hf.reset(hf.connect(80))
        self.hf.wait_idle()

    def test_reset_in_the_middle_of_a_response(self):
        for _ in range(50):
            s = hf.connect(80)
            s.sendall(GET)
            hf.read_exactly(s, 10_000)
            hf.reset(s)
        self.hf.wait_idle()

    def test_reset_behind_half_a_request(self):
        for port in (80, 7, 9, 19):
            s = hf.connect(port)
            s.sendall(b"GET / HT")
            hf.reset(s)
        self.hf.wait_idle()

    def test_clients_killed_leave_nothing(self):
        children = [subprocess.Popen([sys.executable, "-c", DYING, hf.SERVER], stdout=subprocess.PIPE)
                    for _ in range(3)]
        for child in children:
            self.assertEqual(child.stdout.readline(), b"ready\n")
        self.assertGreaterEqual(self.hf.connections(), 150)
        for child in children:
            child.kill()
            child.wait()
            child.stdout.close()
        self.hf.wait_idle()


class Stalls(hf.Case):
    """A client that does not read closes its window. Only probes may be sent into a closed
    window, and all bytes must come once it opens (RFC 9293 3.8.6.1)."""
    commands = (*hf.SERVICES, "set http body 5000000")

    def test_a_window_closed_for_seconds_opens_again(self):
        s = hf.connect(80, rcvbuf=8192)
        s.sendall(GET)
        time.sleep(3)  # the window is full long before, and at least one probe is sent
        r = hf.Response(s)
        self.assertEqual((r.status, len(r.body)), (200, 5_000_000))
        s.close()

    def test_many_stalled_readers_do_not_stop_the_others(self):
        stalled = [hf.connect(80, rcvbuf=4096) for _ in range(20)]
        for s in stalled:
            s.sendall(GET)
        other = hf.connect(7)
        for _ in range(100):
            other.sendall(b"still here")
            self.assertEqual(hf.read_exactly(other, 10), b"still here")
        other.close()
        for s in stalled[:10]:
            self.assertEqual(len(hf.Response(s).body), 5_000_000)
            s.close()
        for s in stalled[10:]:
            hf.reset(s)
        self.hf.wait_idle()

    def test_a_reader_of_a_few_bytes_at_a_time(self):
        s = hf.connect(19, rcvbuf=4096)
        for _ in range(300):
            hf.read_exactly(s, 100)
        hf.reset(s)


class Refusals(hf.Case):
    def refused(self, port):
        s = socket.socket()
        s.settimeout(hf.DEADLINE)
        with s:
            return s.connect_ex((hf.SERVER, port)) == errno.ECONNREFUSED

    def test_a_closed_port_refuses(self):
        self.assertTrue(self.refused(81))

    def test_a_sweep_of_ports_finds_exactly_what_listens(self):
        found = [port for port in range(1, 1025) if not self.refused(port)]
        self.assertEqual(found, [7, 9, 13, 19, 80])

    def test_udp_to_the_server_does_no_harm(self):
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with u:
            for size in (0, 1, 1000, 1472):
                u.sendto(bytes(size), (hf.SERVER, 80))
        self.assertFalse(self.refused(80))


if __name__ == "__main__":
    hf.main()
