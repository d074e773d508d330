/* SPDX-License-Identifier: BSD-3-Clause */
/* rig: an embedder's EAL and engine. Each test is a process of its own, with EAL and a port
 * that loses what is sent and receives nothing.
 *
 * Threads    the test's.
 * Ownership  the test ends what it has made with rig_end().
 * Memory     96 MiB of EAL's.
 * Errors     a step that fails ends the test.
 * Bounds     one port.
 */
#ifndef TEST_EMBED_RIG_H
#define TEST_EMBED_RIG_H

#include "handfast/engine.h"

#define OUR_ADDR 0x0200000au /* 10.0.0.2 */
#define MASK     0x00ffffffu

extern struct hf_port_conf rig_port;

void rig_start_eal(void);
/* lcores is EAL's option. */
void rig_start_eal_on(char *lcores);
struct hf_engine_conf rig_conf(void);
struct hf_engine *rig_engine(struct hf_engine_conf conf);
/* Destroy the engine and stop EAL. */
void rig_end(struct hf_engine *e);
/* The error of a configuration that is refused. */
int rig_create(struct hf_engine_conf conf);

/* Standard error goes to a file from now on. */
void rig_hear_stderr(void);
/* The words since the last call. */
const char *rig_said(void);
/* One line was printed since then, and contains the words. */
void rig_expect_line(const char *words);

#endif
