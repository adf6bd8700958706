/// A text that is read as a type is written in a form that is read as the same type.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "postgres/type.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto type = weir::postgres::ParseType({reinterpret_cast<const char*>(data), size});
  if (!type.ok()) return 0;
  const auto again = weir::postgres::ParseType(weir::postgres::FormatType(*type));
  if (!again.ok() || *again != *type) std::abort();
  return 0;
}
