/* SPDX-License-Identifier: BSD-3-Clause */
/* client_rig: a load's client on a fake of the public API, with hf_connect() and
 * the peers played by the test. After whatever happens the tally must balance. */
#ifndef TESTS_CLIENT_RIG_H
#define TESTS_CLIENT_RIG_H

#include "load/client/client.h"

#include "../../fake_hf.h"

#define RIG_CONNS 4096
#define RIG_BEGIN UINT64_C(5000000000) /* the clock's 32 lower bits have overflowed */

struct rig {
	struct hf_core core; /* its time is the rig's */
	struct load_spec spec;
	struct load_client_conf conf;
	struct load_client *client;
	int refuse;                      /* the result of hf_connect() */
	struct hf_conn *conn[RIG_CONNS]; /* open, in the order of their opening */
	struct hf_open how[RIG_CONNS];   /* of each */
	bool up[RIG_CONNS];              /* opened() came */
	unsigned n;
	unsigned calls; /* of hf_connect() */
};

/* A closed loop of one http GET after the other, no warm-up, 10 seconds. */
struct rig *rig_new(void);
/* Make the client, with the spec and conf that the test has changed. */
void rig_start(struct rig *r);
void rig_end(struct rig *r);

/* Time goes on, and a turn is taken. */
void rig_turn(struct rig *r, uint64_t later_us);
/* Time passes in the turns of a core that runs: the core is not halted meanwhile. */
void rig_wait(struct rig *r, uint64_t later_us);
/* Starts, takes a turn, and completes the handshake of the one that was opened. */
struct hf_conn *rig_one(struct rig *r);

void rig_opened(struct rig *r, unsigned i);
void rig_says(struct rig *r, unsigned i, const char *text);
void rig_bytes(struct rig *r, unsigned i, const void *bytes, uint32_t len);
void rig_acks(struct rig *r, unsigned i);
void rig_fin(struct rig *r, unsigned i);
/* closed(): it is no more. */
void rig_gone(struct rig *r, unsigned i, enum hf_reason why);

const struct load_tally *rig_tally(const struct rig *r);
/* Exactly one connection has ended, as this error; LOAD_ERROR_COUNT: completed. */
void rig_expect_one(const struct rig *r, enum load_error error);

#define RIG_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

#endif
