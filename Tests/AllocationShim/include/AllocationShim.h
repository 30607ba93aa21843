#ifndef ALLOCATION_SHIM_H
#define ALLOCATION_SHIM_H

/// Allocations of the process so far, of all its threads. Looked up by name, where the shim is preloaded.
unsigned long daybook_allocations_so_far(void);

#endif
