#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// "<parent>_<level>_prt_<name>", of whose parent part as much is cut as PostgreSQL's names have no room for.
std::string ClassicName(const std::string& parent, size_t level, const std::string& name);
/// 42P16 for a name that does not fit behind "_<level>_prt_".
Status CheckClassicName(const std::string& name);

/// Whether a relation of that name is there.
using IsNameTaken = std::function<Result<bool>(const std::string& name)>;
/// What an unnamed partition is called in place of a name: its number, with more digits where that is taken.
Result<std::string> FreeClassicNumber(const std::string& parent, size_t level, size_t number, const IsNameTaken& taken);

/// FOR VALUES IN, of the values of VALUES or AT.
BoundClause ClassicListClause(const std::vector<Expression>& values, int position);

/// The ends that a partition of a RANGE writes; nothing: it leaves it to its neighbours. 42P16 for NULL, 0A000 for
/// EXCLUSIVE and INCLUSIVE of a type without next values.
Result<std::optional<RangeEdge>> ClassicStart(const Relation& parent, const ClassicPartition& partition,
                                              const DdlContext& context);
Result<std::optional<RangeEdge>> ClassicEnd(const Relation& parent, const ClassicPartition& partition,
                                            const DdlContext& context);

/// A partition of one level, whatever its parent is.
struct ClassicPiece {
  std::string name;  // what follows "prt_"
  PartitionBound bound;
  const ClassicPartition* written = nullptr;
};

/// Where the partitions of one level are to stand.
struct ClassicLevelPlace {
  const Relation& parent;
  size_t level = 1;                                // of the partitions: 1 below the root
  const std::vector<PartitionBound>* beside = nullptr;  // of those that are there already; null: there are none
  IsNameTaken is_taken = {};                       // null: all names are free
};

/// The partitions that a list in the classic syntax stands for, EVERY spelt out and missing ends taken from the
/// neighbours. Errors as Cloudberry has them.
Result<std::vector<ClassicPiece>> ExpandClassicLevel(const ClassicLevelPlace& place,
                                                     const std::vector<ClassicPartition>& written,
                                                     const DdlContext& context);

}  // namespace weir::sql
