// Cloudberry's classic forms of ALTER TABLE on partitions.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/classic_exchange.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/classic_split.h"
#include "sql/catalog/classic_target.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/new_partitions.h"
#include "sql/catalog/partition_place.h"
#include "sql/catalog/renamed_tree.h"
#include "sql/dialect/classic_partition.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

// --- ADD

Status CheckMayAdd(const Relation& table) {
  const SqlPartitionKey& key = *table.partition_key;
  if (key.strategy == PartitionStrategy::kHash) {
    return Error("0A000", "HASH is not supported in the classic partitioning syntax",
                 {.hint = "Use CREATE TABLE ... PARTITION OF."});
  }
  if (key.parts.size() == 1) return Status::OK();
  const char* strategy = key.strategy == PartitionStrategy::kRange ? "RANGE" : "LIST";
  return Error("42P16", fmt::format("too many columns for {} partition -- only one column is allowed", strategy));
}

/// The partition key of a branch as a table with the columns of `parent` has it.
SqlPartitionKey KeyLike(const Relation& branch, const Relation& parent) {
  SqlPartitionKey key = *branch.partition_key;
  for (SqlPartitionKeyPart& part : key.parts) {
    if (part.column >= 0) part.column = parent.ColumnIndex(branch.columns[static_cast<size_t>(part.column)].name);
  }
  return key;
}

/// The levels below a new partition are like those below the first one that is there, with the templates that the root
/// has kept.
Result<std::vector<ClassicDepth>> DepthsBelow(const ClassicTarget& target, CatalogDraft* draft) {
  std::vector<ClassicDepth> below;
  WEIR_ASSIGN_OR_RETURN(RelationPtr first, FirstPartition(*target.table, draft));
  for (size_t level = target.level; first->is_partitioned(); ++level) {
    ClassicDepth& depth = below.emplace_back();
    depth.key = KeyLike(*first, *target.table);
    const auto kept = target.root->templates.find(static_cast<int>(level));
    if (kept != target.root->templates.end()) {
      WEIR_ASSIGN_OR_RETURN(depth.pattern, dialect::ReadTemplate(kept->second));
    }
    WEIR_ASSIGN_OR_RETURN(first, FirstPartition(*first, draft));
  }
  return below;
}

Result<Notices> AddClassic(const ClassicTarget& target, const classic::AddPartition& add, const DdlContext& context,
                    CatalogDraft* draft) {
  const Relation& table = *target.table;
  WEIR_RETURN_NOT_OK(CheckMayAdd(table));
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr siblings, draft->Children(table));
  const IsNameTaken is_taken = [&](const std::string& name) -> Result<bool> {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr found, draft->Find({table.path.database, name}));
    return found != nullptr;
  };
  ClassicPlace place{
      .first = {.parent = table, .level = target.level, .beside = &siblings->level.bounds(), .is_taken = is_taken}};
  WEIR_ASSIGN_OR_RETURN(place.below, DepthsBelow(target, draft));
  WEIR_ASSIGN_OR_RETURN(std::vector<NewPartition> made, ClassicChildren(place, {add.partition}, context));
  const BoundClause clause{.position = add.partition.position};
  for (const NewPartition& one : made) {
    if (one.parent >= 0) continue;
    WEIR_RETURN_NOT_OK(CheckPlace(*draft, table, {one.relation.path.table, one.relation.bound, clause}, context));
  }
  WEIR_RETURN_NOT_OK(CheckNewNames(*draft, made));
  WEIR_RETURN_NOT_OK(PutPartitions(*draft, target.table, std::move(made)));
  return Notices();
}

// --- DROP, TRUNCATE, RENAME

Result<Notices> DropClassic(const ClassicTarget& target, const classic::DropPartition& drop, const DdlContext& context,
                     CatalogDraft* draft) {
  if (drop.if_exists) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr there, FindClassicPartition(target, drop.partition, context, draft));
    if (!there) return Notices{FieldsOf(NoClassicPartition(target, drop.partition)).message + ", skipping"};
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr partition, TakeClassicPartition(target, drop.partition, context, draft));
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr siblings, draft->Children(*target.table));
  if (siblings->relations.size() == 1) {
    const std::string& table = target.table->path.table;
    return Error(
        "2BP01",
        fmt::format("cannot drop partition \"{}\" of \"{}\" -- only one remains", partition->path.table, table),
        {.hint = fmt::format("Use DROP TABLE \"{}\" to remove the table and the final partition", table)});
  }
  DropTable statement;
  if (partition->is_foreign()) statement.kind = DropTable::Kind::kForeign;
  statement.names.push_back(NameOfPath(partition->path));
  statement.cascade = drop.cascade;
  return Execute(statement, context, draft);
}

Result<Notices> TruncateClassic(const ClassicTarget& target, const classic::TruncatePartition& truncate,
                             const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr partition,
                        TakeClassicPartition(target, truncate.partition, context, draft));
  std::vector<RelationPtr> emptied = {partition};
  WEIR_RETURN_NOT_OK(CollectLeaves(*draft, partition, &emptied));
  WEIR_RETURN_NOT_OK(CheckMayEmpty(*draft, emptied));
  WEIR_RETURN_NOT_OK(draft->MakeTables());
  WEIR_RETURN_NOT_OK(context.empty(partition));
  return Notices();
}

Result<Notices> RenameClassic(const ClassicTarget& target, const classic::RenamePartition& rename,
                              const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr partition, TakeClassicPartition(target, rename.partition, context, draft));
  WEIR_RETURN_NOT_OK(CheckClassicName(rename.new_name));
  return RenameTree(partition, ClassicName(target.table->path.table, target.level, rename.new_name), draft);
}

// --- SET SUBPARTITION TEMPLATE

Status RemoveTemplate(const std::string& named, int level, Relation* root) {
  if (root->templates.erase(level) > 0) return Status::OK();
  return Error("42704", fmt::format("relation \"{}\" does not have a level {} subpartition template specification",
                                    named, level));
}

/// Whether the partitions of a level could have the template's.
Status CheckTemplate(const ClassicTarget& target, const std::vector<ClassicPartition>& pattern,
                     const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr branch, FirstPartition(*target.table, draft));
  if (!branch->is_partitioned()) {
    return Error("42P17",
                 fmt::format("level {} is not partitioned and hence can't set subpartition template for the same",
                             target.level));
  }
  WEIR_RETURN_NOT_OK(CheckMayAdd(*branch));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, FirstPartition(*branch, draft));
  const bool has_next = target.root->templates.contains(static_cast<int>(target.level) + 1);
  if (leaf->is_partitioned() && !has_next) {
    return Error("42P17",
                 fmt::format("can't add sub-partition template at level {} since next level template doesn't exist",
                             target.level),
                 {.hint = "Add sub-partition template for next level."});
  }
  return ExpandClassicLevel({.parent = *branch, .level = target.level + 1}, pattern, context).status();
}

Result<Notices> SetClassicTemplate(const ClassicTarget& target, const classic::SetTemplate& set,
                                   const std::string& named, const DdlContext& context, CatalogDraft* draft) {
  const int level = static_cast<int>(target.level);
  auto root = std::make_shared<Relation>(*target.root);
  if (set.pattern) {
    WEIR_RETURN_NOT_OK(CheckTemplate(target, *set.pattern, context, draft));
    root->templates[level] = set.text;
  } else {
    WEIR_RETURN_NOT_OK(RemoveTemplate(named, level, root.get()));
  }
  draft->Put(std::move(root), target.root);
  return Notices();
}

/// KWDB's grammar has no such forms.
Status CheckNotKwdb(const Relation& table, const ClassicAction& action) {
  const Status changes = CheckNotDeclared(table);
  if (changes.ok()) return changes;
  const auto named = [](const auto& one) -> const ClassicPartitionId* {
    if constexpr (requires { one.partition.kind; }) return &one.partition;
    return nullptr;
  };
  const ClassicPartitionId* partition = std::visit(named, action);
  if (partition == nullptr || partition->kind != ClassicPartitionId::Kind::kName) return changes;
  const ErrorFields fields = FieldsOf(changes);
  return Error("42601", "syntax error at or near \"PARTITION\"",
               {.detail = fields.message, .hint = fields.hint, .position = partition->position});
}

Result<Notices> RunStep(const ClassicStep& step, const RelationPtr& named, const DdlContext& context,
                        CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckNotKwdb(*named, step.action));
  WEIR_ASSIGN_OR_RETURN(const ClassicTarget target, FindClassicTarget(step.below, named, context, draft));
  const Overloaded run{
      [&](const classic::AddPartition& add) { return AddClassic(target, add, context, draft); },
      [&](const classic::DropPartition& drop) { return DropClassic(target, drop, context, draft); },
      [&](const classic::TruncatePartition& truncate) { return TruncateClassic(target, truncate, context, draft); },
      [&](const classic::RenamePartition& rename) { return RenameClassic(target, rename, context, draft); },
      [&](const classic::ExchangePartition& exchange) {
        return ExchangeClassicPartition(target, exchange, context, draft);
      },
      [&](const classic::SplitPartition& split) { return SplitClassicPartition(target, split, context, draft); },
      [&](const classic::SetTemplate& set) {
        return SetClassicTemplate(target, set, named->path.table, context, draft);
      },
  };
  return std::visit(run, step.action);
}

}  // namespace

Result<Notices> Execute(const AlterClassicPartition& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  for (const ClassicStep& step : statement.steps) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr named, FindNamed(*draft, statement.name, context, statement.if_exists));
    if (!named) return Skipped(statement.name);
    WEIR_ASSIGN_OR_RETURN(Notices told, RunStep(step, named, context, draft));
    std::ranges::move(told, std::back_inserter(notices));
  }
  return notices;
}

}  // namespace weir::sql
