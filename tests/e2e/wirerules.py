# SPDX-License-Identifier: BSD-3-Clause
"""Rules for the segments that Handfast sends on one connection, which tshark does not have.

In Accepted, Handfast is the server; in Opened, it is the client. The segments are in the
order in which Handfast received and sent them, so each rule is exact.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import ladder  # noqa: E402
import pcapng  # noqa: E402
from pcapng import ACK, FIN, RST, SYN, seq_diff  # noqa: E402

DUP_ACKS = 3          # RFC 5681 3.2
RTO_LEAST_S = 0.1     # half of the smallest RTO: a turn reads its clock before it sends
RTO_FIRST_S = 1.0     # RFC 6298 2.1
TIMER_S = 0.05        # the granularity of timers and of a turn's clock
PORTS = (1024, 65535)  # the source ports of loads by default
SYN_OPTIONS = ("MSS", "WS", "SACK_PERM", "TS")


def later(a, b):
    return a if seq_diff(a, b) > 0 else b


class Rules:
    """Handfast's side of one connection, in either role."""

    def __init__(self, c):
        self.c = c
        self.wrong = []
        self.first = c.segments[0]
        self.scale = ladder.shifts(c)
        self.mss = None          # the peer's MSS
        self.peer_sack = False   # the peer permits SACK
        self.timestamps = False  # both ends have agreed on timestamps
        self.snd_max = None      # one past the highest sequence number sent
        self.edge = None         # the right edge of the peer's window
        self.acked = None        # acknowledged by the peer
        self.acked_before = None # acknowledged before the last burst
        self.burst_at = None     # the time of the last burst; all its segments have one time
        self.sacked = []         # (left, right) of SACK blocks above `acked`
        self.sent_at = {}        # the time of each sequence number
        self.dup_acks = 0
        self.recover = None      # RFC 6582: retransmissions are due up to here
        self.repeated = False    # a retransmission was seen in this recovery
        self.recovered_at = None # when the recovery ended
        self.rcv_max = None      # one past the highest sequence number received
        self.last_ack = None
        self.own_edge = None     # the right edge of Handfast's window
        self.fin_end = None
        self.ts_seen = None      # the first and the newest timestamp of the peer
        self.ts_sent = None

    def take_peer_syn(self, syn):
        ts = syn.option("TS")
        self.mss = syn.option("MSS") or 536  # RFC 9293 3.7.1
        self.peer_sack = syn.option("SACK_PERM") is not None
        self.ts_seen = [ts[0]] * 2 if ts is not None else None
        self.rcv_max = syn.end

    def fail(self, s, what):
        at = s.time - self.first.time
        self.wrong.append(f"{self.c.client[0]}:{self.c.client[1]} -> :{self.c.server[1]} after {at:.6f} s: "
                          f"{s.flag_names()} seq {s.seq} len {s.len}: {what}")

    def from_peer(self, s):
        if s.has(RST):
            return
        if self.rcv_max is not None and seq_diff(s.end, self.rcv_max) > 0:
            self.rcv_max = s.end
        if s.has(ACK):
            self.count_dup_acks(s)
            self.take_ack(s)
            edge = (s.ack + (s.window << (0 if s.has(SYN) else self.scale[s.src]))) % pcapng.MOD
            if self.edge is None or seq_diff(edge, self.edge) > 0:
                self.edge = edge
        ts = s.option("TS")
        if self.ts_seen and ts and seq_diff(ts[0], self.ts_seen[1]) > 0:
            self.ts_seen[1] = ts[0]

    def take_ack(self, s):
        if s.time != self.burst_at:
            self.acked_before, self.burst_at = s.ack if self.acked is None else self.acked, s.time
        if self.acked is None or seq_diff(s.ack, self.acked) > 0:
            self.acked = s.ack
            self.sacked = [b for b in self.sacked if seq_diff(b[1], s.ack) > 0]

    # RFC 6675 2: does a block above the ACK field cover bytes that were not SACKed before?
    def says_new_sack(self, s):
        blocks = [b for b in s.option("SACK") or () if seq_diff(b[0], s.ack) > 0]
        new = [b for b in blocks if not any(
            seq_diff(b[0], old[0]) >= 0 and seq_diff(b[1], old[1]) <= 0 for old in self.sacked)]
        self.sacked += new
        return bool(new)

    # RFC 6675 2, IsLost(): enough bytes above the ACK field are SACKed that the byte there is lost.
    def lost_by_sack(self):
        right, total, pieces = self.acked, 0, 0
        for left, end in sorted(self.sacked, key=lambda b: seq_diff(b[0], self.acked)):
            if seq_diff(end, right) > 0:
                pieces += seq_diff(left, right) > 0
                total += seq_diff(end, later(left, right))
                right = end
        return pieces >= DUP_ACKS or total > (DUP_ACKS - 1) * self.mss

    def count_dup_acks(self, s):
        if s.ack == self.acked and (self.says_new_sack(s) or s.len == 0):
            self.dup_acks += 1
            if self.recover is None and (self.dup_acks >= DUP_ACKS or self.lost_by_sack()):
                self.recover, self.repeated = self.snd_max, False
        elif self.acked is None or seq_diff(s.ack, self.acked) > 0:
            self.dup_acks = 0
            if self.recover is not None and seq_diff(s.ack, self.recover) >= 0:
                self.recover, self.recovered_at = None, s.time

    # RFC 6298 5.4, RFC 5681 3.2: a retransmission is due by the timer or by three duplicate ACKs.
    def check_repeated(self, s):
        # Handfast handles the segments of a burst one by one, and its answers follow all of them
        # in a capture. So the first segment of a burst may cause a retransmission of bytes that
        # the next one acknowledges. A timer fires after the whole burst.
        timer = s.time - self.burst_at >= RTO_LEAST_S
        if seq_diff(s.end, self.acked if timer else self.acked_before) <= 0:
            self.fail(s, "repeats acknowledged bytes")
        passed = s.time - self.sent_at.get(s.seq, 0)
        recovering = self.recover is not None or self.recovered_at == self.burst_at
        # By SACK a retransmission may be due before three duplicate ACKs. A sender that waits for
        # them begins later, and recovers the bytes sent until then.
        if self.recover is not None and not self.repeated:
            self.recover, self.repeated = self.snd_max, True
        if passed < RTO_LEAST_S and not recovering:
            self.fail(s, f"repeated after {passed * 1000:.3f} ms and {self.dup_acks} duplicate ACKs")

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
            self.fail(s, "acknowledges bytes that were never sent")
        if self.last_ack is not None and seq_diff(s.ack, self.last_ack) < 0:
            self.fail(s, "its ACK field goes back")
        self.last_ack = s.ack
        if not s.has(SYN):
            edge = (s.ack + (s.window << self.scale[s.src])) % pcapng.MOD
            # RFC 9293 3.8.6: the window does not shrink. A change below one unit of the scale is
            # rounding (RFC 7323 2.4).
            if self.own_edge is not None and seq_diff(edge, self.own_edge) <= -(1 << self.scale[s.src]):
                self.fail(s, f"shrinks its window by {-seq_diff(edge, self.own_edge)}")
            self.own_edge = edge if self.own_edge is None else later(edge, self.own_edge)
        for left, right in s.option("SACK") or ():
            if not self.peer_sack:
                self.fail(s, "SACK was not permitted")
            if seq_diff(right, self.rcv_max) > 0 or seq_diff(left, right) >= 0:
                self.fail(s, "a SACK block of bytes that were never sent")

    # RFC 7323: timestamps are in every segment or in none (3.2), and echo received ones (4.3).
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

    def from_us(self, s):
        raise NotImplementedError

    def run(self, ours):
        for s in self.c.segments:
            (self.from_us if s.src == ours else self.from_peer)(s)
        return self.wrong


class Accepted(Rules):
    """Handfast is the server."""

    def __init__(self, c):
        super().__init__(c)
        self.take_peer_syn(self.first)
        self.syn_ack = None

    def from_us(self, s):
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

    # RFC 7323 1.3, 3.2; RFC 2018 2: a SYN-ACK has only options that the SYN offered.
    def check_syn_ack(self, s):
        for name in ("WS", "SACK_PERM", "TS"):
            if s.option(name) is not None and self.first.option(name) is None:
                self.fail(s, f"{name} was not offered")
        if s.ack != self.first.end and seq_diff(s.ack, self.first.end) > 0:
            self.fail(s, "acknowledges more than the SYN")
        if self.syn_ack is not None and s.seq != self.syn_ack.seq:
            self.fail(s, "another ISS in a repeated SYN-ACK")
        self.syn_ack = s
        self.snd_max = self.snd_max or s.end
        self.timestamps = self.ts_seen is not None and s.option("TS") is not None


class Opened(Rules):
    """Handfast is the client."""

    def __init__(self, c):
        super().__init__(c)
        self.syns = []
        self.opened = False  # True once the SYN-ACK has come
        self.peer_ack = None

    def from_peer(self, s):
        answer = s.flags & (SYN | ACK | RST) == SYN | ACK and s.ack == self.snd_max
        if s.has(ACK):
            self.peer_ack = s.ack
        if not self.opened and answer:
            self.opened = True
            self.take_peer_syn(s)
            self.timestamps = self.first.option("TS") is not None and s.option("TS") is not None
        if self.opened:
            super().from_peer(s)

    def from_us(self, s):
        if s.has(RST):
            self.check_rst(s)
        elif s.has(SYN):
            self.check_syn(s)
        elif not self.opened:
            self.fail(s, "before any SYN-ACK")
        else:
            self.check_text(s)
            self.check_ack(s)
            self.check_timestamps(s)

    # RFC 9293 3.5.2: a RST has the sequence number that the peer expects.
    def check_rst(self, s):
        if s.len:
            self.fail(s, "a RST with text")
        if seq_diff(s.seq, self.snd_max) > 0 and s.seq != self.peer_ack:
            self.fail(s, "a RST beyond what was sent")

    def check_syn(self, s):
        if self.opened:
            self.fail(s, "a SYN behind the SYN-ACK")
        if s.flags != SYN:
            self.fail(s, "a SYN with other flags")
        if s.ack or s.len:
            self.fail(s, "a SYN with text or an acknowledgement")
        if not s.window:
            self.fail(s, "a SYN without a window")
        self.check_offer(s)
        if not PORTS[0] <= s.src[1] <= PORTS[1]:
            self.fail(s, f"a source port outside {PORTS[0]}-{PORTS[1]}")
        if self.syns:
            self.check_syn_again(s)
        self.syns.append(s)
        self.snd_max = s.end

    # RFC 9293 3.7.1, RFC 7323 2.2, 3.2, RFC 2018 2: a SYN has each option once.
    def check_offer(self, s):
        names = [name for name, _ in s.options]
        if sorted(names) != sorted(SYN_OPTIONS):
            self.fail(s, f"a SYN offers {', '.join(names) or 'nothing'}")
            return
        if not 536 <= s.option("MSS") <= 65495:
            self.fail(s, f"an MSS of {s.option('MSS')}")
        if s.option("WS") > 14:  # RFC 7323 2.3
            self.fail(s, f"a window scale of {s.option('WS')}")
        if s.option("TS")[1]:
            self.fail(s, "a SYN echoes a timestamp")

    # RFC 6298 2.1, 5.5: a SYN is repeated after 1 s, 2 s, 4 s.
    def check_syn_again(self, s):
        if s.seq != self.syns[0].seq:
            self.fail(s, "another ISS in a repeated SYN")
        passed = s.time - self.syns[-1].time
        if passed < RTO_FIRST_S * 2 ** (len(self.syns) - 1) - TIMER_S:
            self.fail(s, f"SYN number {len(self.syns) + 1} {passed:.3f} s after the one before")

    # RFC 6191, RFC 9293 3.6.1: no segment of an old connection is valid in the new one.
    def check_reuse(self, old):
        newer = seq_diff(self.first.seq, old.snd_max) > 0
        ts = self.first.option("TS")
        if ts and old.ts_sent is not None and seq_diff(ts[0], old.ts_sent) > 0:
            newer = True
        if not newer:
            self.fail(self.first, "neither ISS nor timestamp is above that of the connection before")
