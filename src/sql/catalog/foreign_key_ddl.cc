#include "sql/catalog/foreign_key_ddl.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "model/sql_marks.h"
#include "postgres/resolve.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/classic_target.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/generated_column.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/temporary.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kMostForeignKeyColumns = 32;

/// The same foreign key, whatever it is called.
const SqlConstraint* FindSameForeignKey(const Relation& relation, const SqlConstraint& wanted) {
  const auto found = std::ranges::find_if(relation.constraints, [&](const SqlConstraint& one) {
    return one.foreign && one.foreign == wanted.foreign && one.columns == wanted.columns &&
           (wanted.not_valid || !one.not_valid);
  });
  return found == relation.constraints.end() ? nullptr : &*found;
}

std::string UnusedForeignKeyName(const Relation& table, const SqlConstraint& key) {
  const std::string columns = fmt::format("{}", fmt::join(key.columns, "_"));
  for (int number = 0;; ++number) {
    std::string name = ObjectName(table.path.table, columns, number == 0 ? "fkey" : fmt::format("fkey{}", number));
    if (table.FindConstraint(name) == nullptr) return name;
  }
}

// --- what a foreign key says

Status NoForeignKeyColumn(const std::string& name) {
  return Error("42703", fmt::format("column \"{}\" referenced in foreign key constraint does not exist", name));
}

Status CheckMayBeReferenced(const Relation& referenced, const Relation& table) {
  const std::string& name = referenced.path.table;
  if (referenced.is_foreign() || !referenced.is_table()) {
    return Error("42809", fmt::format("referenced relation \"{}\" is not a table", name));
  }
  if (referenced.path.database == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system catalog", name));
  }
  if (!CatalogImpl::IsSql(referenced)) {
    return Error("0A000", fmt::format("foreign keys that refer to \"{}\" are not supported", name),
                 {.detail = "The table was made through Fluss, which keeps its definition."});
  }
  if (referenced.parent) {
    return Error("0A000", fmt::format("foreign keys that refer to partitions are not supported: \"{}\"", name),
                 {.hint = "Refer to the partitioned table."});
  }
  const bool temporary = IsTemporary(table.path.database);
  if (temporary == IsTemporary(referenced.path.database)) return Status::OK();
  const char* kind = temporary ? "temporary" : "permanent";
  return Error("42P16", fmt::format("constraints on {0} tables may reference only {0} tables", kind));
}

Status CheckOwnColumns(const TableConstraint& definition, const Relation& table) {
  if (definition.columns.size() > kMostForeignKeyColumns) {
    return Error("54011", fmt::format("cannot have more than {} keys in a foreign key", kMostForeignKeyColumns));
  }
  for (const std::string& name : definition.columns) {
    if (table.ColumnIndex(name) < 0) return NoForeignKeyColumn(name);
  }
  for (const std::string& name : definition.rules.set_columns) {
    if (table.ColumnIndex(name) < 0) return NoForeignKeyColumn(name);
    if (std::ranges::find(definition.columns, name) != definition.columns.end()) continue;
    return Error("42P10",
                 fmt::format("column \"{}\" referenced in ON DELETE SET action must be part of foreign key", name));
  }
  return Status::OK();
}

Status RefersToDeferrable(const Relation& referenced, const char* kind) {
  return Error("55000", fmt::format("cannot use a deferrable {} for referenced table \"{}\"", kind,
                                    referenced.path.table));
}

/// Where the columns are that are referred to.
Result<std::vector<int>> FindReferencedColumns(const TableConstraint& definition, const Relation& referenced) {
  const std::vector<ReferableKey> keys = ReferableKeys(referenced);
  if (definition.referenced_columns.empty()) {
    const auto primary = std::ranges::find(keys, true, &ReferableKey::primary);
    if (primary != keys.end()) return primary->columns;
    if (DeferrablePrimaryKeyOf(referenced) != nullptr) return RefersToDeferrable(referenced, "primary key");
    return Error("42704", fmt::format("there is no primary key for referenced table \"{}\"", referenced.path.table));
  }
  std::vector<int> columns;
  for (const std::string& name : definition.referenced_columns) {
    const int at = referenced.ColumnIndex(name);
    if (at < 0) return NoForeignKeyColumn(name);
    if (std::ranges::find(columns, at) != columns.end()) {
      return Error("42830", "foreign key referenced-columns list must not contain duplicates");
    }
    columns.push_back(at);
  }
  const std::set<int> wanted(columns.begin(), columns.end());
  const bool unique = std::ranges::any_of(
      keys, [&](const ReferableKey& key) { return std::set<int>(key.columns.begin(), key.columns.end()) == wanted; });
  if (unique) return columns;
  const std::vector<std::string>& names = definition.referenced_columns;
  for (const SqlConstraint& constraint : referenced.constraints) {
    if (!constraint.exclusion || constraint.exclusion->key == '\0') continue;
    if (!std::ranges::is_permutation(constraint.columns, names)) continue;
    return RefersToDeferrable(referenced, "unique constraint");
  }
  return Error("42830", fmt::format("there is no unique constraint matching given keys for referenced table \"{}\"",
                                    referenced.path.table));
}

/// The values of the one can be looked for among those of the other: an = takes the referenced ones as they are.
Status CheckComparable(const SqlColumn& own, const SqlColumn& referenced, const std::string& constraint) {
  WEIR_ASSIGN_OR_RETURN(const SqlType from, ResolveType(own.type));
  WEIR_ASSIGN_OR_RETURN(const SqlType to, ResolveType(referenced.type));
  const postgres::Resolver resolver;
  const auto equals = resolver.ResolveOperator("=", to.oid, from.oid);
  if (equals.ok() && resolver.IsRelabel(to.oid, equals->left)) return Status::OK();
  return Error("42804", fmt::format("foreign key constraint \"{}\" cannot be implemented", constraint),
               {.detail = fmt::format("Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.", own.name,
                                      referenced.name, postgres::FormatType(from.oid), postgres::FormatType(to.oid))});
}

Result<RelationPtr> FindReferenced(const QualifiedName& name, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr found, draft->Find(PathOf(name, context)));
  if (!found) return NoRelation(name);
  return found;
}

}  // namespace

Status AddForeignKey(const TableConstraint& definition, const DdlContext& context, CatalogDraft* draft,
                     Relation* table) {
  if (table->parent) {
    return Error("0A000", fmt::format("foreign keys of partitions are not supported: \"{}\"", table->path.table),
                 {.hint = "Give the foreign key to the partitioned table."});
  }
  RelationPtr other;
  if (PathOf(*definition.references, context) != table->path) {
    WEIR_ASSIGN_OR_RETURN(other, FindReferenced(*definition.references, context, draft));
  }
  const Relation& referenced = other ? *other : *table;
  WEIR_RETURN_NOT_OK(CheckMayBeReferenced(referenced, *table));
  if (!definition.name.empty() && table->FindConstraint(definition.name) != nullptr) {
    return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", definition.name,
                                      table->path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwnColumns(definition, *table));
  WEIR_RETURN_NOT_OK(CheckActionsOnGenerated(definition, *table));
  SqlConstraint key;
  key.kind = SqlConstraint::Kind::kForeignKey;
  key.columns = definition.columns;
  key.not_valid = definition.not_valid;
  key.comment = definition.comment;
  key.name = definition.name.empty() ? UnusedForeignKeyName(*table, key) : definition.name;
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns, FindReferencedColumns(definition, referenced));
  if (columns.size() != key.columns.size()) {
    return Error("42830", "number of referencing and referenced columns for foreign key disagree");
  }
  key.foreign = SqlForeignKey{.table = referenced.id, .columns = {}, .rules = definition.rules};
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto at = static_cast<size_t>(columns[i]);
    const SqlColumn& own = table->columns[static_cast<size_t>(table->ColumnIndex(key.columns[i]))];
    if (std::ranges::count(key.columns, own.name) > 1) {
      return Error("0A000", fmt::format("a foreign key with column \"{}\" twice is not supported", own.name));
    }
    WEIR_RETURN_NOT_OK(CheckComparable(own, referenced.columns[at], key.name));
    key.foreign->columns.push_back(referenced.NumberOf(at));
  }
  table->constraints.push_back(std::move(key));
  return Status::OK();
}

Status AddForeignKeysOfNew(const std::vector<TableConstraint>& constraints, const DdlContext& context,
                           CatalogDraft* draft, Relation* table, std::vector<NewPartition>* partitions) {
  for (TableConstraint definition : constraints) {
    if (definition.kind != TableConstraint::Kind::kForeignKey) continue;
    definition.not_valid = false;  // there are no rows that it could be about
    WEIR_RETURN_NOT_OK(AddForeignKey(definition, context, draft, table));
    for (NewPartition& partition : *partitions) partition.relation.constraints.push_back(table->constraints.back());
  }
  return Status::OK();
}

Status AddForeignKeyToTree(const TableConstraint& definition, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  WEIR_RETURN_NOT_OK(AddForeignKey(definition, context, tree->draft(), &root.now));
  const SqlConstraint added = root.now.constraints.back();
  if (root.now.is_partitioned() && (tree->only() || added.not_valid)) {
    const std::string tables = fmt::format("foreign key on partitioned table \"{}\" referencing relation \"{}\"",
                                           root.name(), definition.references->name);
    if (tree->only()) return Error("42809", "cannot use ONLY for " + tables);
    return Error("42809", "cannot add NOT VALID " + tables,
                 {.detail = "This feature is not yet supported on partitioned tables."});
  }
  for (AlteredRelation& member : tree->members()) {
    if (&member == &root || FindSameForeignKey(member.now, added) != nullptr) continue;
    SqlConstraint own = added;
    if (member.now.FindConstraint(own.name) != nullptr) own.name = UnusedForeignKeyName(member.now, own);
    member.now.constraints.push_back(std::move(own));
  }
  return Status::OK();
}

namespace {

/// 0A000 for what would be foreign keys of a partition alone, or refer to one.
Status CheckOnlyForeignKeysOf(const Relation& parent, const Relation& child) {
  const std::string& name = child.path.table;
  if (!child.referenced_by.empty()) {
    return Error("0A000", fmt::format("cannot attach \"{}\": foreign keys refer to it", name),
                 {.detail = "Foreign keys that refer to partitions are not supported."});
  }
  for (const SqlConstraint& key : child.constraints) {
    if (!key.foreign || FindSameForeignKey(parent, key) != nullptr) continue;
    return Error("0A000", fmt::format("cannot attach \"{}\": \"{}\" does not have its foreign key \"{}\"", name,
                                      parent.path.table, key.name),
                 {.detail = "Foreign keys of partitions alone are not supported."});
  }
  return Status::OK();
}

/// A partition and what is below it get the foreign keys of its parent that they do not have.
Status CopyForeignKeys(const Relation& parent, const RelationPtr& member, CatalogDraft* draft) {
  auto now = std::make_shared<Relation>(*member);
  for (const SqlConstraint& key : parent.constraints) {
    if (!key.foreign || FindSameForeignKey(*now, key) != nullptr) continue;
    SqlConstraint own = key;
    own.comment.clear();
    if (now->FindConstraint(own.name) != nullptr) own.name = UnusedForeignKeyName(*now, own);
    now->constraints.push_back(std::move(own));
  }
  if (now->constraints.size() != member->constraints.size()) draft->Put(std::move(now), member);
  if (!member->is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*member));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CopyForeignKeys(parent, child, draft));
  return Status::OK();
}

}  // namespace

Status AddForeignKeysOfParent(const Relation& parent, int64_t partition, const DdlContext& context,
                              CatalogDraft* draft) {
  const auto is_foreign = [](const SqlConstraint& constraint) { return constraint.foreign.has_value(); };
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->FindById(partition));
  WEIR_RETURN_NOT_OK(CheckOnlyForeignKeysOf(parent, *before));
  if (std::ranges::none_of(parent.constraints, is_foreign)) return Status::OK();
  if (!CatalogImpl::IsSql(*before)) {
    return Error("0A000", fmt::format("cannot attach \"{}\": \"{}\" has foreign keys", before->path.table,
                                      parent.path.table),
                 {.detail = "The table was made through Fluss, which keeps its definition."});
  }
  WEIR_RETURN_NOT_OK(CopyForeignKeys(parent, before, draft));
  return HoldToForeignKeys(*before, partition, context, draft);
}

Status HoldToForeignKeys(const Relation& before, int64_t table, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr now, draft->FindById(table));
  if (!now) return Status::OK();
  for (const SqlConstraint& constraint : now->constraints) {
    if (!constraint.foreign || constraint.not_valid) continue;
    const SqlConstraint* held = before.FindConstraint(constraint.name);
    if (held != nullptr && held->foreign == constraint.foreign && !held->not_valid) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr referenced, draft->FindById(constraint.foreign->table));
    if (!referenced) continue;
    WEIR_RETURN_NOT_OK(context.hold_foreign_key({.table = now, .constraint = constraint, .referenced = referenced}));
  }
  return Status::OK();
}

// --- what the tables on both sides know of each other

namespace {

/// The tables that a relation's own foreign keys refer to.
Result<std::set<int64_t>> OwnTargets(const Relation& relation, CatalogDraft* draft) {
  RelationPtr parent;
  if (relation.parent) {
    WEIR_ASSIGN_OR_RETURN(parent, draft->FindById(*relation.parent));
  }
  std::set<int64_t> targets;
  for (const SqlConstraint& constraint : relation.constraints) {
    if (!constraint.foreign || (parent && FindSameForeignKey(*parent, constraint) != nullptr)) continue;
    targets.insert(constraint.foreign->table);
  }
  return targets;
}

Status SetReferring(int64_t referenced, int64_t table, bool refers, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->FindById(referenced));
  if (!before) return Status::OK();
  auto now = std::make_shared<Relation>(*before);
  std::erase(now->referenced_by, table);
  if (refers) now->referenced_by.push_back(table);
  if (now->referenced_by != before->referenced_by) draft->Put(std::move(now), before);
  return Status::OK();
}

}  // namespace

Status LinkForeignKeys(const Relation* before, int64_t table, CatalogDraft* draft) {
  std::set<int64_t> old_targets;
  if (before != nullptr) {
    WEIR_ASSIGN_OR_RETURN(old_targets, OwnTargets(*before, draft));
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr now, draft->FindById(table));
  if (!now) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::set<int64_t> targets, OwnTargets(*now, draft));
  for (const int64_t gone : old_targets) {
    if (!targets.contains(gone)) WEIR_RETURN_NOT_OK(SetReferring(gone, table, false, draft));
  }
  for (const int64_t added : targets) {
    if (!old_targets.contains(added)) WEIR_RETURN_NOT_OK(SetReferring(added, table, true, draft));
  }
  return Status::OK();
}

namespace {

std::set<int64_t> IdsOf(const std::vector<RelationPtr>& relations) {
  std::set<int64_t> ids;
  for (const RelationPtr& relation : relations) ids.insert(relation->id);
  return ids;
}

}  // namespace

Status UnlinkForeignKeys(const std::vector<RelationPtr>& going, CatalogDraft* draft) {
  const std::set<int64_t> ids = IdsOf(going);
  for (const RelationPtr& relation : going) {
    WEIR_ASSIGN_OR_RETURN(const std::set<int64_t> targets, OwnTargets(*relation, draft));
    for (const int64_t target : targets) {
      if (!ids.contains(target)) WEIR_RETURN_NOT_OK(SetReferring(target, relation->id, false, draft));
    }
  }
  return Status::OK();
}

// --- what depends on what is to go

std::string DescribedKey(const ForeignKey& key, const DdlContext& context) {
  return fmt::format("constraint {} on {}", key.constraint.name, Described(*key.table, context));
}

namespace {

void AddDependent(ForeignKey key, const std::string& on, const DdlContext& context, std::vector<DependentKey>* keys) {
  const bool known = std::ranges::any_of(*keys, [&](const DependentKey& one) {
    return one.key.table->id == key.table->id && one.key.constraint.name == key.constraint.name;
  });
  if (known) return;
  std::string reason = fmt::format("{} depends on {}", DescribedKey(key, context), on);
  keys->push_back({std::move(key), std::move(reason)});
}

}  // namespace

Result<std::vector<DependentKey>> KeysReferringToAny(CatalogDraft& draft, const std::vector<RelationPtr>& going,
                                                     const DdlContext& context) {
  const std::set<int64_t> ids = IdsOf(going);
  std::vector<DependentKey> dependent;
  for (const RelationPtr& relation : going) {
    const bool with_parent = relation->parent && ids.contains(*relation->parent);
    if (with_parent || (!relation->is_leaf() && !relation->is_partitioned())) continue;
    WEIR_ASSIGN_OR_RETURN(std::vector<ForeignKey> keys, KeysReferringTo(draft, relation));
    for (ForeignKey& key : keys) {
      if (ids.contains(key.table->id)) continue;
      AddDependent(std::move(key), Described(*relation, context), context, &dependent);
    }
  }
  return dependent;
}

Result<std::vector<DependentKey>> KeysReferringToColumn(CatalogDraft& draft, const RelationPtr& table,
                                                        const std::string& column, const DdlContext& context) {
  std::vector<DependentKey> dependent;
  WEIR_ASSIGN_OR_RETURN(std::vector<ForeignKey> keys, KeysReferringTo(draft, table));
  for (ForeignKey& key : keys) {
    const std::vector<std::string> columns = ReferencedColumns(key.key(), *key.referenced);
    if (std::ranges::find(columns, column) == columns.end()) continue;
    const std::string on = fmt::format("column {} of {}", column, Described(*table, context));
    AddDependent(std::move(key), on, context, &dependent);
  }
  return dependent;
}

Result<std::vector<DependentKey>> KeysNeedingIndex(CatalogDraft& draft, const RelationPtr& table,
                                                   const std::string& index, const DdlContext& context) {
  std::vector<DependentKey> dependent;
  const std::vector<ReferableKey> known = ReferableKeys(*table);
  const auto found = std::ranges::find(known, index, &ReferableKey::index);
  if (found == known.end()) return dependent;
  std::set<std::string> kept;
  for (const int column : found->columns) kept.insert(table->columns[static_cast<size_t>(column)].name);
  WEIR_ASSIGN_OR_RETURN(std::vector<ForeignKey> keys, KeysReferringTo(draft, table));
  for (ForeignKey& key : keys) {
    const std::vector<std::string> columns = ReferencedColumns(key.key(), *key.referenced);
    if (std::set<std::string>(columns.begin(), columns.end()) != kept) continue;
    AddDependent(std::move(key), fmt::format("index {}", index), context, &dependent);
  }
  return dependent;
}

namespace {

/// From the last one back.
Status CollectHeirs(CatalogDraft& draft, const Relation& parent, const DdlContext& context, std::set<int64_t>* seen,
                    std::vector<DependentTable>* found) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> below, HeirsOf(draft, parent, context.temporary));
  for (auto heir = below.rbegin(); heir != below.rend(); ++heir) {
    if (!seen->insert((*heir)->id).second) continue;
    WEIR_RETURN_NOT_OK(CollectHeirs(draft, **heir, context, seen, found));
    found->push_back({*heir, fmt::format("{} depends on {}", Described(**heir, context), Described(parent, context))});
  }
  return Status::OK();
}

}  // namespace

Result<std::vector<DependentTable>> HeirsOfAny(CatalogDraft& draft, const std::vector<RelationPtr>& going,
                                               const DdlContext& context) {
  std::vector<DependentTable> heirs;
  std::set<int64_t> seen = IdsOf(going);
  for (const RelationPtr& table : going) WEIR_RETURN_NOT_OK(CollectHeirs(draft, *table, context, &seen, &heirs));
  std::ranges::reverse(heirs);
  return heirs;
}

Status CheckNothingDepends(const std::string& what, const Dependents& dependents, bool cascade) {
  std::vector<std::string> reasons;
  for (const DependentTable& table : dependents.tables) reasons.push_back(table.reason);
  for (const DependentKey& key : dependents.keys) reasons.push_back(key.reason);
  for (const DependentView& view : dependents.views) reasons.push_back(view.reason);
  return CheckNothingDepends(what, reasons, cascade);
}

void AddCascadeNotice(const Dependents& dependents, const DdlContext& context, Notices* notices) {
  std::vector<std::string> others;
  for (const DependentTable& one : dependents.tables) others.push_back(Described(*one.table, context));
  for (const DependentKey& one : dependents.keys) others.push_back(DescribedKey(one.key, context));
  for (const DependentView& one : dependents.views) others.push_back(Described(*one.view, context));
  AddCascadeNotice(others, notices);
}

Status DropKeys(const std::vector<DependentKey>& keys, const DdlContext& context, CatalogDraft* draft) {
  for (const DependentKey& one : keys) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, context.Lock(one.key.table, true));
    if (!table) continue;
    AlterTable alter;
    alter.name = NameOfPath(table->path);
    alter.actions.push_back(alter::DropConstraint{.name = one.key.constraint.name, .if_exists = true});
    WEIR_RETURN_NOT_OK(Execute(alter, context, draft).status());
  }
  return Status::OK();
}

// --- rows that go all at once

Status CheckMayEmpty(CatalogView& catalog, const std::vector<RelationPtr>& emptied) {
  const std::set<int64_t> ids = IdsOf(emptied);
  for (const RelationPtr& table : emptied) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<ForeignKey> keys, KeysReferringTo(catalog, table));
    for (const ForeignKey& key : keys) {
      if (ids.contains(key.table->id)) continue;
      const std::string& referring = key.table->path.table;
      return Error("0A000", "cannot truncate a table referenced in a foreign key constraint",
                   {.detail = fmt::format("Table \"{}\" references \"{}\".", referring, table->path.table),
                    .hint = fmt::format("Truncate table \"{}\" at the same time, or use TRUNCATE ... CASCADE.",
                                        referring)});
    }
  }
  return Status::OK();
}

Status CheckMayLeave(const RelationPtr& parent, const RelationPtr& partition, const DdlContext& context,
                     CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ForeignKey> keys, KeysReferringTo(*draft, parent));
  for (const ForeignKey& key : keys) WEIR_RETURN_NOT_OK(context.hold_without_partition(key, partition));
  return Status::OK();
}

}  // namespace weir::sql
