#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Swift Testing begins all tests at once unless it is told otherwise before it begins. Those that wait for answers of
// other programs then get too little of a small machine: a single step may take longer than a time limit.
__attribute__((constructor)) static void limit_parallelization(void)
{
    char width[16];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(width, sizeof(width), "%ld", 6 * (processors > 0 ? processors : 1));
    setenv("SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH", width, 0);
}
