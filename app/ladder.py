#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw a TCP connection of a capture as a ladder.

    ladder.py FILE.pcapng [--list] [--connection N] [--port P] [--rows N]
                          [--left NAME] [--right NAME] [--json]

Everything comes from the capture: flags, sequence numbers, options, and the
states of both ends, by running the state machine of RFC 9293 3.3.2 on what
each end sent and received. Standard library only.

The states are as good as a capture can tell. Where an end's next segment does
not acknowledge what was sent to it, it has not received that yet: two FINs
that cross on the wire show as a simultaneous close.

Without --connection the first connection that was opened is drawn.
"""
import argparse
import json
import struct
import sys

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
    """(code, value) of a pcapng option list."""
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
    """(endianness, type, body) of each block."""
    at, end = 0, "<"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            end = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(end + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            return  # cut off in the middle of a block, as a live capture may be
        yield end, kind, data[at + 8:at + length - 4]
        at += length


def packets(path):
    """(seconds, frame bytes) of a pcapng file of Ethernet interfaces."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        raise BadCapture(f"{path}: not a pcapng file")
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
                raise BadCapture(f"{path}: a packet of interface {index}, which is not described")
            link, ticks = interfaces[index]
            if link == 1:
                yield ((high << 32) + low) / ticks, body[20:20 + length]


# ---------------------------------------------------------------- segments

class Segment:
    """One TCP segment as it was on the wire."""

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
        """Sequence numbers that it takes."""
        return self.len + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def end(self):
        return (self.seq + self.span) % MOD

    def option(self, name):
        return next((value for key, value in self.options if key == name), None)

    def flag_names(self):
        return " ".join(name for bit, name in FLAG_NAMES if self.flags & bit) or "none"


def parse_options(raw):
    """(name, value) of a TCP option list; stops where it is malformed."""
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
    """A SYN that does not repeat the SYN that the connection began with."""
    return (segment.flags & (SYN | ACK) == SYN and
            segment.seq != connection.iss(segment.src) and
            not (connection.iss(segment.src) is None and not connection.opened()))


def connections(path):
    """Connections of a capture in order of appearance."""
    found, current = [], {}
    for time, frame in packets(path):
        s = segment_of(time, frame)
        if s is None:
            continue
        key = frozenset((s.src, s.dst))
        if key not in current or is_new(current[key], s):
            current[key] = Connection(s)
            if s.has(SYN | ACK):  # the capture began too late for the SYN
                current[key].client, current[key].server = s.dst, s.src
            found.append(current[key])
        current[key].segments.append(s)
    return found


# ---------------------------------------------------------------- states

class End:
    """One end's TCP, as far as the wire shows (RFC 9293 3.3.2, 3.10)."""

    def __init__(self, state):
        self.state = state
        self.passive = state == "LISTEN"
        self.snd_nxt = None  # past the highest sequence number sent
        self.fin_end = None  # snd_nxt after our FIN
        self.rcv_nxt = None
        self.ahead = []      # (seq, end, fin) received beyond a hole

    def sends(self, s):
        """Returns true if s repeats sequence numbers already sent."""
        again = s.span > 0 and self.snd_nxt is not None and seq_diff(s.seq, self.snd_nxt) < 0
        if self.snd_nxt is None or seq_diff(s.end, self.snd_nxt) > 0:
            self.snd_nxt = s.end
        if s.has(RST):
            self.state = "CLOSED"
        elif s.has(SYN) and not s.has(ACK) and self.state == "CLOSED":
            self.state = "SYN-SENT"
        elif s.has(FIN) and self.fin_end is None:
            self.fin_end = s.end
            self.state = {"ESTABLISHED": "FIN-WAIT-1", "SYN-RECEIVED": "FIN-WAIT-1",
                          "CLOSE-WAIT": "LAST-ACK"}.get(self.state, self.state)
        return again

    def receives(self, s):
        if s.has(RST):
            self.take_rst(s)
        elif self.state == "LISTEN":
            if s.has(SYN):
                self.take_syn(s, "SYN-RECEIVED")
        elif self.state == "SYN-SENT":
            if s.has(SYN):
                self.take_syn(s, "ESTABLISHED" if s.has(ACK) else "SYN-RECEIVED")
        elif self.state == "TIME-WAIT" and s.has(SYN):
            self.take_syn(s, "SYN-RECEIVED")
        elif self.state != "CLOSED":
            if s.has(ACK):
                self.take_ack(s)
            self.take_text(s)

    def take_syn(self, s, state):
        self.state = state
        self.rcv_nxt = (s.seq + 1) % MOD
        self.ahead = []
        if s.len or s.has(FIN):
            self.take_text(s)

    def take_rst(self, s):
        # 3.10.7.3: in SYN-SENT the ACK vouches for the RST; later its number (3.5.3).
        if self.state in ("CLOSED", "LISTEN"):
            return
        if self.state == "SYN-SENT":
            valid = s.has(ACK) and s.ack == self.snd_nxt
        else:
            valid = self.rcv_nxt is None or seq_diff(s.seq, self.rcv_nxt) == 0
        if valid and self.state != "TIME-WAIT":  # RFC 1337
            self.state = "LISTEN" if self.state == "SYN-RECEIVED" and self.passive else "CLOSED"

    def take_ack(self, s):
        if self.snd_nxt is None or seq_diff(s.ack, self.snd_nxt) > 0:
            return
        if self.state == "SYN-RECEIVED":
            self.state = "ESTABLISHED"
            if self.fin_end is not None:
                self.state = "FIN-WAIT-1"
        if self.fin_end is not None and seq_diff(s.ack, self.fin_end) >= 0:
            self.state = {"FIN-WAIT-1": "FIN-WAIT-2", "CLOSING": "TIME-WAIT",
                          "LAST-ACK": "CLOSED"}.get(self.state, self.state)

    def take_text(self, s):
        """Move rcv_nxt over what is in order; a FIN counts once it is reached."""
        if not (s.len or s.has(FIN)):
            return
        start = (s.seq + bool(s.has(SYN))) % MOD
        if self.rcv_nxt is None:
            self.rcv_nxt = start
        self.ahead.append((start, s.end, s.has(FIN)))
        moved = True
        while moved:
            moved = False
            for piece in list(self.ahead):
                if seq_diff(piece[0], self.rcv_nxt) > 0:
                    continue
                self.ahead.remove(piece)
                moved = True
                if seq_diff(piece[1], self.rcv_nxt) > 0:
                    self.rcv_nxt = piece[1]
                    if piece[2]:
                        self.take_fin()

    def take_fin(self):
        self.state = {"SYN-RECEIVED": "CLOSE-WAIT", "ESTABLISHED": "CLOSE-WAIT",
                      "FIN-WAIT-1": "CLOSING", "FIN-WAIT-2": "TIME-WAIT"}.get(self.state,
                                                                             self.state)


def arrivals(segments):
    """For each segment the index of the first later one before which its
    receiver had it (its own + 1: at once), or None: never, as far as one sees."""
    sent = {}
    for i, s in enumerate(segments):
        sent.setdefault(s.src, []).append(i)
    out, latest = [], {}
    for i, s in enumerate(segments):
        when = arrival_of(i, s, segments, sent.get(s.dst, []))
        if when is not None:
            # Nothing overtakes what is still on its way.
            when = latest[s.src] = max(when, latest.get(s.src, 0))
        out.append(when)
    return out


def arrival_of(i, s, segments, theirs):
    first = bisect_after(theirs, i)
    if s.span == 0 or s.has(RST) or first == len(theirs):
        return i + 1
    for n in range(first, len(theirs)):
        answer = segments[theirs[n]]
        if not answer.has(ACK) or answer.has(RST) or seq_diff(answer.ack, s.end) >= 0:
            return i + 1 if n == first else theirs[n]
    return None


def bisect_after(sorted_list, value):
    low, high = 0, len(sorted_list)
    while low < high:
        mid = (low + high) // 2
        if sorted_list[mid] <= value:
            low = mid + 1
        else:
            high = mid
    return low


def steps_before(c):
    """Both states before the first segment."""
    if not c.segments[0].has(SYN):
        return "ESTABLISHED", "ESTABLISHED"
    return "CLOSED", "LISTEN" if c.opened() else "CLOSED"


def steps(c):
    """One dict per segment: what it says, and the states after it."""
    client, server = steps_before(c)
    ends = {c.client: End(client), c.server: End(server)}
    base = {end: c.iss(end) for end in ends}
    shift = shifts(c)
    due = {}
    for i, when in enumerate(arrivals(c.segments)):
        if when is not None:
            due.setdefault(when, []).append(i)
    rows = []
    for i, s in enumerate(c.segments):
        again = ends[s.src].sends(s)
        for k in due.pop(i + 1, []):
            ends[c.segments[k].dst].receives(c.segments[k])
        rows.append(describe(i, s, c, base, shift, again,
                             ends[c.client].state, ends[c.server].state))
    return rows


def shifts(c):
    """Window scale of each end: only if both offered one (RFC 7323 1.3)."""
    offered = {}
    for s in c.segments:
        if s.has(SYN):
            offered[s.src] = s.option("WS")
    both = len(offered) == 2 and None not in offered.values()
    return {end: offered[end] if both else 0 for end in (c.client, c.server)}


def relative_options(s, base):
    out = []
    for name, value in s.options:
        if name == "SACK":
            zero = base[s.dst] or 0
            value = [[(a - zero) % MOD, (b - zero) % MOD] for a, b in value]
        out.append([name, list(value) if isinstance(value, tuple) else value])
    return out


def describe(i, s, c, base, shift, again, client, server):
    zero_ack = base[s.dst] if base[s.dst] is not None else s.ack
    return {
        "index": i,
        "ms": round((s.time - c.segments[0].time) * 1000, 3),
        "from": "client" if s.src == c.client else "server",
        "flags": s.flag_names(),
        "seq": (s.seq - base[s.src]) % MOD if base[s.src] is not None else 0,
        "ack": (s.ack - zero_ack) % MOD if s.has(ACK) else None,
        "len": s.len,
        "window": s.window << (0 if s.has(SYN) else shift[s.src]),
        "options": relative_options(s, base),
        "again": again,
        "client": client,
        "server": server,
    }


# ---------------------------------------------------------------- drawing

STATE_WIDTH = 12
WIRE_WIDTH = 66


def option_text(options):
    words = []
    for name, value in options:
        if name == "SACK":
            words.append("SACK " + " ".join(f"{a}-{b}" for a, b in value))
        elif name == "TS":
            words.append(f"TS {value[0]}/{value[1]}")
        elif value in (None, True):
            words.append(name)
        else:
            words.append(f"{name} {value}")
    return ", ".join(words)


def arrow(text, to_right):
    room = WIRE_WIDTH - len(text) - 6
    if to_right:
        return f"-- {text} {'-' * room}->"
    return f"<- {text} {'-' * room}--"


def draw_row(row):
    to_right = row["from"] == "client"
    text = f"{row['flags']}  seq {row['seq']}"
    if row["ack"] is not None:
        text += f" ack {row['ack']}"
    if row["len"]:
        text += f" len {row['len']}"
    text += f" win {row['window']}" + (" (again)" if row["again"] else "")
    lines = [f"{row['ms']:10.3f}  {row['client']:<{STATE_WIDTH}} |"
             f"{arrow(text, to_right):<{WIRE_WIDTH}}| {row['server']}"]
    options = option_text(row["options"])
    while options:
        part, options = split_at(options, WIRE_WIDTH - 6)
        lines.append(f"{'':24} |{'   ' + part:<{WIRE_WIDTH}}|")
    return lines


def split_at(text, width):
    if len(text) <= width:
        return text, ""
    cut = text.rfind(", ", 0, width)
    return (text[:width], text[width:]) if cut < 0 else (text[:cut + 1], text[cut + 2:])


def draw(c, rows, left, right, limit):
    first = steps_before(c)
    print(f"{left} {c.client[0]}:{c.client[1]}  and  {right} {c.server[0]}:{c.server[1]}, "
          f"{len(rows)} segments; seq and ack count from each side's first number")
    print()
    print(f"{'ms':>10}  {left[:STATE_WIDTH]:<{STATE_WIDTH}} |{'on the wire':^{WIRE_WIDTH}}| {right}")
    print(f"{'':10}  {first[0]:<{STATE_WIDTH}} |{'':{WIRE_WIDTH}}| {first[1]}")
    shown = range(len(rows))
    hidden = len(rows) - limit
    if limit and hidden > 0:
        shown = list(range(limit // 2)) + [None] + list(range(len(rows) - (limit - limit // 2), len(rows)))
    for i in shown:
        if i is None:
            print(f"{'':24} |{f'... {hidden} more segments ...':^{WIRE_WIDTH}}|")
        else:
            print("\n".join(draw_row(rows[i])))


def choose(found, args):
    if args.port:
        found = [c for c in found if args.port in (c.client[1], c.server[1])]
    if args.connection is not None:
        if not 1 <= args.connection <= len(found):
            raise BadCapture(f"there is no connection {args.connection}: "
                             f"the capture has {len(found)} (see --list)")
        return found[args.connection - 1]
    for c in found:
        if c.opened():
            return c
    if not found:
        raise BadCapture("no TCP connection in the capture")
    return found[0]


def arguments():
    p = argparse.ArgumentParser(description="Draw a TCP connection of a capture as a ladder.")
    p.add_argument("file")
    p.add_argument("--list", action="store_true", help="the connections of the capture")
    p.add_argument("--connection", type=int, metavar="N", help="the N-th of the list")
    p.add_argument("--port", type=int, help="only connections with this port")
    p.add_argument("--rows", type=int, default=60, help="leave out the middle beyond (0: never)")
    p.add_argument("--left", default="client")
    p.add_argument("--right", default="server")
    p.add_argument("--json", action="store_true", help="the steps as JSON")
    return p.parse_args()


def run(args):
    found = connections(args.file)
    if args.list:
        for n, c in enumerate(found, 1):
            last = steps(c)[-1]
            print(f"{n:6}  {c.client[0]}:{c.client[1]} -> {c.server[0]}:{c.server[1]}  "
                  f"{len(c.segments)} segments, {last['client']} / {last['server']}")
        return
    c = choose(found, args)
    rows = steps(c)
    if args.json:
        json.dump({"client": c.client, "server": c.server, "segments": rows}, sys.stdout, indent=1)
        print()
    else:
        draw(c, rows, args.left, args.right, args.rows)


def main():
    try:
        run(arguments())
    except BrokenPipeError:
        sys.stderr.close()
    except (OSError, BadCapture) as e:
        print(f"ladder: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
