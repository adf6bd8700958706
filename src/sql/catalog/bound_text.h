#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/relation.h"

namespace weir::sql {

/// A name as SQL text: in double quotes where it needs them.
std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);

/// "2025-01-31" of days since 1970, and " BC" for the years before the first.
std::pair<std::string, std::string> DateText(int64_t days);
/// "-0.50" of -50 and 2.
std::string DecimalText(__int128 unscaled, int scale);
std::string FloatText(const DataType& type, double value);
/// A key value as PostgreSQL's output function writes it. `type` is the column's PostgreSQL name.
std::string KeyValueText(const DataType& data_type, const KeyValue& value);

/// The columns of a partition key as texts, e.g. "sold" or "lower(s)", and what pg_get_partkeydef shows.
std::string KeyPartText(const Relation& parent, size_t part);
std::string PartitionKeyText(const Relation& relation);  // "RANGE (a, lower(b))"
std::string KeyPartType(const Relation& parent, size_t part);

/// The values of a LIST bound as BoundText has them, those of several columns in parentheses.
std::vector<std::string> ListValueTexts(const Relation& parent, const ListBound& bound);
/// "FOR VALUES FROM (1) TO (2)", "DEFAULT", …: what pg_get_expr shows.
std::string BoundText(const Relation& parent, const PartitionBound& bound);

/// The conditions that a row of a partition of this bound meets. `siblings`: of a DEFAULT partition, in bound order.
std::vector<std::string> BoundConditions(const Relation& parent, const PartitionBound& bound,
                                         const std::vector<const PartitionBound*>& siblings);
/// "(a AND b)"; empty for no condition.
std::string Conjunction(const std::vector<std::string>& conditions);

}  // namespace weir::sql
