#ifndef DAYBOOK_DICTIONARIES_H
#define DAYBOOK_DICTIONARIES_H

#include <stddef.h>

/// The zstd dictionary of that version and its length, or NULL where there is none.
const unsigned char *daybook_dictionary(unsigned char version, size_t *length);

#endif
