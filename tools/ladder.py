#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw a TCP connection of a capture as a ladder.

    ladder.py FILE.pcapng [--list] [--connection N] [--port P] [--rows N]
                          [--left NAME] [--right NAME] [--json]

Flags, sequence numbers and options come from the capture. The states of both
ends come from the state machine of RFC 9293 3.3.2, which runs on the segments
that each end sent and received. Only the standard library is used.

The states are estimates from one point on the wire. If an end's next segment
does not acknowledge a segment sent to it, the end has not received that segment
yet: two FINs that cross on the wire show as a simultaneous close.

Without --connection, the first connection that was opened is drawn.
"""
import argparse
import json
import sys

sys.dont_write_bytecode = True  # no __pycache__ beside this file
from pcapng import ACK, FIN, MOD, RST, SYN, BadCapture, connections, seq_diff  # noqa: E402

# ---------------------------------------------------------------- states

class End:
    """The TCP state of one end, derived from the wire (RFC 9293 3.3.2, 3.10)."""

    def __init__(self, state):
        self.state = state
        self.passive = state == "LISTEN"
        self.snd_nxt = None  # one past the highest sequence number sent
        self.fin_end = None  # snd_nxt after this end's FIN
        self.rcv_nxt = None
        self.ahead = []      # (seq, end, fin) of pieces received beyond a hole

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
        # In SYN-SENT a RST is valid by its ACK (3.10.7.3), later by its sequence number (3.5.3).
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
        """Move rcv_nxt over the pieces in order. A FIN counts when rcv_nxt reaches it."""
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
    """For each segment, the index of the later segment before which its receiver had it.

    The index + 1 of the segment itself means at once. None means that no later
    segment shows its arrival.
    """
    sent = {}
    for i, s in enumerate(segments):
        sent.setdefault(s.src, []).append(i)
    out, latest = [], {}
    for i, s in enumerate(segments):
        when = arrival_of(i, s, segments, sent.get(s.dst, []))
        if when is not None:
            # A segment does not overtake an earlier one.
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
    """The states of both ends before the first segment."""
    if not c.segments[0].has(SYN):
        return "ESTABLISHED", "ESTABLISHED"
    return "CLOSED", "LISTEN" if c.opened() else "CLOSED"


def steps(c):
    """One dict per segment: its fields, and the states after it."""
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
    """The window scale of each end; 0 unless both offered one (RFC 7323 1.3)."""
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
          f"{len(rows)} segments; seq and ack are relative to each side's first sequence number")
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
            raise BadCapture(f"connection {args.connection} does not exist: "
                             f"the capture has {len(found)}; --list shows them")
        return found[args.connection - 1]
    for c in found:
        if c.opened():
            return c
    if not found:
        raise BadCapture("the capture has no TCP connection")
    return found[0]


def arguments():
    p = argparse.ArgumentParser(description="Draw a TCP connection of a capture as a ladder.")
    p.add_argument("file")
    p.add_argument("--list", action="store_true", help="list the connections of the capture")
    p.add_argument("--connection", type=int, metavar="N", help="draw the N-th connection of the list")
    p.add_argument("--port", type=int, help="only connections with this port")
    p.add_argument("--rows", type=int, default=60, help="leave out the middle of a longer connection (0: draw all)")
    p.add_argument("--left", default="client")
    p.add_argument("--right", default="server")
    p.add_argument("--json", action="store_true", help="print the steps as JSON")
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
