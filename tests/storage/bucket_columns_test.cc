#include "storage/bucket_columns.h"

#include <arrow/array/array_binary.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/storage/bucket_fixture.h"

namespace weir {
namespace {

class BucketColumnsTest : public BucketTest {
 protected:
  std::optional<KvColumns> Columns() {
    auto scan = bucket_->Scan(table_->schema_id);
    EXPECT_TRUE(scan.ok()) << scan.status().ToString();
    EXPECT_NE(scan->columns.has_value(), scan->rows != nullptr);
    return scan->columns;
  }

  /// The rows of columns; each batch's keys are those of its rows.
  std::multiset<std::string> RowsOf(const KvColumns& columns) {
    std::multiset<std::string> rows;
    const std::vector<DataType> types = schemas_.at(columns.schema_id).types();
    int64_t at = 0;
    Arena arena;
    for (const auto& batch : columns.batches) {
      const int last = batch->num_columns() - 1;
      const auto& keys = static_cast<const arrow::BinaryArray&>(*batch->column(last));
      const auto reader = ArrowRowReader::Make(*batch->RemoveColumn(last), types);
      EXPECT_TRUE(reader.ok());
      std::vector<Datum> row(types.size());
      for (int64_t i = 0; i < batch->num_rows(); ++i, ++at) {
        reader->Read(i, &arena, row);
        EXPECT_EQ(keys.GetView(i), Key({Cell(row[0])}));
        if (columns.gone && ((*columns.gone)[at / 64] >> (at % 64) & 1) != 0) continue;
        rows.insert(ShowRow(types, row));
      }
    }
    if (columns.others == nullptr) return rows;
    const auto values = ParseValueBatch(std::string_view(*columns.others));
    EXPECT_TRUE(values.ok());
    for (const std::string_view value : *values) rows.insert(ShowValue(value));
    return rows;
  }

  std::multiset<std::string> StoredRows() {
    std::multiset<std::string> rows;
    const auto snapshot = bucket_->OpenSnapshot();
    EXPECT_TRUE(snapshot.ok());
    for (; snapshot->rows->Valid(); snapshot->rows->Next()) rows.insert(ShowValue(snapshot->rows->value()));
    return rows;
  }

  void PutMany(int begin, int end) {
    std::vector<Op> ops;
    for (int i = begin; i < end; ++i) ops.push_back(Up({i, "n", i}));
    ASSERT_OK(Put(ops));
  }
};

TEST_F(BucketColumnsTest, AreKeptFromTheSecondTimeOn) {
  CreateDefaultTable();
  PutMany(0, 3);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Columns()) << "there are too few rows";
  PutMany(3, 10);
  EXPECT_FALSE(Columns());
  const auto columns = Columns();
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->log_offset, 10);
  EXPECT_EQ(columns->batches.size(), 1u);
  EXPECT_EQ(columns->gone, nullptr);
  EXPECT_EQ(columns->others, nullptr);
  EXPECT_EQ(RowsOf(*columns), StoredRows());
  EXPECT_TRUE(std::filesystem::is_empty(column_files_.directory)) << "the file has no name";
}

TEST_F(BucketColumnsTest, FollowWhatChanges) {
  CreateDefaultTable();
  PutMany(0, 40);
  (void)Columns();
  const auto before = Columns();
  ASSERT_TRUE(before);
  const auto rows_before = RowsOf(*before);
  ASSERT_OK(Put({Up({1, "changed", 1}), Del({2}), Up({100, "new", 1}), Up({101, "new", 1}), Del({101}), Del({102})}));
  const auto after = Columns();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->batches, before->batches);
  EXPECT_EQ(RowsOf(*after), StoredRows());
  EXPECT_EQ(RowsOf(*before), rows_before) << "what was read before stays as it was";
  ASSERT_OK(Put({Up({2, "back", 1}), Up({1, "again", 1}), Del({100})}));
  EXPECT_EQ(RowsOf(*Columns()), StoredRows());
}

TEST_F(BucketColumnsTest, AreMadeAnewWhenTooMuchHasChanged) {
  CreateDefaultTable();
  PutMany(0, 40);
  (void)Columns();
  ASSERT_TRUE(Columns());
  PutMany(20, 60);
  EXPECT_FALSE(Columns());
  const auto columns = Columns();
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->gone, nullptr);
  EXPECT_EQ(RowsOf(*columns), StoredRows());
}

TEST_F(BucketColumnsTest, AreThoseOfTheLatestSchema) {
  CreateDefaultTable();
  PutMany(0, 40);
  (void)Columns();
  ASSERT_TRUE(Columns());
  AddColumns({{"more", DataType::Int()}});
  EXPECT_FALSE(Columns());
  ASSERT_OK(Put({Up({1, "wide", 1, 7})}));
  const auto columns = Columns();
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->schema_id, table_->schema_id);
  EXPECT_EQ(RowsOf(*columns), StoredRows());
}

TEST_F(BucketColumnsTest, AreNotKeptWithoutRoom) {
  column_files_.most_bytes = 100;
  CloseAll();
  OpenStore();
  CreateDefaultTable();
  PutMany(0, 40);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Columns());
  EXPECT_TRUE(std::filesystem::is_empty(column_files_.directory));
}

TEST_F(BucketColumnsTest, GiveTheOldRowsOfManyKeys) {
  CreateDefaultTable();
  PutMany(0, 4000);
  (void)Columns();
  ASSERT_TRUE(Columns());
  std::map<int, std::string> rows;
  for (int key = 0; key < 4000; ++key) rows[key] = fmt::format("({}, n, {})", key, key);
  std::vector<std::string> expected;
  const auto expect = [&](std::string_view change, const std::string& row) {
    expected.push_back(fmt::format("{}:{}{}", 4000 + expected.size(), change, row));
  };
  const auto follow = [&](const std::vector<Op>& ops) {
    for (const Op& op : ops) {
      const auto key = static_cast<int>(op.row[0].datum.as_int());
      const auto old = rows.find(key);
      if (op.erase) {
        if (old == rows.end()) continue;
        expect("-D", old->second);
        rows.erase(old);
        continue;
      }
      const std::string row = fmt::format("({}, {}, {})", key, op.row[1].datum.as_bytes(), op.row[2].datum.as_int());
      if (old != rows.end()) expect("-U", old->second);
      expect(old == rows.end() ? "+I" : "+U", row);
      rows[key] = row;
    }
    ASSERT_OK(Put(ops));
  };
  follow({Up({1, "changed", 1}), Del({2}), Up({5000, "new", 1}), Up({3, "changed", 2}), Del({6})});
  std::vector<Op> ops;
  for (int key = 0; key < 4000; ++key) {
    if (key % 4 == 0) ops.push_back(Del({key}));
    if (key % 4 == 1 || key % 512 == 0) ops.push_back(Up({key, "more", key + 1}));
  }
  ops.insert(ops.end(), {Del({5000}), Del({9000}), Up({9001, "new", 1}), Del({9001}), Del({1})});
  follow(ops);
  std::shuffle(ops.begin(), ops.end(), std::mt19937(3));
  (void)Columns();
  ASSERT_TRUE(Columns());
  follow(ops);
  EXPECT_EQ(ChangelogFrom(4000), expected);
  std::multiset<std::string> left;
  for (const auto& [key, row] : rows) left.insert(row);
  EXPECT_EQ(StoredRows(), left);
}

TEST_F(BucketColumnsTest, AreTheRowsWhateverHappens) {
  CreateDefaultTable();
  std::mt19937 random(7);
  int kept = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<Op> ops;
    for (uint32_t i = 0, count = random() % (round % 10 == 0 ? 60 : 4); i < count; ++i) {
      const int key = static_cast<int>(random() % 200);
      ops.push_back(random() % 3 == 0 ? Del({key}) : Up({key, "n", round}));
    }
    if (!ops.empty()) {
      ASSERT_OK(Put(ops));
    }
    const auto columns = Columns();
    if (!columns) continue;
    ++kept;
    ASSERT_EQ(RowsOf(*columns), StoredRows()) << round;
  }
  EXPECT_GT(kept, 20);
}

}  // namespace
}  // namespace weir
