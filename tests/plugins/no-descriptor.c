/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object that is no plugin. */
int a_library_of_something_else (void);

__attribute__ ((visibility ("default"))) int
a_library_of_something_else (void)
{
  return 1;
}
