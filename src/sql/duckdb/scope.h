#pragma once

#include "sql/duckdb/emit.h"

namespace weir::sql::duck {

/// The emitter is within a query.
class Emitter::Within {
 public:
  Within(Emitter* emitter, const tree::Query& query) : emitter_(emitter) {
    scope_.query = &query;
    scope_.outer = emitter->scope_;
    emitter->scope_ = &scope_;
  }
  ~Within() { emitter_->scope_ = scope_.outer; }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  Emitter* emitter_;
  Scope scope_;
};

/// Emitter::Relation::there, as it is called first.
constexpr const char* kThere = "there";
/// The queries of a statement's WITH, which refer to those before them.
duckdb::CommonTableExpressionMap& WithOf(duckdb::SQLStatement& statement);
/// Whether it refers to a query around the one that stands `depth` queries around it.
bool RefersOutward(const tree::Expression& expression, int depth = 0);
/// Keeps the row of an aggregate over no rows: DuckDB loses it where the query refers to one around it and is no value
/// itself, unless a column of it is made of what does not pass on NULLs.
void KeepRowOfNone(const tree::Query& query, EmittedQuery* emitted);
/// Whether its rows are counted for LIMIT beside its targets, hidden ones too.
bool NumbersRows(const tree::Query& query);
/// Whether a join of its FROM makes up rows of NULLs.
bool HasOuterJoin(const tree::Query& query);

}  // namespace weir::sql::duck
