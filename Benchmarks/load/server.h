// A server of one thread: connections, and requests that are read in whole.

#ifndef SERVER_H
#define SERVER_H

#include "common.h"
#include "http.h"

struct connection {
    int descriptor;
    bool is_listener, is_blocked; // blocked: output waits for room
    struct bytes input, output;
    void *state; // the program's own
};

// Uses up what it can of `connection->input`. False: the connection is to be closed.
typedef bool (*input_handler)(struct connection *connection);

// Runs until the process is ended. `end` is called before a connection is freed.
_Noreturn void serve(const struct sockaddr_in *addresses, int count, input_handler handle,
                     void (*end)(struct connection *connection));

// Sends what it can of the output, the rest later. A connection that is gone is closed by `serve`, not here.
void send_output(struct connection *connection);

struct request {
    struct http_head head;
    const char *body;
    size_t body_size;
    size_t size; // in the input
};

// Reads the request at the begin of the input; it is valid until the input changes.
enum http_result read_request(struct connection *connection, struct request *request);

#endif
