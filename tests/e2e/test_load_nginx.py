#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads on nginx: the counts of the report are those of nginx's log."""
import collections
import time

import hf
import loads
import wirecheck

KEEP = 100  # nginx's keepalive_requests


class OnNginx(loads.LoadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nginx = loads.Nginx()
        cls.addClassCleanup(cls.nginx.end)

    def setUp(self):
        self.nginx.log_forget()

    def url(self, page="small"):
        return f"http://{hf.CLIENT}:{self.nginx.port}/{page}"

    def check_log(self, report, status=200, requests=1):
        """The log by connections. nginx writes a line when a request has ended."""
        hf.wait_for(lambda: len(self.nginx.log()) >= report["attempted"] * requests, "all is logged")
        log = self.nginx.log()
        self.assertEqual({line[2] for line in log}, {status})
        of_connection = collections.Counter(line[0] for line in log)
        self.assertEqual(len(of_connection), report["attempted"])
        self.assertEqual(set(of_connection.values()), {requests})
        return log

    def complete(self, page="small", options=loads.SMALL, requests=1):
        report = self.all_complete(self.url(page), options)
        self.assertEqual(report["requests"], report["completed"] * requests)
        self.check_log(report, requests=requests)
        return report


class Nginx(OnNginx):
    # --- the closing side, and the kind of close

    def test_the_server_closes(self):
        self.complete(options="rate 300 duration 2 close server")

    def test_we_close(self):
        self.complete(options="rate 300 duration 2 close fin")

    def test_we_reset_behind_the_answer(self):
        self.complete(options="rate 100 duration 1 close rst")

    # --- several requests on a connection

    def test_ten_requests_on_a_connection(self):
        for close in ("server", "fin"):
            with self.subTest(close=close):
                self.nginx.log_forget()
                self.complete(options=f"rate 10 duration 1 warmup 0 requests-per-connection 10 close {close}",
                              requests=10)

    def test_nginx_announces_the_last_answer_before_we_have_asked_for_all(self):
        for close in ("server", "fin"):
            with self.subTest(close=close):
                self.nginx.log_forget()
                # The last one is due well before the window ends, and with it the requests.
                self.complete(options=f"rate 2 duration 1 warmup 0 requests-per-connection 150 close {close}",
                              requests=KEEP)

    # --- pages of all kinds

    def test_a_page_of_nothing(self):
        report = self.complete("empty")
        self.assertEqual(report["text_bytes_in"], 0)

    def test_a_page_of_many_segments(self):
        report = self.complete("big", "rate 30 duration 1 warmup 0")
        self.assertEqual(report["text_bytes_in"], report["requests"] * 100_000)

    def test_many_segments_several_times_on_a_connection(self):
        report = self.complete("big", "rate 10 duration 1 warmup 0 requests-per-connection 5", requests=5)
        self.assertEqual(report["text_bytes_in"], report["requests"] * 100_000)

    def test_a_page_in_chunks(self):
        report = self.complete("chunked", "rate 10 duration 1 warmup 0 requests-per-connection 3", requests=3)
        self.assertEqual(report["text_bytes_in"], report["requests"] * 5001)

    # --- statuses

    def test_a_page_that_is_not_there(self):
        report = self.all_fail("bad_status", self.url("nothing"))
        self.check_log(report, status=404)

    def test_a_page_that_is_elsewhere(self):
        report = self.all_fail("redirect", self.url("moved"))
        self.assertEqual(report["status"], {"302": report["attempted"]})
        self.check_log(report, status=302)

    def test_a_redirect_that_is_wanted(self):
        report = self.all_complete(self.url("moved"), f"{loads.SMALL} accept-status 302")
        self.assertEqual(report["spec"]["accept_status"], "302")
        self.check_log(report, status=302)

    def test_a_server_that_is_busy(self):
        report = self.all_fail("bad_status", self.url("busy"))
        self.assertEqual(report["status"], {"503": report["attempted"]})
        self.check_log(report, status=503)

    def test_nginx_does_not_take_a_post_for_a_page(self):
        for payload in (1, 1000, 100_000):
            with self.subTest(payload=payload):
                self.nginx.log_forget()
                report = self.all_fail("bad_status", self.url(), f"{loads.SMALL} payload {payload}")
                log = self.check_log(report, status=405)
                self.assertEqual({line[4] for line in log}, {"POST"})


class Reloads(loads.LoadCase):
    """A new worker takes over; the old one ends the connections that it keeps."""

    def test_kept_connections_end_without_an_error(self):
        nginx = loads.Nginx(master=True)
        self.addCleanup(nginx.end)
        self.load_begin(f"http://{hf.CLIENT}:{nginx.port}/small",
                        "concurrency 4 duration 2 warmup 0 requests-per-connection 90 close fin")
        for _ in range(3):
            time.sleep(0.5)
            nginx.reload()
        report = self.load_end()
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertGreater(report["requests"], report["completed"])


class ClosedLoop(OnNginx):
    capture = False  # at full speed a capture would lose packets

    def test_as_many_as_there_may_be(self):
        for options in ("concurrency 20 duration 1 warmup 0.2", "concurrency 4 duration 1 warmup 0 close fin"):
            self.nginx.log_forget()
            report = self.complete(options=options)
            self.assertGreater(report["completed"], 20)

    def test_big_pages(self):
        self.complete("big", "concurrency 4 duration 1 warmup 0")


class Flawless(loads.LoadCase):
    """Without loss, tshark's expert has no remark on our segments: no repetition, no hole, no
    shut window, no second ACK. On a busy machine one side may sleep for long and repeat a
    segment, so one good run in three is enough."""
    TRIES = 3

    def remarks(self, url):
        for close in ("fin", "server"):
            self.all_complete(url, f"rate 100 duration 1 warmup 0 close {close}")
        path = self.hf.capture_stop()
        self.assertEqual(wirecheck.check(path, hf.SERVER), [])
        return wirecheck.tshark(path, hf.SERVER, wirecheck.FLAWLESS)

    def test_the_expert_is_silent(self):
        nginx = loads.Nginx()
        self.addCleanup(nginx.end)
        for again in range(self.TRIES):
            found = self.remarks(f"http://{hf.CLIENT}:{nginx.port}/small")
            if not found:
                return
            self.hf.capture_start(f"again-{again}.pcapng")
        self.fail("\n".join(found))


if __name__ == "__main__":
    hf.require("nginx", "tshark")
    hf.main()
