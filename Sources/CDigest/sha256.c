// SHA-256 for many short messages: a record of some hundred bytes, a leaf, a node. A library's
// general interface costs more than the hashing itself there. Two compression functions: one by
// the instructions of x86-64 (Intel SHA extensions), one that every machine can run.
#include "sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

typedef void (*compression)(uint32_t state[8], const uint8_t *data, size_t blocks);

static inline uint32_t rotate(uint32_t word, int count) {
    return word >> count | word << (32 - count);
}

static inline uint32_t load(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline void store(uint8_t *bytes, uint32_t word) {
    bytes[0] = (uint8_t)(word >> 24);
    bytes[1] = (uint8_t)(word >> 16);
    bytes[2] = (uint8_t)(word >> 8);
    bytes[3] = (uint8_t)word;
}

static void compress_portable(uint32_t state[8], const uint8_t *data, size_t blocks) {
    for (; blocks > 0; blocks--, data += 64) {
        uint32_t words[64];
        for (int i = 0; i < 16; i++) words[i] = load(data + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t x = words[i - 15], y = words[i - 2];
            uint32_t low = rotate(x, 7) ^ rotate(x, 18) ^ x >> 3;
            uint32_t high = rotate(y, 17) ^ rotate(y, 19) ^ y >> 10;
            words[i] = words[i - 16] + low + words[i - 7] + high;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++) {
            uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
            uint32_t first = h + sum1 + ((e & f) ^ (~e & g)) + constants[i] + words[i];
            uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
            uint32_t second = sum0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g; g = f; f = e; e = d + first;
            d = c; c = b; b = a; a = first + second;
        }
        state[0] += a; state[1] += b; state[2] += c; state[3] += d;
        state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
}

#if defined(__x86_64__)
// The instructions keep the state as two vectors, ABEF and CDGH, and do two rounds a time.
__attribute__((target("sha,ssse3,sse4.1")))
static void compress_instructions(uint32_t state[8], const uint8_t *data, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_loadu_si128((const __m128i *)state);          // D C B A
    __m128i high = _mm_loadu_si128((const __m128i *)(state + 4));   // H G F E
    low = _mm_shuffle_epi32(low, 0xB1);                             // C D A B
    high = _mm_shuffle_epi32(high, 0x1B);                           // E F G H
    __m128i abef = _mm_alignr_epi8(low, high, 8);
    __m128i cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks > 0; blocks--, data += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i words[4];
        for (int i = 0; i < 4; i++) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(data + 16 * i));
            words[i] = _mm_shuffle_epi8(bytes, swap);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            __m128i round = _mm_add_epi32(
                words[i & 3], _mm_load_si128((const __m128i *)(constants + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, round);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(round, 0x0E));
            if (i < 12) {
                // The next four words of the schedule take the place of the oldest four.
                __m128i next = _mm_sha256msg1_epu32(words[i & 3], words[(i + 1) & 3]);
                next = _mm_add_epi32(
                    next, _mm_alignr_epi8(words[(i + 3) & 3], words[(i + 2) & 3], 4));
                words[i & 3] = _mm_sha256msg2_epu32(next, words[(i + 3) & 3]);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1B);                            // A B E F -> F E B A
    high = _mm_shuffle_epi32(cdgh, 0xB1);                           // D C H G
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

// Two messages at once: each instruction waits for the one before it, and the other message's fill
// the wait.
__attribute__((target("sha,ssse3,sse4.1")))
static void compress_two_by_instructions(
    uint32_t first[8], const uint8_t *first_data, uint32_t second[8], const uint8_t *second_data,
    size_t blocks
) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    uint32_t *states[2] = {first, second};
    const uint8_t *data[2] = {first_data, second_data};
    __m128i abef[2], cdgh[2];
    for (int lane = 0; lane < 2; lane++) {
        __m128i low = _mm_loadu_si128((const __m128i *)states[lane]);
        __m128i high = _mm_loadu_si128((const __m128i *)(states[lane] + 4));
        low = _mm_shuffle_epi32(low, 0xB1);
        high = _mm_shuffle_epi32(high, 0x1B);
        abef[lane] = _mm_alignr_epi8(low, high, 8);
        cdgh[lane] = _mm_blend_epi16(high, low, 0xF0);
    }
    for (; blocks > 0; blocks--) {
        const __m128i abef_before[2] = {abef[0], abef[1]};
        const __m128i cdgh_before[2] = {cdgh[0], cdgh[1]};
        __m128i words[2][4];
        for (int lane = 0; lane < 2; lane++) {
            for (int i = 0; i < 4; i++) {
                __m128i bytes = _mm_loadu_si128((const __m128i *)(data[lane] + 16 * i));
                words[lane][i] = _mm_shuffle_epi8(bytes, swap);
            }
            data[lane] += 64;
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            const __m128i constant = _mm_load_si128((const __m128i *)(constants + 4 * i));
            __m128i round[2];
#pragma clang loop unroll(full)
            for (int lane = 0; lane < 2; lane++) {
                round[lane] = _mm_add_epi32(words[lane][i & 3], constant);
                cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], round[lane]);
            }
#pragma clang loop unroll(full)
            for (int lane = 0; lane < 2; lane++) {
                round[lane] = _mm_shuffle_epi32(round[lane], 0x0E);
                abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], round[lane]);
                if (i < 12) {
                    __m128i *w = words[lane];
                    __m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
                    next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
                    w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
                }
            }
        }
        for (int lane = 0; lane < 2; lane++) {
            abef[lane] = _mm_add_epi32(abef[lane], abef_before[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], cdgh_before[lane]);
        }
    }
    for (int lane = 0; lane < 2; lane++) {
        __m128i low = _mm_shuffle_epi32(abef[lane], 0x1B);
        __m128i high = _mm_shuffle_epi32(cdgh[lane], 0xB1);
        _mm_storeu_si128((__m128i *)states[lane], _mm_blend_epi16(low, high, 0xF0));
        _mm_storeu_si128((__m128i *)(states[lane] + 4), _mm_alignr_epi8(high, low, 8));
    }
}

static int has_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1u << 29)) return 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    return (c & 1u << 9) && (c & 1u << 19);
}
#else
#define compress_instructions compress_portable
static int has_instructions(void) { return 0; }
#endif

static void compress_two_one_by_one(
    uint32_t first[8], const uint8_t *first_data, uint32_t second[8], const uint8_t *second_data,
    size_t blocks
) {
    compress_portable(first, first_data, blocks);
    compress_portable(second, second_data, blocks);
}

#if !defined(__x86_64__)
#define compress_two_by_instructions compress_two_one_by_one
#endif

static compression compress = compress_portable;
static void (*compress_two)(
    uint32_t *, const uint8_t *, uint32_t *, const uint8_t *, size_t) = compress_two_one_by_one;
static int is_accelerated = 0;

__attribute__((constructor)) static void choose(void) {
    is_accelerated = has_instructions();
    if (!is_accelerated) return;
    compress = compress_instructions;
    compress_two = compress_two_by_instructions;
}

int daybook_sha256_is_accelerated(void) { return is_accelerated; }

// A message while it is hashed: whole blocks that lie where they are, and the last one or two.
struct message {
    uint32_t state[8];
    const uint8_t *data;
    size_t blocks;
    uint8_t last[128];
    size_t last_blocks;
};

// The prefix, if it is not negative, goes before the data; then a first block is put together.
static void begin(
    struct message *message, compression function, int prefix, const uint8_t *data, size_t length
) {
    memcpy(message->state, initial, sizeof message->state);
    const uint64_t total = length + (prefix >= 0);
    size_t used = 0;
    if (prefix >= 0) {
        message->last[0] = (uint8_t)prefix;
        used = 1;
        if (length >= 63) {
            memcpy(message->last + 1, data, 63);
            function(message->state, message->last, 1);
            data += 63;
            length -= 63;
            used = 0;
        }
    }
    message->data = data;
    message->blocks = used > 0 ? 0 : length / 64;
    const size_t rest = length - 64 * message->blocks;
    if (rest > 0) memcpy(message->last + used, data + 64 * message->blocks, rest);
    const size_t end = used + rest;
    message->last_blocks = end < 56 ? 1 : 2;
    const size_t size = 64 * message->last_blocks;
    memset(message->last + end, 0, size - end);
    message->last[end] = 0x80;
    store(message->last + size - 8, (uint32_t)(total >> 29));
    store(message->last + size - 4, (uint32_t)(total << 3));
}

static void finish(struct message *message, uint8_t *digest) {
    for (int i = 0; i < 8; i++) store(digest + 4 * i, message->state[i]);
}

static void hash(compression function, int prefix, const void *data, size_t length, void *digest) {
    struct message message;
    begin(&message, function, prefix, data, length);
    if (message.blocks > 0) function(message.state, message.data, message.blocks);
    function(message.state, message.last, message.last_blocks);
    finish(&message, digest);
}

void daybook_sha256(const void *data, size_t length, void *digest) {
    hash(compress, -1, data, length, digest);
}

void daybook_sha256_portable(const void *data, size_t length, void *digest) {
    hash(compress_portable, -1, data, length, digest);
}

void daybook_sha256_prefixed(uint8_t prefix, const void *data, size_t length, void *digest) {
    hash(compress, prefix, data, length, digest);
}

void daybook_sha256_two(
    int prefix, const void *first, size_t first_length, const void *second, size_t second_length,
    void *digests
) {
    struct message a, b;
    begin(&a, compress, prefix, first, first_length);
    begin(&b, compress, prefix, second, second_length);
    const size_t both = a.blocks < b.blocks ? a.blocks : b.blocks;
    if (both > 0) compress_two(a.state, a.data, b.state, b.data, both);
    if (a.blocks > both) compress(a.state, a.data + 64 * both, a.blocks - both);
    if (b.blocks > both) compress(b.state, b.data + 64 * both, b.blocks - both);
    const size_t last = a.last_blocks < b.last_blocks ? a.last_blocks : b.last_blocks;
    compress_two(a.state, a.last, b.state, b.last, last);
    if (a.last_blocks > last) compress(a.state, a.last + 64, 1);
    if (b.last_blocks > last) compress(b.state, b.last + 64, 1);
    finish(&a, digests);
    finish(&b, (uint8_t *)digests + 32);
}

void daybook_sha256_nodes(const void *children, size_t count, void *parents) {
    // 0x01, 64 bytes, and a padding that is always the same: two blocks.
    uint8_t blocks[2][128] = {{1}, {1}};
    for (int lane = 0; lane < 2; lane++) {
        blocks[lane][65] = 0x80;
        blocks[lane][126] = 65 * 8 >> 8;
        blocks[lane][127] = 65 * 8 & 0xFF;
    }
    const uint8_t *from = children;
    uint8_t *to = parents;
    for (size_t i = 0; i < count; i += 2) {
        const size_t lanes = count - i < 2 ? 1 : 2;
        uint32_t states[2][8];
        for (size_t lane = 0; lane < lanes; lane++) {
            memcpy(states[lane], initial, sizeof initial);
            memcpy(blocks[lane] + 1, from + 64 * (i + lane), 64);
        }
        if (lanes == 2) compress_two(states[0], blocks[0], states[1], blocks[1], 2);
        else compress(states[0], blocks[0], 2);
        for (size_t lane = 0; lane < lanes; lane++)
            for (int word = 0; word < 8; word++)
                store(to + 32 * (i + lane) + 4 * word, states[lane][word]);
    }
}
