#pragma once

namespace weir {

/// Gives back to the system what the process has freed and its allocators have kept: Arrow's pool and the C library.
void ReleaseUnusedMemory();

}  // namespace weir
