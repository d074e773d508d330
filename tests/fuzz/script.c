/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of scripts. */
#include "script.h"

#include <string.h>

#define HEAD 4
#define MS   UINT64_C(1000)
#define S    (1000 * MS)
#define HOUR (3600 * S)

bool
script_next(const uint8_t *data, size_t size, size_t *at, struct step *s)
{
	const uint8_t *p = data + *at;
	size_t left = *at < size ? size - *at : 0, len;

	if (left < HEAD)
		return false;
	left -= HEAD;
	len = p[2] | p[3] << 8;
	if (len > left)
		len = left;
	if (len > SCRIPT_FRAME_MAX)
		len = SCRIPT_FRAME_MAX;
	*s = (struct step) {
	        .delay = p[0], .how = p[1], .len = (uint16_t)len, .frame = p + HEAD};
	*at += HEAD + len;
	return true;
}

size_t
script_put(uint8_t *data, size_t room, size_t at, const struct step *s)
{
	if (room - at < HEAD + (size_t)s->len)
		return at;
	data[at] = s->delay;
	data[at + 1] = s->how;
	data[at + 2] = (uint8_t)s->len;
	data[at + 3] = (uint8_t)(s->len >> 8);
	if (s->len != 0)
		memmove(data + at + HEAD, s->frame, s->len);
	return at + HEAD + s->len;
}

/* The delays include those of timers: delayed ACKs, RTOs, 2 MSL, FIN-WAIT-2, an epoch of
 * cookies, and in two steps 24 days, after which timestamps are void. One step would be too
 * long: the clock can tell less than 2^31 ms from the last turn. */
uint64_t
script_delay_us(uint8_t delay)
{
	static const uint64_t us[16] = {0, 0, 0, 1 * MS, 10 * MS, 40 * MS, 200 * MS, 500 * MS,
	        1 * S, 3 * S, 10 * S, 60 * S, 64 * S, 1 * HOUR, 12 * HOUR, 20 * 24 * HOUR};

	return us[delay & 15];
}
