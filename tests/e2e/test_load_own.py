#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The parts of a latency that are the server's and our own: slow servers, servers that do not
keep up, and a program that is stopped during the load. The tests judge the side, never the
speed."""
import queue
import signal
import socket
import threading
import time

import hf
import loads
import peers


class Keeper:
    """A temper with a number of workers that each take `service_s`; further requests wait."""

    def __init__(self, workers, service_s):
        self.waiting = queue.Queue()
        self.service_s = service_s
        for _ in range(workers):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        while True:
            done = self.waiting.get()
            time.sleep(self.service_s)
            done.set()

    def __call__(self, peer, s):
        if not peers.request(s):
            return
        done = threading.Event()
        self.waiting.put(done)
        assert done.wait(hf.DEADLINE)
        s.sendall(peers.CLOSING)


class Rates(loads.LoadCase):
    capture = False

    def played(self, temper, options):
        with peers.Peer(temper) as peer:
            return self.load(peer.url(), f"{options} timeout 30s")

    def test_a_slow_server_that_keeps_up_has_reached_the_rate(self):
        for warmup in (0, 1):
            with self.subTest(warmup=warmup):
                report = self.played(peers.answers_after(0.5), f"rate 50 duration 4 warmup {warmup}")
                self.assertEqual(report["errors"]["total"], 0)
                self.assertEqual(report["window"]["due"], 200)
                # On a shared machine our own cores may be the limit, but never the server.
                self.assertIn(report["limit"]["side"], ("none", "cores"), report["limit"])
                if report["limit"]["side"] == "none":
                    self.assertGreaterEqual(report["cps"], 49.5)

    def test_a_server_that_manages_half_is_the_limit(self):
        report = self.played(Keeper(4, 0.16), "rate 50 duration 4 warmup 0")
        self.assertEqual(report["errors"]["total"], 0)
        self.assertEqual(report["window"]["due_completed"], report["attempted"])
        self.assertIn(report["limit"]["side"], ("peer", "cores"), report["limit"])
        if report["limit"]["side"] == "peer":
            self.assertIn("does not keep up", report["limit"]["text"])
        self.assertLess(report["cps"], 40)


class Stopped(loads.LoadCase):
    """SIGSTOP for a second and a half: that time is not the server's latency."""
    capture = False
    STOPPED_S = 1.5

    def test_a_stop_is_our_own_and_stays_visible(self):
        # Far above the time that a busy machine can add.
        with peers.Peer(peers.answers_after(0.02)) as peer:
            self.load_begin(peer.url(), "rate 100 duration 5 warmup 0")
            time.sleep(2)
            self.hf.process.send_signal(signal.SIGSTOP)
            time.sleep(self.STOPPED_S)
            self.hf.process.send_signal(signal.SIGCONT)
            report = self.load_end()
        self.assertEqual(report["limit"]["side"], "none", report["limit"])
        self.assertEqual(report["latency"]["side"], "own", report["latency"])
        for kind in ("lateness_us", "gaps_us"):
            self.assertGreaterEqual(report[kind]["max"], 1_400_000, kind)
        window_us = 1e6 * report["window"]["seconds"] * len(report["cores"])
        self.assertEqual(report["gaps_us"]["count"], window_us)
        for core in report["cores"]:
            self.assertGreaterEqual(core["away_percent"], 25)
        away = [s for s in report["seconds"] if s["away_s"] == s["for_s"]]
        self.assertGreaterEqual(sum(s["away_s"] for s in away), 1.4, report["seconds"])
        for s in away:
            self.assertEqual((s["attempted"], s["completed"], s["cps"], s["p50_us"]), (0, 0, 0, 0))
            self.assertLess(s["for_s"], 1.3)
        for key in ("attempted", "completed", "errors"):
            total = report["errors"]["total"] if key == "errors" else report[key]
            self.assertLessEqual(sum(s[key] for s in report["seconds"]), total, key)
        self.assertRegex(self.hf.text, r" 0 CPS .*\(handfast did not run for 1 s\)")
        self.assertRegex(self.hf.text, r"our lateness .* 1\.[45]")
        ends = [0, *(s["at_s"] for s in report["seconds"])]
        for begin, s in zip(ends, report["seconds"]):
            self.assertAlmostEqual(s["at_s"] - s["for_s"], begin, places=2)


    def test_what_was_open_meanwhile_has_not_timed_out(self):
        """The server's answers wait in the port's queue."""
        with peers.Peer(peers.answers_after(0.3)) as peer:
            self.load_begin(peer.url(), "rate 100 duration 3 warmup 0 timeout 1s")
            hf.wait_for(lambda: peer.accepted > 50, "some are open")
            self.hf.process.send_signal(signal.SIGSTOP)
            time.sleep(self.STOPPED_S)
            self.hf.process.send_signal(signal.SIGCONT)
            report = self.load_end()
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertEqual(report["verdict"]["code"], loads.PASSED)


class Idle(loads.LoadCase):
    """Servers that end kept connections, or do not end those that they should end."""

    def test_it_does_not_close_though_it_announced_it(self):
        for close in ("server", "fin"):
            with self.subTest(close=close):
                with peers.Peer(peers.says_and_waits(peers.CLOSING)) as peer:
                    report = self.all_complete(peer.url(), f"rate 10 duration 1 warmup 0 close {close}")
                self.assertEqual(peer.surprises, [])
                waited = report["attempted"] if close == "server" else 0
                self.assertEqual(report["closed_by_us"], waited)

    def test_it_does_not_close_though_it_was_asked_to(self):
        """We close the connection, even if the timeout is shorter than the second for the server."""
        for timeout in (700, 10000):
            with peers.Peer(peers.says_and_waits(peers.OK)) as peer:
                report = self.all_complete(peer.url(), f"rate 10 duration 1 warmup 0 timeout {timeout} close server")
            self.assertEqual(report["closed_by_us"], report["attempted"])

    def test_a_fin_in_the_segment_that_ends_the_answer_is_in_order(self):
        """MSG_MORE keeps the answer until the FIN is there, too."""
        def temper(_, s):
            peers.request(s)
            s.send(peers.OK, socket.MSG_MORE)
            s.shutdown(socket.SHUT_WR)
            peers.gone(s)
        with peers.Peer(temper) as peer:
            report = self.all_complete(peer.url(), f"{loads.SMALL} requests-per-connection 5 close fin")
        self.assertEqual(report["requests"], report["attempted"])
        self.assertEqual(report["closed_idle"], 0)
        self.assertEqual(peer.accepted, report["attempted"])

    def test_a_close_that_meets_the_next_request_is_no_error_and_the_rest_goes_on(self):
        """The server reads the second request and closes without an answer: by FIN, and by RST."""
        def leaves(end):
            def temper(_, s):
                peers.request(s)
                s.sendall(peers.OK)
                if peers.request(s):
                    end(s)
            return temper
        for end in (lambda s: None, hf.reset):
            with peers.Peer(leaves(end)) as peer:
                report = self.all_complete(peer.url(), "rate 2 duration 2 warmup 0 requests-per-connection 4 "
                                           "close fin")
            self.assertEqual(report["requests"], 4 * report["completed"])
            self.assertEqual(report["closed_idle"], 3 * report["completed"])
            self.assertEqual(report["connected"], 4 * report["completed"])
            self.assertEqual(peer.accepted, report["connected"])


class WindowsEnd(loads.LoadCase):
    """Connections of many requests end with the window."""

    def test_it_finishes_the_request_under_way(self):
        for close in ("server", "fin", "rst"):
            with self.subTest(close=close):
                def temper(_, s):
                    for _ in peers.requests(s):
                        time.sleep(0.02)
                        s.sendall(peers.OK)
                with peers.Peer(temper) as peer:
                    report = self.all_complete(peer.url(), "concurrency 4 duration 1 warmup 0 timeout 500 "
                                               f"requests-per-connection 1000000 close {close}")
                self.assertEqual(report["completed"], 4)
                self.assertGreater(report["requests"], 4)
                self.assertEqual(report["closed_by_us"], 0)


if __name__ == "__main__":
    hf.require("tshark")
    hf.main()
