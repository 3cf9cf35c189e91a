// The door to Zstandard: https://facebook.github.io/zstd. Imported by EventLog and by nothing else.
#ifndef DAYBOOK_CZSTD_SHIM_H
#define DAYBOOK_CZSTD_SHIM_H

#include <zstd.h>

#endif
