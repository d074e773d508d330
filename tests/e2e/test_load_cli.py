#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads in a command file, without a prompt: they run one after the other. The program
ends with the last one, and its exit code has the verdict."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

import hf
import loads
import peers
from loads import ENVIRONMENT, MISSED, PASSED, USAGE

SHORT = "rate 50 duration 1 warmup 0"
CLOSED = "concurrency 2 duration 1 warmup 0"  # all due connections are opened, even on a slow machine
LONG = "rate 50 duration 100 warmup 0"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater"
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


class Folder(unittest.TestCase):
    longMessage = True

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="hf-load-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.addCleanup(shutil.rmtree, f"/var/run/dpdk/hf-{os.getpid()}", True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def program(self, *arguments, before=(), program=hf.PROGRAM):
        """(exit code, output)"""
        done = subprocess.run([*before, program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=hf.DEADLINE, check=False)
        return done.returncode, done.stdout


class InAFile(Folder):
    def begin(self, *commands):
        program = hf.Handfast(commands, interactive=False, start=False)
        self.addCleanup(program.discard)
        return program

    def loads(self, code, *commands):
        """The output, after the program has ended by itself."""
        got, said = self.begin(*commands).wait_end()
        self.assertEqual(got, code, said)
        return said

    def serve(self, temper=peers.answers_and_closes(peers.CLOSING)):
        peer = peers.Peer(temper, address="0.0.0.0")  # the TAP comes with the program
        peer.__enter__()
        self.addCleanup(peer.__exit__)
        return peer

    def test_an_expectation_that_is_met(self):
        said = self.loads(PASSED, f"load {self.serve().url()} {CLOSED} expect cps 1 expect p99 20000")
        self.assertIn("p99", said)
        self.assertNotIn("MISSED", said)

    def test_an_expectation_that_is_missed(self):
        slow = self.serve(peers.answers_after(0.05))
        said = self.loads(MISSED, f"load {slow.url()} {SHORT} expect p99 1")
        self.assertIn("MISSED", said)

    def test_one_that_is_missed_is_not_made_good_by_the_next(self):
        slow = self.serve(peers.answers_after(0.05))
        self.loads(MISSED, f"load {slow.url()} {SHORT} expect p99 1", f"load {slow.url()} {SHORT}")

    def test_several_expectations_at_once(self):
        said = self.loads(MISSED, f"load {self.serve(peers.answers_after(0.05)).url()} {CLOSED} expect p99.9 20000 "
                          "expect connect 20000 expect first-byte p50 1 expect rps 1 expect errors 0 "
                          f"json {self.path('r.json')}")
        rows = {row["what"]: row for row in json.loads(self.read("r.json"))["expectations"]}
        self.assertEqual(sorted(rows), ["connect_p99_ms", "errors", "first_byte_p50_ms", "p99_9_ms", "rps"])
        self.assertEqual([what for what, row in rows.items() if not row["met"]], ["first_byte_p50_ms"])
        self.assertIn("not as expected: first-byte p50", said)

    def test_most_answers_are_503(self):
        """The rate was reached, but with failures: the exit code must not be 0."""
        turns = itertools.count()

        def temper(_, s):
            if peers.request(s):
                s.sendall(peers.CLOSING if next(turns) % 5 < 2 else BUSY)
        peer = self.serve(temper)
        load = f"load {peer.url()} {SHORT} json {self.path('r.json')}"
        said = self.loads(MISSED, f"{load} expect cps 1")
        report = json.loads(self.read("r.json"))
        self.assertEqual(sum(report["status"].values()), report["attempted"])
        self.assertEqual(report["status"]["503"], report["errors"]["bad_status"])
        self.assertRegex(said, rf"status +200: {report['status']['200']}, 503: {report['status']['503']}\n")
        self.assertIn(f"{report['errors']['total']} of {report['attempted']} attempts failed", said)
        self.loads(PASSED, f"{load} expect errors 70%")
        said = self.loads(MISSED, f"{load} expect errors 70% expect p99 20000")
        self.assertIn("attempts have no latency", said)
        self.loads(PASSED, f"{load} accept-status 2xx,503")

    def test_most_connections_are_reset(self):
        turns = itertools.count()

        def temper(_, s):
            if peers.request(s):
                if next(turns) % 10:
                    hf.reset(s)
                else:
                    s.sendall(peers.CLOSING)
        peer = self.serve(temper)
        said = self.loads(MISSED, f"load {peer.url()} {SHORT}")
        self.assertIn("attempts failed", said)
        said = self.loads(MISSED, f"load {peer.url()} {SHORT} expect errors 100% expect p50 20000")
        self.assertIn("have no latency", said)
        self.assertIn("(whole covers the ", said)
        self.loads(PASSED, f"load {peer.url()} {SHORT} expect errors 95% expect cps 1")

    def test_a_redirect_is_not_the_page(self):
        moved = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        peer = self.serve(peers.answers_and_closes(moved))
        said = self.loads(MISSED, f"load {peer.url()} {SHORT} json {self.path('r.json')}")
        report = json.loads(self.read("r.json"))
        self.assertEqual(report["errors"]["redirect"], report["attempted"])
        self.assertRegex(said, rf"redirect +{report['attempted']}")
        self.assertIn("accept-status", said)
        said = self.loads(PASSED, f"load {peer.url()} {SHORT} accept-status 301-302")
        self.assertRegex(said, "status +302: ")

    def test_nothing_was_completed(self):
        said = self.loads(MISSED, f"load http://{hf.CLIENT}:4/ {SHORT}")
        self.assertIn("refused", said)

    def test_loads_run_one_after_the_other(self):
        heard = []

        def temper(_, s):
            heard.append(peers.request(s).split(b" ")[1])
            s.sendall(peers.CLOSING)
        peer = self.serve(temper)
        self.loads(PASSED, f"load {peer.url(path='/one?x=1')} {SHORT} json {self.path('1.json')}",
                   f"load {peer.url(path='/two')} {SHORT} json {self.path('2.json')}")
        counts = [json.loads(self.read(name))["completed"] for name in ("1.json", "2.json")]
        self.assertEqual(heard, [b"/one?x=1"] * counts[0] + [b"/two"] * counts[1])

    def test_the_files_that_were_asked_for(self):
        said = self.loads(PASSED, f"load {self.serve().url()} {SHORT} json {self.path('r.json')} html {self.path('r.html')}")
        report = json.loads(self.read("r.json"))
        for key in ("schema_version", "attempted", "completed", "cps", "errors", "latency_us", "retransmissions", "limit",
                    "environment", "spec", "seconds", "cores", "passed", "verdict", "status", "id"):
            self.assertIn(key, report)
        self.assertEqual(report["schema_version"], 2)
        self.assertEqual(sum(n for _, _, n in report["latency_us"]["whole"]["buckets"]), report["completed"])
        self.assertIn(f"{report['completed']} completed of {report['attempted']} attempted", said)
        page = self.read("r.html")
        self.assertIn("<svg", page)
        self.assertNotRegex(page, r"(src|href)=.?https?:")
        self.assertEqual(sorted(os.listdir(self.dir)), ["r.html", "r.json"], "nothing is left beside them")

    def test_a_file_that_cannot_be_written_in_the_end(self):
        os.mkdir(self.path("sub"))
        program = self.begin(f"load {self.serve().url()} {SHORT} json {self.path('sub/r.json')}")
        hf.wait_for(lambda: "sources:" in program.text, "the load has begun")
        os.rmdir(self.path("sub"))
        code, said = program.wait_end()
        self.assertEqual(code, ENVIRONMENT, said)
        self.assertIn("sub/r.json", said)

    def test_ctrl_c_ends_it_with_the_report(self):
        peer = self.serve()
        program = self.begin(f"load {peer.url()} {LONG} json {self.path('r.json')}", f"load {peer.url()} {LONG}")
        hf.wait_for(lambda: peer.accepted > 5, "the load is under way")
        program.signal(signal.SIGINT)
        code, said = program.wait_end()
        self.assertEqual(code, MISSED, "it was not what the file asked for")
        report = json.loads(self.read("r.json"))
        self.assertTrue(report["stopped"])
        self.assertGreater(report["completed"], 0)
        self.assertEqual(said.count("completed of"), 1, said)

    def test_ctrl_c_before_the_answer_to_arp(self):
        program = self.begin(f"load http://192.0.2.77/ {LONG} timeout 1000")
        hf.wait_for(lambda: "waiting for" in program.text, "ARP is being asked")
        program.signal(signal.SIGINT)
        code, said = program.wait_end()
        self.assertEqual(code, MISSED, said)
        self.assertIn("(stopped early)", said)

    def alone(self, *commands, arguments=()):
        """Start the program, and give its TAP no address."""
        with open(self.path("commands"), "w", encoding="ascii") as f:
            f.write("\n".join([f"set port 0 ip {hf.SERVER}/{hf.NETWORK}", *commands]) + "\n")
        out = open(self.path("out"), "wb")  # pylint: disable=consider-using-with
        self.addCleanup(out.close)
        program = subprocess.Popen([hf.PROGRAM, *hf.eal(), "--", "--cmdline-file", self.path("commands"), *arguments],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

        def end():
            if program.poll() is None:
                program.kill()
            program.wait()
        self.addCleanup(end)
        return program

    def test_it_waits_for_an_address_that_comes_late(self):
        """As in the README: the user types `ip addr add` while the program runs."""
        peer = self.serve()
        program = self.alone(f"load {peer.url()} {SHORT} json {self.path('r.json')}")
        hf.wait_for(lambda: f"waiting for an answer to ARP for {hf.CLIENT} (port 0)" in self.read("out"), "it says so")
        time.sleep(5)  # longer than ARP's own repetitions
        self.assertNotIn("CPS", self.read("out"), "its clock runs")
        hf.run("ip", "addr", "add", f"{hf.CLIENT}/{hf.NETWORK}", "dev", hf.TAP)
        hf.run("ip", "link", "set", hf.TAP, "up")
        self.assertEqual(program.wait(hf.DEADLINE), PASSED, self.read("out"))
        report = json.loads(self.read("r.json"))
        self.assertEqual(report["attempted"], report["completed"])
        self.assertEqual(report["attempted"], 50)
        self.assertEqual(self.read("out").count("waiting for"), 1)

    def test_a_wait_that_is_over_is_no_load(self):
        program = self.alone(f"load http://{hf.CLIENT}/ {SHORT} json {self.path('r.json')}", f"load http://{hf.CLIENT}/",
                             arguments=["--load-wait", "2"])
        self.assertEqual(program.wait(hf.DEADLINE), ENVIRONMENT)
        said = self.read("out")
        self.assertIn("commands:2: no answer to ARP for 192.0.2.1 (port 0)", said)
        self.assertIn(f"ip addr add {hf.CLIENT}/24 dev {hf.TAP}", said)
        self.assertNotIn("completed of", said)
        self.assertFalse(os.path.exists(self.path("r.json")))

    def test_ctrl_c_again_cuts_off_what_is_open(self):
        peer = self.serve(peers.never_answers)
        program = self.begin(f"load {peer.url()} {LONG} timeout 1000000 json {self.path('r.json')}")
        hf.wait_for(lambda: peer.accepted > 5, "some are open")

        def ended():
            program.signal(signal.SIGINT)
            return program.process.poll() is not None
        hf.wait_for(ended, "the end")
        code, said = program.wait_end()
        self.assertEqual(code, MISSED, said)
        report = json.loads(self.read("r.json"))
        self.assertEqual(report["errors"]["stopped"], report["attempted"], report["errors"])

    def test_two_workers_share_a_load(self):
        peer = self.serve()
        program = hf.Handfast([f"load {peer.url()} {SHORT} json {self.path('r.json')}"], interactive=False, start=False,
                              lcores="0,1@0,2@1")
        self.addCleanup(program.discard)
        code, said = program.wait_end()
        self.assertEqual(code, PASSED, said)
        report = json.loads(self.read("r.json"))
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertEqual(len(report["cores"]), 2)
        self.assertEqual(peer.accepted, report["completed"])


class Mistakes(Folder):
    """Mistakes that are found before any command runs."""

    def file(self, *lines):
        path = self.path("commands")
        with open(path, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")
        return path

    def test_urls_that_are_none(self):
        for url, word in (("ftp://192.0.2.1/", "ftp"), ("192.0.2.1", "http://"), ("https://192.0.2.1/", "TLS"),
                          ("http://localhost/", "localhost"), ("http://192.0.2.999/", "192.0.2.999"),
                          ("tcp://192.0.2.1", "port"), ("http://192.0.2.1:70000/", "70000"),
                          ("echo://192.0.2.1/x", "/x"), ("http://0.0.0.0/", "0.0.0.0")):
            with self.subTest(url=url):
                code, said = self.program(*hf.eal(), "--", "--cmdline-file", self.file(hf.ADDRESS, f"load {url}"))
                self.assertEqual(code, USAGE, said)
                self.assertIn("commands:2", said)
                self.assertIn(word, said)

    def test_options_that_contradict_each_other(self):
        for options in ("rate 5 concurrency 5", "rate 5 rate 6", "duration x", "close maybe", "payload 17M",
                        f"json {self.dir}/no/such/r.json", f"json {self.path('a')} html {self.path('a')}"):
            with self.subTest(options=options):
                lines = (hf.ADDRESS, f"load http://{hf.CLIENT}/ {options}")
                code, said = self.program(*hf.eal(), "--", "--cmdline-file", self.file(*lines))
                self.assertEqual(code, USAGE, said)
                self.assertIn("commands:2", said)

    def test_a_host_that_no_port_leads_to(self):
        lines = (f"set port 0 ip {hf.SERVER}/24", "load http://198.51.100.1/")
        code, said = self.program(*hf.eal(), "--", "--cmdline-file", self.file(*lines))
        self.assertEqual(code, USAGE, said)
        self.assertIn("gateway", said)


class Anybody(Folder):
    """Without root, without a NIC."""

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o777)
        self.copy = shutil.copy(hf.PROGRAM, self.dir)

    def run_as_nobody(self, *arguments):
        before = ["env", "-u", "XDG_RUNTIME_DIR", *NOBODY]
        return self.program(*arguments, before=before, program=self.copy)

    def test_the_demo_runs_and_its_reports_can_be_merged(self):
        for name in ("a", "b"):
            code, said = self.run_as_nobody("demo", "duration", "1", "rate", "1000", "json", self.path(name))
            self.assertEqual(code, PASSED, said)
            self.assertIn("completed of", said)
        code, said = self.run_as_nobody("report", "merge", self.path("a"), self.path("b"), "json", self.path("sum"),
                                        "html", self.path("page"))
        self.assertEqual(code, PASSED, said)
        a, b, both = (json.loads(self.read(name)) for name in ("a", "b", "sum"))
        for key in ("attempted", "completed", "requests"):
            self.assertEqual(both[key], a[key] + b[key], key)
        self.assertEqual(both["latency_us"]["whole"]["count"],
                         a["latency_us"]["whole"]["count"] + b["latency_us"]["whole"]["count"])
        self.assertEqual(len(both["machines"]), 2)
        self.assertIn("<svg", self.read("page"))

    def merged(self, code, *arguments):
        got, said = self.run_as_nobody("report", "merge", *(self.path(a) if a not in ("json", "html") else a
                                                            for a in arguments))
        self.assertEqual(got, code, said)
        return said

    def test_nothing_is_counted_twice_and_nothing_is_overwritten(self):
        for name in ("a", "b"):
            code, said = self.run_as_nobody("demo", "duration", "1", "rate", "100", "json", self.path(name))
            self.assertEqual(code, PASSED, said)
        os.symlink("a", self.path("soft"))
        os.link(self.path("a"), self.path("hard"))
        before = self.read("a")
        self.merged(PASSED, "a", "b", "json", "ab")
        ids = [json.loads(self.read(name))["id"] for name in ("a", "b")]
        self.assertEqual(json.loads(self.read("ab"))["parts"], ids)
        for arguments in (("a", "a"), ("ab", "a"), ("b", "ab"), ("ab", "ab"), ("a", "soft")):
            with self.subTest(arguments=arguments):
                self.assertIn("report", self.merged(USAGE, *arguments))
        for arguments in (("a", "b", "json", "a"), ("a", "b", "html", "b"), ("a", "b", "json", "soft"),
                          ("a", "b", "html", "hard"), ("soft", "b", "json", "a"), ("a", "b", "json", "./b")):
            with self.subTest(arguments=arguments):
                self.assertIn("would be overwritten", self.merged(USAGE, *arguments))
        self.assertIn("same file", self.merged(USAGE, "a", "b", "json", "x", "html", "./x"))
        self.assertEqual(self.read("a"), before)

    def test_a_page_is_xml_whatever_a_report_says(self):
        code, said = self.run_as_nobody("demo", "duration", "1", "rate", "100", "json", self.path("a"))
        self.assertEqual(code, PASSED, said)
        report = json.loads(self.read("a"))
        report["environment"]["host"] = "a\ufffe\uffff<&\U0001fffe"
        report["target"] = "http://192.0.2.1/\ufffe"
        with open(self.path("b"), "w", encoding="utf-8") as f:
            json.dump(report, f)
        self.merged(PASSED, "b", "html", "page")
        xml.etree.ElementTree.parse(self.path("page"))
        report["environment"]["host"] = "\x1b[31m"
        with open(self.path("b"), "w", encoding="utf-8") as f:
            json.dump(report, f)
        self.assertNotIn("\x1b", self.merged(USAGE, "b"))

    def test_what_cannot_be_merged(self):
        with open(self.path("text"), "w", encoding="ascii") as f:
            f.write('{"a": 1}\n')
        for arguments, word in ((["/no/such/report"], "No such file"), ([self.path("text")], "text"), ([], "merge")):
            with self.subTest(arguments=arguments):
                code, said = self.run_as_nobody("report", "merge", *arguments)
                self.assertEqual(code, USAGE, said)
                self.assertIn(word, said)


if __name__ == "__main__":
    hf.require("setpriv")
    hf.main()
