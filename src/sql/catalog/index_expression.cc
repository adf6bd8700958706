#include "sql/catalog/index_expression.h"

#include <algorithm>

#include "sql/catalog/type_names.h"
#include "sql/dialect/column_reference.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// The expression as the catalog keeps it, once it means something.
Result<std::string> Checked(const IndexExpression& written, DefinitionUse use, const Relation& table,
                            const DdlContext& context, CatalogDraft* draft) {
  Expression expression{.text = written.text, .position = written.position};
  WEIR_RETURN_NOT_OK(BindTypesIn(context, draft, &expression.text));
  WEIR_ASSIGN_OR_RETURN(const std::string kept, context.Kept({use, table, nullptr, expression}));
  return dialect::WithoutTable(kept, table.path.table);
}

}  // namespace

Result<SqlIndex::Expression> DefineExpression(const IndexExpression& written, const Relation& table,
                                              const DdlContext& context, CatalogDraft* draft) {
  SqlIndex::Expression expression{.text = {}, .label = written.label, .type = {}, .is_call = written.is_call};
  WEIR_ASSIGN_OR_RETURN(expression.text, Checked(written, DefinitionUse::kIndexExpression, table, context, draft));
  if (!context.type_of) return Error("0A000", "indexes on expressions are not supported here");
  WEIR_ASSIGN_OR_RETURN(expression.type, context.type_of(table.columns, Expression{.text = expression.text}));
  return expression;
}

Result<std::string> DefineCondition(const IndexExpression& written, const Relation& table, const DdlContext& context,
                                    CatalogDraft* draft) {
  return Checked(written, DefinitionUse::kIndexCondition, table, context, draft);
}

Result<std::vector<int>> UsedColumns(const SqlIndex& index, const Relation& table) {
  std::vector<int> used;
  for (size_t i = 0; i < table.columns.size() && !index.is_plain(); ++i) {
    const std::string& column = table.columns[i].name;
    bool uses = false;
    for (const SqlIndex::Expression& expression : index.expressions) {
      WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(expression.text, column));
      uses |= refers;
    }
    if (!index.condition.empty()) {
      WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(index.condition, column));
      uses |= refers;
    }
    if (uses) used.push_back(table.NumberOf(i));
  }
  return used;
}

std::string UnusedLabel(const std::vector<std::string>& taken, const std::string& name) {
  std::string unused = name;
  for (int number = 1; std::ranges::find(taken, unused) != taken.end(); ++number) {
    unused = name + std::to_string(number);
  }
  return unused;
}

Status RenameInIndex(const std::string& from, const std::string& to, SqlIndex* index) {
  for (SqlIndex::Expression& expression : index->expressions) {
    WEIR_ASSIGN_OR_RETURN(expression.text, dialect::WithColumnRenamed(expression.text, from, to));
  }
  if (index->condition.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(index->condition, dialect::WithColumnRenamed(index->condition, from, to));
  return Status::OK();
}

}  // namespace weir::sql
