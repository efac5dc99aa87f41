/* SPDX-License-Identifier: Apache-2.0 */
/* The symbol is one byte. */
extern const char perry_plugin_descriptor;
__attribute__ ((visibility ("default"))) const char perry_plugin_descriptor = 7;
