#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One capture of all services at once, judged by tshark and by wirerules.py."""
import os
import socket
import subprocess

import hf
import wirecheck
import wirerules

hf.require("tshark", "curl", "wrk", "ab", "nc")
PAGE = f"http://{hf.SERVER}/"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Everything(hf.unittest.TestCase):
    """The traffic includes resets, stalls and port sweeps. Only remarks that the peer causes are
    allowed."""

    @classmethod
    def setUpClass(cls):
        cls.hf = hf.Handfast((*hf.SERVICES, "set http body 20000"))
        cls.addClassCleanup(cls.hf.discard)
        cls.hf.capture_start()
        cls.traffic()
        cls.hf.wait_idle()
        cls.path = cls.hf.capture_stop()
        cls.status = cls.hf.quit()

    @classmethod
    def traffic(cls):
        hf.run("curl", "-s", "-o", "/dev/null", PAGE, "-o", "/dev/null", PAGE)
        hf.run("curl", "-s", "--head", PAGE)
        hf.run("wrk", "-t1", "-c1", "-d1s", PAGE)
        hf.run("ab", "-q", "-n", "500", "-c", "20", PAGE)
        subprocess.run(["nc", "-N", hf.SERVER, "7"], input=os.urandom(300_000), stdout=subprocess.DEVNULL,
                       timeout=hf.DEADLINE, check=True)
        for port in range(1, 100):
            with socket.socket() as s:
                s.connect_ex((hf.SERVER, port))
        for _ in range(30):
            s = hf.connect(80)
            s.sendall(GET)
            hf.reset(s)
        s = hf.connect(19, rcvbuf=4096)
        for _ in range(100):
            hf.read_exactly(s, 500)
        hf.reset(s)

    def test_the_program_ended_well(self):
        self.assertEqual(self.status[0], 0, self.status[1][-2000:])

    def test_tshark_finds_nothing_wrong(self):
        self.assertEqual(wirecheck.tshark(self.path, hf.SERVER), [])

    def test_our_rules_find_nothing_wrong(self):
        self.assertEqual(wirecheck.rules(self.path, hf.SERVER), [])

    def test_the_capture_has_both_directions_of_many_connections(self):
        found = wirecheck.pcapng.connections(self.path)
        self.assertGreater(len(found), 600)
        for c in found[:50]:
            self.assertEqual({s.src for s in c.segments}, {c.client, c.server})

    def test_every_connection_ended_in_both_states(self):
        ended = {"CLOSED", "TIME-WAIT", "LISTEN"}
        for c in wirecheck.pcapng.connections(self.path):
            last = wirerules.ladder.steps(c)[-1]
            self.assertIn(last["server"], ended, f"{c.client}: {last}")


if __name__ == "__main__":
    hf.main()
