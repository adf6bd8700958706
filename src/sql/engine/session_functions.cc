#include "sql/engine/session_functions.h"

#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"

namespace weir::sql {
namespace {

using duckdb::ParsedExpression;
using ExpressionSlot = duckdb::unique_ptr<ParsedExpression>;

bool IsNonzeroLiteral(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return false;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  return !value.IsNull() && value.type().IsNumeric() && value != duckdb::Value::INTEGER(0);
}

class Rewriter {
 public:
  explicit Rewriter(const SessionNames& names) : names_(names) {}

  void Statement(duckdb::SQLStatement& statement) {
    switch (statement.type) {
      case duckdb::StatementType::SELECT_STATEMENT: return Node(*statement.Cast<duckdb::SelectStatement>().node);
      case duckdb::StatementType::INSERT_STATEMENT: {
        auto& insert = statement.Cast<duckdb::InsertStatement>();
        if (insert.select_statement) Node(*insert.select_statement->node);
        NameColumns(insert);
        return All(insert.returning_list);
      }
      case duckdb::StatementType::UPDATE_STATEMENT: {
        auto& update = statement.Cast<duckdb::UpdateStatement>();
        if (update.from_table) Table(*update.from_table);
        All(update.set_info->expressions);
        if (update.set_info->condition) Expression(update.set_info->condition);
        return All(update.returning_list);
      }
      case duckdb::StatementType::DELETE_STATEMENT: {
        auto& erase = statement.Cast<duckdb::DeleteStatement>();
        for (auto& table : erase.using_clauses) Table(*table);
        if (erase.condition) Expression(erase.condition);
        return All(erase.returning_list);
      }
      default: return;
    }
  }

 private:
  void NameColumns(duckdb::InsertStatement& insert) {
    if (!insert.columns.empty() || insert.default_values) return;
    auto values = insert.GetValuesList();
    if (!values || values->values.empty()) return;
    bool own = insert.schema.empty() || insert.schema == "public";
    auto relation = names_.catalog->Find({own ? names_.database : insert.schema, insert.table});
    if (!relation.ok() || !*relation) return;  // binding says what is wrong
    size_t given = values->values[0].size();
    const auto& columns = (*relation)->columns;
    for (size_t i = 0; given < columns.size() && i < given; ++i) insert.columns.push_back(columns[i].name);
  }

  void All(duckdb::vector<ExpressionSlot>& expressions) {
    for (auto& expression : expressions) Expression(expression);
  }
  void Node(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(node, [this](ExpressionSlot& slot) { Expression(slot); });
  }
  void Table(duckdb::TableRef& table) {
    duckdb::ParsedExpressionIterator::EnumerateTableRefChildren(table, [this](ExpressionSlot& slot) { Expression(slot); });
  }

  void Expression(ExpressionSlot& slot) {
    if (!slot) return;
    duckdb::ParsedExpressionIterator::EnumerateChildren(*slot, [this](ExpressionSlot& child) { Expression(child); });
    switch (slot->GetExpressionClass()) {
      case duckdb::ExpressionClass::SUBQUERY: return Subquery(slot);
      case duckdb::ExpressionClass::FUNCTION: return Function(slot);
      case duckdb::ExpressionClass::COLUMN_REF: return Column(slot);
      default: return;
    }
  }

  void Subquery(ExpressionSlot& slot) {
    auto& node = *slot->Cast<duckdb::SubqueryExpression>().subquery->node;
    Node(node);
    if (ExpressionSlot oid = OidOfNameLookup(node)) {
      std::string alias = slot->GetAlias();
      duckdb::vector<ExpressionSlot> arguments;
      arguments.push_back(std::move(oid));
      slot = duckdb::make_uniq<duckdb::FunctionExpression>("weir_regclass", std::move(arguments));
      slot->SetAlias(alias);
    }
  }

  /// The dialect writes x::regclass as a look at pg_class under the name weir_c: x of it, or null.
  static ExpressionSlot OidOfNameLookup(duckdb::QueryNode& node) {
    if (node.type != duckdb::QueryNodeType::SELECT_NODE) return nullptr;
    auto& select = node.Cast<duckdb::SelectNode>();
    if (!select.from_table || select.from_table->alias != "weir_c" || !select.where_clause) return nullptr;
    if (select.where_clause->GetExpressionClass() != duckdb::ExpressionClass::COMPARISON) return nullptr;
    return std::move(select.where_clause->Cast<duckdb::ComparisonExpression>().right);
  }

  void Function(ExpressionSlot& slot) {
    auto& function = slot->Cast<duckdb::FunctionExpression>();
    const std::string& name = function.function_name;
    if (function.children.empty()) {
      if (name == "version") return Text(slot, name, "PostgreSQL " + names_.server_version + ", DuckDB " + duckdb::DuckDB::LibraryVersion());
      if (name == "current_database" || name == "current_catalog") return Text(slot, name, names_.database);
      if (name == "current_schema") return Text(slot, name, "public");
      if (name == "current_user" || name == "session_user" || name == "user") return Text(slot, name, names_.user);
      return;
    }
    if (function.children.size() != 2 || IsNonzeroLiteralModulo(function)) return;
    if (name == "/" || name == "%") {
      function.function_name = name == "/" ? "weir_divide" : "weir_modulo";
      function.is_operator = false;
      slot->SetAlias(slot->GetAlias().empty() ? "?column?" : slot->GetAlias());
    }
  }
  static bool IsNonzeroLiteralModulo(const duckdb::FunctionExpression& function) {
    return function.function_name == "%" && IsNonzeroLiteral(*function.children[1]);
  }

  /// Words that PostgreSQL takes for functions and DuckDB for columns.
  void Column(ExpressionSlot& slot) {
    const auto& column = slot->Cast<duckdb::ColumnRefExpression>();
    if (column.IsQualified()) return;
    const std::string& name = column.GetColumnName();
    if (name == "current_user" || name == "session_user" || name == "user") return Text(slot, name, names_.user);
    if (name == "current_catalog") return Text(slot, name, names_.database);
    if (name == "current_schema") return Text(slot, name, "public");
  }

  static void Text(ExpressionSlot& slot, const std::string& name, const std::string& value) {
    std::string alias = slot->GetAlias().empty() ? name : slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(value));
    slot->SetAlias(alias);
  }

  const SessionNames& names_;
};

}  // namespace

void ReplaceFunctions(duckdb::SQLStatement& statement, const SessionNames& names) { Rewriter(names).Statement(statement); }

}  // namespace weir::sql
