#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""echo, discard, daytime and chargen, with netcat and with sockets."""
import os
import re
import socket
import subprocess

import hf

hf.require("nc")
LINE = 74  # RFC 864: 72 characters, CR, LF


class Services(hf.Case):
    def netcat(self, port, data=None, *args):
        run = subprocess.run(["nc", *args, hf.SERVER, str(port)], input=data, capture_output=True,
                             timeout=hf.DEADLINE, check=False)
        return run.stdout

    def test_netcat_closes_its_half_and_gets_all_of_its_echo(self):
        data = os.urandom(3_000_001)
        self.assertEqual(self.netcat(7, data, "-N"), data)

    def test_echo_of_nothing(self):
        self.assertEqual(self.netcat(7, b"", "-N"), b"")

    def test_echo_goes_on_behind_the_fin_of_a_slow_reader(self):
        s = hf.connect(7, rcvbuf=4096)
        data = os.urandom(200_000)
        s.settimeout(0.5)
        sent = 0
        try:  # as many bytes as fit into both windows while none is read
            while sent < len(data):
                sent += s.send(data[sent:])
        except socket.timeout:
            pass
        s.settimeout(hf.DEADLINE)
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(hf.read_all(s), data[:sent])
        s.close()

    def test_echo_byte_by_byte(self):
        s = hf.connect(7)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(500):
            byte = bytes([n & 0xff])
            s.sendall(byte)
            self.assertEqual(s.recv(10), byte)
        s.close()

    def test_ten_megabytes_both_ways_at_once(self):
        data = os.urandom(1 << 20)
        s = hf.connect(7)
        pid = os.fork()
        if pid == 0:
            for _ in range(10):
                s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            os._exit(0)
        for _ in range(10):
            self.assertEqual(hf.read_exactly(s, len(data)), data)
        self.assertEqual(s.recv(1), b"")
        os.waitpid(pid, 0)
        s.close()

    def test_discard_takes_everything_and_says_nothing(self):
        s = hf.connect(9)
        s.sendall(bytes(5_000_000))
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(hf.read_all(s), b"")
        s.close()

    def test_daytime_says_the_time_and_closes(self):
        said = self.netcat(13)
        self.assertRegex(said, rb"\d\d:\d\d")
        self.assertRegex(said, rb"20\d\d")

    def test_chargen_turns_through_the_printing_characters(self):
        s = hf.connect(19)
        lines = hf.read_exactly(s, LINE * 200).split(b"\r\n")[:-1]
        hf.reset(s)
        self.assertEqual({len(x) for x in lines}, {LINE - 2})
        for a, b in zip(lines, lines[1:]):
            self.assertEqual(a[1:], b[:-1])
        self.assertTrue(re.fullmatch(rb"[ -~]+", lines[0]))

    def test_chargen_ends_when_the_peer_has_closed(self):
        s = hf.connect(19)
        hf.read_exactly(s, 1000)
        s.shutdown(socket.SHUT_WR)
        hf.read_all(s)
        s.close()


if __name__ == "__main__":
    hf.main()
