#include "checksum.h"

#include <string.h>

#if defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

// Eight bytes a step by eight tables (M. Kounavis, F. Berry: "A Systematic Approach to Building High
// Performance Software-based CRC Generators", 2005). Made before main runs, and never changed again.
static uint32_t tables[8][256];

__attribute__((constructor)) static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        tables[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t previous = tables[slice - 1][byte];
            tables[slice][byte] = previous >> 8 ^ tables[0][previous & 0xFF];
        }
    }
}

static uint64_t little_endian(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

uint32_t daybook_crc32c_by_table(const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = 0xFFFFFFFFu;
    for (; count >= 8; next += 8, count -= 8) {
        uint64_t word = little_endian(next) ^ crc;
        crc = tables[7][word & 0xFF] ^ tables[6][word >> 8 & 0xFF] ^ tables[5][word >> 16 & 0xFF]
            ^ tables[4][word >> 24 & 0xFF] ^ tables[3][word >> 32 & 0xFF]
            ^ tables[2][word >> 40 & 0xFF] ^ tables[1][word >> 48 & 0xFF] ^ tables[0][word >> 56];
    }
    for (; count > 0; next++, count--) crc = tables[0][(crc ^ *next) & 0xFF] ^ crc >> 8;
    return ~crc;
}

#if defined(__x86_64__)

// One instruction takes three cycles but a new one can begin in each, so long inputs are cut into
// three lanes that run side by side. To join them, a lane's CRC is moved over the bytes that follow
// it: a linear map over its 32 bits, read from four tables of 256 for each of the two lane lengths.
enum { LANE_LONG = 1024, LANE_SHORT = 96 };

static uint32_t over_long[4][256];
static uint32_t over_short[4][256];

__attribute__((target("sse4.2"))) static uint32_t lane(uint64_t crc, const uint8_t *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
        crc = __builtin_ia32_crc32di(crc, little_endian(bytes));
    }
    uint32_t rest = (uint32_t)crc;
    for (; count > 0; bytes++, count--) rest = __builtin_ia32_crc32qi(rest, *bytes);
    return rest;
}

static void make_moves(uint32_t moves[4][256], size_t count) {
    uint32_t bits[32];
    for (int bit = 0; bit < 32; bit++) {
        uint32_t crc = 1u << bit;
        for (size_t step = 0; step < count; step++) crc = tables[0][crc & 0xFF] ^ crc >> 8;
        bits[bit] = crc;
    }
    for (int part = 0; part < 4; part++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t sum = 0;
            for (int bit = 0; bit < 8; bit++) {
                if (byte >> bit & 1) sum ^= bits[part * 8 + bit];
            }
            moves[part][byte] = sum;
        }
    }
}

static uint32_t move(uint32_t moves[4][256], uint32_t crc) {
    return moves[0][crc & 0xFF] ^ moves[1][crc >> 8 & 0xFF] ^ moves[2][crc >> 16 & 0xFF]
        ^ moves[3][crc >> 24];
}

__attribute__((target("sse4.2"))) static inline __attribute__((always_inline)) uint32_t three_lanes(
    uint32_t crc, const uint8_t *bytes, size_t length, uint32_t moves[4][256]
) {
    uint64_t first = crc, second = 0, third = 0;
    for (size_t offset = 0; offset < length; offset += 8) {
        first = __builtin_ia32_crc32di(first, little_endian(bytes + offset));
        second = __builtin_ia32_crc32di(second, little_endian(bytes + length + offset));
        third = __builtin_ia32_crc32di(third, little_endian(bytes + 2 * length + offset));
    }
    return move(moves, move(moves, (uint32_t)first) ^ (uint32_t)second) ^ (uint32_t)third;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = 0xFFFFFFFFu;
    for (; count >= 3 * LANE_LONG; next += 3 * LANE_LONG, count -= 3 * LANE_LONG) {
        crc = three_lanes(crc, next, LANE_LONG, over_long);
    }
    for (; count >= 3 * LANE_SHORT; next += 3 * LANE_SHORT, count -= 3 * LANE_SHORT) {
        crc = three_lanes(crc, next, LANE_SHORT, over_short);
    }
    return ~lane(crc, next, count);
}

static int has_instruction;

// After make_tables: constructors of one file run in the order in which they stand there.
__attribute__((constructor)) static void look_at_processor(void) {
    __builtin_cpu_init();
    has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (!has_instruction) return;
    make_moves(over_long, LANE_LONG);
    make_moves(over_short, LANE_SHORT);
}

int daybook_crc32c_has_instruction(void) { return has_instruction; }

uint32_t daybook_crc32c(const void *bytes, size_t count) {
    return has_instruction ? by_instruction(bytes, count) : daybook_crc32c_by_table(bytes, count);
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

int daybook_crc32c_has_instruction(void) { return 1; }

uint32_t daybook_crc32c(const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = 0xFFFFFFFFu;
    for (; count >= 8; next += 8, count -= 8) crc = __crc32cd(crc, little_endian(next));
    for (; count > 0; next++, count--) crc = __crc32cb(crc, *next);
    return ~crc;
}

#else

int daybook_crc32c_has_instruction(void) { return 0; }

uint32_t daybook_crc32c(const void *bytes, size_t count) {
    return daybook_crc32c_by_table(bytes, count);
}

#endif
