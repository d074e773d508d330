#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The ports of EAL that the program takes: bonds and their members, --ports, ports without
an address."""
import subprocess
import unittest

import hf
from test_link import ping

TAPS = ["--vdev=net_tap1,iface=hf1"]
BOND = [*TAPS, "--vdev=net_bonding0,mode=1,slave=net_tap0,slave=net_tap1"]


class Bond(hf.Case):
    """A member that is polled beside its bond takes packets from the bond."""
    options = {"more": BOND}
    commands = ("set listen 0.0.0.0:80 http",)
    capture = False

    def test_its_members_are_its_own(self):
        ports = self.hf.json("show port all")["ports"]
        self.assertEqual([port["device"] for port in ports], ["net_bonding0"])
        self.assertTrue(ports[0]["link"]["up"])

    def test_no_packet_is_lost(self):
        self.assertEqual([ping(seq=n, wait=5) for n in range(100)], [True] * 100)
        for _ in range(20):
            s = hf.connect(80)
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            self.assertEqual(hf.Response(s).status, 200)
            s.close()


class Alone(hf.Case):
    """A second port without an address."""
    options = {"more": TAPS}
    commands = ("set listen 0.0.0.0:80 http",)

    def test_it_is_said_and_the_other_one_works(self):
        self.assertRegex(self.hf.text, "port 1 .*no address, so the port is not used: set port 1 ip")
        self.assertTrue(ping())

    def test_what_arrives_there_is_not_ours(self):
        hf.run("ip", "addr", "add", "198.51.100.1/24", "dev", "hf1")
        hf.run("ip", "link", "set", "hf1", "up")
        self.assertIsNone(ping(address="198.51.100.2", wait=0.5))
        self.assertTrue(ping())
        port = self.hf.json("show port 1")["ports"][0]
        self.assertEqual(port["stats"]["rx_packets"], 0)
        self.assertEqual(port["stats"]["tx_packets"], 0)


class Later(hf.Case):
    options = {"more": TAPS}

    def test_it_gets_one_later(self):
        self.hf.command("stop")
        self.hf.command("set port 1 ip 203.0.113.2/24")
        self.hf.command("start")
        hf.run("ip", "addr", "add", "203.0.113.1/24", "dev", "hf1")
        hf.run("ip", "link", "set", "hf1", "up")
        self.assertTrue(ping(address="203.0.113.2"))
        self.assertTrue(ping())


class Chosen(hf.Case):
    """The order of --ports holds."""
    options = {"more": [*TAPS, "--vdev=net_tap2,iface=hf2"], "arguments": ("--ports", "net_tap2,0")}
    commands = ("set port 1 ip 203.0.113.2/24",)
    capture = False

    def test_only_these(self):
        ports = self.hf.json("show port all")["ports"]
        self.assertEqual([port["device"] for port in ports], ["net_tap2", "net_tap0"])


class Removed(hf.Case):
    """The driver of a removed device goes on, and reports a link."""
    capture = False

    def test_it_is_said_and_named_as_the_cause(self):
        self.assertTrue(ping())
        self.assertFalse(self.hf.json("show port 0")["ports"][0]["link"]["removed"])
        hf.run("ip", "link", "del", hf.TAP)
        hf.wait_for(lambda: f"port 0 has lost its network device: {hf.TAP} was removed" in self.hf.text, "it is said")
        said = self.hf.command("show port 0")
        self.assertIn("none: the network device was removed", said)
        self.assertNotIn("too slow", said)
        link = self.hf.json("show port 0")["ports"][0]["link"]
        self.assertTrue(link["removed"])
        self.assertFalse(link["up"])
        self.assertEqual(self.hf.text.count("has lost its network device"), 1)
        self.hf.command("stop")
        self.assertNotIn("could not be sent", self.hf.text, "there was no connection to reset")


class RemovedUnderALoad(hf.Case):
    capture = False
    exit_code = 2

    def test_what_waits_for_its_link_ends_at_once(self):
        self.hf.command("load http://192.0.2.77/ rate 10 duration 1")
        hf.wait_for(lambda: "waiting for " in self.hf.text, "it waits")
        hf.run("ip", "link", "del", hf.TAP)
        hf.wait_for(lambda: "port 0 has lost its network device: nothing was measured" in self.hf.text, "it is over")
        self.assertNotIn("cable", self.hf.text)


class Down(hf.Case):
    capture = False

    def test_errors_in_sending_have_a_cause(self):
        self.assertTrue(ping())
        hf.run("ip", "link", "set", hf.TAP, "down")
        said = self.hf.command("show port 0")
        self.assertIn("link       down", said)
        self.assertNotIn("too slow", said)


class Mistakes(unittest.TestCase):
    longMessage = True

    def fails(self, words, *arguments, lcores="0", more=BOND):
        done = subprocess.run([hf.PROGRAM, *hf.eal(lcores=lcores, more=more), "--", *arguments],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=hf.DEADLINE, check=False)
        self.assertEqual(done.returncode, 3, done.stdout)
        for word in words:
            self.assertIn(word, done.stdout)

    def test_a_member_of_a_bond(self):
        self.fails(["net_tap1 is a member of a bond", "net_bonding0 (2)"], "--ports", "net_tap1")

    def test_ports_that_are_not_there(self):
        self.fails(["no port net_tpa0", "net_bonding0 (2)"], "--ports", "net_tpa0")
        self.fails(["no port 7", "net_tap0 (0), net_tap1 (1)"], "--ports", "0,7", more=TAPS)

    def test_a_port_named_twice(self):
        self.fails(["net_tap0 is named twice"], "--ports", "0,net_tap0", more=TAPS)

    def test_more_cores_than_a_tap_has_queues(self):
        """net_tap would write beyond its own message, and abort."""
        cores = ",".join(f"{n}@0" for n in range(14))
        self.fails(["port 0 (net_tap0) has", "13 cores", "to fix it: use fewer cores: -l 0-"], lcores=cores, more=())


if __name__ == "__main__":
    hf.main()
