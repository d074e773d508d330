#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loss between Handfast and the kernel's TCP: all bytes arrive as they were sent, and losses
are repaired by acknowledgements, not by timeouts. Counts are judged, never seconds.
"""
import collections

import hf
import lossy

COUNTED = ("segments_retransmitted", "rto_fired", "fast_retransmits", "out_of_order", "reasm_forgotten")
DATA = lossy.content()
MSS = 1448  # with timestamps
FEW = 5     # a busy machine may add this many to any count


class OnTheRoad(hf.Case):
    capture = False  # it would have hundreds of megabytes

    @classmethod
    def setUpClass(cls):
        page = cls.enterClassContext(lossy.page(DATA))
        cls.commands = (*hf.SERVICES, f"set http file {page}")
        super().setUpClass()
        cls.road = lossy.Road()
        cls.addClassCleanup(cls.road.close)

    def setUp(self):
        self.addCleanup(self.road.lose, 0, 0)

    def counts(self):
        cores = self.hf.json("show lcore")["lcores"]
        return {name: sum(core["counters"][name] for core in cores) for name in COUNTED}

    def counted(self, do, n, *arguments):
        """Do it n times. Returns the counters that rose, those of Handfast and those of the
        client's kernel (whose names begin with capitals)."""
        ours, theirs = self.counts(), self.road.client.counters()
        for _ in range(n):
            do(*arguments)
        rose = {name: now - ours[name] for name, now in self.counts().items()}
        rose.update({name: now - theirs[name] for name, now in self.road.client.counters().items()
                     if now != theirs[name]})
        return collections.Counter(rose)

    def same(self, got, data=DATA):
        self.assertEqual(len(got), len(data))
        self.assertEqual(lossy.digest(got), lossy.digest(data))

    def download(self):
        with self.road.connect(80) as s:
            self.same(lossy.get(s)[0])

    def upload(self):
        with self.road.connect(9) as s:
            lossy.give(s, DATA)

    def there_and_back(self, data=DATA):
        with self.road.connect(7) as s:
            self.same(lossy.echo(s, data), data)

    def lost(self, way, n, permille):
        """The number of lost segments, which must be enough for the test to mean something."""
        lost = self.road.met(way)
        self.assertGreater(lost, n * len(DATA) // MSS * permille // 2000)
        return lost


class Downloads(OnTheRoad):
    """Handfast sends."""

    def check(self, n, permille, share, ways=(0, 1)):
        """Fewer than one recovery in `share` waits for the timer."""
        self.road.lose(*(permille * way for way in ways))
        rose = self.counted(self.download, n)
        lost = self.lost("from", n, permille)
        said = f"{lost} lost, {dict(rose)}"
        self.assertLess(rose["rto_fired"], rose["fast_retransmits"] / share + FEW, said)
        # The lost text goes out again, and little else; a lost ACK causes no retransmission.
        self.assertGreaterEqual(rose["segments_retransmitted"], lost - FEW * n, said)
        self.assertLess(rose["segments_retransmitted"], lost * 3 / 2 + FEW, said)

    def test_nothing_is_lost(self):
        rose = self.counted(self.download, 6)
        self.assertEqual(rose["fast_retransmits"], 0)
        self.assertLess(rose["rto_fired"], FEW)

    def test_one_in_two_hundred(self):
        self.check(12, 5, share=8)

    def test_one_in_fifty(self):
        self.check(6, 20, share=3)

    def test_one_in_two_hundred_both_ways(self):
        self.check(12, 5, share=8, ways=(1, 1))


class Uploads(OnTheRoad):
    """Handfast receives: Linux repairs losses by its SACK blocks."""

    def check(self, do, n, permille, share, ways=(1, 0)):
        self.road.lose(*(permille * way for way in ways))
        rose = self.counted(do, n)
        lost = self.lost("to", n, permille)
        said = f"{lost} lost, {dict(rose)}"
        self.assertGreater(rose["out_of_order"], lost, said)
        self.assertEqual(rose["reasm_forgotten"], 0, said)
        self.assertGreater(rose["TCPSackRecovery"], 0, said)
        self.assertLess(rose["TCPTimeouts"], rose["TCPSackRecovery"] / share + FEW, said)
        self.assertLess(rose["RetransSegs"], lost * 3 / 2 + rose["TCPLossProbes"] + FEW, said)
        return rose

    def test_nothing_is_lost(self):
        rose = self.counted(self.upload, 6)
        self.assertEqual(rose["out_of_order"], 0)
        self.assertLess(rose["RetransSegs"], rose["TCPLossProbes"] + FEW)  # probes: on a slow machine

    def test_one_in_two_hundred(self):
        self.check(self.upload, 12, 5, share=8)

    def test_one_in_fifty(self):
        self.check(self.upload, 6, 20, share=4)

    def test_what_comes_back_is_what_was_sent(self):
        self.check(self.there_and_back, 4, 5, share=4)

    def test_both_ways_at_once(self):
        self.road.lose(20, 20)
        self.counted(self.there_and_back, 2, DATA[:1 << 20])


class Coalescing(OnTheRoad):
    """A receiver with GRO: one ACK for up to 45 segments, and a round trip of milliseconds."""
    GRO_MS = 2
    RCVBUF = 200 << 10  # less than the veth's queue, so that no packet is lost

    def rounds(self, port, address=hf.SERVER, path="/"):
        """Round trips from the first segment to the last."""
        with lossy.Listener(port) as listener, self.road.connect(port, address, rcvbuf=self.RCVBUF) as s:
            self.same(lossy.get(s, path)[0])
        self.assertLess(listener.acks * 8, listener.segments, "GRO does not do its work")
        return listener.rounds

    def test_the_window_opens_by_what_is_acknowledged(self):
        """Growth does not depend on the number of ACKs (RFC 3465): Linux needs as many round trips."""
        nginx = self.road.nginx()
        self.addCleanup(nginx.end)
        nginx.page("page", DATA)
        self.road.coalesce(self.GRO_MS)
        ours = sorted(self.rounds(80) for _ in range(5))
        linux = sorted(self.rounds(nginx.port, lossy.YARDSTICK, "/page") for _ in range(5))
        self.assertLess(ours[2], linux[2] * 3 / 2 + FEW, f"{ours} {linux}")


class Whatever(OnTheRoad):
    """SYNs and FINs are lost, packets come twice, and our segments still keep the rules."""
    capture = True

    def test_any_packet_may_be_lost(self):
        self.road.lose(50, 50, lossy.ALL)
        for n in range(10):
            self.there_and_back(DATA[:10_000 * n])

    def test_text_that_comes_twice_is_taken_once(self):
        """Linux reports the duplicates, and the reports do not count as loss (RFC 2883 4)."""
        self.road.repeat(0, 300)
        rose = self.counted(self.download, 2)
        self.assertGreater(rose["TCPDSACKOldSent"], 2 * FEW)
        self.assertLess(rose["segments_retransmitted"], FEW, dict(rose))

    def test_acknowledgements_that_come_twice_are_no_duplicates(self):
        self.road.repeat(300, 0)
        rose = self.counted(self.download, 2)
        self.assertGreater(self.road.met("to"), 2 * FEW)
        self.assertLess(rose["segments_retransmitted"], FEW, dict(rose))

    def test_uploads_that_come_twice_are_taken_once(self):
        self.road.repeat(100, 100)
        rose = self.counted(self.there_and_back, 2, DATA[:1 << 20])
        self.assertLess(rose["RetransSegs"], rose["TCPLossProbes"] + FEW, dict(rose))


if __name__ == "__main__":
    hf.require("nft", "nginx", "tshark", "ip", "unshare")
    hf.main()
