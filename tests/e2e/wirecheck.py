# SPDX-License-Identifier: BSD-3-Clause
"""Is what a server sent, by a capture of its port, right?

Two judges: tshark (malformed packets, checksums, its sequence analysis), and
rules of our own that it does not have. The capture has packets in the order in
which the server saw and sent them, so each rule is exact.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "app"))
import ladder  # noqa: E402
import pcapng  # noqa: E402
from pcapng import ACK, FIN, RST, SYN, seq_diff  # noqa: E402

BROKEN = '_ws.malformed || tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" || icmp.checksum.status == "Bad"'
PROTOCOLS = ("frame", "eth", "ethertype", "arp", "ip", "icmp", "tcp")

# Repetitions are judged below: tshark cannot know when one is due.
ANALYSIS = ("lost_segment", "ack_lost_segment")

DUP_ACKS = 3          # RFC 5681 3.2
RTO_LEAST_S = 0.1     # half of what it is at the least: a turn's clock is read before it sends


def mac_of(path, server):
    """The server's MAC, from its own packets; None: it sent none."""
    address = bytes(map(int, server.split(".")))
    for _, frame in pcapng.packets(path):
        ip = frame[12:14] == b"\x08\x00" and frame[26:30] == address
        arp = frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\2" and frame[28:32] == address
        if ip or arp:
            return frame[6:12].hex(":")
    return None


def only(*protocols):
    """Options that keep tshark from guessing: a client's port may be that of a protocol of its."""
    run = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, check=True)
    known = {line.split("\t")[2] for line in run.stdout.splitlines()}
    return [x for p in sorted(known - set(protocols)) for x in ("--disable-protocol", p)]


def tshark(path, server):
    mac = mac_of(path, server)
    if mac is None:
        return [f"{path}: nothing from {server}"]
    flags = [f"tcp.analysis.{a}" for a in ANALYSIS]
    wanted = f"eth.src == {mac} && ({BROKEN} || {' || '.join(flags)})"
    run = subprocess.run(
        ["tshark", "-r", path, *only(*PROTOCOLS), "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
         "-Y", wanted, "-T", "fields", "-E", "separator= ", "-e", "frame.number", "-e", "_ws.col.Source",
         "-e", "_ws.col.Protocol", "-e", "_ws.col.Info", "-e", "tcp.checksum.status"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if run.returncode:
        return [f"tshark: {run.stderr.strip()}"]
    return [f"tshark: frame {line}" for line in run.stdout.splitlines()]


def later(a, b):
    return a if seq_diff(a, b) > 0 else b


class Rules:
    """The server's side of one connection."""

    def __init__(self, c):
        self.c = c
        self.wrong = []
        self.client_syn = c.segments[0]
        self.scale = ladder.shifts(c)
        self.mss = self.client_syn.option("MSS") or 536  # RFC 9293 3.7.1
        self.client_ts = self.client_syn.option("TS") is not None
        self.timestamps = False  # agreed on
        self.syn_ack = None
        self.snd_max = None      # past what the server sent
        self.edge = None         # of the window that the client offers
        self.acked = None        # by the client
        self.sent_at = {}        # by sequence number
        self.dup_acks = 0
        self.recover = None      # RFC 6582: repetitions are due up to here
        self.rcv_max = self.client_syn.end
        self.last_ack = None
        self.own_edge = None
        self.fin_end = None
        self.ts_seen = [self.client_syn.option("TS")[0]] * 2 if self.client_ts else None
        self.ts_sent = None

    def fail(self, s, what):
        at = s.time - self.client_syn.time
        self.wrong.append(f"{self.c.client[0]}:{self.c.client[1]} -> :{self.c.server[1]} after {at:.6f} s: "
                          f"{s.flag_names()} seq {s.seq} len {s.len}: {what}")

    def from_client(self, s):
        if s.has(RST):
            return
        if seq_diff(s.end, self.rcv_max) > 0:
            self.rcv_max = s.end
        if s.has(ACK):
            self.count_dup_acks(s)
            self.acked = s.ack if self.acked is None else later(s.ack, self.acked)
            edge = (s.ack + (s.window << (0 if s.has(SYN) else self.scale[s.src]))) % pcapng.MOD
            if self.edge is None or seq_diff(edge, self.edge) > 0:
                self.edge = edge
        ts = s.option("TS")
        if self.ts_seen and ts and seq_diff(ts[0], self.ts_seen[1]) > 0:
            self.ts_seen[1] = ts[0]

    def count_dup_acks(self, s):
        if s.ack == self.acked and s.len == 0:
            self.dup_acks += 1
            if self.dup_acks >= DUP_ACKS and self.recover is None:
                self.recover = self.snd_max
        elif self.acked is None or seq_diff(s.ack, self.acked) > 0:
            self.dup_acks = 0
            if self.recover is not None and seq_diff(s.ack, self.recover) >= 0:
                self.recover = None

    # RFC 6298 5.4, RFC 5681 3.2: by the timer, or by three duplicate ACKs.
    def check_repeated(self, s):
        if seq_diff(s.end, self.acked) <= 0:
            self.fail(s, "repeats what was acknowledged")
        passed = s.time - self.sent_at.get(s.seq, 0)
        if passed < RTO_LEAST_S and self.recover is None:
            self.fail(s, f"repeated after {passed * 1000:.3f} ms and {self.dup_acks} duplicate ACKs")

    def from_server(self, s):
        if s.has(RST):
            return
        if s.has(SYN):
            self.check_syn_ack(s)
        elif self.syn_ack is None:
            self.fail(s, "before any SYN-ACK")
            return
        else:
            self.check_text(s)
        self.check_ack(s)
        self.check_timestamps(s)

    # RFC 7323 1.3, 3.2; RFC 2018 2: only what was offered is answered.
    def check_syn_ack(self, s):
        for name in ("WS", "SACK_PERM", "TS"):
            if s.option(name) is not None and self.client_syn.option(name) is None:
                self.fail(s, f"{name} was not offered")
        if s.ack != self.client_syn.end and seq_diff(s.ack, self.client_syn.end) > 0:
            self.fail(s, "acknowledges more than the SYN")
        if self.syn_ack is not None and s.seq != self.syn_ack.seq:
            self.fail(s, "another ISS in a repeated SYN-ACK")
        self.syn_ack = s
        self.snd_max = self.snd_max or s.end
        self.timestamps = self.client_ts and s.option("TS") is not None

    def check_text(self, s):
        if seq_diff(s.seq, self.snd_max) > 0:
            self.fail(s, f"leaves {seq_diff(s.seq, self.snd_max)} sequence numbers out")
        if s.span and self.acked is not None and seq_diff(s.seq, self.snd_max) < 0:
            self.check_repeated(s)
        if s.len and s.len + s.option_bytes > self.mss:
            self.fail(s, f"more than the peer's MSS of {self.mss}")  # RFC 6691 2
        past = seq_diff(s.seq + s.len, self.edge) if self.edge is not None and s.len else 0
        # A probe of a closed window is one byte beyond it (RFC 9293 3.8.6.1).
        if past > 1 or (past == 1 and s.len != 1):
            self.fail(s, f"{past} bytes beyond the peer's window")
        if s.span and past <= 0:
            self.sent_at[s.seq] = s.time
        if self.fin_end is not None and seq_diff(s.end, self.fin_end) > 0:
            self.fail(s, "text after its FIN")
        if s.has(FIN):
            if self.fin_end is not None and s.end != self.fin_end:
                self.fail(s, "a second FIN elsewhere")
            self.fin_end = s.end
        if seq_diff(s.end, self.snd_max) > 0:
            self.snd_max = s.end

    def check_ack(self, s):
        if not s.has(ACK):
            self.fail(s, "without ACK")
            return
        if seq_diff(s.ack, self.rcv_max) > 0:
            self.fail(s, "acknowledges what was never sent")
        if self.last_ack is not None and seq_diff(s.ack, self.last_ack) < 0:
            self.fail(s, "takes an acknowledgement back")
        self.last_ack = s.ack
        if not s.has(SYN):
            edge = (s.ack + (s.window << self.scale[s.src])) % pcapng.MOD
            # RFC 9293 3.8.6: it does not shrink. Less than the scale can express
            # is rounding (RFC 7323 2.4).
            if self.own_edge is not None and seq_diff(edge, self.own_edge) <= -(1 << self.scale[s.src]):
                self.fail(s, f"shrinks its window by {-seq_diff(edge, self.own_edge)}")
            self.own_edge = edge if self.own_edge is None else later(edge, self.own_edge)
        for left, right in s.option("SACK") or ():
            if self.client_syn.option("SACK_PERM") is None:
                self.fail(s, "SACK was not permitted")
            if seq_diff(right, self.rcv_max) > 0 or seq_diff(left, right) >= 0:
                self.fail(s, "a SACK block of what was never sent")

    # RFC 7323 3.2: in every segment or in none; 4.3: echoes what was received.
    def check_timestamps(self, s):
        ts = s.option("TS")
        if (ts is not None) != self.timestamps:
            self.fail(s, "timestamps " + ("missing" if self.timestamps else "not agreed on"))
        if ts is None or not self.timestamps:
            return
        if self.ts_sent is not None and seq_diff(ts[0], self.ts_sent) < 0:
            self.fail(s, "its TSval goes back")
        self.ts_sent = ts[0]
        if seq_diff(ts[1], self.ts_seen[0]) < 0 or seq_diff(ts[1], self.ts_seen[1]) > 0:
            self.fail(s, "echoes a TSval that it did not receive")

    def run(self):
        for s in self.c.segments:
            (self.from_client if s.src == self.c.client else self.from_server)(s)
        return self.wrong


def rules(path, server):
    wrong = []
    for c in pcapng.connections(path):
        if c.server[0] == server and c.segments[0].flags & (SYN | ACK) == SYN:
            wrong += Rules(c).run()
    return wrong


def check(path, server):
    """All that is wrong, a line each."""
    return tshark(path, server) + rules(path, server)


if __name__ == "__main__":
    found = check(sys.argv[1], sys.argv[2])
    print("\n".join(found))
    sys.exit(bool(found))
