#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients during floods: while spoofed packets of each kind arrive on the same link,
curl and wrk are served without one failed request. At the end the program holds no
resources. The log has the rates of the floods; no test judges them."""
import re
import time

import floods
import hf
import wirecheck

hf.require("curl", "wrk", "tshark")

PAGE, DOWNLOAD = 1000, 10_000_000
BIG = 8080
STRAYS = ("cookie_epoch", "cookie_wrong", "tcp_listen_flags", "tcp_rst_rate")
BLIND = ("tcp_paws", "tcp_ts_missing", "tcp_old", "tcp_window", "tcp_rst_window", "tcp_rst_challenged",
         "tcp_syn_challenged", "tcp_ack_old", "tcp_ack_unsent")
SHARE_MAX = 512  # twice the mean share of an address, base/answers.h
CHALLENGES_PER_S = 10  # per connection, RFC 5961 7


def curl(*urls, more=()):
    """Fetch the URLs, over one connection if possible. Returns [(code, bytes, connections made)]."""
    out = hf.run("curl", "-sS", "--fail", "--max-time", str(hf.DEADLINE), "-w",
                 "%{http_code} %{size_download} %{num_connects}\n", *more,
                 *(x for url in urls for x in ("-o", "/dev/null", url))).stdout
    return [tuple(map(int, line.split())) for line in out.splitlines()]


def page(path="/"):
    return f"http://{hf.SERVER}{path}"


def clock_seconds(began):
    """The largest number of seconds that may have begun since."""
    return int(time.monotonic() - began) + 2


class Users(hf.Case):
    """A client that asks for pages and gets them."""
    capture = False
    commands = (*hf.SERVICES, f"set http body {PAGE}")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only new listeners take a new setting.
        cls.hf.command(f"set http body {DOWNLOAD}")
        cls.hf.command(f"set listen 0.0.0.0:{BIG} http")
        cls.at_start = cls.hf.usage()

    def pages_come(self):
        self.assertEqual(curl(page()), [(200, PAGE, 1)])
        self.assertEqual(curl(*[page()] * 20), [(200, PAGE, 1)] + [(200, PAGE, 0)] * 19)

    def a_download_comes(self):
        self.assertEqual(curl(f"http://{hf.SERVER}:{BIG}/"), [(200, DOWNLOAD, 1)])

    def wrk_is_served(self, *more):
        said = hf.run("wrk", "-t1", "-c10", "-d2s", "--timeout", "30s", *more, page()).stdout
        self.assertNotIn("Socket errors", said)
        self.assertNotIn("Non-2xx", said)
        self.assertGreater(int(re.search(r"(\d+) requests in", said)[1]), 10)

    def nothing_is_left(self):
        """Half-open connections do not count: those of spoofed sources time out after a minute."""
        def clean():
            return self.hf.clean({**self.at_start, "half_open": self.hf.usage()["half_open"]})
        hf.wait_for(clean, "as at the start, except for half-open connections")


class SynFlood(Users):
    """The backlog is small enough to be half full at once, at any rate."""
    options = {"arguments": ("--syn-backlog", "1024")}

    @classmethod
    def tearDownClass(cls):
        # Half-open connections time out, but only after a minute.
        cls.hf.command("stop")
        cls.hf.command("start")
        super().tearDownClass()

    def syn(self):
        return self.hf.json("show syn")["total"]

    def test_a_flood_leaves_users_served(self):
        count = floods.Count(self.hf)
        with floods.Flood(self.hf, "syn") as flood:
            hf.wait_for(lambda: self.syn()["stateless"], "cookies")
            self.pages_come()
            self.a_download_comes()
            self.wrk_is_served()
            self.wrk_is_served("-H", "Connection: close")
            self.assertTrue(flood.runs())
            syn = self.syn()
        self.assertEqual(syn["stateless"], 1)
        self.assertLessEqual(syn["half_open"], syn["half_open_max"])
        self.assertGreater(syn["cookies_valid"], 20)
        self.nothing_is_left()
        # Each SYN had one answer, except for SYN-ACKs of records that were repeated before cookies began.
        hf.wait_for(lambda: count.of("syn_received", "cookies_sent") >= flood.arrived(), "all SYNs answered")
        self.assertLessEqual(flood.answered(), flood.sent + 5 * syn["half_open_max"])
        self.assertEqual(count.of("conn_timeout", "conn_full", "syn_backlog", "cookie_wrong", "tx_full", "no_mbuf"), 0)
        self.assertIn("SYN flood: SYNs have been answered with cookies", self.hf.command("show syn"))

    def test_syns_without_options(self):
        with floods.Flood(self.hf, "syn-bare") as flood:
            hf.wait_for(lambda: self.syn()["stateless"], "cookies")
            self.pages_come()
            self.wrk_is_served("-H", "Connection: close")
        self.assertGreaterEqual(flood.sent, 1)
        self.nothing_is_left()

    def test_records_that_make_room_for_one_another(self):
        """Without cookies the flood wins, but no resource grows, and open connections go on."""
        with hf.connect(7) as s:
            self.hf.command("set syn-cookie off")
            count = floods.Count(self.hf)
            with floods.Flood(self.hf, "syn"):
                hf.wait_for(lambda: count.of("syn_evicted") > 1000, "records that made room")
                for _ in range(100):
                    s.sendall(b"still here")
                    self.assertEqual(hf.read_exactly(s, 10), b"still here")
                self.assertEqual(self.syn()["stateless"], 0)
            self.assertLessEqual(self.syn()["half_open"], 1024)
            self.hf.command("set syn-cookie auto")
            self.pages_come()
        self.nothing_is_left()

    def test_what_a_capture_shows_is_right(self):
        self.hf.command("set syn-cookie always")
        self.hf.capture_start("flood.pcapng")
        with floods.Flood(self.hf, "syn", rate=2000):
            self.pages_come()
            for _ in range(20):
                curl(page())
            with hf.connect(80, rcvbuf=2048) as s:  # the window scale is 0
                s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(hf.Response(s).length, PAGE)
        self.nothing_is_left()
        path = self.hf.capture_stop()
        self.hf.command("set syn-cookie auto")
        self.assertEqual(wirecheck.check(path, hf.SERVER), [])


class OtherFlood(Users):
    def beside(self, kind, reasons, **how):
        """Clients are served for a second, and each packet of the flood is counted for one reason.
        Returns (the flood, the counters that rose)."""
        count = floods.Count(self.hf)
        with floods.Flood(self.hf, kind, seconds=1, rate=10000, **how) as flood:
            self.pages_come()
            while flood.runs():
                curl(page())
        hf.wait_for(lambda: count.of(*reasons) >= flood.arrived(), f"{kind}: all counted")
        self.assertLessEqual(flood.answered(), flood.sent)
        return flood, count

    def silent(self, kind, reason):
        flood, _ = self.beside(kind, (reason,))
        self.assertEqual(flood.answered(), 0, "answers")


class ToListeners(OtherFlood):
    """Floods without SYNs, while no ACK is checked for a cookie."""

    def test_acks(self):
        flood, count = self.beside("ack", STRAYS)
        self.assertEqual(flood.answered(), count.of("rst_sent"))

    def test_fins(self):
        self.beside("fin", STRAYS)

    def test_syn_acks(self):
        self.beside("syn-ack", STRAYS)

    def test_data(self):
        self.beside("data", STRAYS)

    def test_resets(self):
        self.silent("rst", "tcp_listen_flags")


class ToListenersInCookieMode(ToListeners):
    """The same floods while each ACK is checked for a cookie."""
    commands = (*ToListeners.commands, "set syn-cookie always")

    def setUp(self):
        curl(page())  # a cookie is sent, so ACKs are checked

    def test_of_all_kinds(self):
        count = floods.Count(self.hf)
        with floods.Flood(self.hf, "mix", seconds=2) as flood:
            self.pages_come()
            self.wrk_is_served("-H", "Connection: close")
        hf.wait_for(lambda: count.of("rx_packets") >= flood.arrived(), "all received")
        self.assertLessEqual(flood.answered(), flood.sent)
        self.pages_come()


class Elsewhere(OtherFlood):
    """Frames that reach no listener."""

    def test_wrong_checksums(self):
        self.silent("checksum", "tcp_checksum")

    def test_wrong_lengths(self):
        self.silent("offset", "tcp_offset")

    def test_echo_requests(self):
        flood, count = self.beside("echo", ("icmp_echo", "icmp_rate"))
        self.assertEqual(flood.answered(), count.of("icmp_echo"))

    def test_arp_requests(self):
        self.beside("arp", ("arp_answered", "arp_rate"), sources="192.0.2.128/25")

    def test_arp_with_the_clients_address(self):
        self.beside("arp", ("arp_claim", "arp_answered", "arp_rate"), sources=f"{hf.CLIENT}/32")

    def test_a_closed_port(self):
        flood, count = self.beside("syn", ("tcp_closed", "tcp_rst_rate"), port=floods.CLOSED)
        self.assertEqual(flood.answered(), count.of("rst_sent"))

    def test_each_source_gets_its_share_of_resets(self):
        for sources, n in ((floods.ONE, 1), (floods.SIXTEEN, 16)):
            with self.subTest(sources):
                began = time.monotonic()
                flood, _ = self.beside("syn", ("tcp_closed", "tcp_rst_rate"), port=floods.CLOSED, sources=sources)
                self.assertLessEqual(flood.answered(), n * SHARE_MAX * clock_seconds(began))


class BlindAttacks(Users):
    """Blind attacks on an open connection: addresses and ports are right, numbers are guessed (RFC
    5961)."""

    def goes_on(self, kind):
        """An echo connection goes on, and sends no more challenge ACKs than the limit."""
        began = time.monotonic()
        with hf.connect(7) as s:
            count = floods.Count(self.hf)
            with floods.Flood(self.hf, kind, seconds=1, rate=10000, port=7, sources=f"{hf.CLIENT}/32",
                              source_port=s.getsockname()[1]) as flood:
                said = 0
                while flood.runs() or said == 0:
                    s.sendall(b"still here")
                    self.assertEqual(hf.read_exactly(s, 10), b"still here")
                    said += 1
            hf.wait_for(lambda: count.of("rx_packets") >= flood.arrived() + said, "all received")
            self.assertLessEqual(count.of("challenge_acks"), CHALLENGES_PER_S * clock_seconds(began))
            self.assertEqual(count.of("conn_reset", "conn_aborted", "rst_sent"), 0)
            self.assertGreaterEqual(count.of(*BLIND), flood.arrived())

    def test_with_timestamps(self):
        for kind in ("syn", "rst", "data"):
            with self.subTest(kind):
                self.goes_on(kind)
        self.nothing_is_left()

    def test_without_timestamps(self):
        hf.sysctl("net.ipv4.tcp_timestamps", 0)
        self.addCleanup(hf.sysctl, "net.ipv4.tcp_timestamps", 1)
        for kind in ("syn-ack", "ack", "rst", "fin", "data"):
            with self.subTest(kind):
                self.goes_on(kind)
        self.nothing_is_left()


if __name__ == "__main__":
    hf.main()
