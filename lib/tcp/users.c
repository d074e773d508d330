/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of TCP users: listeners, clients, their turns, and their end. */
#include "tcp/users.h"

#include <assert.h>
#include <errno.h>

#include "handfast/core.h"

_Static_assert(HF_IDLE_MAX_MS == LIMIT_TIMEOUT_MS, "core.h promises what the clock can tell");

int
users_add(struct tcp *t, const struct tcp_user *u)
{
	unsigned i = 0;

	while (i < t->nusers && t->user[i].service != NULL)
		i++;
	if (i == LIMIT_USERS)
		return -ENOSPC;
	if (i == t->nusers)
		t->nusers++;
	t->user[i] = *u;
	t->user[i].next = TCP_NO_USER;
	t->user[i].neigh = UINT16_MAX;
	if (u->instance && u->service->turn != NULL)
		t->turns[t->nturns++] = (uint8_t)i;
	return (int)i;
}

void
users_leave(struct tcp_user *u)
{
	if (u->port == 0 && !u->instance && !u->leaving && u->open == 0 && u->opening == 0)
		u->service = NULL;
}

bool
users_listen(const struct tcp_user *u, const struct flow_key *k)
{
	return u->service != NULL && !u->unlistened && u->port == k->lport &&
	       (u->addr == 0 || u->addr == k->laddr);
}

static void
user_destroy_instance(const struct tcp_user *u)
{
	const struct hf_service *service = u->leaving ? u->was : u->service;

	if (u->instance && service->create != NULL && service->destroy != NULL)
		service->destroy(u->self);
}

void
users_destroy(struct tcp *t)
{
	for (unsigned i = 0; i < t->nusers; i++)
		if (t->user[i].service != NULL)
			user_destroy_instance(&t->user[i]);
	t->nusers = t->nlisteners = t->nturns = 0;
}

static int
add_listener(struct tcp *t, const struct tcp_user *u)
{
	int index;

	if (u->port == 0)
		return -EINVAL;
	for (unsigned i = t->listener_of_port[u->port]; i != TCP_NO_USER; i = t->user[i].next)
		if (t->user[i].addr == u->addr)
			return -EADDRINUSE;
	index = users_add(t, u);
	if (index < 0)
		return index;
	t->user[index].next = t->listener_of_port[u->port];
	t->listener_of_port[u->port] = (uint8_t)index;
	t->nlisteners++;
	return 0;
}

int
tcp_listen(struct tcp *t, be32 addr, be16 port, const struct hf_service *service, void *self)
{
	return add_listener(t, &(struct tcp_user) {.addr = addr,
	                               .port = port,
	                               .instance = true,
	                               .service = service,
	                               .self = self});
}

int
tcp_listen_now(struct tcp *t, const struct hf_service *service, void *self,
        const struct hf_listen_conf *conf)
{
	be32 addr = conf->local.addr;

	if (t->refusing)
		return -ESHUTDOWN;
	if (conf->rcv_wnd > (uint32_t)UINT16_MAX << t->rcv_wscale ||
	        conf->idle_ms > HF_IDLE_MAX_MS)
		return -EINVAL;
	if (addr != 0 && tcp_addr_index(t, addr) < 0)
		return -EADDRNOTAVAIL;
	return add_listener(t, &(struct tcp_user) {.addr = addr,
	                               .port = conf->local.port,
	                               .service = service,
	                               .self = self,
	                               .rcv_wnd = conf->rcv_wnd,
	                               .idle_ms = conf->idle_ms});
}

static void
end_listener(struct tcp *t, uint8_t index)
{
	struct tcp_user *u = &t->user[index];
	uint8_t *link = &t->listener_of_port[u->port];

	while (*link != index)
		link = &t->user[*link].next;
	*link = u->next;
	t->nlisteners--;
	u->unlistened = true;
	t->nunlistened++;
}

/* The user keeps its place while it has connections. Its instance is destroyed at the end of a
 * turn, because the caller may be an event of that instance. */
int
tcp_unlisten(struct tcp *t, be32 addr, be16 port)
{
	for (uint8_t i = t->listener_of_port[port]; i != TCP_NO_USER; i = t->user[i].next) {
		if (t->user[i].addr != addr)
			continue;
		end_listener(t, i);
		return 0;
	}
	return -ENOENT;
}

uint8_t
tcp_find_listener(const struct tcp *t, be32 addr, be16 port)
{
	uint8_t any = TCP_NO_USER;

	for (uint8_t i = t->listener_of_port[port]; i != TCP_NO_USER; i = t->user[i].next) {
		if (t->user[i].addr == addr)
			return i;
		if (t->user[i].addr == 0)
			any = i;
	}
	return any;
}

int
tcp_client(struct tcp *t, const struct hf_service *service, void *self)
{
	struct tcp_user u = {.instance = true, .service = service, .self = self};
	int index = users_add(t, &u);

	return index < 0 ? index : 0;
}

static void
forget_turn(struct tcp *t, uint8_t user)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < t->nturns; i++)
		if (t->turns[i] != user)
			t->turns[kept++] = t->turns[i];
	t->nturns = (uint8_t)kept;
}

/* Replace the services of this instance with one that has no events. Otherwise closed() might
 * open the next connection, and data() would find half of the connections gone. */
void
users_silence(struct tcp *t, const void *self)
{
	static const struct hf_service silent = {.name = "ending"};

	for (unsigned i = 0; i < t->nusers; i++) {
		struct tcp_user *u = &t->user[i];

		if (u->service == NULL || (u->port != 0 && u->instance) || u->self != self)
			continue;
		if (u->port != 0 && !u->unlistened)
			end_listener(t, (uint8_t)i);
		u->leaving = true;
		u->was = u->service;
		u->service = &silent;
		forget_turn(t, (uint8_t)i);
	}
}

void
users_forget(struct tcp *t, const void *self)
{
	for (unsigned i = 0; i < t->nusers; i++) {
		struct tcp_user *u = &t->user[i];

		if (!u->leaving || u->self != self)
			continue;
		assert(u->open == 0 && u->opening == 0);
		user_destroy_instance(u);
		t->nunlistened -= u->unlistened;
		*u = (struct tcp_user) {.service = NULL};
	}
}

/* Does another user have this user's instance? Connections that the instance opened belong to
 * such a user, and so does a listener of hf_listen() with the same `self`. */
static bool
instance_is_used(const struct tcp *t, unsigned index)
{
	const struct tcp_user *u = &t->user[index];

	if (!u->instance || u->service->create == NULL || u->service->destroy == NULL)
		return false;
	for (unsigned i = 0; i < t->nusers; i++)
		if (i != index && t->user[i].service != NULL && t->user[i].self == u->self)
			return true;
	return false;
}

/* Free the places of users that were unlistened and have no connections left. An instance that
 * the stack created stays until no other user has it. */
static void
give_up_unlistened(struct tcp *t)
{
	for (unsigned i = 0; i < t->nusers; i++) {
		struct tcp_user *u = &t->user[i];

		if (u->service == NULL || !u->unlistened || u->open != 0 ||
		        instance_is_used(t, i))
			continue;
		forget_turn(t, (uint8_t)i);
		user_destroy_instance(u);
		*u = (struct tcp_user) {.service = NULL};
		t->nunlistened--;
	}
}

void
tcp_take_turns(struct tcp *t)
{
	if (t->nunlistened != 0)
		give_up_unlistened(t);
	for (unsigned i = 0; i < t->nturns; i++) {
		const struct tcp_user *u = &t->user[t->turns[i]];

		u->service->turn((struct hf_core *)t, u->self);
	}
}
