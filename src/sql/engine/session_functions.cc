#include "sql/engine/session_functions.h"

#include <functional>
#include <unordered_set>

#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "sql/catalog/sql_types.h"
#include "sql/dialect/rewrite.h"
#include "sql/engine/errors.h"
#include "sql/engine/postgres_functions.h"
#include "sql/engine/row_comparisons.h"
#include "sql/engine/row_locking.h"
#include "sql/engine/system_schema.h"

namespace weir::sql {
namespace {

using duckdb::ParsedExpression;
using ExpressionSlot = duckdb::unique_ptr<ParsedExpression>;

constexpr const char* kAncestors = "weir_partition_ancestors";

bool IsNonzeroLiteral(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return false;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  return !value.IsNull() && value.type().IsNumeric() && value != duckdb::Value::INTEGER(0);
}

/// What a condition comes down to: it joined by AND and OR.
void EachTest(const ParsedExpression& condition, const std::function<void(const ParsedExpression&)>& visit) {
  if (condition.GetExpressionClass() != duckdb::ExpressionClass::CONJUNCTION) return visit(condition);
  for (const auto& child : condition.Cast<duckdb::ConjunctionExpression>().children) EachTest(*child, visit);
}

/// numeric without precision, alone or of an array: DuckDB would take three digits after the point.
void GivePrecision(ParsedExpression& type) {
  if (type.GetExpressionClass() != duckdb::ExpressionClass::TYPE) return;
  auto& parts = type.Cast<duckdb::TypeExpression>();
  for (auto& child : parts.GetChildren()) GivePrecision(*child);
  const std::string name = duckdb::StringUtil::Lower(parts.GetTypeName());
  if ((name != "decimal" && name != "numeric" && name != "dec") || !parts.GetChildren().empty()) return;
  for (const int digits : {PlainNumeric().precision(), PlainNumeric().scale()}) {
    parts.GetChildren().push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(digits)));
  }
}

void GivePrecision(duckdb::LogicalType* type) {
  if (type->id() != duckdb::LogicalTypeId::UNBOUND) return;
  auto words = duckdb::UnboundType::GetTypeExpression(*type)->Copy();
  GivePrecision(*words);
  *type = duckdb::LogicalType::UNBOUND(std::move(words));
}

/// What does not depend on the session.
void UsePostgresMeaning(ExpressionSlot& slot, bool true_only) {
  if (slot->GetExpressionClass() == duckdb::ExpressionClass::CAST) {
    GivePrecision(&slot->Cast<duckdb::CastExpression>().cast_type);
  }
  CompareElements(slot, true_only);
  UsePostgresFunction(slot);
}

void UsePostgresMeaningWithin(ExpressionSlot& slot) {
  duckdb::ParsedExpressionIterator::EnumerateChildren(*slot, UsePostgresMeaningWithin);
  UsePostgresMeaning(slot, false);
}

class Rewriter {
 public:
  Rewriter(const SessionNames& names, const ParameterTypes& parameters) : names_(names), parameters_(parameters) {}

  void Statement(duckdb::SQLStatement& statement) {
    switch (statement.type) {
      case duckdb::StatementType::SELECT_STATEMENT: return Node(*statement.Cast<duckdb::SelectStatement>().node);
      case duckdb::StatementType::INSERT_STATEMENT: {
        auto& insert = statement.Cast<duckdb::InsertStatement>();
        if (insert.select_statement) Node(*insert.select_statement->node);
        NameColumns(insert);
        changed_ = ToChange(insert.schema, insert.table);
        return Returning(insert.returning_list);
      }
      case duckdb::StatementType::UPDATE_STATEMENT: {
        auto& update = statement.Cast<duckdb::UpdateStatement>();
        if (update.from_table) Table(*update.from_table);
        changed_ = ToChange(*update.table);
        All(update.set_info->expressions);
        if (update.set_info->condition) Where(update.set_info->condition);
        return Returning(update.returning_list);
      }
      case duckdb::StatementType::DELETE_STATEMENT: {
        auto& erase = statement.Cast<duckdb::DeleteStatement>();
        changed_ = ToChange(*erase.table);
        for (auto& table : erase.using_clauses) Table(*table);
        if (erase.condition) Where(erase.condition);
        return Returning(erase.returning_list);
      }
      default: return;
    }
  }

 private:
  /// Null when there is none: binding says what is wrong.
  RelationPtr Find(const std::string& schema, const std::string& table) const {
    bool own = schema.empty() || schema == "public";
    auto relation = names_.catalog->Find({own ? names_.database : schema, table});
    return relation.ok() ? *relation : nullptr;
  }
  RelationPtr Find(const duckdb::TableRef& table) const {
    if (table.type != duckdb::TableReferenceType::BASE_TABLE) return nullptr;
    const auto& base = table.Cast<duckdb::BaseTableRef>();
    return Find(base.schema_name, base.table_name);
  }

  /// What a statement writes to: never pg_catalog.
  RelationPtr ToChange(const std::string& schema, const std::string& table) const {
    RelationPtr relation = Find(schema, table);
    if (IsSystemSchema(schema) || (!relation && table.starts_with("pg_"))) {
      Throw(Error("42501", "permission denied: \"" + table + "\" is a system catalog"));
    }
    return relation;
  }
  RelationPtr ToChange(const duckdb::TableRef& table) const {
    if (table.type != duckdb::TableReferenceType::BASE_TABLE) return nullptr;
    const auto& base = table.Cast<duckdb::BaseTableRef>();
    return ToChange(base.schema_name, base.table_name);
  }

  void Returning(duckdb::vector<ExpressionSlot>& expressions) {
    returning_ = true;
    All(expressions);
  }

  /// tableoid of a returned row: where routing brings it.
  void LeafOid(ExpressionSlot& slot) const {
    duckdb::vector<ExpressionSlot> arguments;
    for (const std::string& name : {changed_->path.database, changed_->path.table}) {
      arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
    }
    for (const SqlColumn& column : changed_->columns) {
      arguments.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(column.name));
    }
    std::string alias = slot->GetAlias().empty() ? "tableoid" : slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::FunctionExpression>("weir_leaf_oid", std::move(arguments));
    slot->SetAlias(alias);
  }

  void NameColumns(duckdb::InsertStatement& insert) {
    if (!insert.columns.empty() || insert.default_values) return;
    auto values = insert.GetValuesList();
    if (!values || values->values.empty()) return;
    RelationPtr relation = Find(insert.schema, insert.table);
    if (!relation) return;
    size_t given = values->values[0].size();
    const auto& columns = relation->columns;
    for (size_t i = 0; given < columns.size() && i < given; ++i) insert.columns.push_back(columns[i].name);
  }

  /// A condition of which only the truth counts.
  void Where(ExpressionSlot& condition) {
    EachTest(*condition, [this](const ParsedExpression& test) { tests_.insert(&test); });
    Expression(condition);
  }

  void All(duckdb::vector<ExpressionSlot>& expressions) {
    for (auto& expression : expressions) Expression(expression);
  }
  void Node(duckdb::QueryNode& node) {
    if (node.type == duckdb::QueryNodeType::SELECT_NODE) {
      const auto& where = node.Cast<duckdb::SelectNode>().where_clause;
      if (where) EachTest(*where, [this](const ParsedExpression& test) { tests_.insert(&test); });
    }
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](ExpressionSlot& slot) { Expression(slot); }, SystemTable);
  }
  void Table(duckdb::TableRef& table) {
    duckdb::ParsedExpressionIterator::EnumerateTableRefChildren(
        table, [this](ExpressionSlot& slot) { Expression(slot); }, SystemTable);
  }

  /// pg_catalog.pg_class is Weir's, not DuckDB's.
  static void SystemTable(duckdb::TableRef& table) {
    if (table.type == duckdb::TableReferenceType::TABLE_FUNCTION) return NameColumn(table);
    if (table.type != duckdb::TableReferenceType::BASE_TABLE) return;
    auto& base = table.Cast<duckdb::BaseTableRef>();
    if (base.catalog_name.empty() && IsSystemSchema(base.schema_name)) base.catalog_name = kAttachedName;
  }

  /// The one column of FROM pg_partition_ancestors(t) is relid; of FROM generate_series(1, 3) s it is s.
  static void NameColumn(duckdb::TableRef& table) {
    auto& reference = table.Cast<duckdb::TableFunctionRef>();
    if (!table.column_name_alias.empty() || reference.function->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return;
    if (auto series = LongSeries(reference.function->Cast<duckdb::FunctionExpression>())) {
      if (!table.alias.empty()) table.column_name_alias = {table.alias};
      reference.function = std::move(series);
      return;
    }
    const auto& function = reference.function->Cast<duckdb::FunctionExpression>();
    const bool unnest = function.function_name == "unnest" && function.children.size() == 1;
    const bool ancestors = unnest &&
                           function.children[0]->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION &&
                           function.children[0]->Cast<duckdb::FunctionExpression>().function_name == kAncestors;
    if (ancestors) {
      table.column_name_alias = {"relid"};
      if (table.alias.empty()) table.alias = "pg_partition_ancestors";
    } else if (unnest) {
      // FROM generate_series(1, 3) gives a column of the function's name.
      if (table.alias.empty()) table.alias = function.GetAlias().empty() ? "unnest" : function.GetAlias();
      table.column_name_alias = {table.alias};
    }
  }

  void Expression(ExpressionSlot& slot) {
    if (!slot) return;
    duckdb::ParsedExpressionIterator::EnumerateChildren(*slot, [this](ExpressionSlot& child) { Expression(child); });
    const bool true_only = tests_.contains(slot.get());
    if (slot->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) Subquery(slot);
    UsePostgresMeaning(slot, true_only);
    switch (slot->GetExpressionClass()) {
      case duckdb::ExpressionClass::FUNCTION: return Function(slot);
      case duckdb::ExpressionClass::COLUMN_REF: return Column(slot);
      case duckdb::ExpressionClass::PARAMETER: return Parameter(slot);
      default: return;
    }
  }

  void Subquery(ExpressionSlot& slot) {
    auto& subquery = slot->Cast<duckdb::SubqueryExpression>();
    auto& node = *subquery.subquery->node;
    Node(node);
    if (ExpressionSlot array = ArrayOfAny(subquery)) return AnyOf(slot, std::move(subquery.child), std::move(array));
  }

  /// x = ANY (array) is parsed as a subquery over the array's elements: the array, or null.
  static ExpressionSlot ArrayOfAny(duckdb::SubqueryExpression& subquery) {
    bool equal = subquery.subquery_type == duckdb::SubqueryType::ANY && subquery.child &&
                 subquery.comparison_type == duckdb::ExpressionType::COMPARE_EQUAL;
    if (!equal || subquery.subquery->node->type != duckdb::QueryNodeType::SELECT_NODE) return nullptr;
    auto& select = subquery.subquery->node->Cast<duckdb::SelectNode>();
    bool bare = !select.where_clause && select.select_list.size() == 1 &&
                (!select.from_table || select.from_table->type == duckdb::TableReferenceType::EMPTY_FROM);
    if (!bare || select.select_list[0]->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return nullptr;
    auto& function = select.select_list[0]->Cast<duckdb::FunctionExpression>();
    bool unnest = duckdb::StringUtil::Lower(function.function_name) == "unnest" && function.children.size() == 1;
    return unnest ? std::move(function.children[0]) : nullptr;
  }

  /// As IN where the elements are written out, so that partitions can be left out by them.
  static void AnyOf(ExpressionSlot& slot, ExpressionSlot value, ExpressionSlot array) {
    std::string alias = slot->GetAlias();
    bool written = array->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION &&
                   array->Cast<duckdb::FunctionExpression>().function_name == "list_value" &&
                   !array->Cast<duckdb::FunctionExpression>().children.empty();
    if (written) {
      auto in = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::COMPARE_IN, std::move(value));
      for (auto& element : array->Cast<duckdb::FunctionExpression>().children) in->children.push_back(std::move(element));
      slot = std::move(in);
    } else {
      duckdb::vector<ExpressionSlot> arguments;
      arguments.push_back(std::move(array));
      arguments.push_back(std::move(value));
      slot = duckdb::make_uniq<duckdb::FunctionExpression>("list_contains", std::move(arguments));
    }
    slot->SetAlias(alias);
  }

  void Function(ExpressionSlot& slot) {
    auto& function = slot->Cast<duckdb::FunctionExpression>();
    const std::string& name = function.function_name;
    if (function.children.empty()) {
      if (name == "version") return Text(slot, name, "PostgreSQL " + names_.server_version + ", DuckDB " + duckdb::DuckDB::LibraryVersion());
      if (name == "current_database" || name == "current_catalog") return Text(slot, name, names_.database);
      if (name == "current_schema") return Text(slot, name, "public");
      if (name == "current_user" || name == "user") return Text(slot, name, names_.user);
      if (name == "session_user") return Text(slot, name, names_.session_user);
      return;
    }
    if (name == "current_setting") function.function_name = "weir_setting";
    if (name == "pg_partition_ancestors") return Unnest(slot);
    if (name == "json_build_object" || name == "jsonb_build_object") function.function_name = "json_object";
    if (name == "json_build_array" || name == "jsonb_build_array") function.function_name = "json_array";
    if (function.children.size() != 2 || IsNonzeroLiteralModulo(function)) return;
    if (name == "/" || name == "%") {
      function.function_name = name == "/" ? "weir_divide" : "weir_modulo";
      function.is_operator = false;
      slot->SetAlias(slot->GetAlias().empty() ? "?column?" : slot->GetAlias());
    }
  }
  /// pg_partition_ancestors(t) gives rows.
  static void Unnest(ExpressionSlot& slot) {
    std::string alias = slot->GetAlias();
    slot->Cast<duckdb::FunctionExpression>().function_name = kAncestors;
    duckdb::vector<ExpressionSlot> arguments;
    arguments.push_back(std::move(slot));
    slot = duckdb::make_uniq<duckdb::FunctionExpression>("unnest", std::move(arguments));
    slot->SetAlias(alias);
  }
  static bool IsNonzeroLiteralModulo(const duckdb::FunctionExpression& function) {
    return function.function_name == "%" && IsNonzeroLiteral(*function.children[1]);
  }

  /// What stands for a parameter that has a type and no value yet.
  void Parameter(ExpressionSlot& slot) const {
    const auto type = parameters_.find(slot->Cast<duckdb::ParameterExpression>().identifier);
    if (type == parameters_.end()) return;
    duckdb::vector<ExpressionSlot> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type->second)));
    const std::string alias = slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::FunctionExpression>(kUnknownValue, std::move(arguments));
    slot->SetAlias(alias);
  }

  /// Words that PostgreSQL takes for functions and DuckDB for columns.
  void Column(ExpressionSlot& slot) {
    auto& column = slot->Cast<duckdb::ColumnRefExpression>();
    // pg_catalog.pg_class.oid: tables are known without their schemas.
    auto& names = column.column_names;
    if (names.size() == 3 && (names[0] == "public" || IsSystemSchema(names[0]))) names.erase(names.begin());
    if (returning_ && changed_ && column.GetColumnName() == "tableoid") return LeafOid(slot);
    if (column.IsQualified()) return;
    const std::string& name = column.GetColumnName();
    if (name == "current_user" || name == "user" || name == "current_role") return Text(slot, name, names_.user);
    if (name == "session_user") return Text(slot, name, names_.session_user);
    if (name == "current_catalog") return Text(slot, name, names_.database);
    if (name == "current_schema") return Text(slot, name, "public");
  }

  static void Text(ExpressionSlot& slot, const std::string& name, const std::string& value) {
    std::string alias = slot->GetAlias().empty() ? name : slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(value));
    slot->SetAlias(alias);
  }

  const SessionNames& names_;
  const ParameterTypes& parameters_;
  RelationPtr changed_;     // what the statement writes to
  bool returning_ = false;  // within RETURNING
  std::unordered_set<const ParsedExpression*> tests_;  // of which only the truth counts
};

}  // namespace

void ReplaceFunctions(duckdb::SQLStatement& statement, const SessionNames& names, const ParameterTypes& parameters) {
  DropLockingClauses(statement);
  Rewriter(names, parameters).Statement(statement);
}

ExpressionSlot ParseExpression(const std::string& text) {
  auto expressions = duckdb::Parser::ParseExpressionList(ExpressionToDuckDb(text));
  if (expressions.size() != 1) Throw(Error("42601", "\"" + text + "\" is not one expression"));
  UsePostgresMeaningWithin(expressions[0]);
  return std::move(expressions[0]);
}

std::optional<QualifiedName> TargetOf(const duckdb::SQLStatement& statement) {
  const auto named = [](const duckdb::TableRef& table) -> std::optional<QualifiedName> {
    if (table.type != duckdb::TableReferenceType::BASE_TABLE) return std::nullopt;
    const auto& base = table.Cast<duckdb::BaseTableRef>();
    return QualifiedName{.database = {}, .schema = base.schema_name, .name = base.table_name};
  };
  switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT: {
      const auto& insert = statement.Cast<duckdb::InsertStatement>();
      return QualifiedName{.database = {}, .schema = insert.schema, .name = insert.table};
    }
    case duckdb::StatementType::UPDATE_STATEMENT: return named(*statement.Cast<duckdb::UpdateStatement>().table);
    case duckdb::StatementType::DELETE_STATEMENT: return named(*statement.Cast<duckdb::DeleteStatement>().table);
    default: return std::nullopt;
  }
}

}  // namespace weir::sql
