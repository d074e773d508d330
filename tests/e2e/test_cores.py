#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Workers of their own beside the main core, each with a queue pair."""
import re

import hf

hf.require("wrk", "curl")


class OneWorker(hf.Case):
    """The main core keeps the prompt, one worker serves."""
    options = {"lcores": "0,1"}
    commands = (*hf.SERVICES, "set http body 1000")

    def test_pages_from_the_worker(self):
        for _ in range(20):
            got = hf.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
                         f"http://{hf.SERVER}/").stdout
            self.assertEqual(got, "200 1000")

    def test_stop_and_start(self):
        self.hf.command("stop")
        self.hf.command("start")
        hf.connect(7).close()


class TwoWorkers(hf.Case):
    """Two queues: the kernel spreads the flows, and none goes astray. Three
    lcores share two CPUs here, so it is slow, and must still be right."""
    options = {"lcores": "0@0,1@0,2@1"}
    capture = False
    commands = (*hf.SERVICES, "set http body 1000")

    def test_two_cores_are_listed(self):
        self.assertEqual(len(self.hf.json("show lcore")["lcores"]), 2)

    def test_many_connections_over_both(self):
        got = hf.run("wrk", "-t1", "-c50", "-d3s", f"http://{hf.SERVER}/").stdout
        self.assertNotIn("Socket errors", got)
        self.assertGreater(int(re.search(r"(\d+) requests in", got).group(1)), 50)

    def test_both_cores_work(self):
        socks = [hf.connect(7) for _ in range(200)]
        for s in socks:
            s.sendall(b"ping")
        for s in socks:
            self.assertEqual(hf.read_exactly(s, 4), b"ping")
        for s in socks:
            s.close()
        self.assertTrue(all(core["rx_packets"] > 0 for core in self.hf.json("show lcore")["lcores"]))


if __name__ == "__main__":
    hf.main()
