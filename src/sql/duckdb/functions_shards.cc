#include "postgres/shard.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

/// kwdb_shard(buckets, value, …), which KWDB's hidden columns stand for (analyze/shard_column.h).
Result<postgres::Value> ShardOfValues(const TypedArguments& arguments) {
  std::vector<std::string> texts;
  for (size_t i = 1; i < arguments.size(); ++i) {
    texts.push_back(postgres::ShardText(arguments.type(i), arguments.value(i)));
  }
  return postgres::Value(postgres::ShardOf(texts, arguments.get<int32_t>(0)));
}

}  // namespace

void AddShards(FunctionList* list) { AddTypedHelper(list, "pg.kwdb_shard(int4,any)", ShardOfValues, false); }

}  // namespace weir::sql::duck
