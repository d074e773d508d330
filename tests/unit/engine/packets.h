/* SPDX-License-Identifier: BSD-3-Clause */
/* packets: a pool of mbufs without EAL. It counts the buffers that are out of it. */
#ifndef TESTS_ENGINE_PACKETS_H
#define TESTS_ENGINE_PACKETS_H

#include <rte_mbuf.h>

#include "wire/seg.h"

#define PACKETS      1024
#define PACKETS_ROOM 2048 /* headroom included */

struct packets;

struct packets *packets_create(void);
void packets_destroy(struct packets *p);
struct rte_mempool *packets_pool(struct packets *p);
unsigned packets_in_use(const struct packets *p);
/* One that holds these bytes. */
struct rte_mbuf *packets_make(struct packets *p, const void *bytes, unsigned len);

#endif
