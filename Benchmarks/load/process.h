// Memory and processor time of the processes that are measured.

#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>

#define PROCESS_LIMIT 64

struct processes {
    int count;
    int ids[PROCESS_LIMIT];
    char names[PROCESS_LIMIT][32];
    double start[PROCESS_LIMIT];
};

// "12,34,56".
struct processes processes_parse(const char *list);

// Their proportional share of memory in KiB. What the kernel keeps for sockets is not in it.
double processes_memory(const struct processes *processes);

// Notes the processor time of each, for processes_print_time.
void processes_start(struct processes *processes);

// Processor seconds of all since processes_start.
double processes_time(const struct processes *processes);

// Prints "cpu":{name: percent of one core,…} since processes_start, which was `wall` seconds ago.
void processes_print_time(const struct processes *processes, double wall);

#endif
