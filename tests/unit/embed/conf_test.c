/* SPDX-License-Identifier: BSD-3-Clause */
/* Configurations that hf_engine_create() refuses before it opens a port, and its messages. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>

#include "rig.h"

#define REFUSED(...)                                                            \
	do {                                                                    \
		struct hf_engine_conf changed = rig_conf();                     \
		struct hf_engine_conf *c = &changed;                            \
                                                                                \
		__VA_ARGS__;                                                    \
		cr_expect_eq(rig_create(changed), -EINVAL, "%s", #__VA_ARGS__); \
	} while (0)

Test(embed_engine, what_cannot_be_is_refused)
{
	struct hf_port_conf none = {.id = 7};
	struct hf_port_conf twice[] = {rig_port, rig_port};
	unsigned no_lcore = 99, same_lcore[] = {0, 0};

	rig_start_eal();
	REFUSED(c->nports = 0);
	REFUSED(c->nports = HF_PORTS + 1);
	REFUSED(c->ports = NULL);
	REFUSED(c->ports = &none);
	REFUSED(c->nports = 2, c->ports = twice, c->packets = 4095);
	REFUSED(c->nworkers = HF_WORKERS + 1);
	REFUSED(c->nworkers = 2);
	REFUSED(c->lcores = &no_lcore);
	REFUSED(c->nworkers = 2, c->lcores = same_lcore);
	REFUSED(c->nworkers = 2, c->lcores = same_lcore, c->own_loop = true);
	REFUSED(c->dscp = 64);
	REFUSED(c->packets = 2046);
	REFUSED(c->max_kept = c->packets);
	REFUSED(c->max_conns = (1u << 28) + 1);
	REFUSED(c->rcv_wnd = 1023);
	REFUSED(c->rcv_wnd = UINT32_MAX);
	REFUSED(c->source_first = htonl(0x0a000064), c->source_count = 32001);
	REFUSED(c->source_count = 1);
	REFUSED(c->source_first = htonl(0xdffffffe), c->source_count = 3);
	REFUSED(c->source_first = htonl(0x0a000001), c->source_count = 2);
	cr_expect_eq(hf_port_count(), 1u, "no device was lost to a mistake");
	rig_end(rig_engine(rig_conf()));
}

static int
create_at(uint32_t addr, uint32_t netmask, uint32_t gateway)
{
	struct hf_port_conf p = {
	        .addr = htonl(addr), .netmask = htonl(netmask), .gateway = htonl(gateway)};
	struct hf_engine_conf c = rig_conf();

	c.ports = &p;
	return rig_create(c);
}

/* RFC 1122 3.2.1.3; RFC 3021. */
Test(embed_engine, addresses_that_no_host_has_are_refused)
{
	struct hf_port_conf p = {.addr = htonl(0x0a000000), .netmask = htonl(0xfffffffe)};
	struct hf_engine_conf c = rig_conf();

	rig_start_eal();
	cr_expect_eq(create_at(0, 0xffffff00, 0), -EINVAL, "no port has an address");
	cr_expect_eq(create_at(0x0a000002, 0, 0), -EINVAL);
	cr_expect_eq(create_at(0x0a000002, 0xff00ff00, 0), -EINVAL);
	cr_expect_eq(create_at(0x0a000002, 0x00ffffff, 0), -EINVAL, "in the host's order");
	cr_expect_eq(create_at(0x00000002, 0xffffff00, 0), -EINVAL);
	cr_expect_eq(create_at(0x7f000001, 0xffffff00, 0), -EINVAL);
	cr_expect_eq(create_at(0xe0000001, 0xffffff00, 0), -EINVAL);
	cr_expect_eq(create_at(0xffffffff, 0xffffffff, 0), -EINVAL);
	cr_expect_eq(create_at(0x0a000000, 0xffffff00, 0), -EINVAL, "the network");
	cr_expect_eq(create_at(0x0a0000ff, 0xffffff00, 0), -EINVAL, "its broadcast address");
	cr_expect_eq(create_at(0x0a000002, 0xffffff00, 0x0a000002), -EINVAL);
	cr_expect_eq(create_at(0x0a000002, 0xffffff00, 0xe0000001), -EINVAL);
	cr_expect_eq(create_at(0x0a000002, 0xffffff00, 0x0a0000ff), -EINVAL);
	cr_expect_eq(hf_port_count(), 1u);
	c.ports = &p;
	rig_end(rig_engine(c)); /* a /31 has neither */
}

Test(embed_engine, configurations_of_other_versions)
{
	struct {
		struct hf_engine_conf known;
		uint64_t unknown;
	} newer = {.known = rig_conf(), .unknown = 1};
	struct hf_engine_conf older = rig_conf();
	struct hf_engine *e = NULL;

	rig_start_eal();
	newer.known.size = sizeof(newer);
	cr_expect_eq(hf_engine_create(&e, &newer.known), -E2BIG);
	older.size = offsetof(struct hf_engine_conf, source_count) + sizeof(uint32_t) - 1;
	cr_expect_eq(rig_create(older), -EINVAL);
	older.size++;
	cr_assert_eq(hf_engine_create(&e, &older), 0, "the first version's size");
	rig_end(e);
}

Test(embed_engine, newer_members_of_0_are_as_before)
{
	struct {
		struct hf_engine_conf known;
		uint64_t unknown;
	} newer = {.known = rig_conf(), .unknown = 0};
	struct hf_engine *e = NULL;

	rig_start_eal();
	newer.known.size = sizeof(newer);
	cr_assert_eq(hf_engine_create(&e, &newer.known), 0);
	rig_end(e);
}

Test(embed_engine, without_eal_the_message_names_it)
{
	rig_hear_stderr();
	cr_expect_eq(rig_create(rig_conf()), -EPERM);
	rig_expect_line("hf_eal_start()");
}

Test(embed_engine, messages_name_the_cause)
{
	struct hf_engine_conf conf = rig_conf();

	rig_start_eal();
	rig_hear_stderr();
	conf.packets = 1000;
	cr_expect_eq(rig_create(conf), -EINVAL);
	rig_expect_line("packets is 1000; 1 port needs at least 2047");
	conf = rig_conf();
	conf.source_first = htonl(0x0a000064);
	conf.source_count = 40000;
	cr_expect_eq(rig_create(conf), -EINVAL);
	rig_expect_line("source_count is 40000; it must be at most 32000");
	hf_engine_destroy(rig_engine(rig_conf()));
	cr_expect_eq(rig_create(rig_conf()), -EINVAL);
	rig_expect_line("an engine has closed the device");
	hf_eal_stop();
}
