#pragma once

#include <string>
#include <string_view>

#include "model/key_value.h"
#include "sql/catalog/relation.h"
#include "weir/data_type.h"
#include "weir/status.h"

namespace weir::sql {

/// KWDB's name of a column's type as SHOW COLUMNS has it: "INT4", "VARCHAR(50)", "TIMESTAMPTZ". `type` is PostgreSQL's
/// name; of a type that KWDB does not have, that name in upper case.
std::string KwdbTypeName(std::string_view type);

/// The kind of a type as KWDB's errors call it: "int", "decimal", "string".
std::string KwdbTypeFamily(std::string_view type);

/// Whether an expression is of whatever type is wanted: a text in quotes, or NULL.
bool IsUntypedConstant(std::string_view expression);

/// What reading a text as a type said, in KWDB's words: could not parse "x" as type int. Any other error as it is.
Status KwdbReadError(const Status& failure, std::string_view type);

/// A constant of a partition as KWDB shows it: numbers and truth values plain, all else in quotes, moments with their
/// offset: 1, 'eu', '2025-01-01 00:00:00+00:00', NULL.
std::string KwdbValueText(const DataType& data_type, std::string_view type, const KeyValue& value);

/// What KWDB calls a partition; empty for the rows of no partition, which has no name there. One that was made by
/// itself is called as its relation, without the root's name where that begins it.
std::string KwdbPartitionName(const Relation& table, const Relation& partition);

}  // namespace weir::sql
