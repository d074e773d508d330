/* SPDX-License-Identifier: BSD-3-Clause */
/* report_sample: results of loads that never ran, for the report's tests. */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "load/report/result.h"

struct sample {
	unsigned seconds; /* of the window; a fifth as many of warm-up */
	unsigned cores;
	uint64_t cps; /* 0: no connection is completed */
	double rate;  /* 0: closed loop */
	unsigned requests;
	uint64_t seed;
	const char *host;
};

/* Zeroed, then filled in, judged, too. The timeline lives to the end of the test. */
void sample_fill(struct load_result *r, const struct sample *s);

/* Release p at the end of the test; returns p. */
void *sample_hold(void *p);

#endif
