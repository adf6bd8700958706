#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "format/kv_batch.h"

// A value batch has no checksum and one form only: what parses is what a builder writes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto values = weir::ParseValueBatch(bytes);
  if (!values.ok()) return 0;
  weir::ValueBatchBuilder builder;
  for (const std::string_view value : *values) builder.Add(value);
  if (builder.Finish() != bytes) std::abort();
  return 0;
}
