#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""ARP, ICMP echo, fragments, and clients behind the gateway."""
import os
import socket
import struct
import subprocess
import time

import hf

FAR, FAR_NET = "198.51.100.7", "198.51.100.0/24"  # TEST-NET-2, behind the kernel


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ping(size=56, address=hf.SERVER, seq=1, wait=hf.DEADLINE, spoil=False):
    """The echoed data, or None."""
    data = os.urandom(size)
    head = struct.pack(">BBHHH", 8, 0, 0, os.getpid() & 0xffff, seq)
    sum_ = checksum(head + data) ^ (0x5555 if spoil else 0)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        s.settimeout(wait)
        s.sendto(head[:2] + struct.pack(">H", sum_) + head[4:] + data, (address, 0))
        end = time.monotonic() + wait
        while time.monotonic() < end:
            try:
                got = s.recv(65536)[20:]
            except socket.timeout:
                return None
            if got[0] == 0 and got[4:8] == head[4:8]:
                return got[8:] == data and checksum(got) == 0
    return None


def mac_of(device):
    text = hf.run("ip", "-o", "link", "show", device).stdout
    return bytes.fromhex(text.split("link/ether ")[1].split()[0].replace(":", ""))


def arping(target, sender=hf.CLIENT, count=1, wait=1.0):
    """The MACs that answer ARP for an address."""
    own = mac_of(hf.TAP)
    found = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as s:
        s.bind((hf.TAP, 0x0806))
        s.settimeout(wait)
        ask = (b"\xff" * 6 + own + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + own +
               socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target))
        for _ in range(count):
            s.send(ask)
        try:
            while True:
                got = s.recv(2048)
                if got[20:22] == b"\0\2" and got[28:32] == socket.inet_aton(target):
                    found.add(got[22:28])
                    if len(found) and count == 1:
                        break
        except socket.timeout:
            pass
    return found


class Link(hf.Case):
    commands = (*hf.SERVICES, "set http body 200000")

    def test_arp_for_its_own_address_is_answered_once(self):
        self.assertEqual(len(arping(hf.SERVER, wait=hf.DEADLINE)), 1)

    def test_arp_for_any_other_address_is_not(self):
        for other in ("192.0.2.3", "192.0.2.0", "192.0.2.255", "198.51.100.1", "0.0.0.0"):
            with self.subTest(other=other):
                self.assertEqual(arping(other, wait=0.3), set())

    def test_ping_of_all_sizes_that_fit(self):
        for seq, size in enumerate((0, 1, 18, 55, 56, 57, 1000, 1471, 1472)):
            with self.subTest(size=size):
                self.assertTrue(ping(size, seq=seq))

    def test_a_ping_with_a_bad_checksum_is_not_answered(self):
        self.assertIsNone(ping(56, seq=99, wait=0.5, spoil=True))

    def test_fragments_are_dropped_and_counted(self):
        before = self.hf.drops()
        self.assertIsNone(ping(4000, seq=100, wait=0.5))
        after = self.hf.drops()
        grown = [k for k in after if after[k] > before.get(k, 0)]
        self.assertTrue(any("frag" in k for k in grown), f"{before} {after}")

    def test_neighbours_without_a_question_do_not_fill_the_cache(self):
        own = mac_of(hf.TAP)
        server = next(iter(arping(hf.SERVER, wait=hf.DEADLINE)))
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as s:
            s.bind((hf.TAP, 0x0806))
            for n in range(20, 250):
                s.send(server + own + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 2) + own +
                       socket.inet_aton(f"192.0.2.{n}") + server + socket.inet_aton(hf.SERVER))
        self.assertTrue(ping(seq=101))
        listed = self.hf.command("show neighbours")
        self.assertNotIn("192.0.2.100", listed)
        self.assertNotIn("192.0.2.249", listed)

    def test_a_neighbour_that_moves_is_found_again(self):
        """The kernel's side changes its MAC, and its next packets show it."""
        self.assertTrue(ping(seq=102))
        hf.run("ip", "link", "set", hf.TAP, "address", "02:00:00:00:00:77")
        self.assertTrue(ping(seq=103))
        s = hf.connect(7)
        s.sendall(b"moved")
        self.assertEqual(hf.read_exactly(s, 5), b"moved")
        s.close()

    def test_garbage_on_the_wire_does_no_harm(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind((hf.TAP, 0))
            server = next(iter(arping(hf.SERVER, wait=hf.DEADLINE)))
            for n in range(300):
                kind = (b"\x08\x00", b"\x08\x06", b"\x81\x00", b"\x86\xdd", b"\x00\x05")[n % 5]
                s.send(server + mac_of(hf.TAP) + kind + os.urandom(n))
        self.assertTrue(ping(seq=104))


class Gateway(hf.Case):
    """A client in a namespace of its own, behind the kernel as a router."""
    commands = (*hf.SERVICES, "set http body 200000")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holder = subprocess.Popen(["unshare", "--net", "sleep", "10000"])
        cls.addClassCleanup(cls.holder.wait)
        cls.addClassCleanup(cls.holder.kill)
        mine = os.readlink("/proc/self/ns/net")
        pid = str(cls.holder.pid)
        hf.wait_for(lambda: os.readlink(f"/proc/{pid}/ns/net") != mine, "the far namespace")
        hf.run("ip", "link", "add", "far0", "type", "veth", "peer", "name", "far1", "netns", pid)
        hf.run("ip", "addr", "add", "198.51.100.1/24", "dev", "far0")
        hf.run("ip", "link", "set", "far0", "up")
        hf.sysctl("net.ipv4.ip_forward", 1)
        cls.far("ip", "addr", "add", f"{FAR}/24", "dev", "far1")
        cls.far("ip", "link", "set", "far1", "up")
        cls.far("ip", "route", "add", "default", "via", "198.51.100.1")

    @classmethod
    def far(cls, *command):
        return hf.run("nsenter", f"--net=/proc/{cls.holder.pid}/ns/net", *command)

    def test_a_page_travels_by_the_gateway(self):
        got = self.far("curl", "--silent", "--show-error", "--output", "/dev/null", "--write-out",
                       "%{http_code} %{size_download}", f"http://{hf.SERVER}/")
        self.assertEqual(got.stdout, "200 200000")

    def test_near_and_far_clients_at_once(self):
        near = hf.connect(7)
        self.test_a_page_travels_by_the_gateway()
        near.sendall(b"near")
        self.assertEqual(hf.read_exactly(near, 4), b"near")
        near.close()


if __name__ == "__main__":
    hf.require("curl", "nsenter", "unshare")
    hf.main()
