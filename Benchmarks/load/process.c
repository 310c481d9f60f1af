#include "process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

static FILE *open_of(int id, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", id, name);
    return fopen(path, "r");
}

static void read_name(int id, char *name, size_t size) {
    FILE *file = open_of(id, "comm");
    snprintf(name, size, "%d", id);
    if (!file)
        return;
    if (fgets(name, (int)size, file))
        name[strcspn(name, "\n")] = 0;
    fclose(file);
}

struct processes processes_parse(const char *list) {
    struct processes processes = {0};
    int id, used;
    while (*list && sscanf(list, "%d%n", &id, &used) == 1) {
        if (processes.count == PROCESS_LIMIT)
            die("more than %d processes", PROCESS_LIMIT);
        read_name(id, processes.names[processes.count], sizeof processes.names[0]);
        processes.ids[processes.count++] = id;
        list += used;
        list += *list == ',';
    }
    if (*list)
        die("%s is no list of process ids", list);
    return processes;
}

double processes_memory(const struct processes *processes) {
    double total = 0;
    for (int index = 0; index < processes->count; index++) {
        FILE *file = open_of(processes->ids[index], "smaps_rollup");
        char line[256];
        double size;
        while (file && fgets(line, sizeof line, file))
            if (sscanf(line, "Pss: %lf kB", &size) == 1)
                total += size;
        if (file)
            fclose(file);
    }
    return total;
}

static double time_of(int id) {
    FILE *file = open_of(id, "stat");
    char line[1024];
    unsigned long user = 0, system = 0;
    if (!file)
        return 0;
    // The name in parentheses may have spaces, so fields are counted from the last parenthesis.
    if (fgets(line, sizeof line, file)) {
        const char *rest = strrchr(line, ')');
        if (rest)
            sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    }
    fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void processes_start(struct processes *processes) {
    for (int index = 0; index < processes->count; index++)
        processes->start[index] = time_of(processes->ids[index]);
}

static double time_since_start(const struct processes *processes, int index) {
    double time = time_of(processes->ids[index]) - processes->start[index];
    return time > 0 ? time : 0;
}

double processes_time(const struct processes *processes) {
    double total = 0;
    for (int index = 0; index < processes->count; index++)
        total += time_since_start(processes, index);
    return total;
}

void processes_print_time(const struct processes *processes, double wall) {
    bool printed[PROCESS_LIMIT] = {false};
    const char *separator = "";
    printf("\"cpu\":{");
    for (int index = 0; index < processes->count; index++) {
        double total = 0;
        if (printed[index])
            continue;
        // Workers have the name of their parent: one number for all of them.
        for (int other = index; other < processes->count; other++) {
            if (strcmp(processes->names[index], processes->names[other]) == 0) {
                total += time_since_start(processes, other);
                printed[other] = true;
            }
        }
        printf("%s\"%s\":%.1f", separator, processes->names[index], wall > 0 ? 100 * total / wall : 0);
        separator = ",";
    }
    printf("}");
}
