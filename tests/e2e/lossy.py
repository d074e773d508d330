# SPDX-License-Identifier: BSD-3-Clause
"""A path that loses packets: a client behind the kernel as a router, and two servers.

    client --- veth --- router (this namespace) --- TAP --- Handfast
                               |
                               +------- veth --- nginx, on the kernel's TCP

nftables in the router drops packets at random, the same share on the path to each
server, and counts them. So the kernel's TCP is the yardstick, in the same run and
under the same loss. Neither end learns of a drop; a drop in a sender's own output
would return an error to it.

The path has no TSO: a drop is one segment, not sixty.
"""
import array
import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import re
import socket
import struct
import tempfile
import threading
import time

import hf
import loads
from wirecheck import pcapng

ROUTER, FAR = "198.51.100.1", "198.51.100.7"  # TEST-NET-2
YARDSTICK_ROUTER, YARDSTICK = "203.0.113.1", "203.0.113.2"  # TEST-NET-3
YARDSTICK_PORT = 8080
SIZE = 4 << 20  # bytes to send by default

SIOCETHTOOL, SO_RCVBUFFORCE = 0x8946, 33
ETHTOOL_STSO, ETHTOOL_SGRO = 0x1f, 0x2c

# A lost segment of a handshake or a close is mostly repaired by a timer.
TEXT_AND_ACKS = "tcp flags & (syn | fin | rst) == 0"
ALL = "ip protocol tcp"


def in_sysfs(device, **values):
    """Write files in sysfs; the name `queues__rx_0__x` is the file queues/rx-0/x. A new /sys is
    mounted, because the old one belongs to another network namespace."""
    writes = " && ".join(f"echo {value} >/sys/class/net/{device}/{name.replace('__', '/').replace('rx_', 'rx-')}"
                         for name, value in values.items())
    hf.run("unshare", "--mount", "sh", "-c", f"mount -t sysfs none /sys && {writes}")


def feature(device, command, on):
    """Set a feature as `ethtool -K` does, by the number of its command (linux/ethtool.h)."""
    value = array.array("I", (command, on))
    with socket.socket() as s:
        fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP", device.encode(), value.buffer_info()[0]) + bytes(16))


def in_order(device):
    """Let one CPU receive for the device. Otherwise the packets of a veth arrive on the CPU of
    the sender, which may be a process or a softirq, and they overtake each other."""
    cpu = max(os.sched_getaffinity(0))
    words = ["0" * 8] * (cpu // 32)
    mask = ",".join([f"{1 << cpu % 32:x}", *words])
    in_sysfs(device, queues__rx_0__rps_cpus=mask)


class Namespace:
    """A network namespace that only a descriptor of this process keeps alive."""

    def __init__(self):
        home = self._current()
        if hf.libc.unshare(hf.CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        self.fd = self._current()
        self.path = f"/proc/{os.getpid()}/fd/{self.fd}"
        self._enter(home)
        os.close(home)
        with self.inside():
            hf.run("ip", "link", "set", "lo", "up")

    @staticmethod
    def _current():
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    def _enter(fd):
        if hf.libc.setns(fd, hf.CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    @contextlib.contextmanager
    def inside(self):
        """Sockets and processes that this thread makes meanwhile belong to the namespace."""
        home = self._current()
        self._enter(self.fd)
        try:
            yield self
        finally:
            self._enter(home)
            os.close(home)

    def join(self, name, router, address):
        """Make a veth from the router to the namespace, with one segment per packet."""
        hf.run("ip", "link", "add", f"{name}0", "gso_max_segs", "1", "type", "veth",
               "peer", "name", f"{name}1", "gso_max_segs", "1", "netns", self.path)
        hf.run("ip", "addr", "add", f"{router}/24", "dev", f"{name}0")
        hf.run("ip", "link", "set", f"{name}0", "txqueuelen", "20000", "up")
        with self.inside():
            hf.run("ip", "addr", "add", f"{address}/24", "dev", f"{name}1")
            hf.run("ip", "link", "set", f"{name}1", "txqueuelen", "20000", "up")
            hf.run("ip", "route", "add", "default", "via", router)
            in_order(f"{name}1")
        in_order(f"{name}0")

    def counters(self):
        """The counters of the kernel's TCP in the namespace, by the kernel's names."""
        met = {}
        with self.inside():
            for file, group in (("snmp", "Tcp:"), ("netstat", "TcpExt:")):
                with open(f"/proc/thread-self/net/{file}", encoding="ascii") as f:
                    names, values = [line.split()[1:] for line in f if line.startswith(group)]
                met.update(zip(names, map(int, values)))
        return met

    def close(self):
        os.close(self.fd)


class Road:
    """The path. It is made while Handfast runs, because it needs the TAP."""

    SIDES = {"handfast": hf.TAP, "yardstick": "kern0"}

    def __init__(self):
        hf.sysctl("net.ipv4.ip_forward", 1)
        self.client, self.server = Namespace(), Namespace()
        self.client.join("far", ROUTER, FAR)
        self.server.join("kern", YARDSTICK_ROUTER, YARDSTICK)
        chains = "".join(f"  counter {way}_{side} {{\n  }}\n  chain {way}_{side} {{\n  }}\n"
                         for side in self.SIDES for way in ("to", "from"))
        jumps = "".join(f'    oifname "{dev}" jump to_{side}\n    iifname "{dev}" jump from_{side}\n'
                        for side, dev in self.SIDES.items())
        self._nft(f"table ip lossy {{\n{chains}  chain through {{\n"
                  f"    type filter hook forward priority 0\n{jumps}  }}\n}}\n")

    @staticmethod
    def _nft(script):
        hf.run("nft", "-f", "-", stdin=None, input=script)

    def lose(self, there, back, what=TEXT_AND_ACKS):
        """Lose `there` of a thousand packets on the path to a server, and `back` on the path from
        it."""
        self._rules(there, back, lambda way, side: f"{what} numgen random mod 1000 < {{n}} "
                                                   f"counter name {way}_{side} drop")

    def repeat(self, there, back):
        """Repeat `there` of a thousand packets on the path to a server, and `back` on the path
        from it."""
        hops = {"to_handfast": (hf.SERVER, hf.TAP), "to_yardstick": (YARDSTICK, "kern0")}

        def rule(way, side):
            hop, device = hops.get(f"{way}_{side}", (FAR, "far0"))
            return f"numgen random mod 1000 < {{n}} counter name {way}_{side} dup to {hop} device \"{device}\""
        self._rules(there, back, rule)

    def _rules(self, there, back, rule):
        lines = []
        for side in self.SIDES:
            for way, n in (("to", there), ("from", back)):
                lines.append(f"flush chain ip lossy {way}_{side}")
                lines.append(f"reset counter ip lossy {way}_{side}")
                if n:
                    lines.append(f"add rule ip lossy {way}_{side} {rule(way, side).format(n=n)}")
        self._nft("\n".join(lines) + "\n")

    def met(self, way, side="handfast"):
        """The number of packets that the rule of this direction has dropped or repeated."""
        said = json.loads(hf.run("nft", "-j", "list", "counter", "ip", "lossy", f"{way}_{side}").stdout)
        return next(x["counter"]["packets"] for x in said["nftables"] if "counter" in x)

    def coalesce(self, ms):
        """The client receives with GRO: its TCP gets the segments of `ms` milliseconds as one
        segment of up to 64 KB, and sends one ACK. The veth holds 256 packets meanwhile."""
        feature("far0", ETHTOOL_STSO, 0)  # with TSO, the veth would bypass GRO
        with self.client.inside():
            feature("far1", ETHTOOL_SGRO, 1)
            in_sysfs("far1", napi_defer_hard_irqs=1 << 20, gro_flush_timeout=ms * 1_000_000)

    def overflowed(self):
        """The number of packets that found the veth to the client full."""
        return int(re.search(r"^ *far0:" + r" +\d+" * 11 + r" +(\d+)", open("/proc/net/dev").read(), re.M)[1])

    def connect(self, port, address=hf.SERVER, **options):
        with self.client.inside():
            return connect(address, port, **options)

    def nginx(self):
        with self.server.inside():
            return loads.Nginx(YARDSTICK, YARDSTICK_PORT)

    def close(self):
        self._nft("delete table ip lossy\n")  # with a second table, each rule would count twice
        self.client.close()
        self.server.close()


def connect(address, port, rcvbuf=None):
    s = socket.socket()
    s.settimeout(hf.DEADLINE)
    if rcvbuf:  # set before connect(), because it decides the window scale
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    try:
        s.connect((address, port))
    except OSError:
        s.close()
        raise
    return s


def content(size=SIZE):
    """Bytes of which no two segments are equal; the same in every run."""
    parts = [hashlib.sha256(n.to_bytes(8, "big")).digest() for n in range(-(-size // 32))]
    return b"".join(parts)[:size]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def get(s, path="/"):
    """Returns (the body, seconds from the request to its last byte)."""
    begun = time.monotonic()
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
    answer = hf.Response(s)
    assert answer.status == 200, answer.line
    return answer.body, time.monotonic() - begun


def get_slowly(s, path, step, pause):
    """The same, but read in steps of bytes, with a pause after each."""
    begun = time.monotonic()
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
    answer = hf.Response(s, head_only=True)
    body = bytearray()
    while len(body) < answer.length:
        body += hf.read_exactly(s, min(step, answer.length - len(body)))
        time.sleep(pause)
    return bytes(body), time.monotonic() - begun


def put(s, path, data):
    """Upload to the yardstick; returns (status, seconds)."""
    begun = time.monotonic()
    s.sendall(b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(data)))
    s.sendall(data)
    answer = hf.Response(s)
    return answer.status, time.monotonic() - begun


def give(s, data):
    """Upload to discard; returns the seconds until all bytes and the FIN are acknowledged."""
    begun = time.monotonic()
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    assert hf.read_all(s) == b"", "discard has spoken"
    return time.monotonic() - begun


def echo(s, data):
    """Send the bytes, and return the bytes that come back meanwhile."""
    def speak():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    got = hf.read_all(s)
    speaker.join(hf.DEADLINE)
    return got


class Listener:
    """Receives the packets between the router and the client, and counts the round trips of
    the only connection there."""

    def __init__(self, port):
        self.port, self.over = port, threading.Event()
        self.segments, self.acks, self.rounds = 0, 0, 0
        self.snd_max = self.mark = None
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(("far0", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 27)
        self.socket.settimeout(0.1)
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(hf.DEADLINE)
        self.socket.close()

    def _listen(self):
        while True:
            try:
                s = pcapng.segment_of(0, self.socket.recv(1 << 16))
            except socket.timeout:
                if self.over.is_set():
                    return
                continue
            if s and s.src[1] == self.port and s.len:
                self._sent(s)
            elif s and s.dst[1] == self.port and self.snd_max is not None:
                self._acked(s)

    def _sent(self, s):
        self.segments += 1
        if self.snd_max is None or pcapng.seq_diff(s.end, self.snd_max) > 0:
            self.snd_max = s.end
        if self.mark is None:
            self.mark = s.end

    def _acked(self, s):
        """A round trip ends when the first segment of its flight is acknowledged."""
        self.acks += 1
        if self.mark is not None and pcapng.seq_diff(s.ack, self.mark) >= 0:
            self.rounds += 1
            self.mark = None


@contextlib.contextmanager
def page(data):
    """A file for `set http file`."""
    with tempfile.NamedTemporaryFile(prefix="hf-page-") as f:
        f.write(data)
        f.flush()
        os.chmod(f.name, 0o644)
        yield f.name
