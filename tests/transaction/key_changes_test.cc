#include "sql/transaction/key_changes.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

using Changes = KeyChanges;

std::shared_ptr<arrow::RecordBatch> WithoutColumns(int64_t count) {
  return arrow::RecordBatch::Make(arrow::schema({}), count, arrow::ArrayVector{});
}

/// Key → row, −1: deleted.
std::map<std::string, int64_t> Shown(const Changes::View& view) {
  std::map<std::string, int64_t> shown;
  for (size_t layer = 0; layer < view.layers.size(); ++layer) {
    const Changes::Layer& one = *view.layers[layer];
    EXPECT_EQ(one.rows.empty(), one.added.empty());
    for (const Changes::Layer::Row& row : one.rows) {
      const auto batch = std::ranges::upper_bound(one.added, row.number, {}, &Changes::Rows::first) - 1;
      EXPECT_LT(row.number, batch->first + batch->batch->num_rows());
    }
    for (int64_t key = 0; key < one.keys.size(); ++key) {
      EXPECT_TRUE(view.Hides(one.keys.key(key)));
      EXPECT_EQ(one.buckets[key], static_cast<int32_t>(one.keys.key(key).size()));
      if (!view.IsOlder(layer, one.keys.key(key))) shown[std::string(one.keys.key(key))] = one.row_of[key];
    }
  }
  return shown;
}

class KeyChangesTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, KeyChangesTest, testing::Range(0, 10));

/// Each statement sees what those before it have left, whatever of it was taken back.
TEST_P(KeyChangesTest, AViewIsWhatWasThereWhenItsStatementBegan) {
  std::mt19937 random(static_cast<uint32_t>(GetParam()));
  Changes changes;
  std::map<std::string, int64_t> model;
  std::vector<std::pair<Changes::Mark, std::map<std::string, int64_t>>> savepoints;
  std::vector<std::pair<std::shared_ptr<const Changes::View>, std::map<std::string, int64_t>>> seen;
  for (int64_t statement = 1; statement <= 150; ++statement) {
    const auto before = model;
    const bool early = random() % 2 == 0;
    if (early) seen.emplace_back(changes.ViewOf(statement), before);
    for (uint32_t i = 0, count = random() % (statement % 20 == 0 ? 80 : 4); i < count; ++i) {
      const std::string name = std::to_string(random() % 120);
      const int64_t key = changes.Touch(name, static_cast<int32_t>(name.size()));
      const bool erase = random() % 3 == 0;
      const int64_t row = erase ? -1 : changes.AddRows(WithoutColumns(1 + static_cast<int64_t>(random() % 3)));
      changes.Change(key, erase ? Changes::Op::kDelete : Changes::Op::kUpsert, row, statement);
      model[name] = row;
    }
    if (!early) seen.emplace_back(changes.ViewOf(statement), before);
    if (random() % 5 == 0) savepoints.emplace_back(changes.mark(), model);
    if (savepoints.empty() || random() % 8 != 0) continue;
    changes.RollbackTo(savepoints.back().first);
    model = savepoints.back().second;
    if (random() % 2 == 0) savepoints.pop_back();
  }
  for (const auto& [view, expected] : seen) EXPECT_EQ(Shown(*view), expected);
  EXPECT_LT(changes.ViewOf(1000)->layers.size(), 12u);
}

}  // namespace
}  // namespace weir::sql
