#include "sql/catalog/alter_distribution.h"

#include <fmt/format.h>

#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {

Status Alter(const alter::SetDistribution& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (!action.vacuum && (root.parent || tree->leaves_out_partitions())) {
    return Error("42809", fmt::format("cannot set the distribution policy of \"{}\" alone", root.name()),
                 {.hint = "Set it for the whole partitioned table: all of its partitions have the same."});
  }
  const bool replicated = action.distribution && action.distribution->kind == Distribution::Kind::kReplicated;
  if (replicated && root.now.is_partitioned()) {
    return Error("0A000", "SET DISTRIBUTED REPLICATED is not supported for partitioned tables");
  }
  for (AlteredRelation& member : tree->members()) {
    if (member.before->is_foreign()) continue;
    if (action.distribution) WEIR_RETURN_NOT_OK(Distribute(*action.distribution, &member.now));
    if (member.now.distributed_by) WEIR_RETURN_NOT_OK(CheckKeysHoldDistribution(member.now));
    member.rewritten = true;
  }
  if (action.reorganize || root.now.distributed_by != root.before->distributed_by) return Status::OK();
  for (AlteredRelation& member : tree->members()) member.rewritten = false;
  if (context.warn) {
    context.warn("01000", fmt::format("distribution policy of relation \"{}\" is the same already", root.name()));
  }
  return Status::OK();
}

}  // namespace weir::sql
