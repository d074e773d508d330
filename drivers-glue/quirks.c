/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of drivers that differ from what their ethdev says. A new quirk of a known kind is
 * a change of this file alone. */
#include "quirks.h"

#include <stddef.h>
#include <string.h>

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct quirks rows[] = {
        /* Captures of a tap or vhost device show right checksums, because the packets are
         * whole when they reach the driver. Both ends of a tap have one MAC, and the kernel's
         * end takes any: with another MAC for our end a capture shows the sender. net_tap
         * takes RSS for rte_flow rules. */
        {
                .driver = "net_tap",
                .software_checksums = true,
                .no_rss = true,
                .shared_mac = true,
                .kernel_end = true,
                .queues_in_one_message = true,
                .tap_arguments = true,
                .needs_root = true,
                .spreading =
                        "the kernel spreads flows over the %u queues and keeps a flow on its queue",
                .overload =
                        "the kernel drops packets that find no room in its queue, and counts them: `ip -s link`, TX dropped of that interface",
        },
        {
                .driver = "net_tun",
                .software_checksums = true,
                .tap_arguments = true,
                .needs_root = true,
                .other_plugin = true,
        },
        {.driver = "net_vhost", .software_checksums = true},
        {.driver = "net_virtio_user", .software_checksums = true, .other_plugin = true},
        {.driver = "net_af_xdp", .software_checksums = true, .needs_root = true},
        {
                .driver = "net_af_packet",
                .needs_root = true,
                .spreading = "the kernel's packet fanout spreads flows over the %u queues",
        },
        {.driver = "net_bonding", .has_members = true, .other_plugin = true},
};

static const struct quirks no_quirks = {.driver = ""};

const struct quirks *
quirks_at(unsigned i)
{
	return i < ROWS ? &rows[i] : NULL;
}

const struct quirks *
quirks_of(const char *driver)
{
	for (unsigned i = 0; driver != NULL && i < ROWS; i++) {
		if (strcmp(driver, rows[i].driver) == 0)
			return &rows[i];
	}
	return &no_quirks;
}

const struct quirks *
quirks_of_vdev(const char *vdev)
{
	const struct quirks *found = &no_quirks;
	size_t longest = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		size_t len = strlen(rows[i].driver);

		if (len > longest && strncmp(vdev, rows[i].driver, len) == 0) {
			found = &rows[i];
			longest = len;
		}
	}
	return found;
}
