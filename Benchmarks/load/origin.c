// An origin that answers at once, so that the proxy in front of it is what is measured.
//
//     GET /stream?ch=a&ch=b  holds a stream
//     GET /sse?ch=a          holds an event stream
//     POST /ws?ch=a          accepts a WebSocket over HTTP, subscribes it, and sends back what it says
//     anything else          a small page

#include <stdio.h>
#include <string.h>

#include "server.h"

static struct bytes answer_body;

static void append_response(struct bytes *output, const char *fields, const char *content, size_t size) {
    bytes_text(output, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n", size);
    bytes_append(output, fields, strlen(fields));
    bytes_append(output, "\r\n", 2);
    bytes_append(output, content, size);
}

static void append_text(struct bytes *output, const char *text) {
    bytes_append(output, text, strlen(text));
}

// Without a body: Pushpin ends some streams that begin with one when many connect at once.
static void answer_hold(struct bytes *output, const struct http_head *head, const char *type) {
    static struct bytes fields;
    const char *at = head->query, *value, *separator = "";
    size_t size;
    bytes_clear(&fields);
    bytes_text(&fields, "Content-Type: %s\r\nGrip-Hold: stream\r\nGrip-Channel: ", type);
    while (query_value(&at, head->query + head->query_size, "ch", &value, &size)) {
        append_text(&fields, separator);
        bytes_append(&fields, value, size);
        separator = ", ";
    }
    append_text(&fields, "\r\n");
    bytes_append(&fields, "", 1);
    append_response(output, bytes_first(&fields), "", 0);
}

static void append_subscriptions(const struct http_head *head) {
    const char *at = head->query, *value;
    size_t size;
    append_text(&answer_body, "OPEN\r\n");
    while (query_value(&at, head->query + head->query_size, "ch", &value, &size)) {
        char message[256];
        int length = snprintf(message, sizeof message, "c:{\"type\":\"subscribe\",\"channel\":\"%.*s\"}", (int)size,
                              value);
        if (length < (int)sizeof message)
            bytes_text(&answer_body, "TEXT %X\r\n%s\r\n", (unsigned)length, message);
    }
}

struct event {
    const char *name, *content;
    size_t name_size, size;
};

// Returns false at the end of the events, or where they cannot be read.
static bool next_event(const char **at, const char *end, struct event *event) {
    const char *line = *at < end ? memmem(*at, (size_t)(end - *at), "\r\n", 2) : NULL;
    if (!line)
        return false;
    const char *space = memchr(*at, ' ', (size_t)(line - *at));
    *event = (struct event){.name = *at, .content = line, .name_size = (size_t)((space ? space : line) - *at)};
    *at = line + 2;
    if (!space)
        return true;
    for (const char *digit = space + 1; digit < line; digit++) {
        char byte = (char)(*digit | 0x20);
        int value = *digit >= '0' && *digit <= '9' ? *digit - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
        if (value < 0 || event->size > 1 << 24)
            return false;
        event->size = event->size * 16 + (size_t)value;
    }
    event->content = *at;
    if ((size_t)(end - *at) < event->size + 2)
        return false;
    *at += event->size + 2;
    return true;
}

static bool is_event(const struct event *event, const char *name) {
    return event->name_size == strlen(name) && memcmp(event->name, name, event->name_size) == 0;
}

static void append_event(const char *name, const char *prefix, const struct event *event) {
    bytes_text(&answer_body, "%s %zX\r\n%s", name, strlen(prefix) + event->size, prefix);
    bytes_append(&answer_body, event->content, event->size);
    append_text(&answer_body, "\r\n");
}

static void answer_events(struct bytes *output, const struct request *request) {
    const char *at = request->body, *end = at + request->body_size;
    struct event event;
    bytes_clear(&answer_body);
    while (next_event(&at, end, &event)) {
        if (is_event(&event, "OPEN"))
            append_subscriptions(&request->head);
        else if (is_event(&event, "TEXT"))
            append_event("TEXT", "m:", &event);
        else if (is_event(&event, "BINARY"))
            append_event("BINARY", "m:", &event);
        else if (is_event(&event, "PING"))
            append_text(&answer_body, "PONG\r\n");
        else if (is_event(&event, "CLOSE"))
            append_event("CLOSE", "", &event);
    }
    append_response(output, "Content-Type: application/websocket-events\r\nSec-WebSocket-Extensions: grip\r\n",
                    bytes_first(&answer_body), bytes_size(&answer_body));
}

static void answer(struct bytes *output, const struct request *request) {
    if (request->head.is_post && http_path_is(&request->head, "/ws"))
        answer_events(output, request);
    else if (http_path_is(&request->head, "/stream"))
        answer_hold(output, &request->head, "text/plain");
    else if (http_path_is(&request->head, "/sse"))
        answer_hold(output, &request->head, "text/event-stream");
    else
        append_response(output, "Content-Type: text/plain\r\n", "hello\n", 6);
}

static bool handle(struct connection *connection) {
    struct request request;
    enum http_result result;
    while ((result = read_request(connection, &request)) == HTTP_OK) {
        answer(&connection->output, &request);
        bytes_take(&connection->input, request.size);
    }
    send_output(connection);
    return result != HTTP_BAD;
}

static void end(struct connection *connection) {
    (void)connection;
}

int main(int count, char **values) {
    if (count != 2)
        die("origin ADDRESS");
    raise_file_limit();
    struct sockaddr_in address = parse_address(values[1]);
    serve(&address, 1, handle, end);
}
