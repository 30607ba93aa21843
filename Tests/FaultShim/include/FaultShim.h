#ifndef DAYBOOK_FAULT_SHIM_H
#define DAYBOOK_FAULT_SHIM_H

/* Begins counting calls, from one. Without it nothing fails, unless FAULT_NOW is set. */
void daybook_fault_arm(void);

#endif
