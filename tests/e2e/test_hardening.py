#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames that no honest peer sends: each is dropped for its reason, only the right ones are
answered, and the program goes on. And nmap's judgement on Handfast's sequence numbers, beside
its judgement on Linux's."""
import collections
import os
import re
import socket
import struct
import subprocess
import sys
import threading

import hf
import hostile
from hostile import ACK, FIN, PSH, RST, SYN, URG, icmp, ipv4, tcp

hf.require("nmap", "curl", "ip")

OPEN, CLOSED, ECHO, DAYTIME = 80, 81, 7, 13
LINUX = "198.51.100.2"
LISTENER = "import socket; s = socket.create_server(('', 80)); print('ready', flush=True)\nwhile True: s.accept()"


def syn(**more):
    return tcp(19999, OPEN, SYN, **more)


class Hostile(hf.Case):
    capture = False  # wirerules.py is for peers that keep the rules

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = hostile.Host()
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.host.frames()  # skip the frames of earlier tests

    def tearDown(self):
        done = hf.run("curl", "-sS", "--fail", "--max-time", "20", f"http://{hf.SERVER}/")
        self.assertTrue(done.stdout)

    def say(self, frames):
        """Returns (the drops that rose, the answers)."""
        before = self.hf.drops()
        heard = [hostile.Segment(f) for f in self.host.frames(*frames)]
        after = self.hf.drops()
        return {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}, heard

    def check(self, cases):
        """For each (name, drop, frame, flags of the answers...): all frames are dropped for their
        reasons and for no other, and the answers come in this order, without any other."""
        cases = list(cases)
        frames = [c[2] for c in cases]

        def enough():
            got = self.say(frames)
            return "tcp_rst_rate" not in got[0] and got
        # An address gets few resets per second (docs/decisions/0011).
        rose, heard = hf.wait_for(enough, "a second with enough of them")
        self.assertEqual(rose, dict(collections.Counter(c[1] for c in cases)), [c[0] for c in cases])
        self.assertEqual([s.flags for s in heard], [flags for c in cases for flags in c[3:]], heard)
        return heard

    def check_packets(self, cases):
        return self.check((name, drop, self.host.frame(packet), *answers) for name, drop, packet, *answers in cases)


class Frames(Hostile):
    def test_addresses_that_cannot_be(self):
        cases = [("LAND", "ip_land", hf.SERVER)]
        cases += [(f"from {src}", "ip_martian", src) for src in (
            "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.255.255.255",
            "255.255.255.255", "192.0.2.255")]
        self.check_packets((name, drop, ipv4(syn(src=src), src=src)) for name, drop, src in cases)
        self.check_packets((f"to {dst}", "ip_not_ours", ipv4(syn(dst=dst), dst=dst))
                         for dst in ("192.0.2.99", "192.0.2.255", "255.255.255.255", "224.0.0.1", "127.0.0.1"))

    def test_macs_that_cannot_be(self):
        host, packet = self.host, ipv4(syn())
        self.check([
            ("from a group", "ip_martian", host.frame(packet, src=bytes.fromhex("01005e000001"))),
            ("from all", "ip_martian", host.frame(packet, src=b"\xff" * 6)),
            ("to all", "eth_dst", host.frame(packet, dst=b"\xff" * 6)),
            ("to another", "eth_dst", host.frame(packet, dst=bytes.fromhex("020000000099"))),
            ("of an unknown type", "eth_type", host.frame(packet, kind=0x88b5)),
        ])

    def test_ipv4_headers(self):
        whole = ipv4(syn())
        self.check_packets([
            ("cut within the IPv4 header", "ip_short", whole[:10]),
            ("version 6", "ip_version", ipv4(syn(), version=6)),
            ("header of 16 bytes", "ip_header_length", ipv4(syn(), ihl=4)),
            ("header longer than the packet", "ip_header_length", ipv4(b"", ihl=15)),
            ("total length below the header's", "ip_total_length", ipv4(syn(), total=19)),
            ("total length 0", "ip_total_length", ipv4(syn(), total=0)),
            ("total length above the frame's", "ip_total_length", ipv4(syn(), total=len(whole) + 1)),
            ("total length 65,535", "ip_total_length", ipv4(syn(), total=65535)),
            ("checksum", "ip_checksum", ipv4(syn(), check=1)),
            ("first fragment", "ip_fragment", ipv4(syn(), fragment=0x2000)),
            ("last fragment", "ip_fragment", ipv4(syn(), fragment=0x0003)),
            ("a fragment within the TCP header", "ip_fragment", ipv4(syn()[:8], fragment=0x2000)),
            ("the last octet of all", "ip_fragment", ipv4(syn(), fragment=0x1fff)),
            ("UDP", "ip_protocol", ipv4(syn(), proto=17)),
        ])

    def test_ip_options_are_not_followed(self):
        """IP options of any kind and length: they are skipped, and the segment is served."""
        elsewhere = socket.inet_aton("203.0.113.9")
        for kind in (0, 1, 7, 68, 130, 131, 136, 137, 148, 222):
            cases = {}
            for length in (0, 1, 2, 3, 4, 7, 40, 255):
                for size in (4, 8, 40):
                    cases[self.host.port()] = (bytes([kind, length, 4, 0]) + elsewhere * 9)[:size]
            heard = self.host.packets(*(ipv4(tcp(p, OPEN, SYN), options=o) for p, o in cases.items()))
            self.assertEqual([(s.flags, s.to, s.dport, s.ip_header) for s in heard],
                             [(SYN | ACK, hostile.ADDRESS, p, 20) for p in cases], kind)
            self.host.segments(*(tcp(p, OPEN, RST, 1001) for p in cases))

    def test_tcp_headers(self):
        self.check_packets([
            ("no TCP header", "tcp_short", ipv4(b"")),
            ("cut within it", "tcp_short", ipv4(syn()[:19])),
            *((f"data offset {n}", "tcp_offset", ipv4(syn(offset=n))) for n in range(5)),
            ("data offset behind the end", "tcp_offset", ipv4(syn(offset=6))),
            ("data offset 15, with text that is too short", "tcp_offset", ipv4(syn(offset=15, payload=bytes(39)))),
            ("checksum", "tcp_checksum", ipv4(syn(check=1))),
            ("from port 0", "tcp_port_zero", ipv4(tcp(0, OPEN, SYN))),
            ("to port 0", "tcp_port_zero", ipv4(tcp(30000, 0, SYN))),
        ])

    def test_flags_to_a_listener(self):
        """RFC 9293 3.10.7.2: only a SYN opens a connection, and only an ACK gets a reset."""
        self.check_packets((name, "tcp_listen_flags", ipv4(tcp(30000, OPEN, flags, payload=text)), *answers)
                         for name, flags, text, *answers in [
                             ("NULL", 0, b""), ("FIN", FIN, b""), ("XMAS", FIN | PSH | URG, b""), ("URG", URG, b"x"),
                             ("SYN with FIN", SYN | FIN, b""), ("all but ACK and RST", 255 - ACK - RST, b""),
                             ("RST", RST, b""), ("RST with text", RST, b"reason"), ("RST with ACK", RST | ACK, b""),
                             ("all", 255, b"x"), ("ACK", ACK, b"", RST), ("SYN with ACK", SYN | ACK, b"", RST),
                             ("FIN with ACK", FIN | ACK, b"", RST)])

    def test_flags_to_a_closed_port(self):
        """RFC 9293 3.10.7.1: each segment gets a reset, except for a reset."""
        self.check_packets((name, "tcp_closed", ipv4(tcp(30000, CLOSED, flags)), *answers)
                         for name, flags, *answers in [
                             ("NULL", 0, RST | ACK), ("FIN", FIN, RST | ACK), ("XMAS", FIN | PSH | URG, RST | ACK),
                             ("SYN", SYN, RST | ACK), ("SYN with FIN", SYN | FIN, RST | ACK), ("ACK", ACK, RST),
                             ("RST", RST), ("RST with ACK", RST | ACK), ("all", 255)])

    def test_tcp_options_of_every_length(self):
        """RFC 9293 MUST-7: options with any wrong length do no harm."""
        for kind in (2, 3, 4, 5, 8, 30, 34, 253):
            ports = {}
            for length in range(41):
                for size in {2, min(max(length, 2), 40), 40}:
                    ports[self.host.port()] = (bytes([kind, length]) + bytes(38))[:size]
            heard = self.host.segments(*(tcp(p, OPEN, SYN, options=o) for p, o in ports.items()))
            self.assertEqual({s.dport: s.flags for s in heard}, dict.fromkeys(ports, SYN | ACK), kind)
            self.host.segments(*(tcp(p, OPEN, RST, 1001) for p in ports))


class Connections(Hostile):
    def flow(self, port=ECHO, **more):
        return hostile.Flow(self.host, port, **more)

    def challenged(self, drop, flow, packet):
        """RFC 5961: the answer is one challenge ACK, and the connection stays."""
        heard = self.check_packets([(drop, drop, ipv4(packet), ACK)])
        self.assertEqual((heard[0].seq, heard[0].ack), (flow.ack, flow.seq))
        self.assertEqual(flow.says_well(b"alive"), b"alive")
        flow.reset()

    def test_rfc5961_a_reset_in_the_window_is_challenged(self):
        for off in (1, 1000):
            f = self.flow()
            self.challenged("tcp_rst_challenged", f, f.make(RST, dseq=off))

    def test_rfc5961_a_reset_outside_is_nothing(self):
        f = self.flow()
        self.check_packets((f"{off} off", "tcp_rst_window", ipv4(f.make(RST, dseq=off)))
                           for off in (-1, 1 << 31, (1 << 30) + 5))
        self.assertEqual(f.says_well(b"alive"), b"alive")
        f.reset()

    def test_rfc5961_a_reset_at_its_place_resets(self):
        for text in (b"", b"and a reason"):
            f = self.flow()
            self.assertEqual(f.say(RST, text), [])
            # The limit may leave no reset for this address in a second.
            heard = hf.wait_for(lambda f=f: f.say(PSH | ACK, b"gone?"), "an answer")
            self.assertEqual([s.flags for s in heard], [RST])

    def test_rfc5961_a_syn_is_challenged(self):
        for off in (-1, 0, 1, 1000, 1 << 31):
            for flags in (SYN, SYN | ACK):
                f = self.flow()
                self.challenged("tcp_syn_challenged", f, f.make(flags, dseq=off))

    def test_rfc5961_an_ack_too_new_or_too_old_is_challenged(self):
        for drop, off in (("tcp_ack_unsent", 1), ("tcp_ack_unsent", 1 << 30), ("tcp_ack_old", -70000),
                          ("tcp_ack_old", -(1 << 30))):
            f = self.flow()
            self.challenged(drop, f, f.make(PSH | ACK, b"blind", dack=off))

    def test_rfc1337_a_reset_does_not_end_time_wait(self):
        f = self.flow(DAYTIME)
        self.assertTrue(f.take(f.greeting))
        waiting = self.hf.connections("TIME-WAIT")
        fin = f.make(FIN | ACK)
        self.host.segments(fin)
        self.assertEqual(self.hf.connections("TIME-WAIT"), waiting + 1)
        self.check_packets([("RST", "tw_rst", ipv4(f.make(RST, dseq=1)))])
        self.assertEqual(self.hf.connections("TIME-WAIT"), waiting + 1)
        # The limit may leave no ACK in TIME-WAIT in a second.
        heard = hf.wait_for(lambda: self.host.segments(fin), "an answer")
        self.assertEqual([s.flags for s in heard], [ACK])

    def test_rfc5927_icmp_does_not_end_a_connection(self):
        f = self.flow()
        heard = f.say(PSH | ACK, b"hello")  # the echo stays in flight: the host does not acknowledge it
        self.assertEqual(b"".join(s.text for s in heard), b"hello")

        def error(kind, code, seq):
            quoted = ipv4(tcp(ECHO, f.lport, PSH | ACK, seq)[:8], src=hf.SERVER, dst=hostile.ADDRESS)
            return self.host.frame(ipv4(icmp(kind, code, bytes(4), quoted), proto=1))
        errors = [(3, code) for code in range(16) if code != 4] + [(11, 0), (11, 1), (12, 0)]
        before = self.hf.drops()
        self.host.frames(*(error(kind, code, f.ack) for kind, code in errors))
        self.host.frames(*(error(kind, code, f.ack + (1 << 30)) for kind, code in errors))
        self.host.frames(error(4, 0, f.ack))  # source quench: RFC 6633
        after = self.hf.drops()
        for reason, n in (("icmp_ignored", len(errors)), ("icmp_unmatched", len(errors)), ("icmp_type", 1)):
            self.assertEqual(after[reason] - before.get(reason, 0), n, reason)
        f.seq += 5
        f.take(heard)
        self.assertEqual(f.says_well(b"alive"), b"alive")
        f.reset()

    def test_text_on_a_syn_comes_again(self):
        f = self.flow(text=b"early")
        self.assertEqual(f.greeting, [])
        self.assertEqual(f.says_well(b"early"), b"early")
        f.reset()

    def test_urgent_data_is_data(self):
        for urgent in (0, 1, 3, 65535):
            f = self.flow()
            heard = f.say(PSH | ACK | URG, b"abc", urgent=urgent)
            self.assertEqual(b"".join(s.text for s in heard), b"abc")
            f.seq += 3
            f.take(heard)
            f.reset()

    def test_what_was_accepted_first_stays(self):
        """Overlapping text (RFC 9293 3.10.7.4): only the new bytes are taken."""
        f = self.flow()
        self.assertEqual(f.says_well(b"AAAA"), b"AAAA")
        got = f.take(f.say(PSH | ACK, b"bbbbBB", dseq=-4))
        f.seq += 2
        self.assertEqual(got, b"BB")
        f.say(PSH | ACK, b"CCCC", dseq=4)  # behind a hole
        f.say(PSH | ACK, b"ddddDD", dseq=4)  # the same bytes again, and two more
        got = f.take(f.say(PSH | ACK, b"EEEE"))
        f.seq += 10
        self.assertEqual(got, b"EEEECCCCDD")
        f.reset()

    def test_no_flags_on_a_connection_is_nothing(self):
        f = self.flow()
        self.check_packets((flags, "tcp_no_ack", ipv4(f.make(flags, b"text")))
                           for flags in (0, FIN, PSH | URG, FIN | PSH | URG))
        self.assertEqual(f.says_well(b"alive"), b"alive")
        f.reset()


def scan(address, results):
    """nmap -O, with one open and one closed port."""
    done = subprocess.run(["nmap", "-O", "-v", "-n", "-Pn", "--max-os-tries", "1", "-p", f"{OPEN},{CLOSED}", address],
                          capture_output=True, text=True, timeout=hf.DEADLINE, check=False)
    results[address] = done.stdout + done.stderr


def ratings(text):
    """Returns (class of difficulty, how the IP IDs are made)."""
    return tuple(m and m[1] for m in (
        re.search(r"TCP Sequence Prediction: Difficulty=\d+ \((.*)\)", text),
        re.search(r"IP ID Sequence Generation: (.*)", text)))


class Prediction(hf.Case):
    """RFC 6528, by nmap's test: Handfast is no worse than Linux."""

    capture = False  # nmap's probes do not keep the rules

    def linux(self):
        """A listener in a namespace of its own, at the other end of a veth."""
        name = f"hf-linux-{os.getpid()}"
        hf.run("ip", "netns", "add", name)
        self.addCleanup(hf.run, "ip", "netns", "del", name)
        hf.run("ip", "link", "add", "hfl0", "type", "veth", "peer", "name", "hfl1", "netns", name)
        hf.run("ip", "addr", "add", "198.51.100.1/24", "dev", "hfl0")
        hf.run("ip", "link", "set", "hfl0", "up")
        hf.run("ip", "-n", name, "addr", "add", f"{LINUX}/24", "dev", "hfl1")
        hf.run("ip", "-n", name, "link", "set", "hfl1", "up")
        listener = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", LISTENER],
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(listener.stdout.close)
        self.addCleanup(listener.wait)
        self.addCleanup(listener.kill)
        self.assertEqual(listener.stdout.readline(), "ready\n")

    def test_nmap_rates_us_as_it_does_linux(self):
        self.linux()
        results = {}
        scans = [threading.Thread(target=scan, args=(a, results)) for a in (hf.SERVER, LINUX)]
        for s in scans:
            s.start()
        for s in scans:
            s.join()
        self.assertEqual(ratings(results[LINUX])[0], "Good luck!", results[LINUX])
        self.assertEqual(ratings(results[hf.SERVER]), ratings(results[LINUX]), results[hf.SERVER])


if __name__ == "__main__":
    hf.main()
