// The dictionaries of the log's format, compiled in: a store needs no file beside the program to be read.
// tools/dictionary/train.py makes them from synthetic data. A released version is never changed or dropped.
#include "dictionaries.h"

#include "dictionary.v1.h"

const unsigned char *daybook_dictionary(unsigned char version, size_t *length) {
    switch (version) {
    case 1:
        *length = sizeof daybook_dictionary_v1;
        return daybook_dictionary_v1;
    default:
        *length = 0;
        return NULL;
    }
}
