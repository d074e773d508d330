/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of device quirks. */
#include <criterion/criterion.h>
#include <string.h>

#include "quirks.h"

Test(quirks, a_tap_makes_checksums_in_software_and_shares_its_mac_with_the_kernel)
{
	const struct quirks *q = quirks_of("net_tap");

	cr_assert_str_eq(q->driver, "net_tap");
	cr_expect(q->software_checksums);
	cr_expect(q->no_rss);
	cr_expect(q->shared_mac);
	cr_expect(q->kernel_end);
	cr_expect(q->queues_in_one_message);
	cr_expect(q->needs_root);
}

Test(quirks, these_drivers_make_checksums_in_software_and_no_others)
{
	static const char *const software[] = {
	        "net_tap", "net_tun", "net_vhost", "net_virtio_user", "net_af_xdp"};
	static const char *const others[] = {
	        "net_af_packet", "net_bonding", "net_ring", "net_ice", "net_tap0", "net_ta"};

	for (unsigned i = 0; i < sizeof(software) / sizeof(software[0]); i++)
		cr_expect(quirks_of(software[i])->software_checksums, "%s", software[i]);
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_not(quirks_of(others[i])->software_checksums, "%s", others[i]);
}

Test(quirks, a_driver_without_a_row_has_none)
{
	static const char *const unknown[] = {"net_ice", "", "mlx5_pci", NULL};

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		const struct quirks *q = quirks_of(unknown[i]);

		cr_assert_not_null(q);
		cr_expect_not(q->software_checksums || q->no_rss || q->shared_mac ||
		              q->kernel_end || q->has_members || q->needs_root);
		cr_expect_null(q->spreading);
	}
}

Test(quirks, a_device_has_the_row_of_the_driver_that_it_begins_with)
{
	cr_expect_str_eq(quirks_of_vdev("net_tap0,iface=hf0")->driver, "net_tap");
	cr_expect_str_eq(quirks_of_vdev("net_tun1")->driver, "net_tun");
	cr_expect_str_eq(quirks_of_vdev("net_af_packet0,iface=eth0")->driver, "net_af_packet");
	cr_expect_str_eq(quirks_of_vdev("net_ring0")->driver, "");
	cr_expect_str_eq(quirks_of_vdev("net_ta")->driver, "");
}

Test(quirks, every_driver_has_one_row)
{
	unsigned n = 0;

	for (const struct quirks *q; (q = quirks_at(n)) != NULL; n++)
		cr_expect_eq(quirks_of(q->driver), q, "%s has two rows", q->driver);
	cr_expect_geq(n, 7u);
}
