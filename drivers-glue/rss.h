/* SPDX-License-Identifier: BSD-3-Clause */
/* rss: which queue a port puts a flow on, as the port itself tells it.
 *
 * Who opens a connection chooses its source port for that (wire/steer.h), so
 * what was asked of the port is read back: PMDs take less than they are given
 * without a word.
 */
#ifndef DRIVERS_GLUE_RSS_H
#define DRIVERS_GLUE_RSS_H

#include <rte_ethdev.h>

#include "engine/engine.h"

#define RSS_KEY_MAX 128

/* Deal the entries of a started port's table out to its queues in turn, and
 * fill rss_key, reta, reta_size and rss_l4 of out. asked: what it was configured
 * with. NULL if all is known; else what is not, in words, and reta_size is 0. */
const char *rss_read_back(uint16_t id, unsigned queues, const struct rte_eth_dev_info *info,
        const struct rte_eth_rss_conf *asked, struct engine_port *out);

#endif
