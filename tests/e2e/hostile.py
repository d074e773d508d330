# SPDX-License-Identifier: BSD-3-Clause
"""A host of the test itself on the TAP's link. It sends any frame and receives every
answer. The kernel has neither its MAC nor its address, so the kernel sends nothing.
"""
import socket
import struct
import time

import hf

ETH_IP, ETH_ARP = 0x0800, 0x0806
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
MAC = bytes.fromhex("02000000004d")
ADDRESS = "192.0.2.77"
FENCE = 0x4846  # the id of echo requests; when one is answered, all earlier answers have come


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(payload, src=ADDRESS, dst=hf.SERVER, proto=6, options=b"", version=4, ihl=None, total=None, fragment=0,
         check=None):
    """An IPv4 packet. `ihl`, `total` and `check` replace the right values."""
    words = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | words, 0, length, 0, fragment, 64, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    if check is None:
        check = checksum(head)
    return head[:10] + struct.pack("!H", check) + head[12:] + payload


def tcp(sport, dport, flags, seq=1000, ack=0, window=65535, options=b"", payload=b"", offset=None, urgent=0,
        src=ADDRESS, dst=hf.SERVER, check=None):
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4 if offset is None else offset
    body = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff, words << 4, flags, window, 0,
                       urgent) + options + payload
    if check is None:
        pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, 6, len(body))
        check = checksum(pseudo + body)
    return body[:16] + struct.pack("!H", check) + body[18:]


def icmp(kind, code, rest, payload):
    body = struct.pack("!BBH4s", kind, code, 0, rest) + payload
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


class Segment:
    """A segment that Handfast has sent."""

    def __init__(self, frame):
        ip = frame[14:]
        self.ip_header = (ip[0] & 15) * 4
        self.to = socket.inet_ntoa(ip[16:20])
        body = ip[self.ip_header:struct.unpack("!H", ip[2:4])[0]]
        self.sport, self.dport, self.seq, self.ack, offset, self.flags = struct.unpack("!HHIIBB", body[:14])
        self.options = body[20:(offset >> 4) * 4]
        self.text = body[(offset >> 4) * 4:]

    def __repr__(self):
        names = "".join(name for bit, name in zip((1, 2, 4, 8, 16, 32), "FSRPAU") if self.flags & bit)
        return f"<{self.sport}>{self.to}:{self.dport} {names} seq {self.seq} ack {self.ack} text {len(self.text)}>"


class Host:
    """A host, and the hosts that it pretends to be."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((hf.TAP, 0))
        self.socket.settimeout(hf.DEADLINE)
        self.fences = 0
        self.ports = 20000
        self.server_mac = self._find_server()

    def close(self):
        self.socket.close()

    def port(self):
        """A port that was never used."""
        self.ports += 1
        return self.ports

    def _find_server(self):
        who = struct.pack("!HHBBH6s4s6s4s", 1, ETH_IP, 6, 4, 1, MAC, socket.inet_aton(ADDRESS), b"\0" * 6,
                          socket.inet_aton(hf.SERVER))
        self.socket.send(b"\xff" * 6 + MAC + struct.pack("!H", ETH_ARP) + who)
        while True:
            frame = self.socket.recv(2048)
            if frame[:6] == MAC and frame[12:14] == b"\x08\x06":
                return frame[6:12]

    def frame(self, packet, src=MAC, dst=None, kind=ETH_IP):
        return (dst or self.server_mac) + src + struct.pack("!H", kind) + packet

    def _said(self, frame):
        """Has Handfast sent the frame, and is it no ARP?"""
        return frame[6:12] == self.server_mac and not self.answers_arp(frame)

    def _waiting(self):
        """Empty the socket's buffer, to make room for the answers."""
        heard = []
        self.socket.setblocking(False)
        try:
            while True:
                heard.append(self.socket.recv(65536))
        except BlockingIOError:
            return [frame for frame in heard if self._said(frame)]
        finally:
            self.socket.settimeout(hf.DEADLINE)

    def _fence(self):
        """Send an echo request and return the frames before its answer: they contain all answers to
        earlier frames."""
        self.fences += 1
        mark = struct.pack("!HH", FENCE, self.fences & 0xffff)
        self.socket.send(self.frame(ipv4(icmp(8, 0, mark, b""), proto=1)))
        heard = []
        end = time.monotonic() + hf.DEADLINE
        while time.monotonic() < end:
            frame = self.socket.recv(65536)
            if not self._said(frame):
                continue
            if frame[23] == 1 and frame[38:42] == mark:
                return heard
            heard.append(frame)
        raise AssertionError("the echo request behind the frames got no answer")

    def answers_arp(self, frame):
        """Is it an ARP frame? A request for this host is answered."""
        if frame[12:14] != b"\x08\x06":
            return False
        if frame[20:22] == b"\0\1" and frame[38:42] == socket.inet_aton(ADDRESS):
            answer = struct.pack("!HHBBH6s4s6s4s", 1, ETH_IP, 6, 4, 2, MAC, frame[38:42], frame[22:28], frame[28:32])
            self.socket.send(self.frame(answer, kind=ETH_ARP))
        return True

    def frames(self, *frames):
        """Send frames, and return the answers, whatever host they go to. Packets that Handfast
        sends at the end of a turn may come behind the first fence, so there are two."""
        heard = self._waiting()
        for frame in frames:
            self.socket.send(frame)
        return heard + self._fence() + self._fence()

    def packets(self, *packets):
        return [Segment(f) for f in self.frames(*map(self.frame, packets)) if f[23] == 6]

    def segments(self, *segments):
        return self.packets(*map(ipv4, segments))


class Flow:
    """A connection of the host, driven segment by segment."""

    def __init__(self, host, port, seq=5000, options=b"", text=b""):
        self.host, self.lport, self.port = host, host.port(), port
        heard = host.segments(tcp(self.lport, port, SYN, seq, options=options, payload=text))
        assert len(heard) == 1 and heard[0].flags == SYN | ACK and heard[0].ack == seq + 1, heard
        self.seq, self.ack = seq + 1, heard[0].seq + 1
        self.greeting = self.say(ACK)

    def make(self, flags=ACK, text=b"", dseq=0, dack=0, **more):
        """A segment whose numbers are off by `dseq` and `dack`."""
        return tcp(self.lport, self.port, flags, self.seq + dseq, self.ack + dack, payload=text, **more)

    def say(self, flags=ACK, text=b"", **more):
        return [s for s in self.host.segments(self.make(flags, text, **more)) if s.dport == self.lport]

    def says_well(self, text):
        """Send the next text in order. Returns the text of the answers, and acknowledges it."""
        heard = self.say(PSH | ACK, text)
        self.seq += len(text)
        return self.take(heard)

    def take(self, heard):
        got = b""
        for s in heard:
            if s.seq == self.ack & 0xffffffff:
                got += s.text
                self.ack += len(s.text) + (s.flags & FIN)
        if got:
            self.say()
        return got

    def reset(self):
        self.say(RST)
