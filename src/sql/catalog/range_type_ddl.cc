#include <fmt/format.h>

#include "sql/catalog/key_names.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using postgres::MadeType;

/// "floatmultirange" of "floatrange"; "span_multirange" of a name without the word.
std::string MultirangeNameOf(const std::string& range) {
  const size_t word = range.find("range");
  if (word == std::string::npos) return range + "_multirange";
  return range.substr(0, word) + "multi" + range.substr(word);
}

/// Ranges of whole numbers and days have one form in PostgreSQL's own types, and several in made ones.
Status CheckSubtype(const SqlType& subtype, const CreateRange& statement) {
  WEIR_RETURN_NOT_OK(CheckHasOperatorClass(subtype, "btree", ClassUse::kRangeType, 0));
  const char* own = subtype.oid == postgres::oid::kInt4   ? "int4range"
                    : subtype.oid == postgres::oid::kInt8 ? "int8range"
                    : subtype.oid == postgres::oid::kDate ? "daterange"
                                                          : nullptr;
  if (own != nullptr) {
    return Error("0A000", fmt::format("a range type of {} is not supported", subtype.name),
                 {.hint = fmt::format("There is {}.", own)});
  }
  if (postgres::ArrayElement(subtype.oid) != 0) {
    return Error("0A000", fmt::format("a range type of {} is not supported", postgres::WithTypeNames(subtype.name)));
  }
  if (!statement.operator_class.empty()) {
    WEIR_RETURN_NOT_OK(CheckOperatorClass(statement.operator_class, "btree", subtype, 0));
  }
  if (!statement.collation.empty()) WEIR_RETURN_NOT_OK(CheckCollationExists(statement.collation, 0));
  const bool known = statement.difference.empty() || !postgres::FindFunctions(statement.difference).empty();
  if (known) return Status::OK();
  const std::string type = postgres::FormatType(subtype.oid);
  return Error("42883", fmt::format("function {}({}, {}) does not exist", statement.difference, type, type));
}

}  // namespace

Result<Notices> Execute(const CreateRange& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TablePath path, PathOfNewType(statement.name, context, draft));
  TypeName written = statement.subtype;
  WEIR_RETURN_NOT_OK(BindType(context, draft, &written));
  WEIR_ASSIGN_OR_RETURN(const SqlType subtype, ResolveType(written.text));
  WEIR_RETURN_NOT_OK(CheckSubtype(subtype, statement));
  QualifiedName named = statement.name;  // in the same schema, unless it says another
  named.name = statement.multirange ? statement.multirange->name : MultirangeNameOf(path.table);
  if (statement.multirange && !statement.multirange->schema.empty()) named = *statement.multirange;
  WEIR_ASSIGN_OR_RETURN(const TablePath of_multirange, PathOfNewType(named, context, draft));
  if (of_multirange == path) return Error("42710", fmt::format("type \"{}\" already exists", path.table));
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<MadeType> range, NewType(*draft, path, context.role));
  range->kind = postgres::TypeKind::kRange;
  range->base = {subtype.oid, -1};
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<MadeType> multirange, NewType(*draft, of_multirange, context.role));
  multirange->kind = postgres::TypeKind::kMultirange;
  multirange->base = range->base;
  multirange->partner = range->oid;
  range->partner = multirange->oid;
  WEIR_RETURN_NOT_OK(draft->PutType(range));
  WEIR_RETURN_NOT_OK(draft->PutType(multirange));
  return Notices();
}

}  // namespace weir::sql
