// The door to the processor's CRC-32C instructions. Imported by EventModel and by nothing else.
#ifndef DAYBOOK_CCHECKSUM_H
#define DAYBOOK_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

// The CRC of RFC 3720 appendix B.4 over `count` bytes, by the fastest way this processor has.
uint32_t daybook_crc32c(const void *bytes, size_t count);

// The same by tables alone, as on a processor without the instruction.
uint32_t daybook_crc32c_by_table(const void *bytes, size_t count);

// 1 if the processor's instruction is used, 0 if tables are.
int daybook_crc32c_has_instruction(void);

#endif
