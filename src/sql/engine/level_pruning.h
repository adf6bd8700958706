#pragma once

#include <map>
#include <vector>

#include "model/partition_level.h"
#include "sql/engine/condition.h"

namespace weir::sql {

/// What is known of a column.
struct HeldColumn {
  DataType type = DataType::Boolean();
  uint32_t value_type = 0;  // as SqlPartitionKeyPart has it
  KeyDomain values = KeyDomain::All();
};

/// What bounds say of the rows below a partition: each meets one of these, of columns by their position in the scanned
/// table. Empty: there can be none.
using HeldValues = std::vector<std::map<int, HeldColumn>>;
inline const HeldValues kAnyValues = {{}};

/// The children of a level, in bound order, that may have rows which a condition and the bounds above it let through.
/// Alternatives over several columns are looked at one by one, and so are those of the bounds.
std::vector<size_t> ChildrenFor(duckdb::ClientContext& context, const Condition& condition, std::vector<KeyPart> key,
                                const PartitionLevel& level, const HeldValues& held);

/// What is held of the rows below a child whose level's rows are held to `held`. `columns` are those of the key; −1: an
/// expression, of which nothing is held.
HeldValues HeldBelow(const HeldValues& held, const std::vector<int>& columns,
                     const std::vector<SqlPartitionKeyPart>& key, const PartitionLevel& level, size_t child);

}  // namespace weir::sql
