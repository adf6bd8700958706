#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/classic_level.h"
#include "sql/catalog/new_partitions.h"

namespace weir::sql {

/// A level of the tree below the one that a statement names partitions of.
struct ClassicDepth {
  SqlPartitionKey key;                                   // of the tables whose partitions these are
  std::optional<std::vector<ClassicPartition>> pattern;  // what each of them has unless it says its own
};

/// Where partitions of the classic syntax are to stand.
struct ClassicPlace {
  ClassicLevelPlace first;
  std::vector<ClassicDepth> below = {};
  std::vector<ColumnEncoding> encodings = {};  // of the table, where it is made with them
};

/// All partitions that a list stands for, parents before their children, with the names and bounds that the
/// declarative form would give them.
Result<std::vector<NewPartition>> ClassicChildren(const ClassicPlace& place,
                                                  const std::vector<ClassicPartition>& written,
                                                  const DdlContext& context);
/// Those of a CREATE TABLE that has some.
Result<std::vector<NewPartition>> ClassicChildren(const Relation& root, const CreateTable& statement,
                                                  const DdlContext& context);

/// A partition as CREATE TABLE … PARTITION OF makes it, that says nothing but its bound.
Relation PartitionOf(const Relation& parent, const std::string& name, PartitionBound bound);

/// The templates that CREATE TABLE says, for Relation::templates.
std::map<int, std::string> TemplatesOf(const ClassicPartitions& classic);

}  // namespace weir::sql
