#include "sql/catalog/zone_replicas.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/catalog/zone_nodes.h"

namespace weir::sql {
namespace {

bool SaysHowMany(const ConfigureZone& statement) {
  return statement.action != ConfigureZone::Action::kUsing ||
         std::ranges::any_of(statement.assignments,
                             [](const ZoneAssignment& one) { return one.variable == "num_replicas"; });
}

Result<RelationPtr> TableOf(const ZoneTarget& target, const DdlContext& context, CatalogView& catalog) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr named, catalog.Find(PathOf(target.table, context)));
  return named && named->is_index() ? catalog.FindById(named->index->table) : named;
}

/// The replicas that a leaf is to have from now on; nothing: it has them.
Result<std::optional<int64_t>> OtherReplicas(const Relation& leaf, CatalogDraft* draft) {
  if (!leaf.is_leaf() || leaf.table == nullptr || leaf.options.contains(kReplicationOption)) {
    return std::optional<int64_t>();
  }
  WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> asked, ReplicasAskedFor(*draft, leaf));
  const Properties& properties = leaf.table->descriptor.properties;
  const auto now = properties.find(kReplicationOption);
  const bool same = asked && now != properties.end() && now->second == std::to_string(*asked);
  return same ? std::nullopt : asked;
}

}  // namespace

Result<Notices> RewriteForReplicas(const ConfigureZone& statement, Gateway* gateway, const DdlContext& context,
                                   CatalogDraft* draft) {
  if (ClusterServers::Of(gateway) == nullptr || !SaysHowMany(statement)) return Notices();
  const ZoneTarget& target = statement.target;
  if (target.kind == ZoneTarget::Kind::kDatabase || target.kind == ZoneTarget::Kind::kRange) {
    return Notices{{"tables that are there keep their replicas", "Configure the zones of tables or partitions."}};
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr found, TableOf(target, context, *draft));
  if (!found) return Notices();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, context.Lock(found, true));
  if (!table) return Notices();
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, table, false));
  bool any = false;
  for (AlteredRelation& member : tree.members()) {
    const bool meant = target.kind != ZoneTarget::Kind::kPartition ||
                       KwdbPartitionName(*table, *member.before) == target.partition;
    if (!meant) continue;
    WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> replicas, OtherReplicas(*member.before, draft));
    if (!replicas) continue;
    any = member.rewritten = true;
    tree.Note(fmt::format("rows of \"{}\" are written anew, to a table of {} {}", member.name(), *replicas,
                          *replicas == 1 ? "replica" : "replicas"));
  }
  return any ? tree.Finish(context) : Notices();
}

}  // namespace weir::sql
