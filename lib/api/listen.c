/* SPDX-License-Identifier: BSD-3-Clause */
/* Listeners that an application opens and closes while its core runs. */
#include "api/private.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The first version of struct hf_listen_conf ended here. */
#define CONF_SIZE_MIN (offsetof(struct hf_listen_conf, idle_ms) + sizeof(uint32_t))

/* An application that was compiled with a newer header may ask for what we do not know. */
static bool
asks_for_more(const struct hf_listen_conf *conf)
{
	const uint8_t *p = (const uint8_t *)conf;

	for (uint32_t i = sizeof(*conf); i < conf->size; i++)
		if (p[i] != 0)
			return true;
	return false;
}

int
hf_listen(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_listen_conf *conf)
{
	struct hf_listen_conf own = {.size = 0};

	if (conf->size < CONF_SIZE_MIN)
		return -EINVAL;
	if (asks_for_more(conf))
		return -E2BIG;
	memcpy(&own, conf, conf->size < sizeof(own) ? conf->size : sizeof(own));
	return tcp_listen_now(core(h), service, self, &own);
}

int
hf_unlisten(struct hf_core *h, struct hf_addr local)
{
	return tcp_unlisten(core(h), local.addr, local.port);
}
