// HTTP/1.1 as these programs need it: heads, and bodies that arrive piece by piece.

#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_head {
    int status;               // of a response
    bool is_post;             // of a request
    const char *path, *query; // of a request, into the bytes that were read
    size_t path_size, query_size;
    int64_t length;           // -1 where the head names none
    bool chunked, closes;
    size_t size;              // of the head, empty line included
};

enum http_result { HTTP_MORE, HTTP_OK, HTTP_BAD };

// Reads a head of a request or a response that begins at `data`.
enum http_result http_read_head(const char *data, size_t size, struct http_head *head);

bool http_path_is(const struct http_head *head, const char *path);

enum body_step { BODY_MORE, BODY_PIECE, BODY_END, BODY_BAD };

struct http_body {
    enum { BODY_SIZED, BODY_CHUNKED, BODY_OPEN } kind;
    int state;
    uint64_t left;
};

void http_body_begin(struct http_body *body, const struct http_head *head);

// The next piece of content between `*at` and `end`; `*at` moves behind what was used.
enum body_step http_body_next(struct http_body *body, const char **at, const char *end, const char **piece,
                              size_t *size);

#endif
