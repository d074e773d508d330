/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_bench: the error of two clocks: one that runs by the rate that EAL guesses, and ours,
 * which is held to the kernel's clock.
 *
 * Both clocks begin at the same moment, and are compared with CLOCK_MONOTONIC after 1, 2, 4,
 * 8 and 12 seconds. The bench looks at the kernel's clock as often as a worker that takes
 * one turn each millisecond.
 */
#include <time.h>

#include <rte_cycles.h>

#include "bench/kit/bench.h"
#include "bench/kit/cpus.h"
#include "bench/kit/eal.h"
#include "bench/kit/table.h"
#include "engine/look.h"

#define SECONDS 12

static uint64_t
guessed_ns(const struct clock_look *first, uint64_t tsc)
{
	return (uint64_t)((unsigned __int128)(tsc - first->tsc) * NS_PER_SECOND /
	                  rte_get_tsc_hz());
}

static void
print_offsets(const struct clock_look *first, const struct clock_line *l, unsigned after)
{
	struct clock_look now = look_now();
	double kernel = (double)(now.kernel_ns - first->kernel_ns);
	double guess = (double)guessed_ns(first, now.tsc) - kernel;
	double line = (double)(clock_line_ns(l, now.tsc) - first->day_ns) - kernel;
	double day = (double)((int64_t)(clock_line_day_ns(l, now.tsc) - now.day_ns));

	table_group("after %u s", after);
	table_figure("by the rate that EAL guesses", guess / 1e3, "us");
	table_figure("the same, of the time passed", guess / kernel * 1e6, "ppm");
	table_figure("held to the kernel's clock", line / 1e3, "us");
	table_figure("the same, of the time passed", line / kernel * 1e6, "ppm");
	table_figure("time of day", day / 1e3, "us");
}

static void
run_clocks(void)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	struct clock_look first = look_now();
	uint64_t told_ns = first.day_ns, told_tsc = first.tsc, look_tsc = 0;
	unsigned after = 1, looks = 0;
	struct clock_line l;

	clock_line_init(&l, &first, rte_get_tsc_hz());
	while (after <= SECONDS) {
		uint64_t tsc = rte_rdtsc();

		if (clock_line_due(&l, tsc, told_tsc)) {
			uint64_t start = bench_start();
			struct clock_look now = look_now();

			clock_line_look(&l, &now, told_ns);
			look_tsc += bench_stop() - start;
			looks++;
			tsc = now.tsc;
		}
		told_tsc = tsc;
		told_ns = clock_line_ns(&l, tsc);
		if (told_ns - first.day_ns >= after * NS_PER_SECOND) {
			if ((after & (after - 1)) == 0 || after == SECONDS)
				print_offsets(&first, &l, after);
			after++;
		}
		nanosleep(&nap, NULL);
	}
	table_note("%u looks of %.0f cycles; the TSC at %.6f GHz, guessed %.6f GHz", looks,
	        (double)look_tsc / looks, (double)clock_line_hz(&l) / 1e9,
	        (double)rte_get_tsc_hz() / 1e9);
}

int
main(void)
{
	if (!eal_start("clock_bench", "0", false, 64))
		return BENCH_SKIPPED;
	table_head("clock_bench: how far our clock is from CLOCK_MONOTONIC, for %u s", SECONDS);
	run_clocks();
	rte_eal_cleanup();
	return 0;
}
