// How often which latency was seen, exact to one part in 64.

#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 64
#define HISTOGRAM_SIZE (HISTOGRAM_STEPS * 60)

struct histogram {
    uint64_t total, largest;
    uint64_t counts[HISTOGRAM_SIZE];
};

static inline void histogram_add(struct histogram *histogram, uint64_t value) {
    // Values below 64 have a place each; above, each power of two has 64 places.
    unsigned shift = value < HISTOGRAM_STEPS ? 0 : 57 - (unsigned)__builtin_clzll(value);
    uint64_t place = value < HISTOGRAM_STEPS ? value : (uint64_t)shift * HISTOGRAM_STEPS + (value >> shift);
    histogram->counts[place < HISTOGRAM_SIZE ? place : HISTOGRAM_SIZE - 1]++;
    histogram->total++;
    if (value > histogram->largest)
        histogram->largest = value;
}

// The value that `part` of all values do not exceed.
uint64_t histogram_value(const struct histogram *histogram, double part);

// Prints "p50_ms":…,"p99_ms":…,"max_ms":… of nanoseconds.
void histogram_print(const struct histogram *histogram);

#endif
