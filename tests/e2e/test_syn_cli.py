#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Answers to SYNs, as a user sets and sees them: cookies that keep all options, shared keys
that change under traffic, and `show syn` during a flood."""
import os
import socket
import struct
import threading

import hf
import hostile
from hostile import ACK, PSH, SYN, tcp

hf.require("curl")

ECHO, PAGE = 7, 80
BODY = 10_000_000
KEYS = ("000102030405060708090a0b0c0d0e0f", "f0e1d2c3b4a5968778695a4b3c2d1e0f", "00112233445566778899aabbccddeeff")
TCP_MAXSEG = 2


def curl():
    got = hf.run("curl", "-sS", "--fail", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
                 f"http://{hf.SERVER}/")
    return got.stdout


def counts(handfast):
    return handfast.json("show syn")["total"]


def rose(before, after):
    return {k: after[k] - before[k] for k in after if after[k] != before[k] and k != "unanswered_per_s"}


def page_not_read(mss=None):
    """A client that requests a page and does not read it."""
    s = socket.socket()
    s.settimeout(hf.DEADLINE)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    if mss:
        s.setsockopt(socket.IPPROTO_TCP, TCP_MAXSEG, mss)
    s.connect((hf.SERVER, PAGE))
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return s


class Always(hf.Case):
    """Every connection begins with a cookie, and has all its options."""
    capture = False
    commands = (*hf.SERVICES, f"set http body {BODY}", "set syn-cookie always")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = hostile.Host()
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.host.frames()
        self.hf.wait_idle()

    def connection(self, s):
        """The server's record of the connection, after the window is full."""
        port = s.getsockname()[1]

        def known():
            listed = self.hf.json("show connections")["connections"]
            mine = [c for c in listed if c["peer"] == f"{hf.CLIENT}:{port}" and c["snd_queued"] > 60000]
            return mine and mine[0]
        return hf.wait_for(known, "the page is on its way")

    def check_page(self, least_mss, most_mss, mss=None):
        s = page_not_read(mss)
        c = self.connection(s)
        self.assertGreater(c["snd_wnd"], 65535, "the window scale was forgotten")
        self.assertGreaterEqual(c["mss"], least_mss)
        self.assertLessEqual(c["mss"], most_mss)
        self.assertGreater(len(hf.read_all(s)), BODY)
        s.close()

    def test_ten_megabytes_and_the_counts_of_one_handshake(self):
        before = counts(self.hf)
        self.assertEqual(curl(), f"200 {BODY}")
        self.assertEqual(rose(before, counts(self.hf)), {"cookies_sent": 1, "cookies_valid": 1})

    def test_with_timestamps_scale_and_segment_size_survive(self):
        self.check_page(1400, 1460)
        self.check_page(1200, 1300, mss=1300)

    def test_without_timestamps_scale_and_segment_size_survive(self):
        hf.sysctl("net.ipv4.tcp_timestamps", 0)
        self.addCleanup(hf.sysctl, "net.ipv4.tcp_timestamps", 1)
        self.check_page(1400, 1460)
        self.check_page(1200, 1300, mss=1300)
        self.assertEqual(curl(), f"200 {BODY}")

    def test_curl_over_a_route_of_1300_octets(self):
        route = ("ip", "route", "change", f"192.0.2.0/{hf.NETWORK}", "dev", hf.TAP, "src", hf.CLIENT)
        hf.run(*route, "advmss", "1300")
        self.addCleanup(hf.run, *route)
        self.assertEqual(curl(), f"200 {BODY}")

    def check_sack(self, options):
        flow = hostile.Flow(self.host, ECHO, options=b"\x02\x04\x05\xb4\x04\x02" + options(None))
        held = self.host.segments(flow.make(PSH | ACK, b"later", dseq=10, options=options(flow)))
        self.assertIn(struct.pack("!BBII", 5, 10, flow.seq + 10, flow.seq + 15), held[0].options, held)
        self.host.segments(flow.make(hostile.RST, options=options(flow)))

    def test_sack_survives_with_timestamps_and_without(self):
        self.check_sack(lambda flow: b"")
        heard = {}

        def stamps(flow):
            """Its own timestamp, and the server's last one."""
            return b"\x08\x0a" + struct.pack("!II", 77, heard.get("tsval", 0))
        say = self.host.segments

        def listening(*segments):
            answers = say(*segments)
            for s in answers:
                at = s.options.find(b"\x08\x0a")
                if at >= 0:
                    heard["tsval"] = struct.unpack("!I", s.options[at + 2:at + 6])[0]
            return answers
        port = self.host.port()
        syn_ack, = listening(tcp(port, ECHO, SYN, 5000, options=b"\x02\x04\x05\xb4\x04\x02" + stamps(None)))
        ack = syn_ack.seq + 1
        listening(tcp(port, ECHO, ACK, 5001, ack, options=stamps(None)))
        held, = listening(tcp(port, ECHO, PSH | ACK, 5011, ack, options=stamps(None), payload=b"later"))
        self.assertIn(struct.pack("!BBII", 5, 10, 5011, 5016), held.options)
        self.assertIn(b"\x08\x0a", held.options)
        say(tcp(port, ECHO, hostile.RST, 5001, ack, options=stamps(None)))

    def test_acks_without_a_cookie_are_counted_and_explained(self):
        hf.connect(ECHO).close()  # a cookie was sent: from now on ACKs are checked
        self.hf.wait_idle()
        self.host.frames()
        core = self.hf.json("show syn")["lcores"][0]
        guess, old = ((core["epoch"] + ahead) << 30 | 12345 for ahead in (0, 2))
        for reason, ack in (("cookie_wrong", guess), ("cookie_epoch", old)):
            def answered(reason=reason, ack=ack):
                """Some seconds have no reset for a stranger: base/answers.h."""
                before = self.hf.drops().get(reason, 0)
                heard = self.host.segments(tcp(self.host.port(), PAGE, ACK, 7000, ack))
                return heard and (self.hf.drops().get(reason, 0) - before, [s.flags for s in heard])
            self.assertEqual(hf.wait_for(answered, "a reset"), (1, [hostile.RST]), reason)
        self.assertRegex(self.hf.command("show syn"), r"(?m)^\d+ ACKs to listeners had no valid cookie")
        said = self.hf.command("show drops")
        self.assertRegex(said, r"attack +cookie_wrong +ACK to a listener; not a cookie of ours")
        self.assertRegex(said, r"attack +cookie_epoch +ACK to a listener; no cookie of the last two epochs")
        report = self.hf.json("show drops")
        sums = {}
        for drop in report["drops"]:
            sums[drop["severity"]] = sums.get(drop["severity"], 0) + drop["packets"]
        self.assertEqual({s: n for s, n in report["by_severity"].items() if n}, sums)
        self.assertEqual(report["total"], sum(sums.values()))

    def test_a_syn_that_no_cookie_can_hold_is_explained(self):
        heard = self.host.segments(tcp(self.host.port(), PAGE, SYN, options=b"\x02\x04\x01\x00"))
        self.assertEqual(heard, [])
        self.assertGreaterEqual(counts(self.hf)["syn_mss"], 1)
        self.assertRegex(self.hf.command("show syn"), r"SYNs had an MSS below 536")

    def test_show_syn_says_what_is_set(self):
        said = self.hf.command("show syn")
        self.assertIn("lcore 0: all SYNs are answered with cookies (set syn-cookie always)", said)
        self.assertIn("cookie key: random, only on this host; epoch ", said)
        self.assertIn("set syn-cookie always", self.hf.command("show config"))

    def test_clear_stats_begins_at_zero(self):
        hf.connect(ECHO).close()
        self.hf.command("clear stats")
        self.assertEqual((counts(self.hf)["cookies_sent"], counts(self.hf)["cookies_valid"]), (0, 0))
        hf.connect(ECHO).close()
        self.assertEqual(counts(self.hf)["cookies_sent"], 1)


class Wire(hf.Case):
    """The same services with a capture, which wirecheck checks."""
    commands = (*hf.SERVICES, "set http body 100000", "set syn-cookie always")

    def test_pages_and_echoes(self):
        for timestamps in (1, 0):
            hf.sysctl("net.ipv4.tcp_timestamps", timestamps)
            self.assertEqual(curl(), "200 100000")
            with hf.connect(ECHO) as s:
                s.sendall(b"hello")
                self.assertEqual(hf.read_exactly(s, 5), b"hello")
        hf.sysctl("net.ipv4.tcp_timestamps", 1)


class Keys(hf.Case):
    capture = False
    commands = (*hf.SERVICES, "set syn-cookie always")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = hostile.Host()
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.host.frames()
        self.path = os.path.join(self.hf.dir, "keys")
        self.addCleanup(self.hf.command, "set cookie-keys off")

    def write(self, *lines, mode=0o600):
        with open(self.path, "w", encoding="ascii") as f:
            f.write("".join(line + "\n" for line in lines))
        os.chmod(self.path, mode)

    def load(self, *lines, **kw):
        self.write(*lines, **kw)
        return self.hf.command(f"set cookie-keys {self.path}")

    def half_open(self, options=b""):
        port = self.host.port()
        heard = self.host.segments(tcp(port, ECHO, SYN, 5000, options=options))
        self.assertEqual(len(heard), 1, heard)
        return port, heard[0].seq + 1

    def completes(self, port, ack):
        heard = self.host.segments(tcp(port, ECHO, PSH | ACK, 5001, ack, payload=b"now"))
        opened = any(s.text == b"now" for s in heard)
        if opened:
            self.host.segments(tcp(port, ECHO, hostile.RST, 5004, ack))
        return opened

    def test_shared_keys_are_shown_but_never_said(self):
        said = self.load(f"7 {KEYS[0]} 0", f"8 {KEYS[1]} 2099-01-01T00:00:00Z  # the next")
        self.assertIn("2 cookie keys: id 7 is in force, id 8 from 2099-01-01T00:00:00Z", said)
        core = self.hf.json("show syn")["lcores"][0]
        self.assertEqual((core["key_id"], core["keys"], core["keys_shared"]), (7, 2, True))
        self.assertIn(f"cookie key: id 7, one of 2 from {self.path}, shared with other hosts",
                      self.hf.command("show syn"))
        self.assertIn(f"set cookie-keys {self.path}", self.hf.command("show config"))
        with self.hf.news:
            for key in KEYS:
                self.assertNotIn(key, self.hf.text)

    def test_a_broken_file_says_why_and_changes_nothing(self):
        self.load(f"7 {KEYS[0]} 0")
        pending = self.half_open()
        for cause, fix, lines, mode in (
                ("keys:2: the key has 31", "openssl rand -hex 16", [f"1 {KEYS[0]} 0", f"2 {KEYS[1][:31]} 5"], 0o600),
                ("keys:1: the key has characters that are not hex", "openssl rand", [f"1 {'x' * 32} 0"], 0o600),
                ("keys:1: the id is not a number", "ID KEY NOT-BEFORE", [f"{KEYS[0]} 1 0"], 0o600),
                ("keys:1: the not-before is neither", "2026-", [f"1 {KEYS[0]} soon"], 0o600),
                ("keys:2: line 1 has the id 1 already", "of its own", [f"1 {KEYS[0]} 0", f"1 {KEYS[1]} 5"], 0o600),
                ("no key is in force: the first one, id 1, begins at 2099", "time 0",
                 [f"1 {KEYS[0]} 2099-01-01T00:00:00Z"], 0o600),
                ("the file has no key", "ID KEY NOT-BEFORE", [], 0o600),
                ("keys:1: the line is longer than 256", "ID KEY NOT-BEFORE", ["#" * 257], 0o600),
                (r"other users than the owner have rights to the file \(mode 0644\)", f"chmod 600 {self.path}",
                 [f"1 {KEYS[0]} 0"], 0o644)):
            with self.subTest(cause=cause):
                said = self.load(*lines, mode=mode)
                self.assertRegex(said, r"(?m)^(error|stdin:\d+): " + f".*{cause}")
                self.assertRegex(said, f"to fix it: .*{fix}")
                self.assertEqual(self.hf.json("show syn")["lcores"][0]["key_id"], 7)
        for path, cause in ((self.hf.dir, "not a regular file"), ("/no/such/keys", "No such file")):
            self.assertIn(cause, self.hf.command(f"set cookie-keys {path}"))
        self.assertTrue(self.completes(*pending), "the keys are still the ones before")
        with self.hf.news:
            for key in KEYS:
                self.assertNotIn(key[:31], self.hf.text)

    def test_cookies_under_the_keys_before_hold(self):
        self.load(f"1 {KEYS[0]} 0")
        first = self.half_open(), self.half_open()
        self.load(f"2 {KEYS[1]} 0")
        second = self.half_open()
        self.assertTrue(self.completes(*first[0]))
        self.load(f"2 {KEYS[1]} 0")  # loading the same keys again keeps the former ones
        self.assertTrue(self.completes(*first[1]))
        self.assertTrue(self.completes(*second))
        lost = self.half_open()
        self.load(f"3 {KEYS[2]} 0")
        self.load(f"1 {KEYS[0]} 0")
        self.assertFalse(self.completes(*lost), "two sets ago is too long")

    def test_connections_arrive_while_keys_change(self):
        over, failed, done = threading.Event(), [], [0]

        def users():
            while not over.is_set():
                try:
                    with hf.connect(ECHO) as s:
                        s.sendall(b"hello")
                        assert hf.read_exactly(s, 5) == b"hello"
                    done[0] += 1
                except (OSError, AssertionError) as e:
                    failed.append(repr(e))
        threads = [threading.Thread(target=users) for _ in range(4)]
        for t in threads:
            t.start()
        for n in range(30):
            self.load(f"{n} {KEYS[n % 3]} 0")
            mark = done[0]
            hf.wait_for(lambda: done[0] > mark + 3 or failed, "connections under the new keys")
        over.set()
        for t in threads:
            t.join(hf.DEADLINE)
        self.assertEqual(failed, [])

    def test_off_draws_a_key_of_our_own(self):
        self.load(f"7 {KEYS[0]} 0")
        self.assertIn(f"cookie key: id 7 from {self.path}, shared with other hosts;", self.hf.command("show syn"))
        pending = self.half_open()
        self.hf.command("set cookie-keys off")
        core = self.hf.json("show syn")["lcores"][0]
        self.assertEqual((core["key_id"], core["keys"], core["keys_shared"]), (0, 1, False))
        self.assertNotIn("cookie-keys", self.hf.command("show config"))
        self.assertTrue(self.completes(*pending))

    def test_mode_and_keys_are_kept_over_stop_and_start(self):
        self.load(f"9 {KEYS[0]} 0")
        pending = self.half_open()
        self.hf.command("stop")
        self.assertIn("set syn-cookie always; the stack is not running", self.hf.command("show syn"))
        self.hf.command("start")
        core = self.hf.json("show syn")["lcores"][0]
        self.assertEqual((core["set"], core["key_id"]), ("always", 9))
        self.assertTrue(self.completes(*pending), "as another host with the same keys would")


class Flood(hf.unittest.TestCase):
    """SYNs that no ACK follows."""

    def setUp(self):
        self.hf = hf.Handfast((*hf.SERVICES, "set http body 1000"), arguments=("--syn-rate", "16", "--syn-backlog", "4096"))
        self.addCleanup(self.hf.discard)
        self.host = hostile.Host()
        self.addCleanup(self.host.close)

    def flood(self):
        self.host.segments(*(tcp(self.host.port(), PAGE, SYN) for _ in range(50)))

    def core(self):
        return self.hf.json("show syn")["lcores"][0]

    def flooded_until(self, words):
        def said():
            self.flood()
            text = self.hf.command("show syn")
            return words in text and text
        return hf.wait_for(said, words)

    def test_auto_says_what_happens(self):
        self.assertIn("lcore 0: no flood: SYNs get records; ", self.hf.command("show syn"))
        self.assertIn("ACKs to listeners are not checked for cookies", self.hf.command("show syn"))
        said = self.flooded_until("lcore 0: SYN flood: SYNs have been answered with cookies for ")
        self.assertRegex(said, r"\d+ SYNs/s without an ACK \(flood: 16 or more\), half-open \d+ of 4096")
        before = counts(self.hf)
        self.assertEqual(curl(), "200 1000")
        self.assertEqual(rose(before, counts(self.hf)).get("cookies_valid"), 1)
        self.assertIn("ACKs to listeners are checked for cookies", self.hf.command("show syn"))
        self.assertEqual(self.core()["to_stateless"], 1)
        hf.wait_for(lambda: "the SYN flood is over: SYNs have been answered with cookies for" in self.hf.command("show syn"),
                    "it is quiet again")
        _, text = self.hf.quit()
        self.assertRegex(text, r"SYN cookies  \d+ sent, 1 came back; 0 ACKs had no valid cookie")

    def test_off_says_what_that_means(self):
        self.hf.command("set syn-cookie off")
        self.flooded_until("SYN flood, and cookies are off")
        self.assertFalse(self.core()["stateless"])
        self.assertEqual(counts(self.hf)["cookies_sent"], 0)
        self.hf.command("set syn-cookie auto")
        self.flooded_until("SYN flood: SYNs have been answered with cookies")


if __name__ == "__main__":
    hf.main()
