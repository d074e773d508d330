# SPDX-License-Identifier: BSD-3-Clause
"""Read a pcapng capture: its frames, their TCP segments, the connections.

Packets of other protocols and incomplete ones are skipped. A file that is not a
capture raises BadCapture. Only the standard library is used.
"""
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
FLAG_NAMES = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (URG, "URG"), (ACK, "ACK"))
MOD = 1 << 32


class BadCapture(Exception):
    pass


def seq_diff(a, b):
    """a - b in sequence space, as a signed number."""
    return (a - b + (1 << 31)) % MOD - (1 << 31)


# ---------------------------------------------------------------- pcapng

def options_of(body, end):
    """Yield (code, value) of a pcapng option list."""
    at = 0
    while at + 4 <= len(body):
        code, length = struct.unpack_from(end + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def ticks_per_second(body, end):
    for code, value in options_of(body, end):
        if code == 9 and value:  # if_tsresol
            return 2 ** (value[0] & 0x7f) if value[0] & 0x80 else 10 ** value[0]
    return 10 ** 6


def blocks(data):
    """Yield (endianness, type, body) of each block."""
    at, end = 0, "<"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            end = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(end + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            return  # a live capture may end in the middle of a block
        yield end, kind, data[at + 8:at + length - 4]
        at += length


def packets(path):
    """Yield (seconds, frame bytes) of a pcapng file of Ethernet interfaces."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        raise BadCapture(f"{path} is not a pcapng file")
    interfaces = []
    for end, kind, body in blocks(data):
        if kind == 0x0A0D0D0A:
            interfaces = []
        elif kind == 1:
            link = struct.unpack_from(end + "H", body)[0]
            interfaces.append((link, ticks_per_second(body[8:], end)))
        elif kind == 6:
            index, high, low, length = struct.unpack_from(end + "IIII", body)
            if index >= len(interfaces):
                raise BadCapture(f"{path} has a packet of interface {index}, but no description of that interface")
            link, ticks = interfaces[index]
            if link == 1:
                yield ((high << 32) + low) / ticks, body[20:20 + length]


# ---------------------------------------------------------------- segments

class Segment:
    """One TCP segment, as it was on the wire."""

    def __init__(self, time, src, dst, tcp, length):
        self.time = time
        (sport, dport, self.seq, self.ack, off_flags, self.window, _,
         self.urgent) = struct.unpack_from(">HHIIHHHH", tcp)
        self.src, self.dst = (src, sport), (dst, dport)
        self.flags = off_flags & 0x3f
        header = (off_flags >> 12) * 4
        self.len = length - header
        self.option_bytes = header - 20
        self.options = list(parse_options(tcp[20:header]))

    def has(self, flags):
        return self.flags & flags == flags

    @property
    def span(self):
        """The number of sequence numbers that the segment takes."""
        return self.len + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def end(self):
        return (self.seq + self.span) % MOD

    def option(self, name):
        return next((value for key, value in self.options if key == name), None)

    def flag_names(self):
        return " ".join(name for bit, name in FLAG_NAMES if self.flags & bit) or "none"


def parse_options(raw):
    """Yield (name, value) of a TCP option list; stops at a malformed option."""
    at = 0
    while at < len(raw):
        kind = raw[at]
        if kind == 0:
            return
        if kind == 1:
            at += 1
            continue
        if at + 1 >= len(raw) or raw[at + 1] < 2 or at + raw[at + 1] > len(raw):
            yield "malformed", None
            return
        body = raw[at + 2:at + raw[at + 1]]
        at += raw[at + 1]
        if kind == 2 and len(body) == 2:
            yield "MSS", struct.unpack(">H", body)[0]
        elif kind == 3 and len(body) == 1:
            yield "WS", body[0]
        elif kind == 4 and not body:
            yield "SACK_PERM", True
        elif kind == 5 and len(body) % 8 == 0:
            yield "SACK", [struct.unpack_from(">II", body, i) for i in range(0, len(body), 8)]
        elif kind == 8 and len(body) == 8:
            yield "TS", struct.unpack(">II", body)
        else:
            yield f"option {kind}", None


def segment_of(time, frame):
    """The Segment in an Ethernet frame, or None."""
    kind, at = struct.unpack_from(">H", frame, 12)[0] if len(frame) >= 14 else 0, 14
    while kind in (0x8100, 0x88a8) and len(frame) >= at + 4:
        kind, at = struct.unpack_from(">H", frame, at + 2)[0], at + 4
    if kind != 0x0800 or len(frame) < at + 20:
        return None
    head = (frame[at] & 0xf) * 4
    total, _, fragment = struct.unpack_from(">HHH", frame, at + 2)
    if frame[at + 9] != 6 or fragment & 0x3fff or len(frame) < at + head + 20:
        return None
    address = [".".join(map(str, frame[i:i + 4])) for i in (at + 12, at + 16)]
    return Segment(time, *address, frame[at + head:at + total], total - head)


class Connection:
    """The segments between two sockets, from one SYN to the next."""

    def __init__(self, first):
        self.client, self.server = first.src, first.dst
        self.segments = []

    def opened(self):
        return any(s.has(SYN | ACK) for s in self.segments)

    def iss(self, end):
        return next((s.seq for s in self.segments if s.src == end), None)


def is_new(connection, segment):
    """Is the segment a SYN, and not a repetition of the SYN that the connection began with?"""
    return (segment.flags & (SYN | ACK) == SYN and
            segment.seq != connection.iss(segment.src) and
            not (connection.iss(segment.src) is None and not connection.opened()))


def connections(path):
    """The connections of a capture, in order of appearance."""
    found, current = [], {}
    for time, frame in packets(path):
        s = segment_of(time, frame)
        if s is None:
            continue
        key = frozenset((s.src, s.dst))
        if key not in current or is_new(current[key], s):
            current[key] = Connection(s)
            if s.has(SYN | ACK):  # the capture began after the SYN
                current[key].client, current[key].server = s.dst, s.src
            found.append(current[key])
        current[key].segments.append(s)
    return found
