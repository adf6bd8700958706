#include "access/relation_id.h"

#include <charconv>

namespace weir::access {

int64_t RelationIdOf(const TableInfo& info) {
  const auto property = info.descriptor.custom_properties.find(kRelationProperty);
  if (property == info.descriptor.custom_properties.end()) return kFlussTableIds + info.table_id;
  int64_t id = 0;
  const char* end = property->second.data() + property->second.size();
  const auto [rest, error] = std::from_chars(property->second.data(), end, id);
  return error == std::errc() && rest == end ? id : kFlussTableIds + info.table_id;
}

}  // namespace weir::access
