#include "sql/duckdb/definition.h"

#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "postgres/made_type.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/shard_column.h"
#include "sql/catalog/hash_shards.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

/// Columns of Fluss's own types that PostgreSQL does not have are texts.
postgres::TypeRef TypeOf(const SqlColumn& column) {
  const auto type = postgres::ParseType(column.type);
  return type.ok() ? *type : postgres::TypeRef{postgres::oid::kText};
}

std::vector<analyze::OutputColumn> Named(const std::vector<SqlColumn>& columns) {
  std::vector<analyze::OutputColumn> named;
  for (const SqlColumn& column : columns) named.push_back({column.name, TypeOf(column)});
  return named;
}

std::vector<int> GeneratedPlaces(const std::vector<SqlColumn>& columns) {
  std::vector<int> places;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].generated) places.push_back(static_cast<int>(i));
  }
  return places;
}

/// DuckDB's defaults have none.
bool HasLambda(const duckdb::ParsedExpression& expression) {
  bool has = expression.GetExpressionClass() == duckdb::ExpressionClass::LAMBDA;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      expression, [&](const duckdb::ParsedExpression& child) { has = has || HasLambda(child); });
  return has;
}

}  // namespace

Result<Definition> EmitDefinition(std::string_view text, analyze::DefinitionPart part, std::string_view relation,
                                  const std::vector<SqlColumn>& columns, const postgres::Settings& settings) {
  const std::vector<analyze::OutputColumn> named = Named(columns);
  const std::vector<int> generated = GeneratedPlaces(columns);
  const analyze::DefinitionExpression definition{
      .part = part, .relation = std::string(relation), .columns = named, .generated = generated};
  WEIR_ASSIGN_OR_RETURN(const auto value, analyze::AnalyzeDefinition(text, definition, settings));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, columns);
    return Definition{std::move(emitted.expression), value->type, std::move(emitted.type)};
  });
}

Result<Definition> EmitColumnValue(std::string_view text, analyze::DefinitionPart part, const SqlColumn& column,
                                   const postgres::Settings& settings) {
  // Whoever stores the value holds it to the column's domain.
  const analyze::DefinitionExpression definition{
      .part = part, .type = postgres::BaseTypeOf(TypeOf(column)), .column = column.name};
  WEIR_ASSIGN_OR_RETURN(const auto value, analyze::AnalyzeDefinition(text, definition, settings));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, {});
    if (part == analyze::DefinitionPart::kDefault && HasLambda(*emitted.expression)) {
      return Error("0A000", "a DEFAULT that computes elements of an array is not supported",
                   {.hint = "Write the array as a constant of the column's type."});
    }
    return Definition{ToColumn(std::move(emitted), ColumnType(column)), value->type};
  });
}

Result<Definition> EmitNewValue(std::string_view text, std::string_view relation, const std::vector<SqlColumn>& columns,
                                const SqlColumn& column, const postgres::Settings& settings) {
  const std::vector<analyze::OutputColumn> named = Named(columns);
  const analyze::DefinitionExpression definition{.part = analyze::DefinitionPart::kUsing,
                                                 .relation = std::string(relation),
                                                 .columns = named,
                                                 .type = TypeOf(column),
                                                 .column = column.name};
  WEIR_ASSIGN_OR_RETURN(const auto value, analyze::AnalyzeDefinition(text, definition, settings));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, columns);
    return Definition{ToColumn(std::move(emitted), ColumnType(column)), value->type};
  });
}

Result<analyze::ExpressionPtr> AnalyzeGenerated(const Relation& table, size_t column) {
  const postgres::Settings plain;  // its text means the same in every session
  const std::vector<analyze::OutputColumn> named = Named(table.columns);
  const analyze::DefinitionExpression definition{.part = analyze::DefinitionPart::kGenerated,
                                                 .relation = table.path.table,
                                                 .columns = named,
                                                 .type = TypeOf(table.columns[column]),
                                                 .column = table.columns[column].name};
  return analyze::AnalyzeDefinition(*table.columns[column].generated, definition, plain);
}

Result<Definition> EmitGenerated(const Relation& table, size_t column) {
  WEIR_ASSIGN_OR_RETURN(const auto value, AnalyzeGenerated(table, column));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, table.columns);
    return Definition{ToColumn(std::move(emitted), ColumnType(table.columns[column])), value->type};
  });
}

std::shared_ptr<const std::vector<analyze::RangeEntry::ShardColumn>> ShardColumnsOf(const Relation& table) {
  const std::vector<HashShards> all = AllHashShardsOf(table);
  if (all.empty()) return nullptr;
  auto columns = std::make_shared<std::vector<analyze::RangeEntry::ShardColumn>>();
  for (const HashShards& shards : all) columns->push_back({shards.column, shards.buckets, shards.columns});
  return columns;
}

Result<Definition> EmitShard(const Relation& table) {
  const analyze::ExpressionPtr value = analyze::ShardOfRow(ShardColumnsOf(table)->front(), Named(table.columns));
  return Guarded({}, [&]() -> Result<Definition> {
    Emitted emitted = Emitter(EmitContext()).Definition(*value, table.columns);
    return Definition{std::move(emitted.expression), value->type};
  });
}

}  // namespace weir::sql::duck
