#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/table_json.h"
#include "model/table_rules.h"

/// Whatever reads as a table must survive its rules, and what they accept must read back from its own JSON.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  (void)weir::DataTypeFromJson(json);
  (void)weir::DatabaseDescriptorFromJson(json);
  auto descriptor = weir::TableDescriptorFromJson(json);
  if (!descriptor.ok()) return 0;
  const auto complete = weir::CompleteDescriptor(descriptor.MoveValue(), {});
  if (!complete.ok()) return 0;
  const auto again = weir::TableDescriptorFromJson(weir::TableDescriptorToJson(*complete));
  if (!again.ok() || !(again->schema == complete->schema)) std::abort();
  return 0;
}
