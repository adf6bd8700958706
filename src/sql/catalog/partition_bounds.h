#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/bound_index.h"
#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// A whole number and nothing else; none for one that 64 bits do not hold.
std::optional<int64_t> WholeNumber(std::string_view text);

/// What a bound clause says about the rows of one of `parent`'s partitions: values evaluated and cast to the key's
/// types. Errors as PostgreSQL has them (0A000, 22…, 42804, 42P16, 42P17).
Result<PartitionBound> ResolveBound(const Relation& parent, const BoundClause& clause,
                                    const Evaluator& evaluate);

/// A constant of a bound, cast to the type of the key's part.
Result<KeyValue> EvaluateKeyValue(const Relation& parent, size_t part, const Expression& expression,
                                  const Evaluator& evaluate);

/// 54000: `partitions` are more than a level of a tree may have, as Cloudberry's document has it. KWDB, whose
/// partitions stand inside of CREATE TABLE, knows no such limit.
Status CheckPartitionCount(const Relation& parent, size_t partitions);

/// Whether a new partition `name` may stand beside the others, without those in `gone`. `name_of` gives a sibling's
/// name.
/// 42P17: an empty range, an overlap, moduli that do not divide each other, a second DEFAULT.
Status CheckNewBound(const Relation& parent, const BoundIndex& siblings, const std::string& name,
                     const PartitionBound& bound, const BoundClause& clause,
                     const std::function<std::string(int64_t)>& name_of, const BoundIndex::Without& gone = {});

}  // namespace weir::sql
