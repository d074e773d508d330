#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Many connections of an attacker, which are silent, read nothing, send single bytes, or
end all at once. Another client still gets its page, and its open connections stay. At
the end the program holds no resources."""
import contextlib
import socket
import subprocess
import threading

import floods
import hf

hf.require("curl", "ip")

TABLE = 256
CROWD = 16  # /24s that the crowd comes from
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def page(patience=hf.DEADLINE):
    """Does curl get a whole page, from an address that is not among the attackers'?"""
    return subprocess.run(["curl", "-sS", "--fail", "--interface", hf.CLIENT, "--max-time", str(patience), "-o",
                           "/dev/null", f"http://{hf.SERVER}/"], capture_output=True, check=False).returncode == 0


class Crowd(hf.Case):
    """A small connection table, which a crowd can fill."""
    capture = False
    options = {"arguments": ("--max-conns", str(TABLE))}
    commands = (*hf.SERVICES, "set http body 1000000")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hf.more_files(4096)
        for n in range(CROWD):
            hf.run("ip", "addr", "add", cls.source(n) + "/32", "dev", hf.TAP)

    @staticmethod
    def source(n):
        return f"198.51.{100 + n}.1"

    def setUp(self):
        self.count = floods.Count(self.hf)
        self.crowd = []

    def tearDown(self):
        for s in self.crowd:
            hf.reset(s)
        self.hf.wait_idle()

    def come(self, n, port, sources=CROWD, said=b"", **how):
        """Open n connections. A connection that is refused at once does not count."""
        for i in range(n):
            try:
                s = hf.connect(port, source=self.source(i % sources), **how)
            except ConnectionError:
                continue
            self.crowd.append(s)
            try:
                s.sendall(said)
            except ConnectionError:
                pass

    def test_silent_ones_of_one_prefix_have_a_cap(self):
        self.come(500, 80, sources=1)
        self.assertTrue(page())
        self.assertLess(self.hf.lcore_sum("conns"), TABLE)
        self.assertGreater(self.count.of("prefix_cap"), 0)

    def test_silent_ones_of_many_prefixes_go(self):
        self.come(500, 80)
        hf.wait_for(page, "a page")
        self.assertGreater(self.count.of("evicted_silent"), 0)

    def test_a_peer_that_has_spoken_stays(self):
        with hf.connect(7) as s:
            s.sendall(b"once")
            self.assertEqual(hf.read_exactly(s, 4), b"once")
            self.come(500, 80)
            hf.wait_for(page, "a page")
            s.sendall(b"and again")
            self.assertEqual(hf.read_exactly(s, 9), b"and again")

    def test_a_peer_that_takes_nothing_is_evicted(self):
        """Sockstress: a request, and then a closed window. Such a connection ends when it has
        been idle for long, or after six probes without an answer."""
        self.come(TABLE, 80, said=GET, rcvbuf=2048)
        hf.wait_for(lambda: page(2), "a page")
        self.assertGreater(self.count.of("evicted_stalled", "evicted_idle"), 0)

    def test_an_octet_at_a_time(self):
        self.come(TABLE // 2, 80)
        for octet in GET[:20]:
            for s in self.crowd:
                s.send(bytes((octet,)))
            self.assertTrue(page())
        self.assertEqual(self.count.of("evicted_silent", "evicted_stalled", "evicted_idle", "conn_full"), 0)


class Full(hf.Case):
    """Active clients have all records, and one more client comes."""
    capture = False
    PLACES = 64
    options = {"arguments": ("--max-conns", str(PLACES))}

    def setUp(self):
        self.count = floods.Count(self.hf)
        self.socks = [self.speaks() for _ in range(self.PLACES)]
        self.addCleanup(lambda: [s.close() for s in self.socks])

    @contextlib.contextmanager
    def all_speaking(self):
        """Keep all clients active: an idle connection could be evicted for a new one."""
        over = threading.Event()

        def speak():
            while not over.wait(0.2):
                for s in self.socks:
                    s.sendall(b"x")
                for s in self.socks:
                    hf.read_exactly(s, 1)
        speaker = threading.Thread(target=speak)
        speaker.start()
        try:
            yield
        finally:
            over.set()
            speaker.join()

    @staticmethod
    def speaks():
        s = hf.connect(7)
        s.sendall(b"x")
        hf.read_exactly(s, 1)
        return s

    @staticmethod
    def knock(patience):
        """Connect once more, with a timeout of `patience` seconds."""
        with socket.socket() as s:
            s.settimeout(patience)
            s.connect((hf.SERVER, 7))

    def test_no_answer_until_there_is_room(self):
        with self.all_speaking():
            self.assertRaises(socket.timeout, self.knock, 1.5)
        self.assertGreaterEqual(self.count.of("conn_full"), 2)
        self.assertEqual(self.count.of("syn_received"), self.PLACES, "no record is reserved")
        self.socks.pop().close()
        self.socks.append(self.speaks())

    def test_refused_if_so_configured(self):
        self.hf.command("set when-full refuse")
        self.addCleanup(self.hf.command, "set when-full drop")
        self.assertIn("set when-full refuse", self.hf.command("show config"))
        with self.all_speaking():
            self.assertRaises(ConnectionRefusedError, self.knock, 5)
        self.socks.pop().close()
        hf.wait_for(lambda: self.hf.lcore_sum("conns") < self.PLACES, "room")
        self.socks.append(self.speaks())


class Storm(hf.Case):
    """Two thousand connections end at the same moment."""
    options = {"arguments": ("--max-conns", "4096")}
    capture = False
    CONNS = 2000

    def setUp(self):
        hf.more_files(4096)
        self.count = floods.Count(self.hf)
        self.socks = [hf.connect(7) for _ in range(self.CONNS)]
        for s in self.socks:
            s.sendall(b"x")
        for s in self.socks:
            hf.read_exactly(s, 1)

    def tearDown(self):
        for s in self.socks:
            s.close()
        hf.wait_for(lambda: self.hf.clean(self.at_start), "as at the start")
        self.assertTrue(page())

    def test_by_fin(self):
        for s in self.socks:
            s.close()
        hf.wait_for(lambda: self.count.of("conn_closed") >= self.CONNS, "all closed")

    def test_by_rst(self):
        for s in self.socks:
            hf.reset(s)
        hf.wait_for(lambda: self.count.of("conn_reset") >= self.CONNS, "all reset")

    def test_by_the_death_of_the_client(self):
        """Half of the connections have unread text, so the kernel resets them."""
        for s in self.socks[::2]:
            s.sendall(b"y")
        hf.wait_for(lambda: self.count.of("text_bytes_out") >= self.CONNS * 3 // 2, "the echo")
        for s in self.socks:
            s.close()
        hf.wait_for(lambda: self.count.of("conn_closed", "conn_reset") >= self.CONNS, "all ended")
        self.assertEqual(self.count.of("conn_reset"), self.CONNS // 2)

    def test_by_stop(self):
        self.hf.command("stop")
        for s in self.socks:
            self.assertRaises(ConnectionResetError, s.recv, 1)
        self.hf.command("start")

    def test_by_drain(self):
        self.assertIn("no connection was cut off", self.hf.command("drain 10"))
        for s in self.socks:
            self.assertEqual(s.recv(1), b"")
        self.hf.command("start")


if __name__ == "__main__":
    hf.main()
