#include "histogram.h"

#include <stdio.h>

#include "common.h"

uint64_t histogram_value(const struct histogram *histogram, double part) {
    double wanted = part * (double)histogram->total;
    uint64_t seen = 0;
    for (uint64_t place = 0; place < HISTOGRAM_SIZE; place++) {
        seen += histogram->counts[place];
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t shift = place < 2 * HISTOGRAM_STEPS ? 0 : place / HISTOGRAM_STEPS - 1;
            uint64_t last = ((place - shift * HISTOGRAM_STEPS + 1) << shift) - 1;
            return last < histogram->largest ? last : histogram->largest;
        }
    }
    return histogram->largest;
}

void histogram_print(const struct histogram *histogram) {
    printf("\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"max_ms\":%.4f", milliseconds(histogram_value(histogram, 0.5)),
           milliseconds(histogram_value(histogram, 0.99)), milliseconds(histogram->largest));
}
