#include "sql/catalog/alter_identity.h"

#include <fmt/format.h>

#include "sql/catalog/alter_column.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Identity = SqlColumn::Identity;

/// 55000 "column … <what>"
Status Unfit(const AlteredRelation& table, const std::string& column, std::string_view what) {
  return Error("55000", fmt::format("column \"{}\" of relation \"{}\" {}", column, table.name(), what));
}

Result<RelationPtr> SequenceOf(AlteredTree* tree, const SqlColumn& column) {
  const int64_t id = SequenceOfDefault(*column.default_value).value_or(-1);
  WEIR_ASSIGN_OR_RETURN(RelationPtr sequence, tree->draft()->FindById(id));
  if (sequence) return sequence;
  return Error("XX000", fmt::format("the sequence of identity column \"{}\" is gone", column.name));
}

Identity KindOf(bool always) { return always ? Identity::kAlways : Identity::kByDefault; }

/// As DDL finds it by name.
QualifiedName NameOf(const TablePath& path, const DdlContext& context) {
  if (path.database == context.database) return {.name = path.table};
  return {.schema = path.database, .name = path.table};
}

}  // namespace

Status Alter(const alter::AddIdentity& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& table = tree->root();
  WEIR_ASSIGN_OR_RETURN(const SqlColumn* column, ColumnOf(table, action.column));
  if (!column->not_null) return Unfit(table, action.column, "must be declared NOT NULL before identity can be added");
  if (column->identity != Identity::kNone) return Unfit(table, action.column, "is already an identity column");
  if (column->default_value) return Unfit(table, action.column, "already has a default value");
  ColumnDefinition definition;
  definition.name = action.column;
  definition.identity = action.identity;
  WEIR_ASSIGN_OR_RETURN(const auto made, DefineColumnSequences({definition}, *tree->draft(), &table.now));
  made.front()->sequence->owner = table.before->id;
  tree->draft()->Put(made.front(), nullptr);
  return Status::OK();
}

Status Alter(const alter::SetIdentity& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& table = tree->root();
  WEIR_ASSIGN_OR_RETURN(SqlColumn* column, ColumnOf(table, action.column));
  if (column->identity == Identity::kNone) return Unfit(table, action.column, "is not an identity column");
  if (action.always) column->identity = KindOf(*action.always);
  if (!action.options) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, SequenceOf(tree, *column));
  const AlterSequence alter{.name = NameOf(sequence->path, context), .options = *action.options};
  return Execute(alter, context, tree->draft()).status();
}

Status Alter(const alter::DropIdentity& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& table = tree->root();
  WEIR_ASSIGN_OR_RETURN(SqlColumn* column, ColumnOf(table, action.column));
  if (column->identity == Identity::kNone) {
    const Status unfit = Unfit(table, action.column, "is not an identity column");
    if (!action.if_exists) return unfit;
    tree->Note(FieldsOf(unfit).message + ", skipping");
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, SequenceOf(tree, *column));
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(*tree->draft(), {sequence}, context));
  WEIR_RETURN_NOT_OK(CheckNothingDepends(Described(*sequence, context), views, false));
  RemoveIdentity(column);
  std::erase_if(table.now.owned_sequences, [&](const OwnedSequence& owned) { return owned.sequence == sequence->id; });
  tree->draft()->Remove(sequence);
  return Status::OK();
}

}  // namespace weir::sql
