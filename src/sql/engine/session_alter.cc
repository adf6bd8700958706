// The rows of tables that ALTER TABLE changes: looked at, and copied, as they will be.
#include <algorithm>

#include "format/initial_default.h"
#include "postgres/type.h"
#include "sql/analyze/definition.h"
#include "sql/catalog/sql_types.h"
#include "sql/dialect/rewrite.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

using duckdb::KeywordHelper;

std::string Quoted(const std::string& name) { return KeywordHelper::WriteQuoted(name, '"'); }

std::string Cast(const std::string& expression, const SqlColumn& column) {
  return "CAST((" + ExpressionToDuckDb(expression) + ") AS " + ToDuckType(column.data_type).ToString() + ")";
}

/// A query for the rows of a leaf as they will be.
std::string NewRowsQuery(const Relation& leaf, const NewRows& rows) {
  std::string list;
  for (size_t i = 0; i < rows.columns.size(); ++i) {
    list += (list.empty() ? "" : ", ") + Cast(rows.expressions[i], rows.columns[i]) + " AS " +
            Quoted(rows.columns[i].name);
  }
  return "SELECT " + list + " FROM " + Quoted(leaf.path.database) + "." + Quoted(leaf.path.table);
}

std::shared_ptr<arrow::RecordBatch> ToBatch(const std::vector<SqlColumn>& columns, duckdb::DataChunk& chunk) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  const duckdb::SelectionVector all(0, chunk.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    arrays.push_back(ToArray(columns[i].data_type, chunk.data[i], chunk.size(), all, chunk.size()));
    fields.push_back(arrow::field(columns[i].name, arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), static_cast<int64_t>(chunk.size()),
                                  std::move(arrays));
}

}  // namespace

Result<bool> EngineSession::HasNewRow(const Relation& leaf, const NewRows& rows, const std::string& condition) {
  WEIR_ASSIGN_OR_RETURN(auto result, RunAside("SELECT EXISTS (SELECT 1 FROM (" + NewRowsQuery(leaf, rows) + ") WHERE " +
                                              ExpressionToDuckDb(condition) + ")"));
  auto chunk = result->Fetch();
  return duckdb::BooleanValue::Get(chunk->GetValue(0, 0));
}

Status EngineSession::CopyRows(const Relation& leaf, const NewRows& rows, const RelationPtr& to) {
  auto statements = aside_->context->ParseStatements(NewRowsQuery(leaf, rows));
  ReplaceFunctions(*statements[0], Names());
  auto result = aside_->SendQuery(std::move(statements[0]));
  if (result->HasError()) return StatusOf(result->GetErrorObject());
  while (auto chunk = result->Fetch()) {
    if (chunk->size() == 0) break;
    WEIR_RETURN_NOT_OK(transaction_->Insert(to, ToBatch(rows.columns, *chunk)));
  }
  return result->HasError() ? StatusOf(result->GetErrorObject()) : Status::OK();
}

namespace {

/// 22001 for a text that is longer than its type takes.
Status CheckLength(const SqlColumn& column, const duckdb::Value& value) {
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
  const bool limited = (type.oid == 1042 || type.oid == 1043) && type.modifier > 0 && !value.IsNull();
  if (!limited) return Status::OK();
  const std::string& text = duckdb::StringValue::Get(value);
  const auto characters = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  if (characters <= type.modifier - 4) return Status::OK();
  return Error("22001", "value too long for type " + column.type);
}

}  // namespace

/// An expression that may give each row another value has none for all of them.
Result<InitialDefault> EngineSession::InitialDefaultOf(const SqlColumn& column, const std::string& expression) {
  InitialDefault initial;
  WEIR_ASSIGN_OR_RETURN(const auto meaning, analyze::MeaningOf(expression, {.part = analyze::DefinitionPart::kDefault}, {}));
  initial.changes = meaning.volatility == 'v';
  WEIR_ASSIGN_OR_RETURN(auto result, RunAside("SELECT " + Cast(expression, column)));
  auto chunk = result->Fetch();
  WEIR_RETURN_NOT_OK(CheckLength(column, chunk->GetValue(0, 0)));
  if (initial.changes || chunk->GetValue(0, 0).IsNull()) return initial;
  const auto batch = ToBatch({column}, *chunk);
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, {column.data_type}));
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(initial.value, EncodeInitialDefault(column.data_type, reader.ReadCell(0, 0, &arena)));
  return initial;
}

namespace {

analyze::DefinitionPart PartOf(DefinitionUse use) {
  switch (use) {
    case DefinitionUse::kCheck: return analyze::DefinitionPart::kCheck;
    case DefinitionUse::kDefault: return analyze::DefinitionPart::kDefault;
    case DefinitionUse::kPartitionKey: return analyze::DefinitionPart::kPartitionKey;
    case DefinitionUse::kConversion: return analyze::DefinitionPart::kUsing;
  }
  return analyze::DefinitionPart::kCheck;
}

/// Told in the expression's own text, to be told in the statement's.
Status PlacedAt(const Status& failure, const Expression& expression) {
  const ErrorFields fields = FieldsOf(failure);
  const bool known = fields.position > 0 && expression.position > 0;
  return Error(fields.sqlstate, fields.message,
               {.detail = fields.detail, .hint = fields.hint, .position = known ? expression.position + fields.position - 1 : 0});
}

}  // namespace

Status EngineSession::CheckDefinition(const DefinitionText& text) const {
  std::vector<analyze::OutputColumn> columns;
  for (const SqlColumn& column : text.relation.columns) {
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(column.type));
    columns.push_back({column.name, type});
  }
  analyze::DefinitionExpression definition{.part = PartOf(text.use)};
  if (text.use != DefinitionUse::kDefault) {
    definition.relation = text.relation.path.table;
    definition.columns = columns;
  }
  if (text.column != nullptr) {
    definition.column = text.column->name;
    WEIR_ASSIGN_OR_RETURN(definition.type, postgres::ParseType(text.column->type));
  }
  const auto meaning = analyze::MeaningOf(text.expression.text, definition, {});
  if (!meaning.ok()) return PlacedAt(meaning.status(), text.expression);
  if (text.use != DefinitionUse::kPartitionKey || meaning->volatility == 'i') return Status::OK();
  return Error("42P17", "functions in partition key expression must be marked IMMUTABLE");
}

}  // namespace weir::sql
