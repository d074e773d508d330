/* SPDX-License-Identifier: BSD-3-Clause */
/* script: an input of the sequences target.
 *
 *     8 bytes of settings, then [delay][how][length: 2, little-endian][frame]...
 *
 * Numbers that a peer would know from earlier answers are symbolic: HOW_* says which fields of
 * the frame are offsets, to be added to the stack's last numbers on that flow. So a script that
 * completes a handshake does so with any ISN. A step of length 0 has no frame; `how` is then
 * one of CMD_*. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_SETTINGS  8
#define SCRIPT_FRAME_MAX 1600
#define SCRIPT_STEPS_MAX 96

/* Settings, by byte. */
enum script_setting {
	SET_OPENED,  /* the service's reaction to a new connection */
	SET_CLOSED,  /* when the peer closes; bits 4 and up: in room() */
	SET_OPENS,   /* active opens at first, 0-3; SET_OPENS_*; the rest says how */
	SET_LIMITS,  /* SET_LIMITS_* */
	SET_CLOCK,   /* at which time it begins */
	SET_OFFER,   /* options of our SYNs; 0: the default */
	SET_PORT,    /* SET_PORT_* */
	SET_COOKIES, /* enum syn_cookie; SET_COOKIES_* */
};

#define SET_OPENS_SILENT 0x80 /* only the script's frames answer ARP */

#define SET_LIMITS_CONNS  0x01 /* 4 connections */
#define SET_LIMITS_HALF   0x02 /* 1 half-open */
#define SET_LIMITS_WAIT   0x04 /* few TIME-WAITs */
#define SET_LIMITS_KEPT   0x08 /* 3 buffers kept */
#define SET_LIMITS_WINDOW 0x10 /* 1,024 bytes */
#define SET_LIMITS_RATE   0x20 /* 2 answers to strangers per second */
#define SET_LIMITS_RETRY  0x40 /* few retransmissions */
#define SET_LIMITS_ROOM   0x80 /* frames that arrive may not be written to */

#define SET_PORT_OFFLOAD 0x01 /* checksums going out */
#define SET_PORT_MTU     0x02 /* 576 */
#define SET_PORT_SOURCES 0x04 /* opens from other addresses than the port's */
#define SET_PORT_STEER   0x08 /* there is another core */
#define SET_PORT_TIGHT   0x10 /* no room behind frames that arrive */

#define SET_COOKIES_MODE   0x03 /* 3: auto, and 2 SYNs a second are a flood */
#define SET_COOKIES_SHARED 0x04 /* other hosts have these keys, too */

#define HOW_SEQ    0x01 /* seq += the number that the stack acknowledged; ICMP: the quoted one */
#define HOW_ACK    0x02 /* ack += the number that the stack has sent; SACK blocks, too */
#define HOW_TS     0x04 /* tsval += the time, tsecr += the stack's last TSval */
#define HOW_PORT   0x08 /* dport: of the last connection that the stack opened to here */
#define HOW_SUMS   0x10 /* checksums are made right, and verified; else vouched for */
#define HOW_BURST  0x20 /* the next frame comes in the same turn */
#define HOW_SHARED 0x40 /* handed on by another core */
#define HOW_PORT_1 0x80 /* arrives at the second port */

/* `how` modulo this; the rest is its argument. */
#define CMD_KINDS 16

enum script_command {
	CMD_NOTHING,
	CMD_DRAIN,
	CMD_DRAIN_NOT,
	CMD_ABORT_ALL, /* at once, or some between turns */
	CMD_NO_BUFFERS,
	CMD_BUFFERS,
	CMD_TAKE_NONE, /* the port's queue is full */
	CMD_TAKE_ALL,
	CMD_CONNECT,
	CMD_CLIENT_AGAIN, /* the client ends, another one begins */
	CMD_SHOW,
	CMD_PORT_AGAIN, /* set anew, neighbours are forgotten */
	CMD_INBOX_FULL,
	CMD_CROWD,   /* 40 connections from consecutive ports */
	CMD_COOKIES, /* another mode, other keys */
	CMDS         /* at most CMD_KINDS */
};

struct step {
	uint8_t delay; /* low nibble: script_delay_us(); high: turns in between */
	uint8_t how;
	uint16_t len;
	const uint8_t *frame;
};

/* The step at *at, which moves on; false at the end. A frame that is cut off is as
 * long as there are bytes. */
bool script_next(const uint8_t *data, size_t size, size_t *at, struct step *s);
/* Appends s at `at`; returns where the next one goes, or `at` if it does not fit. */
size_t script_put(uint8_t *data, size_t room, size_t at, const struct step *s);

uint64_t script_delay_us(uint8_t delay);

#endif
