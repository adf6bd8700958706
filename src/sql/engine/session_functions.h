#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sql/catalog/catalog.h"
#include "sql/dialect/statement.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// What PostgreSQL's functions of the session give, and where its names are looked up.
struct SessionNames {
  std::string database;
  std::string user;          // the current one
  std::string session_user;
  std::string server_version;
  CatalogView* catalog;
};

/// By the parameter's number.
using ParameterTypes = std::unordered_map<std::string, duckdb::LogicalType>;

/// Replaces what DuckDB would answer in its own way: version(), current_database(), current_schema(), current_user,
/// a relation's name by its OID, division, which fails on zero, comparisons of rows, and what UsePostgresFunction knows.
/// An INSERT of fewer values than columns gets the
/// names of the first ones. Parameters that `parameters` has a type for become unknown values of that type.
void ReplaceFunctions(duckdb::SQLStatement& statement, const SessionNames& names, const ParameterTypes& parameters = {});

/// An expression of a definition (DEFAULT, CHECK, a partition key), with PostgreSQL's meaning. Throws.
duckdb::unique_ptr<duckdb::ParsedExpression> ParseExpression(const std::string& text);

/// weir_unknown(value): a value of the same type of which nothing is known before the statement runs.
inline constexpr const char* kUnknownValue = "weir_unknown";

/// What an INSERT, UPDATE or DELETE writes to; nothing for other statements.
std::optional<QualifiedName> TargetOf(const duckdb::SQLStatement& statement);

/// The functions that rewritten statements call. Throws.
void RegisterFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
