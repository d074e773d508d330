#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The rules of wirecheck, each on a wire where a server breaks it."""
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wirecheck  # noqa: E402
from test_ladder import ACK, FIN, PSH, SERVER, SYN, C_ISS, c, pcapng, s  # noqa: E402

MSS = b"\x02\x04\x05\xb4"


def ts(value, echo):
    return b"\x01\x01\x08\x0a" + struct.pack(">II", value, echo)


OPEN = [c(SYN, 0, options=MSS, window=5000), s(SYN | ACK, 0, 1, options=MSS), c(ACK, 1, 1, window=5000)]
OPEN_TS = [c(SYN, 0, options=ts(100, 0)), s(SYN | ACK, 0, 1, options=ts(900, 100)),
           c(ACK, 1, 1, options=ts(101, 900))]


class Rules(unittest.TestCase):
    def wrong(self, frames):
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as f:
            f.write(pcapng(frames))
            f.flush()
            return wirecheck.rules(f.name, SERVER[0])

    def right(self, frames):
        self.assertEqual(self.wrong(frames), [])

    def breaks(self, what, frames):
        found = self.wrong(frames)
        self.assertEqual(len(found), 1, found)
        self.assertIn(what, found[0])

    def test_an_honest_connection(self):
        self.right(OPEN + [c(PSH | ACK, 1, 1, 50, window=5000), s(PSH | ACK, 1, 51, 1460),
                           c(ACK, 51, 1461, window=5000), s(FIN | ACK, 1461, 51),
                           c(FIN | ACK, 51, 1462), s(ACK, 1462, 52)])
        self.right(OPEN_TS + [s(PSH | ACK, 1, 1, 500, options=ts(900, 101))])

    def test_the_window_counts_to_the_byte(self):
        full = OPEN + [s(ACK, 1 + 1000 * n, 1, 1000) for n in range(5)]
        self.right(full)
        self.right(full + [s(ACK, 5001, 1, 1)])  # a probe
        self.breaks("2 bytes beyond", full + [s(ACK, 5001, 1, 2)])

    def test_a_segment_fits_the_mss(self):
        self.breaks("MSS of 1460", OPEN + [s(ACK, 1, 1, 1461)])
        no_mss = [c(SYN, 0), *OPEN[1:]]
        self.right(no_mss + [s(ACK, 1, 1, 536)])
        self.breaks("MSS of 536", no_mss + [s(ACK, 1, 1, 537)])

    def test_options_count_into_the_mss(self):
        self.right(OPEN_TS + [s(ACK, 1, 1, 524, options=ts(901, 101))])
        self.breaks("MSS of 536", OPEN_TS + [s(ACK, 1, 1, 525, options=ts(901, 101))])

    def test_no_gap_and_nothing_behind_fin(self):
        self.breaks("leaves 10 sequence", OPEN + [s(ACK, 11, 1, 5)])
        self.breaks("after its FIN", OPEN + [s(FIN | ACK, 1, 1), s(ACK, 2, 1, 5)])

    def test_what_was_acknowledged_is_not_repeated(self):
        self.breaks("repeats", OPEN + [s(ACK, 1, 1, 100), c(ACK, 1, 101, window=5000)] +
                    [c(ACK, 1, 101, window=5000)] * 120 + [s(ACK, 1, 1, 100)])

    def test_a_repetition_waits_for_the_timer_or_three_duplicates(self):
        sent = OPEN + [s(ACK, 1, 1, 100), s(ACK, 101, 1, 100)]
        dup = [c(ACK, 1, 1, window=5000)]
        self.breaks("repeated after 4.000 ms and 2 duplicate", sent + dup * 2 + [s(ACK, 1, 1, 100)])
        self.right(sent + dup * 3 + [s(ACK, 1, 1, 100)])
        self.right(sent + [s(ACK, 201 + n, 1, 1) for n in range(100)] + [s(ACK, 1, 1, 100)])

    def test_recovery_goes_on_until_what_was_sent_before_it_is_acknowledged(self):
        recovery = OPEN + [s(ACK, 1, 1, 100), s(ACK, 101, 1, 100)] + [c(ACK, 1, 1, window=5000)] * 3 + [
            s(ACK, 1, 1, 100), c(ACK, 1, 101, window=5000), s(ACK, 101, 1, 100)]
        self.right(recovery)
        self.breaks("repeated after", recovery + [c(ACK, 1, 201, window=5000), s(ACK, 201, 1, 9), s(ACK, 201, 1, 9)])

    def test_a_probe_may_be_sent_again_as_soon_as_the_window_opens(self):
        full = [c(SYN, 0, options=MSS, window=0), s(SYN | ACK, 0, 1, options=MSS), c(ACK, 1, 1, window=0)]
        self.right(full + [s(ACK, 1, 1, 1), c(ACK, 1, 1, window=100), s(ACK, 1, 1, 100)])

    def test_acknowledgements_are_true_and_stay(self):
        self.breaks("never sent", OPEN + [s(ACK, 1, 2)])
        self.breaks("takes an acknowledgement back",
                    OPEN + [c(ACK, 1, 1, 10), s(ACK, 1, 11), s(ACK, 1, 5, window=1006)])
        self.breaks("without ACK", OPEN + [s(PSH, 1, 0, 1)])

    def test_the_window_does_not_shrink(self):
        self.breaks("shrinks its window by 1", OPEN + [s(ACK, 1, 1, window=1000), s(ACK, 1, 1, window=999)])
        self.right(OPEN + [c(ACK, 1, 1, 10), s(ACK, 1, 1, window=1000), s(ACK, 1, 11, window=990)])

    def test_only_what_was_offered_is_answered(self):
        for option, name in ((b"\x03\x03\x02\x01", "WS"), (b"\x04\x02", "SACK_PERM")):
            self.breaks(f"{name} was not offered", [OPEN[0], s(SYN | ACK, 0, 1, options=option)])

    def test_timestamps_are_in_all_segments_or_in_none(self):
        self.breaks("missing", OPEN_TS + [s(ACK, 1, 1)])
        self.breaks("not agreed on", OPEN + [s(ACK, 1, 1, options=ts(1, 1))])

    def test_timestamps_do_not_go_back_or_lie(self):
        self.breaks("goes back", OPEN_TS + [s(ACK, 1, 1, options=ts(899, 101))])
        self.breaks("did not receive", OPEN_TS + [s(ACK, 1, 1, options=ts(900, 102))])

    def test_sack_blocks_are_true_and_permitted(self):
        def sack(a, b):
            return b"\x05\x0a" + struct.pack(">II", (C_ISS + a) % 2**32, (C_ISS + b) % 2**32)
        permit = [c(SYN, 0, options=b"\x04\x02"), *OPEN[1:], c(ACK, 101, 1, 10)]
        self.right(permit + [s(ACK, 1, 1, options=sack(101, 111))])
        self.breaks("never sent", permit + [s(ACK, 1, 1, options=sack(101, 112))])
        self.breaks("not permitted", OPEN + [c(ACK, 101, 1, 10), s(ACK, 1, 1, options=sack(101, 111))])

    def test_a_repeated_syn_ack_keeps_its_number(self):
        self.right([OPEN[0], OPEN[1], OPEN[1]])
        self.breaks("another ISS", [OPEN[0], OPEN[1], s(SYN | ACK, 7, 1)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
