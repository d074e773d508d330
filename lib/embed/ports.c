/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of handfast/ports.h: the network devices that EAL knows. */
#include "handfast/ports.h"

#include <errno.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "drivers-glue/port.h"

_Static_assert(HF_PORTS == LIMIT_PORTS, "the public limit is the stack's");

unsigned
hf_port_count(void)
{
	return rte_eth_dev_count_avail();
}

int
hf_port_find(const char *name, uint16_t *id)
{
	return rte_eth_dev_get_port_by_name(name, id) == 0 ? 0 : -ENODEV;
}

int
hf_port_name(uint16_t id, char *name, size_t size)
{
	char whole[RTE_ETH_NAME_MAX_LEN];

	if (rte_eth_dev_get_name_by_port(id, whole) != 0)
		return -ENODEV;
	return (size_t)snprintf(name, size, "%s", whole) < size ? 0 : -ENOSPC;
}

unsigned
hf_port_queues(uint16_t id)
{
	return rte_eth_dev_is_valid_port(id) ? port_queues(id) : 0;
}
