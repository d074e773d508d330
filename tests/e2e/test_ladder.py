#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""ladder.py on captures that this test writes, segment by segment."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

LADDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "ladder.py")
CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 80)
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
C_ISS, S_ISS = 0xfffffff0, 5000  # the client's numbers wrap


def address(text):
    return bytes(map(int, text.split(".")))


def frame(to_server, flags, seq, ack, length=0, options=b"", window=1000, vlan=False):
    src, dst = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
    own, other = (C_ISS, S_ISS) if to_server else (S_ISS, C_ISS)
    options += b"\x01" * (-len(options) % 4)
    tcp = struct.pack(">HHIIHHHH", src[1], dst[1], (own + seq) % 2**32,
                      (other + ack) % 2**32 if flags & ACK else 0,
                      (5 + len(options) // 4) << 12 | flags, window, 0, 0)
    total = 20 + len(tcp) + len(options) + length
    ip = struct.pack(">BBHHHBBH", 0x45, 0, total, 0, 0x4000, 64, 6, 0)
    kind = b"\x81\x00\x00\x05\x08\x00" if vlan else b"\x08\x00"
    return (bytes(12) + kind + ip + address(src[0]) + address(dst[0]) + tcp + options +
            bytes(length))


def c(flags, seq, ack=0, *more, **kw):
    return frame(True, flags, seq, ack, *more, **kw)


def s(flags, seq, ack=0, *more, **kw):
    return frame(False, flags, seq, ack, *more, **kw)


def pcapng(frames, end="<", tick=9, times=None):
    """`times` has the milliseconds of each frame."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack(end + "I", len(body) + 12)
        return struct.pack(end + "I", kind) + size + body + size
    out = block(0x0A0D0D0A, struct.pack(end + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack(end + "HHI", 1, 0, 0) + struct.pack(end + "HHB3xHH", 9, 1, tick, 0, 0))
    for n, f in enumerate(frames):
        stamp = (1_700_000_000_000_000 + (times[n] if times else n) * 1000) * 10 ** (tick - 6)
        out += block(6, struct.pack(end + "IIIII", 0, stamp >> 32, stamp & 0xffffffff,
                                    len(f), len(f)) + f)
    return out


OPEN = [c(SYN, 0), s(SYN | ACK, 0, 1), c(ACK, 1, 1)]


class Ladder(unittest.TestCase):
    def ladder(self, data, *args):
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as f:
            f.write(data)
            f.flush()
            return subprocess.run([sys.executable, LADDER, f.name, *args],
                                  capture_output=True, text=True)

    def steps(self, frames, *args, **kw):
        run = self.ladder(pcapng(frames, **kw), "--json", *args)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)["segments"]

    def states(self, frames, **kw):
        return [(row["client"], row["server"]) for row in self.steps(frames, **kw)]

    # RFC 9293 figure 6
    def test_the_handshake(self):
        self.assertEqual(self.states(OPEN), [("SYN-SENT", "SYN-RECEIVED"),
                                             ("ESTABLISHED", "SYN-RECEIVED"),
                                             ("ESTABLISHED", "ESTABLISHED")])

    # RFC 9293 figure 12
    def test_a_normal_close_by_the_client(self):
        frames = OPEN + [c(FIN | ACK, 1, 1), s(ACK, 1, 2), s(FIN | ACK, 1, 2), c(ACK, 2, 2)]
        self.assertEqual(self.states(frames)[3:], [("FIN-WAIT-1", "CLOSE-WAIT"),
                                                   ("FIN-WAIT-2", "CLOSE-WAIT"),
                                                   ("TIME-WAIT", "LAST-ACK"),
                                                   ("TIME-WAIT", "CLOSED")])

    def test_a_close_in_three_segments_by_the_server(self):
        frames = OPEN + [s(FIN | ACK, 1, 1), c(FIN | ACK, 1, 2), s(ACK, 2, 2)]
        self.assertEqual(self.states(frames)[3:], [("CLOSE-WAIT", "FIN-WAIT-1"),
                                                   ("LAST-ACK", "TIME-WAIT"),
                                                   ("CLOSED", "TIME-WAIT")])

    # RFC 9293 figure 13: each FIN leaves before the other's arrives.
    def test_a_simultaneous_close(self):
        frames = OPEN + [s(FIN | ACK, 1, 1), c(FIN | ACK, 1, 1), s(ACK, 2, 2), c(ACK, 2, 2)]
        states = self.states(frames)
        self.assertEqual(states[3], ("ESTABLISHED", "FIN-WAIT-1"))
        self.assertEqual(states[4], ("FIN-WAIT-1", "CLOSING"))
        self.assertEqual(states[6], ("TIME-WAIT", "TIME-WAIT"))

    def test_half_close_goes_on_sending(self):
        frames = OPEN + [c(FIN | ACK, 1, 1), s(PSH | ACK, 1, 2, 100), c(ACK, 2, 101),
                         s(FIN | ACK, 101, 2), c(ACK, 2, 102)]
        self.assertEqual([b for _, b in self.states(frames)[3:]],
                         ["CLOSE-WAIT", "CLOSE-WAIT", "CLOSE-WAIT", "LAST-ACK", "CLOSED"])

    def test_a_fin_behind_a_hole_waits_for_the_missing_bytes(self):
        frames = OPEN + [c(FIN | ACK, 11, 1, 5), s(ACK, 1, 1), c(PSH | ACK, 1, 1, 10), s(ACK, 1, 17)]
        states = self.states(frames)
        self.assertEqual(states[4], ("FIN-WAIT-1", "ESTABLISHED"))
        self.assertEqual(states[5], ("FIN-WAIT-1", "CLOSE-WAIT"))
        self.assertEqual(states[6], ("FIN-WAIT-2", "CLOSE-WAIT"))

    def test_a_refused_syn(self):
        self.assertEqual(self.states([c(SYN, 0), s(RST | ACK, -S_ISS, 1)]),
                         [("SYN-SENT", "CLOSED"), ("CLOSED", "CLOSED")])

    def test_a_reset_ends_both(self):
        self.assertEqual(self.states(OPEN + [c(RST | ACK, 1, 1)])[-1], ("CLOSED", "CLOSED"))

    def test_a_reset_with_another_number_does_not(self):
        self.assertEqual(self.states(OPEN + [c(RST | ACK, 900, 1)])[-1], ("CLOSED", "ESTABLISHED"))

    def test_what_is_sent_again_is_marked(self):
        rows = self.steps([c(SYN, 0)] + OPEN + [c(PSH | ACK, 1, 1, 10), c(PSH | ACK, 1, 1, 10),
                                                c(ACK, 11, 1)])
        self.assertEqual([r["again"] for r in rows], [False, True, False, False, False, True, False])

    def test_numbers_are_relative_across_the_wrap(self):
        rows = self.steps(OPEN + [c(PSH | ACK, 1, 1, 100), s(ACK, 1, 101)])
        self.assertEqual((rows[3]["seq"], rows[3]["len"], rows[4]["ack"]), (1, 100, 101))

    def test_options_and_the_scaled_window(self):
        syn = b"\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\x07\0\0\0\0\x01\x03\x03\x07"
        frames = [c(SYN, 0, options=syn), s(SYN | ACK, 0, 1, options=b"\x01\x03\x03\x02"),
                  c(ACK, 1, 1, window=10, options=b"\x05\x0a" + struct.pack(">II", S_ISS + 9, S_ISS + 19))]
        rows = self.steps(frames)
        self.assertEqual(rows[0]["options"], [["MSS", 1460], ["SACK_PERM", True], ["TS", [7, 0]],
                                              ["WS", 7]])
        self.assertEqual((rows[0]["window"], rows[2]["window"]), (1000, 10 << 7))
        self.assertEqual(rows[2]["options"], [["SACK", [[9, 19]]]])

    def test_a_window_is_not_scaled_unless_both_offered(self):
        frames = [c(SYN, 0, options=b"\x01\x03\x03\x07"), *OPEN[1:]]
        self.assertEqual(self.steps(frames)[2]["window"], 1000)

    def test_malformed_options_are_named(self):
        rows = self.steps([c(SYN, 0, options=b"\x02\x09\x05\xb4")])
        self.assertEqual(rows[0]["options"], [["malformed", None]])

    def test_other_tick_endianness_and_a_vlan_tag(self):
        frames = [c(SYN, 0, vlan=True), *OPEN[1:]]
        rows = self.steps(frames, end=">", tick=6)
        self.assertEqual([r["ms"] for r in rows], [0.0, 1.0, 2.0])

    def test_a_new_syn_begins_a_new_connection(self):
        frames = OPEN + [c(RST | ACK, 1, 1), c(SYN, 5000), s(SYN | ACK, 70000, 5001)]
        run = self.ladder(pcapng(frames), "--list")
        self.assertEqual(len(run.stdout.splitlines()), 2, run.stdout)
        self.assertEqual(len(self.steps(frames, "--connection", "2")), 2)
        self.assertEqual(self.ladder(pcapng(frames), "--connection", "3").returncode, 1)

    def test_the_drawing_has_states_flags_and_options(self):
        run = self.ladder(pcapng(OPEN), "--left", "curl", "--right", "handfast")
        for word in ("curl", "handfast", "SYN-SENT", "SYN-RECEIVED", "SYN ACK  seq 0 ack 1", "->|",
                     "|<-", "LISTEN"):
            self.assertIn(word, run.stdout)

    def test_the_middle_of_a_long_connection_is_left_out(self):
        frames = OPEN + [c(PSH | ACK, 1 + n, 1, 1) for n in range(100)]
        self.assertIn("... 93 more segments ...", self.ladder(pcapng(frames), "--rows", "10").stdout)
        self.assertNotIn("more segments", self.ladder(pcapng(frames), "--rows", "0").stdout)

    def test_a_file_cut_off_in_the_middle_shows_what_is_whole(self):
        rows = json.loads(self.ladder(pcapng(OPEN)[:-5], "--json").stdout)["segments"]
        self.assertEqual(len(rows), 2)

    def test_what_is_no_capture_is_refused_with_the_reason(self):
        run = self.ladder(b"GIF89a")
        self.assertEqual((run.returncode, "is not a pcapng file" in run.stderr), (1, True))
        run = self.ladder(pcapng([]))
        self.assertEqual((run.returncode, "has no TCP connection" in run.stderr), (1, True))


if __name__ == "__main__":
    unittest.main(verbosity=2)
