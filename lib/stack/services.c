/* SPDX-License-Identifier: BSD-3-Clause */
/* Creates and ends instances of services: listeners, and clients that open connections. */
#include <errno.h>

#include "stack/private.h"

static int
make_instance(
        const struct stack *st, const struct hf_service *service, const void *conf, void **self)
{
	*self = (void *)(uintptr_t)conf;
	if (service->create == NULL)
		return 0;
	errno = 0;
	*self = service->create(conf, st->node);
	if (*self == NULL)
		return errno != 0 ? -errno : -ENOMEM;
	return 0;
}

static void
end_instance(const struct hf_service *service, void *self)
{
	if (service->create != NULL && service->destroy != NULL)
		service->destroy(self);
}

int
stack_listen(struct stack *st, be32 addr, be16 port, const struct hf_service *service,
        const void *conf)
{
	void *self;
	int rc = make_instance(st, service, conf, &self);

	if (rc != 0)
		return rc;
	rc = tcp_listen(&st->tcp, addr, port, service, self);
	if (rc != 0)
		end_instance(service, self);
	return rc;
}

int
stack_client(struct stack *st, const struct hf_service *service, const void *conf, void **out)
{
	void *self;
	int rc = make_instance(st, service, conf, &self);

	if (rc != 0)
		return rc;
	rc = tcp_client(&st->tcp, service, self);
	if (rc != 0)
		end_instance(service, self);
	if (rc == 0 && out != NULL)
		*out = self;
	return rc;
}

void
stack_client_end(struct stack *st, void *self, struct clock now)
{
	stack_keep_time(st, now);
	tcp_client_end(&st->tcp, self);
	stack_flush(st);
}

bool
stack_client_end_some(struct stack *st, void *self, uint32_t *at, struct clock now)
{
	bool more;

	stack_keep_time(st, now);
	more = tcp_client_end_some(&st->tcp, self, at);
	stack_flush(st);
	return more;
}
