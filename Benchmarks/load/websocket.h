// Frames of RFC 6455, and the handshake with the nonce that the RFC has as an example.

#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "common.h"
#include "http.h"

// The nonce every client here sends, and what a server has to answer to it.
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum { FRAME_TEXT = 1, FRAME_BINARY = 2, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

// Reads frames piece by piece, from either side.
struct frames {
    unsigned char head[14];
    unsigned head_size;
    uint64_t left;
    unsigned opcode, masked_at;
    bool open, masked;
};

// BODY_PIECE: `size` bytes at `piece` belong to a frame of `frames->opcode`, whose last ones they are when
// `frames->left` is 0. Masked content is unmasked where it stands.
enum body_step frames_next(struct frames *frames, char **at, char *end, char **piece, size_t *size);

void append_frame(struct bytes *bytes, unsigned opcode, bool masked, const char *content, size_t size);

void append_handshake(struct bytes *bytes, const char *target);

// Whether the head at `data` accepts the handshake.
bool is_accepted(const struct http_head *head, const char *data);

#endif
