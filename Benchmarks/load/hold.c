// Holds many clients on a proxy, publishes to them, and prints what reached them as one line of JSON.

#include "hold.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "process.h"

static const char USAGE[] =
    "hold --proxy ADDRESS [--control ADDRESS] [options]\n"
    "\n"
    "  --kind stream|sse|ws  what a client asks for (stream)\n"
    "  --clients N           clients to hold; 0 only publishes (0)\n"
    "  --path PATH           what they request (/stream)\n"
    "  --parameter NAME      the query parameter that names a channel (ch)\n"
    "  --separator TEXT      between channels in one parameter; without it, the parameter is repeated\n"
    "  --channels N          channels in all (1)\n"
    "  --subscriptions N     channels of each client (1)\n"
    "  --progress N          clients that connect at the same time (64)\n"
    "  --settle SECONDS      pause when all are held (0.5)\n"
    "  --idle SECONDS        then hold for so long and publish nothing (0)\n"
    "  --publish grip|raw    GRIP items, or a POST of each message to the path and parameter of its channel (grip)\n"
    "  --publish-path PATH   (/publish/)\n"
    "  --seconds SECONDS     for how long to publish (0: up to --messages)\n"
    "  --messages N          how many messages to publish (0: for --seconds)\n"
    "  --window N            messages in flight (4)\n"
    "  --batch N             messages in a POST, or POSTs sent at once (1)\n"
    "  --publishers N        connections that publish, a divisor of --channels (1)\n"
    "  --rate N              messages a second instead of a window\n"
    "  --size N              bytes of a message (64)\n"
    "  --stall SECONDS       give up when nothing arrives for so long (5)\n"
    "  --processes ID,ID     whose memory and processor time to tell\n"
    "  --linger 0|1          1 holds the clients until standard input ends, after everything is told (0)\n";

struct options options = {
    .path = "/stream", .publish_path = "/publish/", .parameter = "ch", .separator = "",
    .channels = 1, .subscriptions = 1, .progress = 64, .window = 4, .batch = 1, .publishers = 1, .size = 64,
    .settle = 0.5, .stall = 5, .processes = "",
};
int poll_descriptor;

void poll_once(int milliseconds) {
    struct epoll_event events[512];
    int count = await_events(poll_descriptor, events, ARRAY_COUNT(events), milliseconds);
    if (count < 0 && errno != EINTR)
        die("epoll: %s", strerror(errno));
    for (int index = 0; index < count; index++) {
        struct source *source = events[index].data.ptr;
        source->ready(source, events[index].events);
    }
}

static enum kind parse_kind(const char *text) {
    static const char *const NAMES[] = {"stream", "sse", "ws"};
    for (unsigned kind = 0; kind < ARRAY_COUNT(NAMES); kind++)
        if (strcmp(text, NAMES[kind]) == 0)
            return (enum kind)kind;
    die("--kind is stream, sse or ws, not %s", text);
}

static bool parse_publish(const char *text) {
    if (strcmp(text, "grip") != 0 && strcmp(text, "raw") != 0)
        die("--publish is grip or raw, not %s", text);
    return strcmp(text, "raw") == 0;
}

static void parse_option(const char *name, const char *value) {
    static const struct {
        const char *name;
        long *value;
        long least, most;
    } numbers[] = {
        {"clients", &options.clients, 0, 1000000},      {"channels", &options.channels, 1, 10000000},
        {"subscriptions", &options.subscriptions, 1, 1000}, {"progress", &options.progress, 1, 100000},
        {"messages", &options.messages, 0, 1000000000}, {"window", &options.window, 1, 1000000},
        {"batch", &options.batch, 1, 10000},            {"publishers", &options.publishers, 1, 1000},
        {"size", &options.size, MESSAGE_LEAST, 100000}, {"linger", &options.linger, 0, 1},
    };
    static const struct {
        const char *name;
        double *value;
    } decimals[] = {
        {"rate", &options.rate}, {"seconds", &options.seconds}, {"settle", &options.settle},
        {"idle", &options.idle}, {"stall", &options.stall},
    };
    static const struct {
        const char *name;
        const char **value;
    } texts[] = {
        {"path", &options.path},           {"publish-path", &options.publish_path}, {"parameter", &options.parameter},
        {"separator", &options.separator}, {"processes", &options.processes},
    };
    for (size_t index = 0; index < ARRAY_COUNT(numbers); index++)
        if (strcmp(name, numbers[index].name) == 0)
            *numbers[index].value = parse_number(name, value, numbers[index].least, numbers[index].most);
    for (size_t index = 0; index < ARRAY_COUNT(decimals); index++)
        if (strcmp(name, decimals[index].name) == 0)
            *decimals[index].value = parse_decimal(name, value);
    for (size_t index = 0; index < ARRAY_COUNT(texts); index++)
        if (strcmp(name, texts[index].name) == 0)
            *texts[index].value = value;
    if (strcmp(name, "proxy") == 0)
        options.proxy = parse_address(value);
    else if (strcmp(name, "control") == 0)
        options.control = parse_address(value);
    else if (strcmp(name, "kind") == 0)
        options.kind = parse_kind(value);
    else if (strcmp(name, "publish") == 0)
        options.raw_publish = parse_publish(value);
}

static void parse_options(int count, char **values) {
    static const char *const NAMES[] = {
        "proxy",         "control", "kind",     "clients",   "path",         "parameter", "separator", "channels",
        "subscriptions", "settle",  "progress", "idle",      "publish",      "publish-path", "seconds", "messages",
        "window",        "batch",   "rate",     "size",      "stall",        "processes", "publishers",
        "linger",
    };
    struct option list[ARRAY_COUNT(NAMES) + 1] = {0};
    for (size_t index = 0; index < ARRAY_COUNT(NAMES); index++)
        list[index] = (struct option){NAMES[index], required_argument, NULL, 1};
    int index, found;
    while ((found = getopt_long(count, values, "", list, &index)) == 1)
        parse_option(NAMES[index], optarg);
    if (found != -1 || optind != count || options.proxy.sin_port == 0)
        die("%s", USAGE);
    if (options.control.sin_port == 0)
        options.control = options.proxy;
    if (options.subscriptions > options.channels)
        die("%ld subscriptions of a client need as many channels", options.subscriptions);
    if (options.publishers > 1 && options.channels % options.publishers != 0)
        die("%ld publishers do not divide %ld channels", options.publishers, options.channels);
    if (options.rate == 0 && options.window < options.batch)
        die("a batch of %ld does not fit into a window of %ld", options.batch, options.window);
}

static void pass(double duration) {
    uint64_t start = now();
    double left;
    while ((left = duration - seconds(now() - start)) > 0)
        poll_once((int)(left * 1000) + 1);
}

static bool publish(void) {
    uint64_t progress = now(), before = 0;
    publishers_begin();
    for (;;) {
        poll_once(publishers_send());
        uint64_t done = deliveries.received + publishing.answered + publishing.failed + publishing.posts;
        if (done != before || options.rate > 0) {
            if (done != before || !publishing.ended)
                progress = now();
            before = done;
        }
        if (publishing.ended && deliveries.in_flight == 0 && publishers_idle())
            return true;
        if (seconds(now() - progress) > options.stall)
            return false;
    }
}

static double per_second(uint64_t count, uint64_t from, uint64_t to) {
    return to > from ? (double)count / seconds(to - from) : 0;
}

static double own_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_connections(double before, double after) {
    printf("\"clients\":%ld,\"held\":%ld,\"refused\":%ld,\"closed\":%ld,\"connects_per_s\":%.1f,", options.clients,
           subscribers.held, subscribers.refused, subscribers.closed,
           per_second((uint64_t)(subscribers.held + subscribers.closed), subscribers.start, subscribers.last));
    printf("\"memory_before_kb\":%.0f,\"memory_held_kb\":%.0f,\"kb_per_client\":%.3f", before, after,
           subscribers.held > 0 ? (after - before) / (double)subscribers.held : 0);
}

static void print_idle(struct processes *processes, double before) {
    processes_start(processes);
    uint64_t start = now();
    pass(options.idle);
    double wall = seconds(now() - start);
    printf(",\"idle_s\":%.3f,\"idle_cpu_percent\":%.3f,\"idle_kb_per_client\":%.3f,", wall,
           100 * processes_time(processes) / wall,
           subscribers.held > 0 ? (processes_memory(processes) - before) / (double)subscribers.held : 0);
    processes_print_time(processes, wall);
}

static void print_publishing(struct processes *processes) {
    processes_start(processes);
    double own = own_time();
    bool is_complete = publish();
    double used = processes_time(processes);
    double wall = seconds(now() - publishing.start);
    own = own_time() - own;
    printf(",\"seconds\":%.3f,\"stalled\":%s,\"own_cpu\":%.1f,", wall, is_complete ? "false" : "true",
           100 * own / wall);
    processes_print_time(processes, wall);
    // Duplicates of the last messages come after them.
    pass(0.1);
    uint64_t sent_until = publishing.last_answer > deliveries.last_received ? publishing.last_answer
                                                                            : deliveries.last_received;
    printf(",\"messages\":%lu,\"posts\":%lu,\"failed_posts\":%lu,\"messages_per_s\":%.1f,\"posts_per_s\":%.1f,",
           publishing.messages, publishing.posts, publishing.failed,
           per_second(publishing.messages, deliveries.first_sent, sent_until),
           per_second(publishing.posts, deliveries.first_sent, sent_until));
    printf("\"deliveries\":%lu,\"expected\":%lu,\"deliveries_per_s\":%.1f,\"cpu_us_per_delivery\":%.3f,",
           deliveries.received, deliveries.expected,
           per_second(deliveries.received, deliveries.first_sent, deliveries.last_received),
           deliveries.received > 0 ? used * 1e6 / (double)deliveries.received : 0);
    printf("\"lost\":%lu,\"duplicated\":%lu,\"out_of_order\":%lu,\"stray\":%lu,\"garbled\":%lu,", deliveries_lost(),
           deliveries.duplicated, deliveries.out_of_order, deliveries.stray, deliveries.garbled);
    histogram_print(&deliveries.latency);
}

int main(int count, char **values) {
    parse_options(count, values);
    raise_file_limit();
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    struct processes processes = processes_parse(options.processes);
    deliveries_begin();
    double before = processes_memory(&processes);
    subscribers_connect();
    if (options.clients > 0)
        pass(options.settle);
    double after = processes_memory(&processes);
    printf("{");
    print_connections(before, after);
    if (options.idle > 0)
        print_idle(&processes, before);
    else if (options.messages > 0 || options.seconds > 0)
        print_publishing(&processes);
    printf("}\n");
    fflush(stdout);
    if (options.linger)
        while (getchar() != EOF)
            continue;
    return 0;
}
