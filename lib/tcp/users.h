/* SPDX-License-Identifier: BSD-3-Clause */
/* users: who hears of connections: listeners, and those who open (tcp_user). */
#ifndef TCP_USERS_H
#define TCP_USERS_H

#include "tcp/tcp.h"

/* Its index, or -ENOSPC. */
int users_add(struct tcp *t, const struct tcp_user *u);
/* u is perhaps done: who only opens has a place for as long as it has connections. */
void users_leave(struct tcp_user *u);
/* Does u take new connections of this flow? Its place may be another user's by now. */
bool users_listen(const struct tcp_user *u, const struct flow_key *k);
/* Users of this instance hear no more. */
void users_silence(struct tcp *t, const void *self);
/* ... and their connections have ended: their places are free. */
void users_forget(struct tcp *t, const void *self);
/* All instances, at the end. */
void users_destroy(struct tcp *t);

#endif
