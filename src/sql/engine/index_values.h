#pragma once

#include <map>
#include <memory>

#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/index_values.h"

namespace weir::sql {

/// Computes what indexes hold with DuckDB's expressions, bound once an index. They are the same in every session: what
/// they are made of is immutable.
class SessionIndexValues final : public IndexValues {
 public:
  /// `connection`: one that does not run what changes the rows.
  explicit SessionIndexValues(std::shared_ptr<duckdb::Connection> connection);
  ~SessionIndexValues() override;

  Result<ComputedValues> Of(const Relation& leaf, const Relation& index, const arrow::ArrayVector& columns,
                            int64_t num_rows) override;

 private:
  struct Bound;
  Bound& BoundOf(const Relation& leaf, const Relation& index);

  std::shared_ptr<duckdb::Connection> connection_;
  std::map<int64_t, std::unique_ptr<Bound>> bound_;  // by the index's id
};

/// What an index says of rows, over the columns of its table by position, as queries have it. Throws.
duckdb::unique_ptr<duckdb::Expression> BindIndexExpression(duckdb::ClientContext& context, const Relation& table,
                                                           const std::string& text);
duckdb::unique_ptr<duckdb::Expression> BindIndexCondition(duckdb::ClientContext& context, const Relation& table,
                                                          const std::string& text);

/// The same in the form that the index's table keeps. Throws.
duckdb::unique_ptr<duckdb::Expression> BindIndexValue(duckdb::ClientContext& context, const Relation& table,
                                                      const SqlIndex::Expression& expression);

}  // namespace weir::sql
