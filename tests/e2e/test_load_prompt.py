#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads at the prompt: the output while one runs, and the source addresses."""
import collections
import json
import os

import hf
import loads
import peers
import wirecheck

LONG = "rate 50 duration 100 warmup 0"


class AtThePrompt(loads.LoadCase):
    options = {"start": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hf.command("start")
        cls.at_start = cls.hf.usage()
        cls.hf.command("stop")

    def test_a_load_starts_the_stack_and_ends_when_told(self):
        self.assertIn("there has been no load", self.hf.command("show load"))
        self.hf.command("stop")
        self.assertFalse(self.hf.json("show lcore")["running"])
        with peers.Peer(peers.answers_and_closes(peers.CLOSING)) as peer:
            self.load_begin(peer.url(), LONG)
            self.assertTrue(self.hf.json("show lcore")["running"])
            hf.wait_for(lambda: self.hf.json("show load")["completed"] > 5, "some are completed")
            self.assertIn("completed of", self.hf.command("show load"))
            said = self.hf.command(f"load {peer.url()} {loads.SMALL}")
            self.assertIn("a load is running", said)
            self.assertIn("stop load", said)
            self.assertEqual(self.hf.command("stop load").strip(), "")
            report = self.load_end()
        self.assertTrue(report["stopped"])
        self.assertGreater(report["completed"], 5)
        self.assertEqual(peer.accepted, report["connected"])
        shown = self.hf.json("show load")
        self.assertEqual(shown.keys(), report.keys())
        for key in ("attempted", "completed", "requests", "errors", "stopped", "target"):
            self.assertEqual(shown[key], report[key], key)
        self.assertIn("no load is running", self.hf.command("stop load"))

    def test_a_wrong_url_changes_nothing(self):
        before = self.hf.command("show config")
        for url in ("gopher://192.0.2.1/", "http://host/", "http://192.0.2.1:0/"):
            self.assertIn(url, self.hf.command(f"load {url} {loads.SMALL}"))
        self.assertEqual(self.hf.command("show config"), before)

    def test_a_load_that_waits_leaves_the_prompt_alone(self):
        self.load_begin("http://192.0.2.77/", LONG)
        hf.wait_for(lambda: "waiting for an answer to ARP for 192.0.2.77" in self.hf.text, "it says so")
        self.assertIn("it waits for an answer to ARP for 192.0.2.77 (port 0)", self.hf.command("show load"))
        self.assertEqual(self.hf.json("show load")["waiting_for"], "an answer to ARP for 192.0.2.77 (port 0)")
        hf.run("ip", "link", "set", hf.TAP, "down")
        self.addCleanup(hf.run, "ip", "link", "set", hf.TAP, "up")
        hf.wait_for(lambda: "waiting for port 0's link" in self.hf.text, "it says so")
        hf.run("ip", "link", "set", hf.TAP, "up")
        self.hf.command("stop load")
        hf.wait_for(lambda: os.path.exists(self.report_path), "the report")
        with open(self.report_path, encoding="utf-8") as f:
            report = json.load(f)
        self.assertTrue(report["stopped"])
        self.assertEqual(report["attempted"], 0)
        type(self).exit_code = loads.MISSED

    def test_stop_ends_a_load_with_its_report(self):
        with peers.Peer(peers.never_answers) as peer:
            self.load_begin(peer.url(), LONG)
            hf.wait_for(lambda: peer.accepted > 5, "some are open")
            self.hf.command("stop")
            hf.wait_for(lambda: os.path.exists(self.report_path), "the report")
        with open(self.report_path, encoding="utf-8") as f:
            report = json.load(f)
        self.check_balance(report)
        self.assertEqual(report["completed"], 0)
        type(self).exit_code = loads.MISSED
        self.assertTrue(report["stopped"])


class BothSides(loads.LoadCase):
    """The same program is a server and a client."""
    commands = hf.SERVICES

    def test_it_serves_while_it_opens(self):
        with peers.Peer(peers.echoes) as peer:
            self.load_begin(peer.url("echo"), "rate 100 duration 2 warmup 0 requests-per-connection 10")
            for _ in range(50):
                s = hf.connect(7)
                s.sendall(b"served")
                self.assertEqual(hf.read_exactly(s, 6), b"served")
                s.close()
            report = self.load_end()
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertEqual(peer.accepted, report["completed"])


class Quit(hf.unittest.TestCase):
    def test_quit_ends_a_load_with_its_report(self):
        program = hf.Handfast()
        self.addCleanup(program.discard)
        with peers.Peer(peers.answers_and_closes(peers.CLOSING)) as peer:
            program.command(f"load {peer.url()} {LONG}")
            hf.wait_for(lambda: peer.accepted > 5, "the load is under way")
            code, said = program.quit()
        self.assertEqual(code, loads.PASSED, said)
        self.assertIn("completed of", said)


class Sources(loads.LoadCase):
    """20 addresses on the link: the kernel asks for each of them by ARP."""
    sources = [f"192.0.2.{100 + n}" for n in range(20)]
    commands = (f"set source {sources[0]}-{sources[-1]}",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nginx = loads.Nginx()
        cls.addClassCleanup(cls.nginx.end)

    def used(self, options):
        self.nginx.log_forget()
        report = self.all_complete(f"http://{hf.CLIENT}:{self.nginx.port}/small", options)
        hf.wait_for(lambda: len(self.nginx.log()) >= report["completed"], "all is logged")
        used = collections.Counter(line[3] for line in self.nginx.log())
        self.assertEqual(sum(used.values()), report["completed"])
        self.assertEqual(sorted(used), sorted(self.sources))
        return used

    def test_all_are_used_evenly(self):
        for options in ("rate 200 duration 1 warmup 0", "rate 200 duration 1 warmup 0 close fin"):
            used = self.used(options)
            self.assertLessEqual(max(used.values()) - min(used.values()), 1, used)


class FarSources(Sources):
    """Addresses of another network: the kernel has a route to them through us."""
    sources = [f"203.0.113.{1 + n}" for n in range(20)]
    commands = (f"set source {sources[0]}-{sources[-1]}",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.run("ip", "route", "add", "203.0.113.0/24", "via", hf.SERVER)


class Scattered(Sources):
    commands = (f"set source {Sources.sources[0]}-{Sources.sources[-1]} ports 20000-20999 scattered",)

    def test_all_are_used_evenly(self):
        self.used("rate 500 duration 1 warmup 0")

    def test_only_the_ports_that_were_given(self):
        self.used("rate 500 duration 1 warmup 0")
        path = self.hf.capture_stop()
        self.assertEqual(wirecheck.check(path, hf.SERVER, self.sources), [])
        ports = {c.client[1] for c in wirecheck.pcapng.connections(path)}
        self.assertGreater(len(ports), 100)
        self.assertTrue(ports <= set(range(20000, 21000)), ports)


class FewPorts(loads.LoadCase):
    """TIME-WAIT is on our side. With four ports the fifth connection finds none, until
    timestamps allow the first to be opened again, after a second (RFC 6191)."""
    sources = ("192.0.2.100",)
    commands = ("set source 192.0.2.100-192.0.2.100 ports 30000-30003",)

    def test_what_finds_no_port_is_counted_as_that(self):
        with peers.Peer(peers.answers(peers.OK)) as peer:
            report = self.load(peer.url(), "rate 20 duration 3 warmup 0 close fin")
        self.assertGreater(report["completed"], 4)
        self.assertGreater(report["errors"]["no_source"], 0)
        self.assertEqual(report["errors"]["no_source"], report["errors"]["total"], report["errors"])
        self.assertEqual(peer.accepted, report["completed"])
        type(self).exit_code = loads.ENVIRONMENT  # most attempts failed on our own side
        self.assertEqual(report["verdict"]["code"], loads.ENVIRONMENT)


if __name__ == "__main__":
    hf.require("nginx", "tshark")
    hf.main()
