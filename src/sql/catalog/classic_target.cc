#include "sql/catalog/classic_target.h"

#include <fmt/format.h>

#include <utility>

#include "sql/catalog/classic_level.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Result<RelationPtr> FindByName(const ClassicTarget& target, const std::string& name, CatalogDraft* draft) {
  const TablePath& path = target.table->path;
  const std::string relation_name = ClassicName(path.table, target.level, name);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, draft->Find({path.database, relation_name}));
  return relation && relation->parent == target.table->id ? std::move(relation) : RelationPtr();
}

Result<RelationPtr> FindByValue(const ClassicTarget& target, const ClassicPartitionId& id, const DdlContext& context,
                                CatalogDraft* draft) {
  const Relation& table = *target.table;
  const size_t parts = table.partition_key->parts.size();
  if (id.values.size() > parts) {
    return Error("42804", fmt::format("too many columns in boundary specification ({} > {})", id.values.size(), parts),
                 {.position = id.position});
  }
  KeyTuple key(parts);  // of NULLs
  for (size_t i = 0; i < id.values.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(key[i], EvaluateKeyValue(table, i, id.values[i], context.evaluate));
  }
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(table));
  const auto child = children->level.Route(key);
  if (!child) return RelationPtr();
  if (child != children->level.default_child()) return children->relations[*child];
  return Error("42809",
               fmt::format("FOR expression matches DEFAULT partition for specified value of relation \"{}\"",
                           table.path.table),
               {.hint = "FOR expression may only specify a non-default partition in this context.",
                .position = id.position});
}

}  // namespace

Status NoClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id) {
  const std::string& table = target.table->path.table;
  switch (id.kind) {
    case ClassicPartitionId::Kind::kName:
      return Error("42704", fmt::format("partition \"{}\" of \"{}\" does not exist", id.name, table));
    case ClassicPartitionId::Kind::kValue:
      return Error("42704", fmt::format("partition for specified value of {} does not exist", table));
    case ClassicPartitionId::Kind::kDefault: break;
  }
  return Error("42704", fmt::format("DEFAULT partition of relation \"{}\" does not exist", table));
}

Result<RelationPtr> FindClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id,
                                         const DdlContext& context, CatalogDraft* draft) {
  switch (id.kind) {
    case ClassicPartitionId::Kind::kName: return FindByName(target, id.name, draft);
    case ClassicPartitionId::Kind::kValue: return FindByValue(target, id, context, draft);
    case ClassicPartitionId::Kind::kDefault: break;
  }
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*target.table));
  const auto child = children->level.default_child();
  return child ? children->relations[*child] : RelationPtr();
}

Result<RelationPtr> TakeClassicPartition(const ClassicTarget& target, const ClassicPartitionId& id,
                                         const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr partition, FindClassicPartition(target, id, context, draft));
  if (partition) {
    WEIR_ASSIGN_OR_RETURN(partition, context.Lock(partition, true));
  }
  return partition ? Result<RelationPtr>(std::move(partition)) : NoClassicPartition(target, id);
}

Result<ClassicTarget> FindClassicTarget(const std::vector<ClassicPartitionId>& way, const RelationPtr& named,
                                        const DdlContext& context, CatalogDraft* draft) {
  ClassicTarget target{.root = named, .table = named};
  while (target.root->parent) {
    WEIR_ASSIGN_OR_RETURN(target.root, draft->FindById(*target.root->parent));
    if (!target.root) return Error("XX000", fmt::format("a table above \"{}\" is gone", named->path.table));
    ++target.level;
  }
  WEIR_RETURN_NOT_OK(CheckPartitioned(*target.table));
  for (const ClassicPartitionId& id : way) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr below, FindClassicPartition(target, id, context, draft));
    if (below) {
      WEIR_ASSIGN_OR_RETURN(below, context.Lock(below, false));
    }
    if (!below) return NoClassicPartition(target, id);
    WEIR_RETURN_NOT_OK(CheckPartitioned(*below));
    target.table = std::move(below);
    ++target.level;
  }
  return target;
}

Result<RelationPtr> FirstPartition(const Relation& table, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(table));
  if (!children->relations.empty()) return children->relations[children->level.bound_order().front()];
  return Error("55000",
               fmt::format("table \"{}\" has no partition whose design a new one could have", table.path.table),
               {.hint = "Make the first one with CREATE TABLE ... PARTITION OF."});
}

QualifiedName NameOfPath(const TablePath& path) {
  QualifiedName name;
  name.database = path.database;
  name.name = path.table;
  return name;
}

}  // namespace weir::sql
