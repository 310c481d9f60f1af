// WebSocket clients that each say something, wait for it to come back, and say the next. Prints one line of JSON.

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "process.h"
#include "websocket.h"

static const char USAGE[] = "echo --proxy ADDRESS [--path /ws?ch=c0] [--clients 1] [--seconds 2] [--size 64] "
                            "[--progress 64] [--processes ID,ID]\n";

enum state { CONNECTING, ASKING, OPEN, GONE };

struct client {
    int descriptor;
    enum state state;
    struct bytes output, head, content;
    struct frames frames;
    uint64_t sent; // 0: waits for nothing
    uint32_t round;
};

static struct {
    struct sockaddr_in proxy;
    const char *path, *processes;
    long clients, size, progress;
    double seconds;
} options = {.path = "/ws?ch=c0", .processes = "", .clients = 1, .size = 64, .progress = 64, .seconds = 2};

static int poll_descriptor;
static struct client *clients;
static long connecting, begun, open_count, refused, closed;
static uint64_t answered, garbled;
static bool runs;
static struct histogram latency;
static char *message;

static void write_message(const struct client *client) {
    memset(message, '.', (size_t)options.size);
    int size = snprintf(message, 32, "%ld %u ", (long)(client - clients), client->round);
    message[size] = '.';
}

static void end_client(struct client *client) {
    if (client->state == OPEN) {
        closed++;
        open_count--;
    } else {
        refused++;
        connecting--;
    }
    close(client->descriptor);
    client->state = GONE;
    client->sent = 0;
}

static void flush(struct client *client) {
    if (!send_bytes(client->descriptor, &client->output))
        end_client(client);
    else
        rewatch(poll_descriptor, client->descriptor, client, bytes_size(&client->output) > 0);
}

static void say(struct client *client) {
    client->round++;
    write_message(client);
    append_frame(&client->output, FRAME_TEXT, true, message, (size_t)options.size);
    client->sent = now();
    if (!send_bytes(client->descriptor, &client->output))
        end_client(client);
    else if (bytes_size(&client->output) > 0)
        rewatch(poll_descriptor, client->descriptor, client, true);
}

static void take_answer(struct client *client) {
    write_message(client);
    bool is_same = bytes_size(&client->content) == (size_t)options.size &&
                   memcmp(bytes_first(&client->content), message, (size_t)options.size) == 0;
    bytes_clear(&client->content);
    if (!is_same || !client->sent) {
        garbled++;
        return;
    }
    uint64_t time = now();
    if (runs) {
        answered++;
        histogram_add(&latency, time - client->sent);
    }
    client->sent = 0;
    if (runs)
        say(client);
}

static void read_frames(struct client *client, char *at, char *end) {
    char *piece;
    size_t size;
    while (client->state == OPEN && frames_next(&client->frames, &at, end, &piece, &size) == BODY_PIECE) {
        if (client->frames.opcode < FRAME_CLOSE) {
            bytes_append(&client->content, piece, size);
            if (client->frames.left == 0)
                take_answer(client);
        } else if (client->frames.opcode == FRAME_CLOSE) {
            end_client(client);
        } else if (client->frames.opcode == FRAME_PING && client->frames.left == 0) {
            append_frame(&client->output, FRAME_PONG, true, "", 0);
            flush(client);
        }
    }
}

static void read_head(struct client *client, const char *data, size_t size) {
    struct http_head head;
    bytes_append(&client->head, data, size);
    enum http_result result = http_read_head(bytes_first(&client->head), bytes_size(&client->head), &head);
    if (result == HTTP_MORE)
        return;
    if (result == HTTP_BAD || !is_accepted(&head, bytes_first(&client->head))) {
        end_client(client);
        return;
    }
    client->state = OPEN;
    connecting--;
    open_count++;
    bytes_take(&client->head, head.size);
    char *rest = bytes_first(&client->head);
    read_frames(client, rest, rest + bytes_size(&client->head));
}

static void client_ready(struct client *client, uint32_t events) {
    static char input[1 << 16];
    if (client->state == GONE)
        return;
    if (events & EPOLLOUT) {
        if (client->state == CONNECTING && connect_error(client->descriptor) != 0) {
            end_client(client);
            return;
        }
        if (client->state == CONNECTING)
            client->state = ASKING;
        flush(client);
    }
    if (client->state == GONE || !(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t count = recv(client->descriptor, input, sizeof input, 0);
    if (count > 0 && client->state == OPEN)
        read_frames(client, input, input + count);
    else if (count > 0)
        read_head(client, input, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        end_client(client);
}

static void poll_once(int milliseconds) {
    struct epoll_event events[512];
    int count = await_events(poll_descriptor, events, ARRAY_COUNT(events), milliseconds);
    for (int index = 0; index < count; index++)
        client_ready(events[index].data.ptr, events[index].events);
}

static void begin_more(void) {
    while (connecting < options.progress && begun < options.clients) {
        struct client *client = &clients[begun++];
        connecting++;
        client->descriptor = connect_to(options.proxy);
        append_handshake(&client->output, options.path);
        if (client->descriptor < 0)
            end_client(client);
        else
            watch(poll_descriptor, client->descriptor, client, true);
    }
}

static void connect_all(void) {
    uint64_t start = now();
    begin_more();
    while ((connecting > 0 || begun < options.clients) && seconds(now() - start) < 30) {
        poll_once(100);
        begin_more();
    }
}

static long waiting(void) {
    long count = 0;
    for (long index = 0; index < options.clients; index++)
        count += clients[index].sent > 0;
    return count;
}

static void parse_options(int count, char **values) {
    static const struct option list[] = {
        {"proxy", 1, 0, 'p'}, {"path", 1, 0, 'a'},     {"clients", 1, 0, 'c'},   {"seconds", 1, 0, 's'},
        {"size", 1, 0, 'z'},  {"progress", 1, 0, 'g'}, {"processes", 1, 0, 'i'}, {0},
    };
    for (int found; (found = getopt_long(count, values, "", list, NULL)) != -1;) {
        switch (found) {
        case 'p': options.proxy = parse_address(optarg); break;
        case 'a': options.path = optarg; break;
        case 'c': options.clients = parse_number("clients", optarg, 1, 1000000); break;
        case 's': options.seconds = parse_decimal("seconds", optarg); break;
        case 'z': options.size = parse_number("size", optarg, 32, 65536); break;
        case 'g': options.progress = parse_number("progress", optarg, 1, 100000); break;
        case 'i': options.processes = optarg; break;
        default: die("%s", USAGE);
        }
    }
    if (optind != count || options.proxy.sin_port == 0)
        die("%s", USAGE);
}

static void run(struct processes *processes) {
    uint64_t end = now() + (uint64_t)(options.seconds * 1e9), start = now();
    processes_start(processes);
    runs = true;
    for (long index = 0; index < options.clients; index++)
        if (clients[index].state == OPEN)
            say(&clients[index]);
    while (now() < end)
        poll_once((int)((end - now()) / 1000000) + 1);
    runs = false;
    double wall = seconds(now() - start);
    printf("{\"clients\":%ld,\"held\":%ld,\"refused\":%ld,\"closed\":%ld,\"seconds\":%.3f,\"round_trips\":%lu,"
           "\"round_trips_per_s\":%.1f,",
           options.clients, open_count, refused, closed, wall, answered, (double)answered / wall);
    processes_print_time(processes, wall);
    // What is said but not yet answered is lost only if the answer never comes.
    for (end = now() + 5000000000u; now() < end && waiting() > 0;)
        poll_once(100);
    printf(",\"lost\":%ld,\"garbled\":%lu,", waiting(), garbled);
    histogram_print(&latency);
    printf("}\n");
}

int main(int count, char **values) {
    parse_options(count, values);
    raise_file_limit();
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    clients = allocate((size_t)options.clients, sizeof *clients);
    message = allocate((size_t)options.size + 32, 1);
    struct processes processes = processes_parse(options.processes);
    connect_all();
    run(&processes);
    return 0;
}
