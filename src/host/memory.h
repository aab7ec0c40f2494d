#include "quickjs.h"

/* For JS_NewRuntime2. */
extern const JSMallocFunctions memory;
