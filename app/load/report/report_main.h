/* SPDX-License-Identifier: BSD-3-Clause */
/* report_main: `handfast report ...`, which needs neither EAL nor a port.
 *
 *	report merge A.json [B.json ...] [json FILE] [html FILE]
 *
 * adds what several machines measured at the same time, prints it, and writes
 * it. Of one report it makes text, or a page.
 *
 * Errors  an exit code; it has been said on stderr.
 */
#ifndef APP_REPORT_MAIN_H
#define APP_REPORT_MAIN_H

/* What stands behind `handfast report`. */
int report_main(int argc, char **argv);

#endif
