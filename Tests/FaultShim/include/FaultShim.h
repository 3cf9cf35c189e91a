#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdint.h>
#include <stdbool.h>

// Stands between a program and the C library's file calls, because a program's own functions go
// before a library's of the same name. Only files below one folder are touched; everything else
// passes through. The n-th call can be made to fail, to write a part, or to kill the process, and
// everything that changes files can be recorded with its bytes.

// The calls that are known, as bits of a mask.
enum fault_call {
    FAULT_PWRITE = 1 << 0,
    FAULT_PWRITEV = 1 << 1,
    FAULT_WRITE = 1 << 2,
    FAULT_WRITEV = 1 << 3,
    FAULT_FDATASYNC = 1 << 4,
    FAULT_FSYNC = 1 << 5,
    FAULT_OPEN = 1 << 6,
    FAULT_RENAME = 1 << 7,
    FAULT_FTRUNCATE = 1 << 8,
    FAULT_FALLOCATE = 1 << 9,
    FAULT_MMAP = 1 << 10,
    FAULT_MSYNC = 1 << 11,
    FAULT_UNLINK = 1 << 12,
    FAULT_MKDIR = 1 << 13,
    FAULT_READ = 1 << 14,
    FAULT_PREAD = 1 << 15,
    FAULT_FLOCK = 1 << 16,
};

// What happens to the chosen call.
enum fault_action {
    // The process dies before the call.
    FAULT_KILL = 1,
    // The call writes a part, and the process dies; other calls: dies after the call.
    FAULT_TEAR = 2,
    // The call does nothing and returns an error.
    FAULT_ERROR = 3,
    // The call writes a part and returns how much, at least one byte less than asked for.
    FAULT_SHORT = 4,
};

// Chooses the folder by the beginning of its files' paths. To be called once, before the program
// opens anything there.
void fault_watch(const char *folder);

// Lets the n-th call from now on (1 for the next) of those in the mask fail; lasting: all later ones
// too, until disarmed.
void fault_arm(uint32_t mask, uint64_t nth, int action, int error, bool lasting);
void fault_disarm(void);

// How many calls of the mask there were since arming, and how many were struck.
uint64_t fault_matched(void);
uint64_t fault_struck(void);

// How many calls of one kind there were since watching began.
uint64_t fault_count(uint32_t call);

// Begins to record what changes files, into an open file; see FaultShim.c for its form.
void fault_record(int descriptor);
// Puts a note between the records.
void fault_note(const void *bytes, uint64_t length);

#endif
