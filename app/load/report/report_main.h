/* SPDX-License-Identifier: BSD-3-Clause */
/* report_main: `handfast report ...`, which needs neither EAL nor a port.
 *
 *	report merge A.json [B.json ...] [json FILE] [html FILE]
 *
 * It adds the reports of several machines that ran at the same time, prints the sum and writes
 * it. A single report is printed, or written as a page.
 *
 * Threads    the main thread, without EAL.
 * Memory     all documents at a time, on the heap.
 * Errors     an exit code; the message is on stderr.
 */
#ifndef APP_REPORT_MAIN_H
#define APP_REPORT_MAIN_H

/* argv holds the words after `handfast report`. */
int report_main(int argc, char **argv);

#endif
