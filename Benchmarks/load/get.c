// Connections that request the same page again and again. Prints one line of JSON.

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "histogram.h"
#include "http.h"
#include "process.h"

static const char USAGE[] =
    "get --proxy ADDRESS [--path /hello] [--connections 1] [--seconds 2] [--pause MILLISECONDS]\n"
    "    [--processes ID,ID]\n";

struct client {
    int descriptor;
    bool connecting, in_body, closes;
    struct bytes output, input;
    struct http_body body;
    uint64_t sent;
    uint64_t due; // when it asks again, or 0 while it waits for an answer
};

static struct {
    struct sockaddr_in proxy;
    const char *path, *processes;
    long connections;
    double seconds, pause;
} options = {.path = "/hello", .processes = "", .connections = 1, .seconds = 2};

static int poll_descriptor;
static uint64_t answered, refused, failed, reconnects;
static struct histogram latency;
static struct bytes request;

static void begin_client(struct client *client) {
    client->connecting = true;
    client->in_body = client->closes = false;
    bytes_clear(&client->input);
    bytes_clear(&client->output);
    bytes_append(&client->output, bytes_first(&request), bytes_size(&request));
    client->sent = now();
    client->descriptor = connect_to(options.proxy);
    if (client->descriptor < 0)
        die("no connection: %s", strerror(errno));
    watch(poll_descriptor, client->descriptor, client, true);
}

static void begin_again(struct client *client) {
    close(client->descriptor);
    reconnects++;
    begin_client(client);
}

static void ask(struct client *client) {
    client->sent = now();
    bytes_append(&client->output, bytes_first(&request), bytes_size(&request));
    if (!send_bytes(client->descriptor, &client->output))
        begin_again(client);
    else if (bytes_size(&client->output) > 0)
        rewatch(poll_descriptor, client->descriptor, client, true);
}

static void finish(struct client *client) {
    answered++;
    histogram_add(&latency, now() - client->sent);
    client->in_body = false;
    if (client->closes)
        begin_again(client);
    else if (options.pause > 0)
        client->due = now() + (uint64_t)(options.pause * 1e6);
    else
        ask(client);
}

static void read_answer(struct client *client) {
    struct bytes *input = &client->input;
    struct http_head head;
    if (!client->in_body) {
        enum http_result result = http_read_head(bytes_first(input), bytes_size(input), &head);
        if (result == HTTP_MORE)
            return;
        if (result == HTTP_BAD)
            die("an answer is no HTTP");
        failed += head.status != 200;
        client->closes = head.closes;
        client->in_body = true;
        http_body_begin(&client->body, &head);
        bytes_take(input, head.size);
    }
    const char *at = bytes_first(input), *end = at + bytes_size(input), *piece;
    size_t size;
    enum body_step step = BODY_PIECE;
    while (step == BODY_PIECE)
        step = http_body_next(&client->body, &at, end, &piece, &size);
    bytes_take(input, (size_t)(at - bytes_first(input)));
    if (step == BODY_BAD)
        die("an answer has no good chunks");
    if (step == BODY_END)
        finish(client);
}

static void client_ready(struct client *client, uint32_t events) {
    static char buffer[1 << 16];
    if (events & EPOLLOUT) {
        if (client->connecting && connect_error(client->descriptor) != 0)
            die("no connection: %s", strerror(connect_error(client->descriptor)));
        client->connecting = false;
        if (!send_bytes(client->descriptor, &client->output)) {
            begin_again(client);
            return;
        }
        if (bytes_size(&client->output) == 0)
            rewatch(poll_descriptor, client->descriptor, client, false);
    }
    if (!(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t count = recv(client->descriptor, buffer, sizeof buffer, 0);
    if (count > 0) {
        bytes_append(&client->input, buffer, (size_t)count);
        read_answer(client);
    } else if (count == 0 && client->in_body && client->body.kind == BODY_OPEN) {
        client->closes = true;
        finish(client);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        refused++;
        begin_again(client);
    }
}

static void parse_options(int count, char **values) {
    static const struct option list[] = {
        {"proxy", 1, 0, 'p'},   {"path", 1, 0, 'a'},      {"connections", 1, 0, 'c'},
        {"seconds", 1, 0, 's'}, {"pause", 1, 0, 'w'}, {"processes", 1, 0, 'i'}, {0},
    };
    for (int found; (found = getopt_long(count, values, "", list, NULL)) != -1;) {
        switch (found) {
        case 'p': options.proxy = parse_address(optarg); break;
        case 'a': options.path = optarg; break;
        case 'c': options.connections = parse_number("connections", optarg, 1, 10000); break;
        case 's': options.seconds = parse_decimal("seconds", optarg); break;
        case 'w': options.pause = parse_decimal("pause", optarg); break;
        case 'i': options.processes = optarg; break;
        default: die("%s", USAGE);
        }
    }
    if (optind != count || options.proxy.sin_port == 0)
        die("%s", USAGE);
}

int main(int count, char **values) {
    struct epoll_event events[512];
    parse_options(count, values);
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    struct processes processes = processes_parse(options.processes);
    bytes_text(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", options.path);
    struct client *clients = allocate((size_t)options.connections, sizeof *clients);
    processes_start(&processes);
    uint64_t start = now(), end = start + (uint64_t)(options.seconds * 1e9);
    for (long index = 0; index < options.connections; index++)
        begin_client(&clients[index]);
    while (now() < end) {
        int ready = await_events(poll_descriptor, events, ARRAY_COUNT(events), options.pause > 0 ? 1 : 10);
        for (long index = 0; options.pause > 0 && index < options.connections; index++) {
            if (clients[index].due == 0 || clients[index].due > now())
                continue;
            clients[index].due = 0;
            ask(&clients[index]);
        }
        for (int index = 0; index < ready; index++)
            client_ready(events[index].data.ptr, events[index].events);
    }
    // An answer that has not come yet is not to be left out because it takes the longest.
    for (long index = 0; options.pause > 0 && index < options.connections; index++)
        if (clients[index].due == 0)
            histogram_add(&latency, now() - clients[index].sent);
    double wall = seconds(now() - start);
    printf("{\"clients\":%ld,\"seconds\":%.3f,\"requests\":%lu,\"requests_per_s\":%.1f,\"refused\":%lu,"
           "\"failed\":%lu,\"reconnects\":%lu,",
           options.connections, wall, answered, (double)answered / wall, refused, failed, reconnects);
    processes_print_time(&processes, wall);
    printf(",");
    histogram_print(&latency);
    printf("}\n");
    return 0;
}
