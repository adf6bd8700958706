#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/relation.h"
#include "sql/dialect/statement.h"

namespace weir::sql {

/// KWDB's hash shards of a primary key or of an index. To KWDB the shard is a hidden column before the key's own; here
/// it is kept nowhere, as the key gives it.
struct HashShards {
  std::string column;        // the hidden one's name: "kwdb_internal_user_id_shard_8"
  std::vector<int> columns;  // of the key, by place in the table and in the order of their names
  std::vector<DataType> types;        // along them
  std::vector<uint32_t> value_types;  // along them, as SqlPartitionKeyPart has it
  int32_t buckets = 0;

  /// SQL's type of the hidden column.
  static constexpr const char* kType = "integer";
};

/// Nothing for a table whose primary key is not sharded.
std::optional<HashShards> HashShardsOf(const Relation& table);
/// Those of the primary key, then those of indexes. Equal ones are there once: KWDB has one column for them.
std::vector<HashShards> AllHashShardsOf(const Relation& table);
/// "kwdb_internal_a_b_shard_4"
std::string ShardColumnName(std::vector<std::string> columns, int32_t shards);

/// Whether it is the name of one of the table's hidden columns.
bool IsShardColumn(const Relation& table, std::string_view name);

/// The hidden column as a part of a partition key.
SqlPartitionKeyPart ShardPart();

/// The columns of the primary key as KWDB has them, the hidden one first.
std::vector<std::string> KwdbKeyColumns(const Relation& table);

/// The constraint on the hidden column, which no row can break: its name and its condition.
SqlConstraint ShardCheck(const HashShards& shards);

/// 42P16: the shard of a computed column cannot be computed from it.
Status ShardOfComputed();

/// 0A000 for a statement that makes a sharded key or index in a session that has not allowed it.
Status CheckMayShard(const CreateTable& statement, bool allowed);
Status CheckMayShard(const CreateIndex& statement, bool allowed);

}  // namespace weir::sql
