#include "weir/table.h"

#include <algorithm>

namespace weir {
namespace {

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string TableBucket::ToString() const {
  std::string text = "TableBucket(table_id=" + std::to_string(table_id);
  if (partition_id) text += ", partition_id=" + std::to_string(*partition_id);
  return text + ", bucket=" + std::to_string(bucket_id) + ")";
}

std::string_view ChangeTypeShortString(ChangeType type) {
  switch (type) {
    case ChangeType::kAppendOnly: return "+A";
    case ChangeType::kInsert: return "+I";
    case ChangeType::kUpdateBefore: return "-U";
    case ChangeType::kUpdateAfter: return "+U";
    case ChangeType::kDelete: return "-D";
  }
  return "?";
}

std::vector<std::string> TableDescriptor::PhysicalPrimaryKey() const {
  std::vector<std::string> key;
  for (const std::string& name : schema.primary_key()) {
    if (!Contains(partition_keys, name)) key.push_back(name);
  }
  return key;
}

bool TableDescriptor::HasDefaultBucketKey() const { return bucket_keys == PhysicalPrimaryKey(); }

std::string ServerNode::uid() const {
  return (type == Type::kCoordinator ? "cs-" : "ts-") + std::to_string(id);
}

}  // namespace weir
