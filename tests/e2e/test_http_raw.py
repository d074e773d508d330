#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""HTTP requests that no library sends: split, joined, byte by byte, and wrong ones."""
import socket

import hf

GET = b"GET / HTTP/1.1\r\nHost: 192.0.2.2\r\n\r\n"
BODY = 1000


class RawHttp(hf.Case):
    commands = (*hf.SERVICES, f"set http body {BODY}")

    def setUp(self):
        self.s = hf.connect(80)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.addCleanup(self.s.close)

    def ok(self, s=None):
        r = hf.Response(s or self.s)
        self.assertEqual((r.status, len(r.body)), (200, BODY))
        return r

    def closed(self):
        self.assertEqual(self.s.recv(1), b"")

    def test_byte_by_byte(self):
        for n in range(len(GET)):
            self.s.sendall(GET[n:n + 1])
        self.ok()

    def test_split_at_every_place(self):
        for cut in range(1, len(GET)):
            self.s.sendall(GET[:cut])
            self.s.sendall(GET[cut:])
            self.ok()

    def test_pipelined_requests_are_answered_in_order(self):
        head = GET.replace(b"GET", b"HEAD")
        self.s.sendall((GET + head) * 50)
        for _ in range(50):
            self.ok()
            r = hf.Response(self.s, head_only=True)
            self.assertEqual((r.status, r.length), (200, BODY))

    def test_a_thousand_requests_at_once(self):
        self.s.sendall(GET * 1000)
        for _ in range(1000):
            self.ok()

    def test_requests_pipelined_behind_the_last_one_are_not_answered(self):
        self.s.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + GET)
        self.ok()
        try:
            self.closed()
        except ConnectionResetError:
            pass  # unread bytes may be answered with RST (RFC 1122 4.2.2.13)

    def test_http_1_0_keeps_alive_only_if_asked(self):
        ask = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        self.s.sendall(ask)
        self.assertEqual(self.ok().fields.get("connection", "").lower(), "keep-alive")
        self.s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        self.ok()
        self.closed()

    def test_a_request_and_fin_in_one_go_is_still_answered(self):
        self.s.sendall(GET)
        self.s.shutdown(socket.SHUT_WR)
        self.ok()
        self.closed()

    def test_what_is_not_http_is_400_and_the_end(self):
        for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9.9\r\n\r\n",
                         b"GET / HTTP/1.1\r\nno colon here\r\n\r\n"):
            with self.subTest(nonsense=nonsense):
                s = hf.connect(80)
                s.sendall(nonsense)
                r = hf.Response(s)
                self.assertIn(r.status, (400, 505))
                self.assertEqual(s.recv(1), b"")
                s.close()

    def test_http_1_1_without_host_is_400(self):
        self.s.sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(hf.Response(self.s).status, 400)  # RFC 9112 3.2

    def test_a_head_without_end_is_431(self):
        self.s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        try:
            while True:
                self.s.sendall(b"y" * 1000)
                self.s.setblocking(False)
                try:
                    if self.s.recv(1, socket.MSG_PEEK):
                        break
                except BlockingIOError:
                    pass
                self.s.settimeout(hf.DEADLINE)
        except OSError:
            self.fail("closed or reset before the answer could be read")
        self.s.settimeout(hf.DEADLINE)
        self.assertEqual(hf.Response(self.s).status, 431)

    def test_nothing_at_all_then_fin(self):
        self.s.shutdown(socket.SHUT_WR)
        self.closed()

    def test_half_a_request_then_fin(self):
        self.s.sendall(GET[:10])
        self.s.shutdown(socket.SHUT_WR)
        hf.read_all(self.s)  # the server closes, with or without a response


class CloseOn(hf.Case):
    commands = (*hf.SERVICES, "set http body 10", "set http close on")

    def test_the_server_closes_behind_each_response(self):
        for _ in range(50):
            s = hf.connect(80)
            s.sendall(GET)
            r = hf.Response(s)
            self.assertEqual((r.status, r.fields["connection"].lower()), (200, "close"))
            self.assertEqual(s.recv(1), b"")
            s.close()
        self.assertGreater(self.hf.connections("TIME-WAIT"), 0)

    def test_it_may_be_switched_off_for_those_that_come(self):
        text = self.hf.command("set http close off")
        self.assertNotIn("rror", text)
        self.hf.command("set http close on")


if __name__ == "__main__":
    hf.main()
