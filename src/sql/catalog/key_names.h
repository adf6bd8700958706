#pragma once

#include <string_view>

#include "sql/catalog/sql_types.h"
#include "weir/status.h"

namespace weir::sql {

/// 42704 for a collation that does not exist. Texts are ordered by their bytes in each of those that do.
Status CheckCollationExists(std::string_view name, int position);

/// What an operator class is for, as the hint says it.
enum class ClassUse { kPartitionKey, kIndex, kRangeType };
/// 42704 for a type that the access method cannot order or hash by itself.
Status CheckHasOperatorClass(const SqlType& type, std::string_view method, ClassUse use, int position);

/// 0A000 for a type of which equal values may be held in several forms, as keys are told apart by what is held.
/// `key`: "a primary key", "a unique key".
Status CheckHasOneForm(const SqlType& type, bool primary, int position);

/// An operator class where it is not the type's own, by its name alone; empty: it is.
std::string OtherOperatorClass(std::string_view name, const SqlType& type);

/// 42704 for an operator class that the access method ("btree", "hash") does not have, 42804 for one of other types.
Status CheckOperatorClass(std::string_view name, std::string_view method, const SqlType& type, int position);

}  // namespace weir::sql
