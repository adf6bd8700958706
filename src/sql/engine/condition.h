#pragma once

#include <optional>
#include <vector>

#include "model/key_domain.h"
#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"
#include "weir/predicate.h"

namespace weir::sql {

/// What a filter says of a relation's columns, as far as partitions and batches can be left out for it.
struct Condition {
  enum class Kind { kAnything, kTest, kAnd, kOr };
  enum class Op { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIn, kNotIn, kIsNull, kIsNotNull };

  Kind kind = Kind::kAnything;
  // kTest
  Op op = Op::kEqual;
  int column = -1;                                  // position in the relation
  duckdb::shared_ptr<duckdb::Expression> expression;  // over the relation's columns by position, instead of one
  std::vector<duckdb::Value> values;
  uint32_t value_type = 0;  // not 0: the values are texts of this type (pg_type.oid) and compared as its values
  // kAnd, kOr
  std::vector<Condition> children;

  static Condition And(std::vector<Condition> children);
};

/// Whether it tests anything but columns.
bool TestsExpressions(const Condition& condition);

/// Reads a filter expression over `get`'s columns. What cannot be read lets anything through.
Condition ReadExpression(duckdb::ClientContext& context, const duckdb::LogicalGet& get,
                         const duckdb::Expression& expression);
/// Reads an expression over a relation's columns by position. Only what is not Kind::kAnything in it has been
/// understood.
Condition ReadOverRelation(duckdb::ClientContext& context, const Relation& relation,
                           duckdb::unique_ptr<duckdb::Expression> expression);
/// Reads a filter that DuckDB gives the scan of `column`, run-time filters with their present values among them.
Condition ReadTableFilter(int column, const duckdb::TableFilter& filter);

/// A part of a partition key as filters see it: over the scanned relation's columns by position.
struct KeyPart {
  int column = -1;
  duckdb::unique_ptr<duckdb::Expression> expression;
  DataType type = DataType::Boolean();
  uint32_t value_type = 0;  // as SqlPartitionKeyPart has it
  int32_t shards = 0;       // of the shard of a key: how many there are
  std::vector<KeyPart> sharded = {};  // … and the key's columns
};

/// The values of each part that a condition lets through.
KeyDomains DomainsOf(duckdb::ClientContext& context, const Condition& condition, const std::vector<KeyPart>& key);

/// Whether tests that hold together leave no value of some column: k > 3 AND k IS NULL.
bool IsContradiction(const Condition& condition, const Relation& relation);

/// The same for whole batches; nothing when the condition says nothing of them.
std::optional<Predicate> ToPredicate(const Condition& condition, const Relation& relation);

}  // namespace weir::sql
