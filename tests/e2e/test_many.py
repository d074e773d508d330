#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""10,000 connections open at once, all of them used."""
import hf

COUNT = 10_000
SOURCES = [f"192.0.2.{n}" for n in range(10, 15)]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Many(hf.Case):
    commands = (*hf.SERVICES, "set http body 100")
    options = {"memory": 1024}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.more_files(COUNT + 1000)
        for address in SOURCES:
            hf.run("ip", "addr", "add", f"{address}/{hf.NETWORK}", "dev", hf.TAP)

    def open_all(self):
        socks = [hf.connect(80, source=SOURCES[n % len(SOURCES)]) for n in range(COUNT)]
        hf.wait_for(lambda: self.hf.connections("ESTABLISHED") == COUNT, f"{COUNT} connections established")
        return socks

    def test_ten_thousand_are_open_and_each_is_answered(self):
        socks = self.open_all()
        for s in socks:
            s.sendall(GET)
        for s in socks:
            r = hf.Response(s)
            self.assertEqual((r.status, len(r.body)), (200, 100))
        for s in reversed(socks):
            s.close()
        self.hf.wait_idle()

    def test_ten_thousand_are_reset(self):
        for s in self.open_all():
            hf.reset(s)
        hf.wait_for(lambda: self.hf.connections() == 0, "no connection")


if __name__ == "__main__":
    hf.main()
