#include "sql/catalog/inheritance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "postgres/made_type.h"
#include "sql/catalog/attach_partition.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/same_expression.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

Status InheritedTwice(const Relation& parent) {
  return Error("42P07", fmt::format("relation \"{}\" would be inherited from more than once", parent.path.table));
}

/// Whether a table may become a child of the parent. `created`: it is about to be made.
Status CheckMayInherit(const Relation& parent, const TablePath& child, bool created) {
  const std::string& shown = parent.path.table;
  if (parent.is_partitioned()) {
    return Error("42809", fmt::format("cannot inherit from partitioned table \"{}\"", shown));
  }
  if (parent.parent) {
    return Error("42809", created ? fmt::format("cannot inherit from partition \"{}\"", shown)
                                  : "cannot inherit from a partition");
  }
  if (!parent.is_table()) {
    return Error("42809", fmt::format("inherited relation \"{}\" is not a table or foreign table", shown));
  }
  if (parent.is_foreign() || !CatalogImpl::IsSql(parent)) {
    return Error("0A000", fmt::format("inheriting from {} is not supported: \"{}\"",
                                      parent.is_foreign() ? "foreign tables" : "tables made through Fluss", shown));
  }
  if (IsTemporary(parent.path.database) && !IsTemporary(child.database)) {
    return Error("42809", fmt::format("cannot inherit from temporary relation \"{}\"", shown));
  }
  if (IsTemporary(parent.path.database) && parent.path.database != child.database) {
    return Error("42809", "cannot inherit from temporary relation of another session");
  }
  return Status::OK();
}

}  // namespace

Result<std::vector<RelationPtr>> FindInherited(const std::vector<QualifiedName>& names, const TablePath& path,
                                               const DdlContext& context, CatalogDraft& draft) {
  std::vector<RelationPtr> parents;
  std::set<int64_t> seen;
  for (const QualifiedName& name : names) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr parent, draft.Find(PathOf(name, context)));
    if (!parent) return NoRelation(name);
    if (!seen.insert(parent->id).second) return InheritedTwice(*parent);
    parents.push_back(std::move(parent));
  }
  for (const RelationPtr& parent : parents) WEIR_RETURN_NOT_OK(CheckMayInherit(*parent, path, true));
  return parents;
}

// --- columns of several tables become those of one

namespace {

/// The columns that a new table gets.
struct MergedColumns {
  std::vector<SqlColumn> columns;
  std::set<std::string> conflicting;  // whose parents have different defaults, or generated values
  Notices notices;

  SqlColumn* Find(const std::string& name) {
    const auto found = std::ranges::find(columns, name, &SqlColumn::name);
    return found == columns.end() ? nullptr : &*found;
  }
};

/// `kind`: "inherited column" or "column".
Status CheckSameType(const SqlColumn& column, const SqlColumn& other, const char* kind) {
  if (column.type != other.type) {
    return Error("42804", fmt::format("{} \"{}\" has a type conflict", kind, column.name),
                 {.detail = fmt::format("{} versus {}", postgres::WithTypeNames(column.type),
                                        postgres::WithTypeNames(other.type))});
  }
  if (column.collation != other.collation) {
    const auto shown = [](const std::string& collation) { return collation.empty() ? "default" : collation; };
    return Error("42P21", fmt::format("{} \"{}\" has a collation conflict", kind, column.name),
                 {.detail = fmt::format("\"{}\" versus \"{}\"", shown(column.collation), shown(other.collation))});
  }
  return Status::OK();
}

/// DEFAULT NULL is none.
bool HasDefault(const SqlColumn& column) {
  return column.default_value && !dialect::IsSameExpression(*column.default_value, "NULL");
}

/// A column of one more parent.
Status MergeInherited(SqlColumn inherited, MergedColumns* merged) {
  SqlColumn* const known = merged->Find(inherited.name);
  if (known == nullptr) {
    inherited.is_local = false;
    inherited.inherited = 1;
    inherited.statistics = -1;  // what else is said of a column stays with its table
    inherited.parameters.clear();
    merged->columns.push_back(std::move(inherited));
    return Status::OK();
  }
  merged->notices.push_back(fmt::format("merging multiple inherited definitions of column \"{}\"", inherited.name));
  WEIR_RETURN_NOT_OK(CheckSameType(*known, inherited, "inherited column"));
  if (known->generated.has_value() != inherited.generated.has_value()) {
    return Error("42804", fmt::format("inherited column \"{}\" has a generation conflict", inherited.name));
  }
  ++known->inherited;
  if (inherited.not_null) BecomeNotNull(known);
  if (known->generated && !dialect::IsSameExpression(*known->generated, *inherited.generated)) {
    merged->conflicting.insert(known->name);
  }
  if (!HasDefault(inherited)) return Status::OK();
  if (!HasDefault(*known)) known->default_value = inherited.default_value;
  if (!dialect::IsSameExpression(*known->default_value, *inherited.default_value)) {
    merged->conflicting.insert(known->name);
  }
  return Status::OK();
}

Status CheckMayGenerate(const SqlColumn& inherited, const SqlColumn& own) {
  if (inherited.generated && own.default_value) {
    return Error("42611", fmt::format("column \"{}\" inherits from generated column but specifies default", own.name));
  }
  if (inherited.generated && own.identity != SqlColumn::Identity::kNone) {
    return Error("42611", fmt::format("column \"{}\" inherits from generated column but specifies identity", own.name));
  }
  if (!inherited.generated || !own.generated) return Status::OK();
  return Error("42611", fmt::format("child column \"{}\" specifies generation expression", own.name),
               {.hint = "Omit the generation expression in the definition of the child table column to inherit the "
                        "generation expression from the parent table."});
}

/// A column that the table says itself; `place`: among those, from 0.
Status MergeOwn(SqlColumn own, size_t place, MergedColumns* merged) {
  SqlColumn* const known = merged->Find(own.name);
  if (known == nullptr) {
    merged->columns.push_back(std::move(own));
    return Status::OK();
  }
  const bool moves = known != &merged->columns[place];
  merged->notices.push_back(
      {fmt::format("{} column \"{}\" with inherited definition", moves ? "moving and merging" : "merging", own.name),
       {},
       moves ? "User-specified column moved to the position of the inherited column." : ""});
  WEIR_RETURN_NOT_OK(CheckSameType(*known, own, "column"));
  WEIR_RETURN_NOT_OK(CheckMayGenerate(*known, own));
  known->is_local = true;
  if (own.not_null) BecomeNotNull(known);
  known->comment = own.comment;
  if (own.storage != '\0') known->storage = own.storage;
  if (own.compression != '\0') known->compression = own.compression;
  if (!own.encoding.empty()) known->encoding = own.encoding;
  if (!own.default_value && !own.generated) return Status::OK();
  known->default_value = own.default_value;
  known->generated = own.generated;
  merged->conflicting.erase(own.name);
  return Status::OK();
}

Status CheckNoConflict(const MergedColumns& merged) {
  for (const SqlColumn& column : merged.columns) {
    if (!merged.conflicting.contains(column.name)) continue;
    if (column.generated) {
      return Error("42611", fmt::format("column \"{}\" inherits conflicting generation expressions", column.name),
                   {.hint = "To resolve the conflict, specify a generation expression explicitly."});
    }
    return Error("42611", fmt::format("column \"{}\" inherits conflicting default values", column.name),
                 {.hint = "To resolve the conflict, specify a default explicitly."});
  }
  return Status::OK();
}

Status InheritChecks(const Relation& parent, Relation* table) {
  for (const SqlConstraint& check : parent.constraints) {
    if (check.kind != SqlConstraint::Kind::kCheck || check.no_inherit) continue;
    const auto known = std::ranges::find(table->constraints, check.name, &SqlConstraint::name);
    if (known == table->constraints.end()) {
      SqlConstraint& own = table->constraints.emplace_back(check);
      own.comment.clear();
      own.not_valid = false;
      own.is_local = false;
      own.inherited = 1;
      continue;
    }
    if (!dialect::IsSameExpression(known->check, check.check)) {
      return Error("42710", fmt::format("check constraint name \"{}\" appears multiple times but with different "
                                        "expressions", check.name));
    }
    ++known->inherited;
  }
  return Status::OK();
}

}  // namespace

Status InheritColumns(const std::vector<RelationPtr>& parents, std::vector<SqlColumn> own, TableDefinition* table) {
  MergedColumns merged;
  for (const RelationPtr& parent : parents) {
    for (SqlColumn& column : InheritedColumns(*parent)) {
      WEIR_RETURN_NOT_OK(MergeInherited(std::move(column), &merged));
    }
    WEIR_RETURN_NOT_OK(InheritChecks(*parent, &table->relation));
    table->relation.inherits.push_back(parent->id);
  }
  for (size_t i = 0; i < own.size(); ++i) WEIR_RETURN_NOT_OK(MergeOwn(std::move(own[i]), i, &merged));
  WEIR_RETURN_NOT_OK(CheckNoConflict(merged));
  table->relation.columns = std::move(merged.columns);
  table->notices = std::move(merged.notices);
  return Status::OK();
}

Result<std::optional<std::string>> MergeCheck(const TableConstraint& written, Relation* table) {
  const std::optional<std::string> nothing;
  if (written.kind != TableConstraint::Kind::kCheck || written.name.empty()) return nothing;
  const auto known = std::ranges::find(table->constraints, written.name, &SqlConstraint::name);
  const bool is_inherited = known != table->constraints.end() && known->inherited > 0 && !known->is_local;
  if (!is_inherited) return nothing;
  WEIR_ASSIGN_OR_RETURN(const std::string text, dialect::WithoutTable(written.check->text, table->path.table));
  if (!dialect::IsSameExpression(known->check, text)) return nothing;  // which is an error
  const auto conflicts = [&](const char* with) {
    return Error("42P17", fmt::format("constraint \"{}\" conflicts with {} constraint on relation \"{}\"", written.name,
                                      with, table->path.table));
  };
  if (written.no_inherit) return conflicts("inherited");
  if (known->not_valid && !written.not_valid) return conflicts("NOT VALID");
  known->is_local = true;
  return std::optional(fmt::format("merging constraint \"{}\" with inherited definition", written.name));
}

// --- ALTER TABLE

bool GoesToHeirs(const AlterAction& action) {
  const Overloaded goes{
      [](const alter::AddColumn&) { return true; },
      [](const alter::DropColumn&) { return true; },
      [](const alter::RenameColumn&) { return true; },
      [](const alter::SetDefault&) { return true; },
      [](const alter::SetNotNull&) { return true; },
      [](const alter::SetType&) { return true; },
      [](const alter::SetStorage&) { return true; },
      [](const alter::SetStatistics&) { return true; },
      [](const alter::DropExpression&) { return true; },
      [](const alter::AddConstraint& add) { return add.constraint.kind == TableConstraint::Kind::kCheck; },
      [](const alter::DropConstraint&) { return true; },
      [](const alter::RenameConstraint&) { return true; },
      [](const alter::ValidateConstraint&) { return true; },
      [](const auto&) { return false; },
  };
  return std::visit(goes, action);
}

namespace {

/// What the table has, it has of one parent more.
void CountParent(const Relation& parent, Relation* table) {
  for (const SqlColumn& column : parent.columns) {
    ++table->columns[static_cast<size_t>(table->ColumnIndex(column.name))].inherited;
  }
  for (const SqlConstraint& check : parent.constraints) {
    if (check.kind != SqlConstraint::Kind::kCheck || check.no_inherit) continue;
    ++std::ranges::find(table->constraints, check.name, &SqlConstraint::name)->inherited;
  }
}

/// Or of one less, and of none by itself.
template <typename Part>
void ForgetParent(Part* part) {
  if (part->inherited > 0 && --part->inherited == 0) part->is_local = true;
}

void ForgetParentOf(const Relation& parent, Relation* table) {
  for (SqlColumn& column : table->columns) {
    if (parent.ColumnIndex(column.name) >= 0) ForgetParent(&column);
  }
  for (SqlConstraint& check : table->constraints) {
    const SqlConstraint* const of_parent = parent.FindConstraint(check.name);
    const bool both = of_parent != nullptr && of_parent->kind == SqlConstraint::Kind::kCheck &&
                      check.kind == SqlConstraint::Kind::kCheck;
    if (both) ForgetParent(&check);
  }
}

Status Inherit(const Relation& parent, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  WEIR_RETURN_NOT_OK(CheckMayInherit(parent, root.now.path, false));
  WEIR_ASSIGN_OR_RETURN(const auto below, WithHeirs(*tree->draft(), root.before, context.temporary));
  if (std::ranges::any_of(below, [&](const RelationPtr& heir) { return heir->id == parent.id; })) {
    return Error("42P07", "circular inheritance not allowed",
                 {.detail = fmt::format("\"{}\" is already a child of \"{}\".", parent.path.table, root.name())});
  }
  if (InheritsFrom(root.now, parent)) return InheritedTwice(parent);
  WEIR_RETURN_NOT_OK(CheckHasDefinition(parent, root.now));
  CountParent(parent, &root.now);
  root.now.inherits.push_back(parent.id);
  return LinkHeir(tree->draft(), parent.id, root.now.id);
}

}  // namespace

Status Alter(const alter::Inherit& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (root.parent) return Error("42809", "cannot change inheritance of a partition");
  if (root.now.is_partitioned()) return Error("42809", "cannot change inheritance of partitioned table");
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, FindNamed(*tree->draft(), action.parent, context));
  if (!action.no) return Inherit(*parent, context, tree);
  const std::string& name = parent->path.table;
  if (!InheritsFrom(root.now, *parent)) {
    return Error("42P01", parent->is_partitioned()
                              ? fmt::format("relation \"{}\" is not a partition of relation \"{}\"", root.name(), name)
                              : fmt::format("relation \"{}\" is not a parent of relation \"{}\"", name, root.name()));
  }
  ForgetParentOf(*parent, &root.now);
  std::erase(root.now.inherits, parent->id);
  return UnlinkHeir(tree->draft(), parent->id, root.now.id);
}

}  // namespace weir::sql
