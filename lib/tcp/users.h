/* SPDX-License-Identifier: BSD-3-Clause */
/* users: the TCP users of a core (struct tcp_user): listeners, and services that open
 * connections.
 *
 * Threads    single writer.
 * Ownership  an instance (`instance`) is destroyed with its user.
 * Memory     the table in struct tcp.
 * Errors     users_add() returns -ENOSPC without a free place.
 * Bounds     LIMIT_USERS users.
 * Calls back? users_forget() and users_destroy(): destroy(). May end the connection? no.
 */
#ifndef TCP_USERS_H
#define TCP_USERS_H

#include "tcp/tcp.h"

/* Add a copy of u. Returns its index, or -ENOSPC. */
int users_add(struct tcp *t, const struct tcp_user *u);
/* A connection of u has ended. Frees the place of a user that only opens and has no connection
 * left. */
void users_leave(struct tcp_user *u);
/* Does u take new connections of this flow? Its place may have another user by now. */
bool users_listen(const struct tcp_user *u, const struct flow_key *k);
/* Users of this instance hear no more events. */
void users_silence(struct tcp *t, const void *self);
/* Free the places of silenced users, whose connections have ended. */
void users_forget(struct tcp *t, const void *self);
/* Destroy all instances. */
void users_destroy(struct tcp *t);

#endif
