#include "sql/transaction/leaf_cache.h"

#include <arrow/api.h>

#include "client/connection_impl.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

TEST(LeafCache, LeavesOfRelationsThatNobodyKnowsGoWithTheirColumns) {
  const TempDirectory directory;
  const std::shared_ptr<Gateway> gateway = OpenGateway(directory.path());
  const auto columns = std::make_shared<ColumnCache>(gateway->memory());
  LeafCache cache(MakeConnection(Config(), gateway), columns);
  const std::shared_ptr<arrow::Array> values = *arrow::MakeArrayOfNull(arrow::int64(), 10);
  const auto use = [&](const RelationPtr& relation) {
    const TableBucket bucket = Get(cache.Get(relation))->bucket(0);
    columns->Add(bucket, LogBatchHeader(), 0, values);
    return bucket;
  };
  const RelationPtr known = MakeLog(*gateway, "known", 1);
  const TableBucket of_known = use(known);
  const TableBucket of_dropped = use(MakeLog(*gateway, "dropped", 1));
  EXPECT_NE(columns->Find(of_dropped, LogBatchHeader(), 0), nullptr);
  for (int i = 0; i < 70; ++i) use(MakeLog(*gateway, "t" + std::to_string(i), 1));
  EXPECT_EQ(columns->Find(of_dropped, LogBatchHeader(), 0), nullptr);
  EXPECT_NE(columns->Find(of_known, LogBatchHeader(), 0), nullptr);
}

}  // namespace
}  // namespace weir::sql
