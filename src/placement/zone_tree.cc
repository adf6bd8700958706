#include "placement/zone_tree.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "postgres/error.h"

namespace weir::placement {
namespace {

using TargetKind = ZoneTarget::Kind;

const std::string kDefault = "default";

/// False for RANGE default, which nothing is above.
bool MoveToParent(ZoneTarget* target) {
  switch (target->kind) {
    case TargetKind::kPartition:
      target->kind = TargetKind::kIndex;
      target->partition.clear();
      return true;
    case TargetKind::kIndex:
      target->kind = TargetKind::kTable;
      target->index.clear();
      return true;
    case TargetKind::kTable:
      *target = ZoneTarget::Database(target->database);
      return true;
    case TargetKind::kDatabase:
      *target = ZoneTarget::Range(kDefault);
      return true;
    case TargetKind::kRange:
      if (target->database == kDefault) return false;
      target->database = kDefault;
      return true;
  }
  return false;
}

Status CheckBuiltIn(const ZoneTarget& target) {
  constexpr std::array<std::string_view, 5> kBuiltIn = {"default", "meta", "liveness", "system", "timeseries"};
  const bool is_built_in = std::ranges::find(kBuiltIn, target.database) != kBuiltIn.end();
  if (target.kind != TargetKind::kRange || is_built_in) return Status::OK();
  return postgres::Error(postgres::sqlstate::kUndefinedObject, "\"" + target.database + "\" is not a built-in zone");
}

}  // namespace

ZoneTree::ZoneTree() {
  zones_[ZoneTarget::Range(kDefault)] = AllFields(Zone());
  zones_[ZoneTarget::Range("meta")] = {.gc_ttl_seconds = 3600, .num_replicas = 5};
  zones_[ZoneTarget::Range("liveness")] = {.gc_ttl_seconds = 600, .num_replicas = 5};
  zones_[ZoneTarget::Range("system")] = {.num_replicas = 5};
  zones_[ZoneTarget::Database("system")] = {.num_replicas = 5};
}

const ZoneFields* ZoneTree::Find(const ZoneTarget& target) const {
  const auto found = zones_.find(target);
  return found == zones_.end() ? nullptr : &found->second;
}

Zone ZoneTree::InForce(const ZoneTarget& target) const {
  ZoneTarget parent = target;
  const Zone inherited = MoveToParent(&parent) ? InForce(parent) : Zone();
  const ZoneFields* own = Find(target);
  return own == nullptr ? inherited : Inherit(*own, inherited);
}

Status ZoneTree::Configure(const ZoneTarget& target, std::span<const ZoneAssignment> assignments,
                           std::span<const Node> nodes) {
  WEIR_RETURN_NOT_OK(CheckAssignments(assignments, target.kind == TargetKind::kPartition));
  WEIR_RETURN_NOT_OK(CheckBuiltIn(target));
  ZoneTarget above = target;
  const Zone parent = MoveToParent(&above) ? InForce(above) : Zone();
  const ZoneFields* before = Find(target);
  WEIR_ASSIGN_OR_RETURN(ZoneFields own, Assign(before == nullptr ? ZoneFields() : *before, assignments, parent, nodes));
  WEIR_RETURN_NOT_OK(CheckZone(own, Inherit(own, parent)));
  zones_[target] = std::move(own);
  return Status::OK();
}

Result<int> ZoneTree::Discard(const ZoneTarget& target) {
  WEIR_RETURN_NOT_OK(CheckBuiltIn(target));
  if (target == ZoneTarget::Range(kDefault)) {
    return postgres::Error(postgres::sqlstate::kCheckViolation, "cannot remove default zone");
  }
  return static_cast<int>(zones_.erase(target));
}

}  // namespace weir::placement
