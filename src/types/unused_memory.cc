#include "types/unused_memory.h"

#include <arrow/memory_pool.h>
#include <malloc.h>

namespace weir {

void ReleaseUnusedMemory() {
  arrow::default_memory_pool()->ReleaseUnused();
  (void)::malloc_trim(0);
}

}  // namespace weir
