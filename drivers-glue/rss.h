/* SPDX-License-Identifier: BSD-3-Clause */
/* rss: the queue on which a port puts a flow, as the port itself tells it.
 *
 * The source port of a connection that we open is chosen for that queue (wire/steer.h). Drivers
 * take less than they are given without a word, so the settings are read back.
 *
 * Threads    the main core.
 * Memory     the caller's.
 * Errors     words that name what is not known.
 * Bounds     tables of up to STEER_RETA_MAX entries.
 */
#ifndef DRIVERS_GLUE_RSS_H
#define DRIVERS_GLUE_RSS_H

#include <rte_ethdev.h>

#include "engine/engine.h"

#define RSS_KEY_MAX 128

/* Deal the entries of a started port's table out to its queues in turn, and fill rss_key, reta,
 * reta_size and rss_l4 of out. asked: the configuration of the port. NULL: everything is known.
 * Otherwise words tell what is not, and reta_size is 0. */
const char *rss_read_back(uint16_t id, unsigned queues, const struct rte_eth_dev_info *info,
        const struct rte_eth_rss_conf *asked, struct engine_port *out);

#endif
