/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * PERRY_API:
 *
 * Marks a function as part of a shared library's public interface. The symbol also has to stand in the library's
 * committed `.map` file; a test compares the two.
 */
#define PERRY_API extern __attribute__ ((visibility ("default")))
