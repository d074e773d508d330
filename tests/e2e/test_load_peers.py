#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads on servers that keep to the rules: echo, late, slow, one byte at a time,
half-closing; and all ways in which answers may end."""
import hf
import loads
import peers

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FEW = "rate 10 duration 1 warmup 0"


class WebServers(loads.LoadCase):
    def served(self, temper, options=loads.SMALL):
        with peers.Peer(temper) as peer:
            report = self.all_complete(peer.url(), options)
        self.assertEqual(peer.surprises, [])
        self.assertEqual(peer.accepted, report["completed"])
        return report

    def test_it_closes_behind_its_answer(self):
        self.served(peers.answers_and_closes(peers.CLOSING))

    def test_it_half_closes_and_waits_for_our_fin(self):
        for close in ("server", "fin"):
            with self.subTest(close=close):
                self.served(peers.half_closes, f"{loads.SMALL} close {close}")

    def test_we_close_and_it_follows(self):
        self.served(peers.answers(peers.OK), f"{loads.SMALL} close fin")

    def test_several_requests(self):
        report = self.served(peers.answers(peers.OK), f"{loads.SMALL} close fin requests-per-connection 20")
        self.assertEqual(report["requests"], 20 * report["completed"])

    def test_its_answer_comes_byte_by_byte(self):
        chunks = CHUNKED + b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n"
        for text in (peers.CLOSING, chunks):
            report = self.served(peers.byte_by_byte(text), FEW)
            self.assertEqual(report["text_bytes_in"], report["completed"] * (3 if text == chunks else 5))

    def test_its_answer_ends_with_the_connection(self):
        text = b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 10_000
        report = self.served(peers.answers_and_closes(text))
        self.assertEqual(report["text_bytes_in"], 10_000 * report["completed"])

    def test_an_interim_answer_comes_first(self):
        self.served(peers.answers_and_closes(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + peers.CLOSING))

    def test_an_answer_without_content(self):
        for text in (b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"):
            self.served(peers.answers(text),
                        f"{loads.SMALL} close fin requests-per-connection 3 accept-status 2xx,304")

    def test_its_answer_is_late_and_the_report_says_so(self):
        report = self.served(peers.answers_after(0.3), FEW)
        for kind in ("first_byte", "whole", "request"):
            self.assertGreaterEqual(report["latency_us"][kind]["p50"], 300_000, kind)

    def test_a_request_with_a_body_reaches_it_whole(self):
        heard = []

        def temper(_, s):
            heard.append(peers.request(s))
            s.sendall(peers.CLOSING)
        report = self.served(temper, f"{FEW} payload 50000")
        self.assertEqual(len(heard), report["completed"])
        for text in heard:
            head, _, body = text.partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"POST / HTTP/1.1\r\n"), head)
            self.assertEqual(len(body), 50_000)

    def test_a_request_is_as_the_rfc_wants_it(self):
        heard = []

        def temper(_, s):
            heard.append(peers.request(s))
            s.sendall(peers.CLOSING)
        with peers.Peer(temper) as peer:
            self.all_complete(peer.url(path="/a/page&x=1"), FEW)
        for text in heard:  # RFC 9112 3, 3.2
            lines = text.decode("ascii").split("\r\n")
            self.assertEqual(lines[0], "GET /a/page&x=1 HTTP/1.1")
            self.assertIn(f"Host: {hf.CLIENT}:{peer.port}", lines)
            self.assertIn("Connection: close", lines)

    def test_a_server_that_accepts_late_drops_syns_and_they_come_again(self):
        """Linux drops SYNs while its accept queue is full."""
        with peers.Peer(peers.answers_and_closes(peers.CLOSING), backlog=1) as peer:
            peer.pause()
            self.load_begin(peer.url(), FEW)
            hf.wait_for(lambda: self.hf.counter("segments_retransmitted") > 0, "a SYN is sent again")
            peer.go_on()
            report = self.load_end()
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertGreater(report["retransmissions"], 0)
        self.assertEqual(peer.accepted, report["completed"])


class EchoServers(loads.LoadCase):
    def echoed(self, options):
        with peers.Peer(peers.echoes) as peer:
            report = self.all_complete(peer.url("echo"), options)
        self.assertEqual(peer.surprises, [])
        self.assertEqual(peer.accepted, report["completed"])
        return report

    def test_payloads_of_all_sizes(self):
        for payload in (1, 64, 1448, 1449, 100_000):
            with self.subTest(payload=payload):
                report = self.echoed(f"{FEW} payload {payload}")
                self.assertEqual(report["text_bytes_in"], payload * report["requests"])

    def test_several_rounds(self):
        report = self.echoed("rate 50 duration 1 warmup 0 requests-per-connection 10 payload 3000")
        self.assertEqual(report["requests"], 10 * report["completed"])

    def test_we_reset_behind_the_last_round(self):
        with peers.Peer(peers.echoes) as peer:
            report = self.all_complete(peer.url("echo"), f"{FEW} close rst requests-per-connection 2")
        self.assertEqual(peer.accepted, report["completed"])
        self.assertEqual(len(peer.surprises), report["completed"], "each is a reset")


class AnyServers(loads.LoadCase):
    """tcp://: connect, send a payload or nothing, close."""

    def heard(self, options):
        said = []
        with peers.Peer(peers.collects(said)) as peer:
            report = self.all_complete(peer.url("tcp"), options)
        self.assertEqual(peer.surprises, [])
        self.assertEqual(len(said), report["completed"])
        return said

    def test_nothing_is_said(self):
        self.assertEqual(set(self.heard(FEW)), {b""})

    def test_all_of_the_payload_arrives(self):
        for payload in (1, 100_000):
            said = self.heard(f"{FEW} payload {payload}")
            self.assertEqual({len(x) for x in said}, {payload})
            self.assertEqual(len(set(said)), 1)

    def test_the_server_closes_first(self):
        with peers.Peer(lambda _, s: s.sendall(b"welcome, and good bye")) as peer:
            report = self.all_complete(peer.url("tcp"), f"{FEW} close server")
        self.assertEqual(peer.accepted, report["completed"])


if __name__ == "__main__":
    hf.require("tshark")
    hf.main()
