#include "sql/catalog/catalog_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/create_like.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/exclusion_ddl.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/generated_column.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inheritance.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/new_partitions.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/partition_place.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/catalog/typed_table.h"
#include "sql/dialect/column_reference.h"
#include "sql/error.h"

namespace weir::sql {

NewRows SameRows(std::vector<SqlColumn> columns, std::string condition) {
  NewRows rows{.columns = std::move(columns), .expressions = {}, .condition = std::move(condition)};
  for (const SqlColumn& column : rows.columns) rows.expressions.push_back(QuoteIdentifier(column.name));
  return rows;
}

namespace {

/// A table with the partitions below it and all their indexes.
Status CollectTree(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* members) {
  members->push_back(relation);
  members->insert(members->end(), relation->indexes.begin(), relation->indexes.end());
  if (!relation->is_partitioned() || !CatalogImpl::IsSql(*relation)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CollectTree(draft, child, members));
  return Status::OK();
}

struct Plan {
  Relation relation;
  RelationPtr parent;
  Notices notices;
};

/// The bound of a new partition, checked against its siblings.
Status PlaceInParent(CatalogDraft& draft, const CreateTable& statement, const DdlContext& context, Plan* plan) {
  const Relation& parent = *plan->parent;
  if (!parent.is_partitioned()) {
    return Error("42P17", fmt::format("\"{}\" is not partitioned", parent.path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwn(parent));
  WEIR_RETURN_NOT_OK(CheckNotDeclared(parent));
  WEIR_ASSIGN_OR_RETURN(plan->relation.bound, ResolveBound(parent, *statement.bound, context.evaluate));
  const NewBound added{plan->relation.path.table, plan->relation.bound, *statement.bound};
  WEIR_RETURN_NOT_OK(CheckPlace(draft, parent, added, context));
  plan->relation.parent = parent.id;
  plan->relation.bound_text = BoundText(parent, plan->relation.bound);
  return Status::OK();
}

/// Gives the table its partition key, and what CREATE TABLE has in it of partitions, as KWDB or as Cloudberry writes
/// them.
Result<std::vector<NewPartition>> DefinePartitions(const CreateTable& statement, const DdlContext& context,
                                                   CatalogDraft* draft, Relation* root) {
  std::vector<NewPartition> members;
  if (!statement.inline_partitions) {
    if (statement.partition_by) {
      WEIR_RETURN_NOT_OK(DefinePartitionKey(*statement.partition_by, false, context, root));
    }
    if (!statement.classic_partitions) return members;
    root->templates = TemplatesOf(*statement.classic_partitions);
    return ClassicChildren(*root, statement, context);
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<Relation> leaves,
                        DeclarePartitions(*statement.inline_partitions, context, draft, root));
  for (Relation& leaf : leaves) members.push_back({std::move(leaf), -1});
  return members;
}

/// Takes a new table and its partitions into the draft. `parent`: of the table; null: it has none.
Status PutAll(const CreateTable& statement, const DdlContext& context, CatalogDraft& draft, const RelationPtr& parent,
              Relation root, std::vector<NewPartition> children,
              const std::vector<std::shared_ptr<Relation>>& sequences) {
  auto made = std::make_shared<Relation>(std::move(root));
  WEIR_ASSIGN_OR_RETURN(made->id, draft.TakeIds(1));
  draft.Put(made, nullptr);
  for (const int64_t inherited : made->inherits) WEIR_RETURN_NOT_OK(LinkHeir(&draft, inherited, made->id));
  WEIR_RETURN_NOT_OK(AddIndexesOfNew(parent.get(), &draft, made.get()));
  WEIR_RETURN_NOT_OK(AddExclusionsOfNew(statement.constraints, context, &draft, made.get()));
  WEIR_RETURN_NOT_OK(AddForeignKeysOfNew(statement.constraints, context, &draft, made.get(), &children));
  WEIR_RETURN_NOT_OK(PutPartitions(draft, made, std::move(children)));
  for (const std::shared_ptr<Relation>& sequence : sequences) {
    sequence->sequence->owner = made->id;
    draft.Put(sequence, nullptr);
  }
  return LinkForeignKeys(nullptr, made->id, &draft);
}

}  // namespace

namespace {

Status KeepCheck(const Expression& written, const DdlContext& context, Relation* relation) {
  WEIR_ASSIGN_OR_RETURN(const std::string kept, context.Kept({DefinitionUse::kCheck, *relation, nullptr, written}));
  if (kept == written.text) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::string defined, dialect::WithoutTable(written.text, relation->path.table));
  for (SqlConstraint& constraint : relation->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck || constraint.check != defined) continue;
    WEIR_ASSIGN_OR_RETURN(constraint.check, dialect::WithoutTable(kept, relation->path.table));
  }
  return Status::OK();
}

/// The defaults and CHECKs that a statement writes, as they are kept.
Status KeepExpressions(const CreateTable& statement, const DdlContext& context, Relation* relation) {
  for (const ColumnDefinition& definition : statement.columns) {
    const int at = relation->ColumnIndex(definition.name);
    if (at < 0) continue;
    SqlColumn& column = relation->columns[static_cast<size_t>(at)];
    if (definition.generated) WEIR_RETURN_NOT_OK(KeepGenerated(*relation, *definition.generated, context, &column));
    if (!definition.default_value) continue;
    WEIR_ASSIGN_OR_RETURN(column.default_value,
                          context.Kept({DefinitionUse::kDefault, *relation, &column, *definition.default_value}));
  }
  for (const TableConstraint& constraint : statement.constraints) {
    if (constraint.check) WEIR_RETURN_NOT_OK(KeepCheck(*constraint.check, context, relation));
  }
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const CreateTable& written, const DdlContext& context, CatalogDraft* draft) {
  if (written.of_type && written.of_type_oid == 0) {
    WEIR_ASSIGN_OR_RETURN(const CreateTable typed, WithTypedColumns(written, context, draft));
    return Execute(typed, context, draft);
  }
  WEIR_ASSIGN_OR_RETURN(const CreateTable statement, WithBoundTypes(written, context, draft));
  if (!statement.likes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const CreateTable whole, WithLikes(statement, context, draft));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->Find(PathOf(statement.name, context)));
    WEIR_ASSIGN_OR_RETURN(Notices notices, Execute(whole, context, draft));
    if (!before) WEIR_RETURN_NOT_OK(AddIndexesLike(statement, context, draft));
    return notices;
  }
  if (statement.foreign) WEIR_RETURN_NOT_OK(CheckForeignConstraints(statement));
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr existing, FindTaken(*draft, path));
  if (existing && statement.if_not_exists) {
    return Notices{fmt::format("relation \"{}\" already exists, skipping", path.table)};
  }
  Plan plan;
  if (statement.parent) {
    WEIR_ASSIGN_OR_RETURN(plan.parent, draft->Find(PathOf(*statement.parent, context)));
    if (!plan.parent) return NoRelation(*statement.parent);
  }
  if (plan.parent) WEIR_RETURN_NOT_OK(CheckPersistence("create", path, *plan.parent));
  WEIR_ASSIGN_OR_RETURN(const auto inherited, FindInherited(statement.inherits, path, context, *draft));
  WEIR_ASSIGN_OR_RETURN(TableDefinition definition, DefineTable(statement, path, plan.parent.get(), inherited));
  plan.relation = std::move(definition.relation);
  plan.notices = std::move(definition.notices);
  if (statement.foreign) {
    WEIR_RETURN_NOT_OK(MakeForeign(*statement.foreign, plan.parent.get(), context, draft, &plan.relation));
  }
  WEIR_RETURN_NOT_OK(KeepExpressions(statement, context, &plan.relation));
  for (SqlColumn& column : plan.relation.columns) WEIR_RETURN_NOT_OK(BindSequence(*draft, context, &column));
  if (existing) return NameIsTaken(path.table);
  WEIR_RETURN_NOT_OK(CheckNoTypeIsCalled(*draft, path));
  WEIR_RETURN_NOT_OK(CheckName(path));
  if (plan.parent) WEIR_RETURN_NOT_OK(PlaceInParent(*draft, statement, context, &plan));
  WEIR_ASSIGN_OR_RETURN(const auto sequences, DefineColumnSequences(statement.columns, *draft, &plan.relation));
  WEIR_ASSIGN_OR_RETURN(std::vector<NewPartition> children,
                        DefinePartitions(statement, context, draft, &plan.relation));
  WEIR_RETURN_NOT_OK(CheckConstraints(plan.relation));
  WEIR_RETURN_NOT_OK(CheckNewNames(*draft, children, {plan.relation.path.table}));
  WEIR_RETURN_NOT_OK(PutAll(statement, context, *draft, plan.parent, std::move(plan.relation), std::move(children),
                            sequences));
  for (const InlineIndex& index : statement.indexes) {
    WEIR_ASSIGN_OR_RETURN(const Notices notices, Execute(index, statement.name, context, draft));
    plan.notices.insert(plan.notices.end(), notices.begin(), notices.end());
  }
  return plan.notices;
}

namespace {

void KeepOnce(std::vector<RelationPtr>* relations) {
  std::unordered_set<int64_t> seen;
  std::erase_if(*relations, [&](const RelationPtr& relation) { return !seen.insert(relation->id).second; });
}

/// 42809 for a relation that another DROP is for.
Status CheckKindOfDrop(const DropTable& statement, const Relation& relation, const std::string& name) {
  const bool foreign = statement.kind != DropTable::Kind::kTable;
  const bool fits = relation.is_foreign() == foreign && relation.is_table();
  if (fits) return Status::OK();
  return Error("42809", fmt::format("\"{}\" is not a {}table", name, foreign ? "foreign " : ""),
               {.hint = HowToDrop(relation)});
}

}  // namespace

namespace {

/// The tables that inherit from what goes go with it, each alone by now.
Status TakeDependentTables(const std::vector<DependentTable>& tables, const DdlContext& context, CatalogDraft& draft,
                           std::vector<RelationPtr>* members) {
  for (const DependentTable& one : tables) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, context.Lock(one.table, true));
    if (table) WEIR_RETURN_NOT_OK(CollectTree(draft, table, members));
  }
  KeepOnce(members);
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const DropTable& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  std::vector<RelationPtr> members;
  std::string what;
  const bool foreign = statement.kind != DropTable::Kind::kTable;
  const char* const kind = foreign ? "foreign table" : "table";
  for (const QualifiedName& name : statement.names) {
    const TablePath path = PathOf(name, context);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft->Find(path));
    if (relation && statement.names.size() == 1) what = Described(*relation, context);
    if (relation && path.database == kSystemDatabase) WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, name));
    if (relation) WEIR_RETURN_NOT_OK(CheckKindOfDrop(statement, *relation, name.name));
    if (relation) {
      WEIR_RETURN_NOT_OK(CheckNoKwdbLeaf(*draft, relation));
      WEIR_RETURN_NOT_OK(CollectTree(*draft, relation, &members));
    } else if (statement.if_exists) {
      notices.push_back(fmt::format("{} \"{}\" does not exist, skipping", kind, name.name));
    } else {
      return Error(foreign ? "42704" : "42P01", fmt::format("{} \"{}\" does not exist", kind, name.name));
    }
  }
  KeepOnce(&members);
  Dependents dependents;
  WEIR_ASSIGN_OR_RETURN(dependents.tables, HeirsOfAny(*draft, members, context));
  WEIR_RETURN_NOT_OK(TakeDependentTables(dependents.tables, context, *draft, &members));
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> sequences, OwnedSequences(*draft, members));
  std::vector<RelationPtr> going = members;
  going.insert(going.end(), sequences.begin(), sequences.end());
  WEIR_ASSIGN_OR_RETURN(dependents.keys, KeysReferringToAny(*draft, members, context));
  WEIR_ASSIGN_OR_RETURN(dependents.views, ViewsAbove(*draft, going, context));
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, dependents, statement.cascade));
  AddCascadeNotice(dependents, context, &notices);
  WEIR_RETURN_NOT_OK(DropKeys(dependents.keys, context, draft));
  WEIR_RETURN_NOT_OK(UnlinkForeignKeys(members, draft));
  std::vector<RelationPtr> removed = members;
  for (const DependentView& one : dependents.views) removed.push_back(one.view);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, removed));
  const std::string of = what.empty() ? "desired object(s)" : what;
  WEIR_ASSIGN_OR_RETURN(const Notices cascaded, DropSequencesOf({of, std::move(members), statement.cascade}, draft));
  notices.insert(notices.end(), cascaded.begin(), cascaded.end());
  return notices;
}

namespace {

/// The schema that every database has: where its own relations are.
template <typename DatabaseStatement>
bool IsPublic(const DatabaseStatement& statement) {
  return statement.is_schema && statement.name == "public";
}

}  // namespace

Result<Notices> Execute(const CreateDatabase& statement, const DdlContext& context, CatalogDraft* draft) {
  const char* kind = statement.is_schema ? "schema" : "database";
  WEIR_RETURN_NOT_OK(CheckDatabaseName(statement.name, statement.is_schema));
  WEIR_ASSIGN_OR_RETURN(const bool exists, draft->DatabaseExists(statement.name));
  bool there = exists;
  if (IsPublic(statement)) {
    // An empty one is as good as new: it may have been dropped.
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(context.database));
    if (relations.empty()) return Notices();
    there = true;
  }
  if (there && statement.if_not_exists) {
    return Notices{fmt::format("{} \"{}\" already exists, skipping", kind, statement.name)};
  }
  if (there) {
    return Error(statement.is_schema ? "42P06" : "42P04",
                 fmt::format("{} \"{}\" already exists", kind, statement.name));
  }
  draft->PutDatabase(statement.name);
  return Notices();
}

namespace {

/// The relations and types of a database, and as DETAIL and NOTICEs those that a schema's DROP names.
struct SchemaMembers {
  std::vector<RelationPtr> all;
  std::vector<postgres::MadeTypePtr> types;
  TypeDependents of_types;             // elsewhere
  std::vector<RelationPtr> elsewhere;  // views that name one of them
  std::vector<DependentKey> keys;      // foreign keys of other tables that refer to one of them
  std::string dependants;
  Notices notices;
};

/// The types of a schema, and what elsewhere uses them.
Status AddTypes(CatalogDraft& draft, const std::string& name, const std::string& shown_name, const DdlContext& context,
                SchemaMembers* members) {
  WEIR_ASSIGN_OR_RETURN(members->types, TypesOf(draft, name));
  const auto line = [&] { return members->dependants.empty() ? "" : "\n"; };
  for (const postgres::MadeTypePtr& type : members->types) {
    const std::string shown = fmt::format("type {}.{}", name, type->name);
    members->dependants += fmt::format("{}{} depends on schema {}", line(), shown, shown_name);
    members->notices.push_back("drop cascades to " + shown);
  }
  WEIR_ASSIGN_OR_RETURN(members->of_types, DependentsOfTypes(draft, members->types, members->all, context));
  for (const std::string& reason : members->of_types.reasons) members->dependants += line() + reason;
  for (const std::string& object : members->of_types.objects) members->notices.push_back("drop cascades to " + object);
  return Status::OK();
}

Result<SchemaMembers> MembersOf(CatalogDraft& draft, const std::string& name, const std::string& shown_name,
                                const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(name));
  SchemaMembers members;
  for (const RelationPtr& relation : relations) {
    const bool goes_with_table = relation->is_index() || (relation->is_sequence() && relation->sequence->owner >= 0);
    for (const SqlFunctionPtr& function : relation->functions) {
      const std::string shown = fmt::format("{} {}.{}", function->procedure ? "procedure" : "function", name,
                                            FunctionSignature(*function, false));
      members.dependants +=
          fmt::format("{}{} depends on schema {}", members.dependants.empty() ? "" : "\n", shown, shown_name);
      members.notices.push_back("drop cascades to " + shown);
    }
    if (!relation->parent && !goes_with_table && !relation->is_functions()) {
      const std::string shown = fmt::format("{} {}.{}", NameOfKind(*relation), name, relation->path.table);
      members.dependants +=
          fmt::format("{}{} depends on schema {}", members.dependants.empty() ? "" : "\n", shown, shown_name);
      members.notices.push_back("drop cascades to " + shown);
    }
    // Partitions elsewhere go with their roots, those here also without.
    WEIR_RETURN_NOT_OK(CollectTree(draft, relation, &members.all));
  }
  KeepOnce(&members.all);
  WEIR_ASSIGN_OR_RETURN(const auto heirs, HeirsOfAny(draft, members.all, context));
  for (const DependentTable& one : heirs) {
    members.dependants += "\n" + one.reason;
    members.notices.push_back("drop cascades to " + Described(*one.table, context));
  }
  WEIR_RETURN_NOT_OK(TakeDependentTables(heirs, context, draft, &members.all));
  WEIR_RETURN_NOT_OK(AddTypes(draft, name, shown_name, context, &members));
  WEIR_ASSIGN_OR_RETURN(members.keys, KeysReferringToAny(draft, members.all, context));
  for (const DependentKey& one : members.keys) {
    members.dependants += "\n" + one.reason;
    members.notices.push_back("drop cascades to " + DescribedKey(one.key, context));
  }
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(draft, members.all, context));
  for (const DependentView& one : views) {
    members.dependants += "\n" + one.reason;
    members.notices.push_back("drop cascades to " + Described(*one.view, context));
    members.elsewhere.push_back(one.view);
  }
  return members;
}

/// The first that the statement names. Gives what goes along; `skipped`: is told where it is not there.
Result<Notices> DropFirst(const DropDatabase& statement, const DdlContext& context, CatalogDraft* draft,
                          Notices* skipped) {
  const char* kind = statement.is_schema ? "schema" : "database";
  const std::string name = IsPublic(statement) ? context.database : statement.name;
  if (name == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system {}", name, kind));
  }
  WEIR_ASSIGN_OR_RETURN(bool exists, draft->DatabaseExists(name));
  // Its tables are in public.
  if (statement.is_schema && statement.name == context.database && !IsTemporary(name)) exists = false;
  if (!exists && statement.if_exists) {
    skipped->push_back(fmt::format("{} \"{}\" does not exist, skipping", kind, statement.name));
    return Notices();
  }
  if (!exists) {
    return Error(statement.is_schema ? "3F000" : "3D000",
                 fmt::format("{} \"{}\" does not exist", kind, statement.name));
  }
  if (!statement.is_schema && name == context.database) {
    return Error("55006", "cannot drop the currently open database");
  }
  WEIR_ASSIGN_OR_RETURN(SchemaMembers members, MembersOf(*draft, name, statement.name, context));
  if (statement.is_schema && !statement.cascade && !(members.all.empty() && members.types.empty())) {
    return Error("2BP01",
                 statement.others.empty()
                     ? fmt::format("cannot drop schema {} because other objects depend on it", statement.name)
                     : "cannot drop desired object(s) because other objects depend on them",
                 {.detail = members.dependants, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
  }
  const bool used = !members.elsewhere.empty() || !members.keys.empty() || !members.of_types.reasons.empty();
  if (!statement.is_schema && used) {
    return Error("2BP01", fmt::format("cannot drop database {} because other objects depend on it", statement.name),
                 {.detail = members.dependants,
                  .hint = "Drop the views and foreign keys of other databases that use its tables, and what uses its "
                          "types, first."});
  }
  std::set<int64_t> sequences;
  for (const RelationPtr& relation : members.all) {
    if (relation->is_sequence()) sequences.insert(relation->id);
  }
  WEIR_RETURN_NOT_OK(DropKeys(members.keys, context, draft));
  WEIR_RETURN_NOT_OK(UnlinkForeignKeys(members.all, draft));
  members.all.insert(members.all.end(), members.elsewhere.begin(), members.elsewhere.end());
  WEIR_RETURN_NOT_OK(RemoveAll(draft, members.all));
  WEIR_RETURN_NOT_OK(DropTypesWith(members.types, members.of_types, context, draft));
  if (!IsPublic(statement)) draft->RemoveDatabase(name);
  WEIR_ASSIGN_OR_RETURN(const Notices defaults, DropDefaultsOn(sequences, draft));
  members.notices.insert(members.notices.end(), defaults.begin(), defaults.end());
  return statement.is_schema ? members.notices : Notices();
}

}  // namespace

Result<Notices> Execute(const DropDatabase& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  DropDatabase one = statement;
  WEIR_ASSIGN_OR_RETURN(Notices cascades, DropFirst(one, context, draft, &notices));
  for (const std::string& name : statement.others) {
    one.name = name;
    WEIR_ASSIGN_OR_RETURN(const Notices more, DropFirst(one, context, draft, &notices));
    cascades.insert(cascades.end(), more.begin(), more.end());
  }
  if (cascades.size() <= 1) {
    notices.insert(notices.end(), cascades.begin(), cascades.end());
    return notices;
  }
  std::string detail;
  for (const DdlNotice& notice : cascades) detail += (detail.empty() ? "" : "\n") + notice.text;
  notices.emplace_back(fmt::format("drop cascades to {} other objects", cascades.size()), "", std::move(detail));
  return notices;
}

}  // namespace weir::sql
