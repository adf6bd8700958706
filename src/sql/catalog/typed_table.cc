#include "sql/catalog/typed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "postgres/made_type.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

using postgres::Attribute;
using postgres::MadeTypePtr;

Result<MadeTypePtr> FindComposite(const QualifiedName& name, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(*draft, name, context));
  const std::string shown = name.schema.empty() ? name.name : name.schema + "." + name.name;
  const bool composite = found.type && !found.is_array && found.type->kind == postgres::TypeKind::kComposite;
  if (composite) {
    WEIR_RETURN_NOT_OK(context.CheckMayUse(*found.type));
    draft->NoteUseOf(found.type);
    return found.type;
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft->Find(PathOf(name, context)));
  const bool type = found.type || (relation && (relation->is_table() || relation->definition() != nullptr)) ||
                    postgres::ParseType(shown).ok();
  if (type) return Error("42809", fmt::format("type {} is not a composite type", shown));
  return Error("42704", fmt::format("type \"{}\" does not exist", shown));
}

}  // namespace

Result<CreateTable> WithTypedColumns(CreateTable statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const MadeTypePtr type, FindComposite(*statement.of_type, context, draft));
  std::vector<ColumnDefinition> columns;
  for (const Attribute& attribute : type->attributes) {
    const auto written = std::ranges::find(statement.columns, attribute.name, &ColumnDefinition::name);
    ColumnDefinition& column = columns.emplace_back();
    if (written != statement.columns.end()) column = *written;
    column.name = attribute.name;
    column.type.text = postgres::KeptTypeText(attribute.type);
  }
  std::set<std::string> seen;
  for (const ColumnDefinition& written : statement.columns) {
    if (std::ranges::find(columns, written.name, &ColumnDefinition::name) == columns.end()) {
      return Error("42703", fmt::format("column \"{}\" does not exist", written.name));
    }
    if (seen.insert(written.name).second) continue;
    return Error("42701", fmt::format("column \"{}\" specified more than once", written.name));
  }
  statement.columns = std::move(columns);
  statement.of_type_oid = type->oid;
  return statement;
}

Status CheckMayAlterTyped(const AlterAction& action, const Relation& table) {
  if (table.of_type == 0) return Status::OK();
  constexpr Overloaded kRefused{
      [](const alter::AddColumn&) { return "add column to typed table"; },
      [](const alter::DropColumn&) { return "drop column from typed table"; },
      [](const alter::RenameColumn&) { return "rename column of typed table"; },
      [](const alter::SetType&) { return "alter column type of typed table"; },
      [](const alter::Inherit&) { return "change inheritance of typed table"; },
      [](const auto&) { return ""; },
  };
  const std::string refused = std::visit(kRefused, action);
  return refused.empty() ? Status::OK() : Error("42809", "cannot " + refused);
}

Status Alter(const alter::OfType& action, const DdlContext& context, AlteredTree* tree) {
  Relation& table = tree->root().now;
  if (!action.type) {
    if (table.of_type == 0) return Error("42809", fmt::format("\"{}\" is not a typed table", table.path.table));
    table.of_type = 0;
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const MadeTypePtr type, FindComposite(*action.type, context, tree->draft()));
  if (!table.inherits.empty() || table.parent) return Error("42809", "typed tables cannot inherit");
  const std::string& name = table.path.table;
  for (size_t i = 0; i < type->attributes.size(); ++i) {
    const Attribute& wanted = type->attributes[i];
    if (i >= table.columns.size()) return Error("42804", fmt::format("table is missing column \"{}\"", wanted.name));
    const SqlColumn& column = table.columns[i];
    if (column.name != wanted.name) {
      return Error("42804", fmt::format("table has column \"{}\" where type requires \"{}\"", column.name,
                                        wanted.name));
    }
    if (column.type == postgres::KeptTypeText(wanted.type)) continue;
    return Error("42804", fmt::format("table \"{}\" has different type for column \"{}\"", name, wanted.name));
  }
  if (table.columns.size() > type->attributes.size()) {
    return Error("42804", fmt::format("table has extra column \"{}\"", table.columns[type->attributes.size()].name));
  }
  table.of_type = type->oid;
  return Status::OK();
}

}  // namespace weir::sql
