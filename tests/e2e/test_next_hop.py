#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Next hops: a gateway outside of every prefix, and peers that move to another MAC in the
middle of a download, compared with the kernel."""
import os
import socket
import struct
import subprocess
import sys
import threading
import time

import hf
import loads

OURS, CLASS_E, FAR = "203.0.113.9", "240.0.0.7", "198.51.100.7"
YARD, YARD_CLIENT = "192.0.2.130", "192.0.2.129"
TIMEOUTS = 3  # retransmission timeouts of 200 ms, 400 ms and 800 ms


class HostRoute(loads.LoadCase):
    """A /32 as in clouds: the gateway is outside of it."""
    commands = (f"set port 0 ip {OURS}/32 gateway {hf.CLIENT}", *hf.SERVICES, "set http body 200000")
    capture = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.run("ip", "route", "add", f"{OURS}/32", "dev", hf.TAP)
        for far in (FAR, CLASS_E):
            hf.run("ip", "addr", "add", f"{far}/32", "dev", "lo")

    def test_it_is_said_and_kept(self):
        self.assertIn(f"{OURS}/32 gateway {hf.CLIENT}", self.hf.command("show config"))
        port = self.hf.json("show port 0")
        self.assertIn(hf.CLIENT, str(port))

    def test_clients_of_everywhere_are_served(self):
        for source in (hf.CLIENT, FAR, CLASS_E):
            got = hf.run("curl", "--silent", "--show-error", "--interface", source, "--output", "/dev/null",
                         "--write-out", "%{http_code} %{size_download}", f"http://{OURS}/")
            self.assertEqual(got.stdout, "200 200000", source)

    def test_servers_of_everywhere_are_reached(self):
        for far in (hf.CLIENT, FAR, CLASS_E):
            with socket.socket() as s:
                s.bind((far, 9001))
                s.listen(100)
                report = self.load(f"tcp://{far}:9001", f"{loads.SMALL} close rst")
                self.assertEqual(report["errors"]["total"], 0, report["errors"])
                peer, address = s.accept()
                peer.close()
                self.assertEqual(address[0], OURS)


def stream():
    """The kernel's server for the comparison: it sends bytes without end to each client."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", 19))
        listener.listen()
        while True:
            s = listener.accept()[0]
            threading.Thread(target=send_all, args=(s,), daemon=True).start()


def send_all(s):
    try:
        while True:
            s.sendall(bytes(65536))
    except OSError:
        s.close()


def mac_of(device):
    text = hf.run("ip", "-o", "link", "show", device).stdout
    return bytes.fromhex(text.split("link/ether ")[1].split()[0].replace(":", ""))


def announce(device, address):
    """Gratuitous ARP (RFC 5227 2.3)."""
    mac, ip = mac_of(device), socket.inet_aton(address)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
        s.bind((device, 0x0806))
        s.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + mac + ip +
               bytes(6) + ip)


def serves(address):
    try:
        hf.reset(socket.create_connection((address, 19), 1))
    except OSError:
        return False
    return True


class Reader(threading.Thread):
    """Reads all bytes, and notes their times."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.s = socket.create_connection((address, 19), hf.DEADLINE)
        self.total, self.at, self.ended = 0, time.monotonic(), False
        self.start()

    def run(self):
        while not self.ended:
            try:
                got = len(self.s.recv(1 << 18))
            except OSError:
                break
            if got == 0:
                break
            self.total += got
            self.at = time.monotonic()

    def close(self):
        self.ended = True
        self.join(hf.DEADLINE)
        hf.reset(self.s)


class Moves(hf.Case):
    commands = hf.SERVICES
    capture = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yard = subprocess.Popen(["unshare", "--net", sys.executable, __file__, "stream"])
        cls.addClassCleanup(cls.yard.wait)
        cls.addClassCleanup(cls.yard.kill)
        mine, pid = os.readlink("/proc/self/ns/net"), str(cls.yard.pid)
        hf.wait_for(lambda: os.readlink(f"/proc/{pid}/ns/net") != mine, "the other namespace")
        hf.run("ip", "link", "add", "yard0", "type", "veth", "peer", "name", "yard1", "netns", pid)
        hf.run("ip", "addr", "add", f"{YARD_CLIENT}/32", "peer", f"{YARD}/32", "dev", "yard0")
        hf.run("ip", "link", "set", "yard0", "up")
        for command in (("addr", "add", f"{YARD}/32", "peer", f"{YARD_CLIENT}/32", "dev", "yard1"),
                        ("link", "set", "yard1", "up")):
            hf.run("nsenter", f"--net=/proc/{pid}/ns/net", "ip", *command)
        hf.wait_for(lambda: serves(YARD), "the yardstick")
        hf.run("nft", "add table ip moves; add chain ip moves out { type filter hook output priority 0; }")
        Moves.number = 0x10

    def move(self, device, own, server, announced):
        """Seconds until bytes come again after a move. The packets of its first moments are lost."""
        reader = Reader(server)
        hf.wait_for(lambda: reader.total > 1 << 20, "a download")
        Moves.number += 1
        hf.run("nft", f"add rule ip moves out ip daddr {server} drop")
        hf.run("ip", "link", "set", device, "address", f"02:00:00:00:07:{Moves.number:02x}")
        began, before = time.monotonic(), reader.total
        time.sleep(0.05)  # packets in flight are lost
        hf.run("nft", "flush chain ip moves out")
        before = reader.total
        if announced:
            announce(device, own)
        hf.wait_for(lambda: reader.total > before, "more of the download")
        stalled = reader.at - began
        reader.close()
        return stalled

    def move_both(self, announced):
        timeouts = self.hf.counter("rto_fired")
        ours = self.move(hf.TAP, hf.CLIENT, hf.SERVER, announced)
        timeouts = self.hf.counter("rto_fired") - timeouts
        kernel = self.move("yard0", YARD_CLIENT, YARD, announced) if announced else None
        print(f"\nmoved, {'' if announced else 'not '}announced: on after {ours:.2f} s and {timeouts} timeouts"
              + (f"; kernel {kernel:.2f} s" if announced else ""), file=sys.stderr)
        self.assertLessEqual(timeouts, TIMEOUTS)

    def test_a_move_that_is_announced(self):
        self.move_both(True)

    def test_a_move_that_is_not(self):
        self.move_both(False)

    def test_more_moves(self):
        for i in range(4):
            self.move_both(i % 2 == 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["stream"]:
        stream()
    hf.require("curl", "ip", "nft", "nsenter", "unshare")
    hf.main()
