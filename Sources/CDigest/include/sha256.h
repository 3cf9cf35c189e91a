#ifndef DAYBOOK_SHA256_H
#define DAYBOOK_SHA256_H

#include <stddef.h>
#include <stdint.h>

/// SHA-256 (FIPS 180-4) of `length` bytes.
void daybook_sha256(const void *data, size_t length, void *digest);

/// SHA-256 of one byte and then `length` bytes: the leaves of a Merkle tree (RFC 6962 section 2.1).
void daybook_sha256_prefixed(uint8_t prefix, const void *data, size_t length, void *digest);

/// SHA-256 of two messages, in little more time than one takes.
///
/// A `prefix` from 0 on is a byte before each of them; -1 is none. `digests` gets two hashes.
void daybook_sha256_two(
    int prefix, const void *first, size_t first_length, const void *second, size_t second_length,
    void *digests
);

/// The hashes of inner nodes: SHA-256 of 0x01 and two hashes of 32 bytes, `count` times.
///
/// `children` holds 2 * count hashes, `parents` gets count; they may begin at the same address.
void daybook_sha256_nodes(const void *children, size_t count, void *parents);

/// The same as `daybook_sha256`, never by instructions of the processor's own for it.
void daybook_sha256_portable(const void *data, size_t length, void *digest);

/// Whether the processor has instructions for it and they are used.
int daybook_sha256_is_accelerated(void);

#endif
