#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The rules of wirecheck, each on a wire that breaks it."""
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wirecheck  # noqa: E402
from test_ladder import ACK, CLIENT, FIN, PSH, RST, SERVER, SYN, C_ISS, S_ISS, c, pcapng, s  # noqa: E402

MSS = b"\x02\x04\x05\xb4"


def ts(value, echo):
    return b"\x01\x01\x08\x0a" + struct.pack(">II", value, echo)


OPEN = [c(SYN, 0, options=MSS, window=5000), s(SYN | ACK, 0, 1, options=MSS), c(ACK, 1, 1, window=5000)]
OPEN_TS = [c(SYN, 0, options=ts(100, 0)), s(SYN | ACK, 0, 1, options=ts(900, 100)),
           c(ACK, 1, 1, options=ts(101, 900))]


class Wire:
    ours = None

    def wrong(self, frames, times=None):
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as f:
            f.write(pcapng(frames, times=times))
            f.flush()
            return wirecheck.rules(f.name, self.ours[0])

    def right(self, frames, times=None):
        self.assertEqual(self.wrong(frames, times), [])

    def breaks(self, what, frames):
        found = self.wrong(frames)
        self.assertEqual(len(found), 1, found)
        self.assertIn(what, found[0])


class AsServer(Wire, unittest.TestCase):
    ours = SERVER

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
        after = [c(ACK, 1, 201, window=5000), s(ACK, 201, 1, 9), c(ACK, 1, 201, window=5000), s(ACK, 201, 1, 9)]
        self.breaks("repeated after", recovery + after)

    def test_what_one_burst_brings_about_is_judged_by_what_was_known_before_it(self):
        """Three duplicates, and in the same burst the ACK that ends the recovery."""
        sent = OPEN + [s(ACK, 1, 1, 100), s(ACK, 101, 1, 100)]
        burst = [c(ACK, 1, 1, window=5000)] * 3 + [c(ACK, 1, 201, window=5000)]
        self.right(sent + burst + [s(ACK, 1, 1, 100)], times=[0, 1, 2, 3, 3, 4, 4, 4, 4, 5])
        found = self.wrong(sent + burst + burst[-1:] + [s(ACK, 1, 1, 100)], times=[0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 6])
        self.assertIn("repeats acknowledged bytes", found[0])

    def test_new_sack_blocks_are_duplicates_whatever_else_the_segment_says(self):
        """RFC 6675 2: another window, or text. With enough bytes above the loss, one duplicate is enough."""
        syn = [c(SYN, 0, options=MSS + b"\x04\x02", window=60000), s(SYN | ACK, 0, 1, options=MSS + b"\x04\x02"),
               c(ACK, 1, 1, window=60000)]
        sent = syn + [s(ACK, 1 + 1000 * n, 1, 1000) for n in range(6)]
        again = [s(ACK, 1, 1, 1000)]

        def block(left, right, length=0, window=50000):
            sack = b"\x01\x01\x05\x0a" + struct.pack(">II", S_ISS + left, S_ISS + right)
            return c(ACK, 1, 1, length, options=sack, window=window)
        grows = [block(1001, 2001, 5), block(1001, 3001, 5), block(1001, 3901, 5)]
        self.right(sent + grows + again)
        self.breaks("2 duplicate", sent + grows[:2] + grows[:1] + again)  # the third is not new
        self.right(sent + [block(1001, 4001)] + again)  # more than two segments
        self.breaks("1 duplicate", sent + [block(1001, 3001)] + again)

    def test_recovery_may_begin_later_than_it_is_due(self):
        """Segments that are sent meanwhile belong to the recovery."""
        syn = [c(SYN, 0, options=MSS + b"\x04\x02", window=60000), s(SYN | ACK, 0, 1, options=MSS + b"\x04\x02"),
               c(ACK, 1, 1, window=60000)]
        sent = syn + [s(ACK, 1 + 1000 * n, 1, 1000) for n in range(5)]
        sack = b"\x01\x01\x05\x0a" + struct.pack(">II", S_ISS + 1001, S_ISS + 5001)
        due = sent + [c(ACK, 1, 1, options=sack, window=60000), s(ACK, 5001, 1, 1000), s(ACK, 6001, 1, 1000)]
        partial = [c(ACK, 1, 5001, window=60000)] * 2 + [s(ACK, 5001, 1, 1000)]
        self.right(due + [s(ACK, 1, 1, 1000)] + partial)
        self.breaks("repeated after", due + partial)

    def test_a_probe_may_be_sent_again_as_soon_as_the_window_opens(self):
        full = [c(SYN, 0, options=MSS, window=0), s(SYN | ACK, 0, 1, options=MSS), c(ACK, 1, 1, window=0)]
        self.right(full + [s(ACK, 1, 1, 1), c(ACK, 1, 1, window=100), s(ACK, 1, 1, 100)])

    def test_acknowledgements_are_true_and_stay(self):
        self.breaks("never sent", OPEN + [s(ACK, 1, 2)])
        self.breaks("its ACK field goes back",
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


MOMENT = bytes(60)  # an empty frame, which stands for a millisecond


def offer(value):
    return MSS + b"\x04\x02" + b"\x03\x03\x07\x01" + ts(value, 0)[2:]


SYN_SENT = [c(SYN, 0, options=offer(100))]
OPENED = [*SYN_SENT, s(SYN | ACK, 0, 1, options=MSS + ts(900, 100), window=5000), c(ACK, 1, 1, options=ts(101, 900))]


class AsClient(Wire, unittest.TestCase):
    ours = CLIENT

    def test_an_honest_connection(self):
        self.right(OPENED + [c(PSH | ACK, 1, 1, 50, options=ts(102, 900)), s(PSH | ACK, 1, 51, 500, options=ts(901, 102)),
                             c(FIN | ACK, 51, 501, options=ts(103, 901)), s(FIN | ACK, 501, 52, options=ts(902, 103)),
                             c(ACK, 52, 502, options=ts(103, 902))])

    def test_a_syn_offers_all_options(self):
        self.breaks("offers MSS", [c(SYN, 0, options=MSS)])
        self.breaks("offers nothing", [c(SYN, 0)])
        self.breaks("echoes", [c(SYN, 0, options=offer(0)[:-4] + b"\0\0\0\1")])

    def test_a_syn_is_nothing_else(self):
        self.breaks("other flags", [c(SYN | FIN, 0, options=offer(1))])
        self.breaks("with text", [c(SYN, 0, 0, 5, options=offer(1))])
        self.breaks("without a window", [c(SYN, 0, options=offer(1), window=0)])

    def test_a_syn_is_repeated_after_one_two_and_four_seconds(self):
        self.right(SYN_SENT + [MOMENT] * 999 + SYN_SENT + [MOMENT] * 1999 + SYN_SENT)
        self.breaks("SYN number 2 0.5", SYN_SENT + [MOMENT] * 499 + SYN_SENT)
        self.breaks("SYN number 3 1.0", SYN_SENT + [MOMENT] * 999 + SYN_SENT + [MOMENT] * 999 + SYN_SENT)

    def test_nothing_before_the_answer(self):
        self.breaks("before any SYN-ACK", [*SYN_SENT, c(ACK, 1, 1, options=ts(101, 0))])
        # A SYN-ACK to another SYN is answered by RST where it acknowledges (RFC 9293 3.5.2).
        self.right([*SYN_SENT, s(SYN | ACK, 0, 77, options=MSS), c(RST, 77)])
        self.breaks("beyond", [*SYN_SENT, s(SYN | ACK, 0, 77, options=MSS), c(RST, 78)])

    def test_no_syn_behind_the_answer(self):
        self.breaks("behind the SYN-ACK", OPENED + [MOMENT] * 1500 + SYN_SENT)

    def test_the_peers_mss_and_window_count(self):
        self.breaks("MSS of 1460", OPENED + [c(ACK, 1, 1, 1449, options=ts(102, 900))])
        full = OPENED + [c(ACK, 1 + 1000 * n, 1, 1000, options=ts(102, 900)) for n in range(5)]
        self.right(full)
        self.breaks("2 bytes beyond", full + [c(ACK, 5001, 1, 2, options=ts(102, 900))])

    def test_timestamps_are_as_the_server_answered(self):
        self.breaks("missing", [*OPENED[:2], c(ACK, 1, 1)])
        plain = [*SYN_SENT, s(SYN | ACK, 0, 1, options=MSS)]
        self.right(plain + [c(ACK, 1, 1)])
        self.breaks("not agreed on", plain + [c(ACK, 1, 1, options=ts(101, 900))])
        self.breaks("did not receive", [*OPENED[:2], c(ACK, 1, 1, options=ts(101, 901))])

    def test_a_reset_is_where_the_peer_expects_it(self):
        self.right(OPENED + [c(RST | ACK, 1, 1)])
        self.breaks("beyond what was sent", OPENED + [c(RST | ACK, 2, 1)])

    def test_a_flow_is_opened_again_above_the_last_one(self):
        self.right(OPENED + [c(FIN | ACK, 1, 1, options=ts(102, 900)), c(SYN, 3, options=offer(50))])
        self.right(OPENED + [c(SYN, -5, options=offer(102))])
        self.breaks("neither", OPENED + [c(SYN, -5, options=offer(101))])


if __name__ == "__main__":
    unittest.main(verbosity=2)
