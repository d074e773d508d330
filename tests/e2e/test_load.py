#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""wrk and ab send many requests: none is lost, and none gets a wrong answer. No speed is judged."""
import re

import hf

hf.require("wrk", "ab")


class Load(hf.Case):
    # A capture of so many packets would lose some, and show holes that the wire
        # did not have. test_capture checks captures with these clients.
    capture = False
    commands = (*hf.SERVICES, "set http body 1000")

    def wrk(self, connections, *args):
        got = hf.run("wrk", "--threads", "1", "--connections", str(connections), "--duration", "3s", *args,
                     f"http://{hf.SERVER}/").stdout
        self.assertNotIn("Non-2xx", got)
        self.assertNotIn("Socket errors", got)
        requests = int(re.search(r"(\d+) requests in", got).group(1))
        self.assertGreater(requests, connections, got)

    def test_one_connection(self):
        self.wrk(1)

    def test_a_hundred_connections(self):
        self.wrk(100)

    def ab(self, requests, concurrency, *args):
        got = hf.run("ab", "-q", "-n", str(requests), "-c", str(concurrency), *args, f"http://{hf.SERVER}/").stdout
        self.assertRegex(got, rf"Complete requests: +{requests}\n")
        self.assertRegex(got, r"Failed requests: +0\n")
        self.assertNotIn("Non-2xx", got)

    def test_ab_with_a_connection_for_each_request(self):
        self.ab(5000, 50)

    def test_ab_that_keeps_connections(self):
        self.ab(20000, 50, "-k")


class LoadClosing(Load):
    """The same if the server closes first and holds the TIME-WAITs."""
    commands = (*hf.SERVICES, "set http body 1000", "set http close on")

    def wrk(self, connections, *args):
        # wrk does not count a close after a whole response as an error.
        got = hf.run("wrk", "--threads", "1", "--connections", str(connections), "--duration", "3s", *args,
                     f"http://{hf.SERVER}/").stdout
        self.assertNotIn("Non-2xx", got)
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", got)
        if errors:
            self.assertEqual((errors.group(1), errors.group(3), errors.group(4)), ("0", "0", "0"), got)
        self.assertGreater(int(re.search(r"(\d+) requests in", got).group(1)), connections, got)


if __name__ == "__main__":
    hf.main()
