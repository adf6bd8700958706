#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "tests/storage/bucket_fixture.h"
#include "tests/storage/kill_child.h"
#include "types/arrow_mapping.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(BucketTest, PutsGetTheOffsetsAndChangeTypesOfFluss) {
  CreateDefaultTable();
  EXPECT_EQ(Put({Up({1, "a", 1}), Up({2, "b", 2})})->end_offset, 2);
  EXPECT_EQ(Put({Up({1, "c", 3}), Del({2})})->end_offset, 5);
  const auto last = Put({Up({1, nullptr, 9})}, {0, 2});
  ASSERT_OK(last);
  EXPECT_EQ(last->base_offset, 5);
  EXPECT_EQ(last->end_offset, 7);
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 1)", "1:+I(2, b, 2)", "2:-U(1, a, 1)", "3:+U(1, c, 3)",
                                            "4:-D(2, b, 2)", "5:-U(1, c, 3)", "6:+U(1, c, 9)"));
  EXPECT_EQ(Find({1}), "(1, c, 9)");
  EXPECT_EQ(Find({2}), "none");
}

TEST_F(BucketTest, ABatchSeesItsOwnEarlierRecords) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "a", 1}), Up({1, "b", 2}), Del({1}), Del({1}), Up({1, "c", 3}), Up({1, "c", 3})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 1)", "1:-U(1, a, 1)", "2:+U(1, b, 2)", "3:-D(1, b, 2)",
                                            "4:+I(1, c, 3)", "5:-U(1, c, 3)", "6:+U(1, c, 3)"));
  EXPECT_EQ(Find({1}), "(1, c, 3)");
}

TEST_F(BucketTest, WalImageWritesNoOldRowsAndLooksNothingUp) {
  CreateDefaultTable({{"table.changelog.image", "WAL"}});
  ASSERT_OK(Put({Up({1, "a", 1})}));
  ASSERT_OK(Put({Up({1, "b", 2}), Del({1}), Del({2}), Up({1, "c", 3})}));
  ASSERT_OK(Put({Up({1, nullptr, 4})}, {0, 2}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+U(1, a, 1)", "1:+U(1, b, 2)", "2:-D(1, b, 2)", "3:+U(1, c, 3)",
                                            "4:+U(1, c, 4)"));
  EXPECT_EQ(*bucket_->RowCount(), 1);
  ASSERT_OK(Put({Up({5, "x", 1})}));
  EXPECT_EQ(*bucket_->RowCount(), 2);
}

TEST_F(BucketTest, EveryLogFormatAndCompressionCarriesTheChangelog) {
  const std::vector<Properties> tables = {
      {{"table.log.format", "COMPACTED"}},
      {{"table.log.format", "INDEXED"}, {"table.kv.format", "INDEXED"}},
      {{"table.log.arrow.compression.type", "NONE"}},
      {{"table.log.arrow.compression.type", "LZ4_FRAME"}},
  };
  for (const Properties& properties : tables) {
    SCOPED_TRACE(properties.begin()->second);
    CloseAll();
    std::filesystem::remove_all(directory_ / "log");
    std::filesystem::remove_all(directory_ / "kv");
    OpenStore();
    CreateDefaultTable(properties);
    ASSERT_OK(Put({Up({1, "a", 1}), Up({1, "b", nullptr})}));
    EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 1)", "1:-U(1, a, 1)", "2:+U(1, b, null)"));
    CloseAll();
    std::filesystem::remove_all(directory_ / "kv");
    OpenStore();
    OpenBucket();
    EXPECT_EQ(Find({1}), "(1, b, null)");
  }
}

TEST_F(BucketTest, PartialUpdatesAndDeletesTouchOnlyTheirColumns) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "ignored", 5})}, {0, 2}));
  ASSERT_OK(Put({Up({1, "n", 99})}, {1, 0}));
  ASSERT_OK(Put({Up({1, "x", 1})}, {0}));
  ASSERT_OK(Put({Del({1})}, {0, 2}));
  ASSERT_OK(Put({Del({1})}, {0, 1}));
  ASSERT_OK(Put({Up({2, "x", 1})}, {2, 1, 0}));
  EXPECT_THAT(ChangelogFrom(0),
              ElementsAre("0:+I(1, null, 5)", "1:-U(1, null, 5)", "2:+U(1, n, 5)", "3:empty", "4:-U(1, n, 5)",
                          "5:+U(1, n, null)", "6:-D(1, n, null)", "7:+I(2, x, 1)"));
}

TEST_F(BucketTest, PartialUpdateRules) {
  CreateTable({{"id", DataType::Int()}, {"a", DataType::String().NotNull()}, {"b", DataType::Int()}}, {});
  auto result = Put({Up({1, "a", 1})}, {1, 2});
  EXPECT_EQ(result.status().code(), ErrorCode::kInvalidTargetColumn);
  EXPECT_THAT(result.status().message(), HasSubstr("'id'"));
  result = Put({Up({1, "a", 1})}, {0, 2});
  EXPECT_EQ(result.status().code(), ErrorCode::kInvalidTargetColumn);
  EXPECT_THAT(result.status().message(), HasSubstr("'a'"));
  for (const int column : {3, -1}) {
    EXPECT_EQ(Put({Up({1, "a", 1})}, {0, column}).status().code(), ErrorCode::kInvalidTargetColumn);
  }
  EXPECT_EQ(Put({Up({1, "a", 1})}, {}, 2).status().code(), ErrorCode::kUnsupportedVersion);
  ASSERT_OK(Put({Up({1, "a", 1})}, {0, 1, 2}));
  EXPECT_EQ(bucket_->log().end_offset(), 1);
}

TEST_F(BucketTest, AutoIncrementIsAssignedOncePerNewKey) {
  CreateTable({{"id", DataType::Int()}, {"n", DataType::BigInt()}, {"v", DataType::String()}},
              {{"table.auto-increment.cache-size", "2"}}, {"id"}, {}, "n");
  ASSERT_OK(Put({Up({1, nullptr, "a"}), Up({2, 77, "b"}), Up({1, nullptr, "c"}), Up({3, nullptr, "d"})}, {0, 2}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, 1, a)", "1:+I(2, 2, b)", "2:-U(1, 1, a)", "3:+U(1, 1, c)",
                                            "4:+I(3, 3, d)"));
  EXPECT_EQ(Put({Up({4, 1, "x"})}).status().code(), ErrorCode::kInvalidTargetColumn);
  EXPECT_EQ(Put({Up({4, 1, "x"})}, {0, 1}).status().code(), ErrorCode::kInvalidTargetColumn);
  ASSERT_OK(Put({Del({2})}, {0, 2}));
  EXPECT_EQ(Find({2}), "none");
}

TEST_F(BucketTest, UnusedAutoIncrementValuesAreGivenBackOnce) {
  CreateTable({{"id", DataType::Int()}, {"n", DataType::BigInt()}}, {{"table.auto-increment.cache-size", "5"}}, {"id"},
              {}, "n");
  ASSERT_OK(Put({Up({1, nullptr}), Up({2, nullptr})}, {0}));
  ASSERT_OK(bucket_->Close());
  EXPECT_EQ(returned_auto_, (ValueRange{3, 6}));
  returned_auto_ = {};
  ASSERT_OK(bucket_->Close());
  EXPECT_TRUE(returned_auto_.empty());
}

TEST_F(BucketTest, AutoIncrementWithWalImageStillLooksUp) {
  CreateTable({{"id", DataType::Int()}, {"n", DataType::Int()}, {"v", DataType::String()}},
              {{"table.changelog.image", "WAL"}}, {"id"}, {}, "n");
  ASSERT_OK(Put({Up({1, nullptr, "a"}), Up({1, nullptr, "b"})}, {0, 2}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, 1, a)", "1:+U(1, 1, b)"));
}

TEST_F(BucketTest, DeleteBehaviours) {
  CreateDefaultTable({{"table.delete.behavior", "ignore"}});
  ASSERT_OK(Put({Up({1, "a", 1}), Del({1})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 1)"));
  ASSERT_OK(Put({Del({1})}, {}, /*agg_mode=*/1));
  EXPECT_EQ(Find({1}), "none");
}

TEST_F(BucketTest, ADisabledDeleteFailsTheWholeBatchAndLeavesNoSequence) {
  CreateDefaultTable({{"table.delete.behavior", "disable"}});
  const auto result = PutBytes(KvBatch({Up({1, "a", 1}), Del({1})}, 4, 0));
  EXPECT_EQ(result.status().code(), ErrorCode::kDeletionDisabled);
  EXPECT_EQ(bucket_->log().end_offset(), 0);
  EXPECT_EQ(Find({1}), "none");
  ASSERT_OK(PutBytes(KvBatch({Up({1, "a", 1})}, 4, 0)));
}

TEST_F(BucketTest, DuplicatesAnswerAsTheOriginalAndChangeNothing) {
  CreateDefaultTable();
  const std::string first = KvBatch({Up({1, "a", 1}), Up({2, "b", 2})}, 4, 0);
  ASSERT_OK(PutBytes(first));
  ASSERT_OK(PutBytes(KvBatch({Up({1, "c", 3})}, 4, 1)));
  const auto again = PutBytes(first);
  ASSERT_OK(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->end_offset, 2);
  EXPECT_EQ(bucket_->log().end_offset(), 4);
  EXPECT_EQ(Find({1}), "(1, c, 3)");
  EXPECT_EQ(PutBytes(KvBatch({Up({1, "d", 4})}, 4, 3)).status().code(), ErrorCode::kOutOfOrderSequence);
  EXPECT_EQ(PutBytes(KvBatch({Up({1, "d", 4})}, 5, 5)).status().code(), ErrorCode::kOutOfOrderSequence);
  EXPECT_EQ(Find({1}), "(1, c, 3)");
}

TEST_F(BucketTest, ABatchThatChangesNothingTakesOneOffsetAndItsSequence) {
  CreateDefaultTable();
  ASSERT_OK(PutBytes(KvBatch({Del({1})}, 4, 0)));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:empty"));
  EXPECT_TRUE(PutBytes(KvBatch({Del({1})}, 4, 0))->duplicate);
  ASSERT_OK(PutBytes(KvBatch({Del({1})}, 4, 1)));
  EXPECT_EQ(bucket_->log().end_offset(), 2);
}

TEST_F(BucketTest, MalformedBatchesChangeNothing) {
  CreateDefaultTable();
  const std::string good = KvBatch({Up({1, "a", 1}), Up({2, "b", 2})}, -1, -1);
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(PutBytes(good.substr(0, size)).ok());
  for (size_t i = 9; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    EXPECT_EQ(PutBytes(bad).status().code(), ErrorCode::kCorruptMessage);
  }
  KvBatchBuilder builder;
  builder.Upsert(Key({1}), std::string_view("\x00\x01\xFF", 3));  // the name's length goes past the end
  EXPECT_EQ(PutBytes(builder.Finish(1, -1, -1)).status().code(), ErrorCode::kCorruptRecord);
  builder.Delete(Key({1}));
  EXPECT_EQ(PutBytes(builder.Finish(2, -1, -1)).status().code(), ErrorCode::kSchemaNotExist);
  EXPECT_EQ(bucket_->log().end_offset(), 0);
}

TEST_F(BucketTest, RowsOfOlderSchemasArePaddedById) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "a", 1}), Up({2, "b", 2})}));
  AddColumns({{"extra", DataType::String()}});
  EXPECT_EQ(Find({1}), "(1, a, 1, null)");
  ASSERT_OK(Put({Up({1, "c", 3, "e"})}));
  ASSERT_OK(PutBytes(KvBatch({Up({3, "old", 4})}, -1, -1, /*schema_id=*/1)));
  ASSERT_OK(Put({Up({2, nullptr, nullptr, "late"})}, {0, 3}));
  EXPECT_THAT(ChangelogFrom(2), ElementsAre("2:-U(1, a, 1, null)", "3:+U(1, c, 3, e)", "4:+I(3, old, 4, null)",
                                            "5:-U(2, b, 2, null)", "6:+U(2, b, 2, late)"));
  CloseAll();
  std::filesystem::remove_all(directory_ / "kv");
  OpenStore();
  OpenBucket();
  EXPECT_EQ(Find({1}), "(1, c, 3, e)");
  EXPECT_EQ(Find({2}), "(2, b, 2, late)");
  EXPECT_EQ(Find({3}), "(3, old, 4, null)");
}

TEST_F(BucketTest, ALostRowStoreIsRebuiltFromTheChangelog) {
  CreateDefaultTable();
  for (int i = 0; i < 300; ++i) ASSERT_OK(Put({Up({i, "a", i}), Up({i + 1, "b", i})}));
  for (int i = 0; i < 300; i += 3) ASSERT_OK(Put({Del({i})}));
  CloseAll();
  std::filesystem::remove_all(directory_ / "kv");
  OpenStore();
  OpenBucket();
  EXPECT_EQ(*bucket_->RowCount(), 201);
  EXPECT_EQ(Find({0}), "none");
  EXPECT_EQ(Find({1}), "(1, a, 1)");
  EXPECT_EQ(Find({300}), "(300, b, 299)");
}

TEST_F(BucketTest, AfterAKillEveryWrittenRowIsThere) {
  const char* child_directory = getenv(kChildDirectory);
  if (child_directory != nullptr) {
    CloseAll();
    std::filesystem::remove_all(directory_);
    directory_ = child_directory;
    OpenStore();
  }
  CreateDefaultTable();
  if (child_directory != nullptr) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_OK(Put({Up({i, "a", i}), Up({0, "zero", i})}));
      if (i == 50) {
        ASSERT_OK(kv_->Flush());
      }
    }
    kill(getpid(), SIGKILL);
  }
  CloseAll();
  ASSERT_TRUE(RunUntilKilled("BucketTest.AfterAKillEveryWrittenRowIsThere", directory_.string()));
  OpenStore();
  const int64_t before = *kv_->AppliedOffset(id_);
  EXPECT_GT(before, 0);
  OpenBucket();
  EXPECT_LT(before, bucket_->log().end_offset());
  EXPECT_EQ(*kv_->AppliedOffset(id_), bucket_->log().end_offset());
  EXPECT_EQ(*bucket_->RowCount(), 100);
  EXPECT_EQ(Find({0}), "(0, zero, 99)");
  EXPECT_EQ(Find({99}), "(99, a, 99)");
}

TEST_F(BucketTest, RowsAheadOfTheirLogAreAnError) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "a", 1}), Up({2, "b", 2})}));
  CloseAll();
  std::filesystem::remove_all(directory_ / "log");
  OpenStore();
  const auto bucket = Bucket::Open(id_, table_, directory_ / "log", log_options_, syncer_, kv_.get());
  ASSERT_FALSE(bucket.ok());
  EXPECT_EQ(bucket.status().code(), ErrorCode::kKvStorageException);
  EXPECT_THAT(bucket.status().message(), HasSubstr("offset 2"));
  EXPECT_THAT(bucket.status().message(), HasSubstr("ends at 0"));
}

TEST_F(BucketTest, RetentionKeepsWhatRecoveryNeeds) {
  log_options_.segment_bytes = 512;
  CreateDefaultTable();
  for (int i = 0; i < 50; ++i) ASSERT_OK(Put({Up({i, "a", i})}));
  const int64_t later = log_options_.now_ms() + 1000;
  ASSERT_OK(bucket_->ApplyRetention(later, std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(bucket_->log().start_offset(), 0);
  ASSERT_OK(kv_->Flush());
  ASSERT_OK(bucket_->ApplyRetention(later, std::numeric_limits<int64_t>::max()));
  EXPECT_GT(bucket_->log().start_offset(), 0);
  CloseAll();
  OpenStore();
  OpenBucket();
  EXPECT_EQ(*bucket_->RowCount(), 50);
}

TEST_F(BucketTest, PrefixLookupGivesTheRowsOfAPrefixInKeyOrder) {
  CreateTable({{"a", DataType::Int().NotNull()}, {"b", DataType::Int().NotNull()}, {"v", DataType::String()}}, {},
              {"a", "b"}, {"a"});
  ASSERT_OK(Put({Up({1, 3, "x"}), Up({1, 2, "y"}), Up({2, 1, "z"}), Up({1, 7, "w"})}));
  std::string prefix;
  const std::vector<Datum> row{Datum::Int(1), Datum::Int(0), Datum::Null()};
  ASSERT_OK(EncodeKey(KeyEncoding::kCompacted, table_->descriptor.schema.types(), {0}, row, &prefix));
  const auto values = bucket_->PrefixLookup(prefix);
  ASSERT_OK(values);
  std::vector<std::string> shown;
  for (const std::string& value : *values) shown.push_back(ShowValue(value));
  EXPECT_THAT(shown, ElementsAre("(1, 2, y)", "(1, 3, x)", "(1, 7, w)"));
}

TEST_F(BucketTest, LookupOrInsertAddsMissingKeysOnce) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "a", 1})}));
  const auto values = bucket_->LookupOrInsert({Key({5}), Key({1}), Key({5})});
  ASSERT_OK(values);
  EXPECT_EQ(ShowValue(*(*values)[0]), "(5, null, null)");
  EXPECT_EQ(ShowValue(*(*values)[1]), "(1, a, 1)");
  EXPECT_EQ(ShowValue(*(*values)[2]), "(5, null, null)");
  EXPECT_EQ((*values)[0]->substr(0, 2), std::string("\x01\x00", 2));
  EXPECT_THAT(ChangelogFrom(1), ElementsAre("1:+I(5, null, null)"));
  EXPECT_EQ(bucket_->LookupOrInsert({std::string("\x01\x02\x03", 3)}).status().code(), ErrorCode::kCorruptRecord);
}

TEST_F(BucketTest, LookupOrInsertFillsThePartitionColumns) {
  id_.partition_id = 3;
  CreateTable({{"id", DataType::Int()}, {"day", DataType::Date()}, {"v", DataType::String()}}, {}, {"id", "day"},
              {"id"});
  CloseAll();
  auto table = std::make_shared<TableContext>(*table_);
  table->descriptor.partition_keys = {"day"};
  table->partition_spec = [](int64_t) -> Result<PartitionSpec> { return PartitionSpec{{"day", "1970-01-11"}}; };
  table_ = table;
  layout_ = *MakeKeyLayout(table_->descriptor, table_->options);
  OpenStore();
  OpenBucket();
  const auto values = bucket_->LookupOrInsert({Key({5, 10})});
  ASSERT_OK(values);
  EXPECT_EQ(ShowValue(*(*values)[0]), "(5, 10, null)");
}

TEST_F(BucketTest, LimitScanSnapshotAndRowCount) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({3, "c", 3}), Up({1, "a", 1}), Up({2, "b", 2})}));
  const auto bytes = bucket_->LimitScan(2);
  ASSERT_OK(bytes);
  const auto values = ParseValueBatch(*bytes);
  ASSERT_OK(values);
  ASSERT_EQ(values->size(), 2u);
  EXPECT_EQ(ShowValue((*values)[0]), "(1, a, 1)");
  EXPECT_EQ(ParseValueBatch(*bucket_->LimitScan(0))->size(), 0u);
  EXPECT_EQ(*bucket_->RowCount(), 3);
  auto snapshot = bucket_->OpenSnapshot();
  ASSERT_OK(snapshot);
  EXPECT_EQ(snapshot->log_offset, 3);
  ASSERT_OK(Put({Del({1}), Del({9}), Up({4, "d", 4}), Up({5, "e", 5}), Up({5, "f", 5})}));
  EXPECT_EQ(*bucket_->RowCount(), 4);
  int rows = 0;
  for (; snapshot->rows->Valid(); snapshot->rows->Next()) ++rows;
  EXPECT_EQ(rows, 3);
}

TEST_F(BucketTest, ADroppedAndRecreatedTableStartsEmpty) {
  CreateDefaultTable();
  ASSERT_OK(Put({Up({1, "a", 1})}));
  ASSERT_OK(bucket_->Close());
  ASSERT_OK(kv_->DropTable(id_.table_id));
  std::filesystem::remove_all(directory_ / "log");
  id_.table_id = 8;
  OpenBucket();
  EXPECT_EQ(Find({1}), "none");
  ASSERT_OK(Put({Up({1, "b", 2})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, b, 2)"));
}

TEST_F(BucketTest, LogTablesTakeAppendsThatFitThem) {
  CreateTable({{"a", DataType::Int()}, {"b", DataType::String()}}, {}, {});
  auto batch = [&](int16_t schema_id, PayloadFormat format, std::vector<ChangeType> types) {
    auto rows = *ArrowRowBuilder::Make(ToArrowSchema(table_->descriptor.schema, LtzZone::kNone),
                                       table_->descriptor.schema.types());
    const std::vector<Datum> row{Datum::Int(1), Datum::Bytes("x")};
    EXPECT_TRUE(rows.Append(row).ok());
    LogBatchOptions options;
    options.schema_id = schema_id;
    options.format = format;
    return *EncodeLogBatch(**rows.Finish(), types, table_->descriptor.schema, options);
  };
  ASSERT_OK(bucket_->Append(batch(1, PayloadFormat::kArrow, {})));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+A(1, x)"));
  EXPECT_EQ(bucket_->Append(batch(2, PayloadFormat::kArrow, {})).status().code(), ErrorCode::kSchemaNotExist);
  // Not codes that writers answer by sending the batch again.
  EXPECT_EQ(bucket_->Append(batch(1, PayloadFormat::kCompacted, {})).status().code(), ErrorCode::kInvalidTable);
  EXPECT_EQ(bucket_->Append(batch(1, PayloadFormat::kArrow, {ChangeType::kInsert})).status().code(),
            ErrorCode::kInvalidTable);
  EXPECT_EQ(bucket_->Lookup({"k"}).status().code(), ErrorCode::kNonPrimaryKeyTable);
  EXPECT_EQ(bucket_->Put({}, {}, 0).status().code(), ErrorCode::kNonPrimaryKeyTable);
  EXPECT_EQ(*bucket_->RowCount(), 1);
}

TEST_F(BucketTest, AppendsAreTakenWhateverTheFlagOfTheirBatchSays) {
  for (const auto& [name, format] : {std::pair("ARROW", PayloadFormat::kArrow),
                                     std::pair("INDEXED", PayloadFormat::kIndexed)}) {
    SCOPED_TRACE(name);
    CreateTable({{"a", DataType::Int()}, {"b", DataType::String()}}, {{"table.log.format", name}}, {});
    const auto batch = [&, format = format](ChangeType type) {
      auto rows = *ArrowRowBuilder::Make(ToArrowSchema(table_->descriptor.schema, LtzZone::kNone),
                                         table_->descriptor.schema.types());
      const std::vector<Datum> row{Datum::Int(1), Datum::Bytes("x")};
      EXPECT_TRUE(rows.Append(row).ok());
      LogBatchOptions options;
      options.format = format;
      return *EncodeLogBatch(**rows.Finish(), std::vector<ChangeType>{type}, table_->descriptor.schema, options);
    };
    EXPECT_FALSE(ParseLogBatchHeader(std::string_view(*batch(ChangeType::kAppendOnly)))->append_only);
    ASSERT_OK(bucket_->Append(batch(ChangeType::kAppendOnly)));
    EXPECT_EQ(bucket_->Append(batch(ChangeType::kDelete)).status().code(), ErrorCode::kInvalidTable);
    EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+A(1, x)"));
    ASSERT_OK(bucket_->Close());
    ++id_.table_id;
    std::filesystem::remove_all(directory_ / "log");
  }
}

TEST_F(BucketTest, APrimaryKeyTableTakesNoAppends) {
  CreateDefaultTable();
  EXPECT_EQ(bucket_->Append(EncodeEmptyLogBatch(1, -1, -1)).status().code(), ErrorCode::kInvalidTable);
}

TEST_F(BucketTest, PutsAndLookupsRunSideBySide) {
  CreateDefaultTable();
  constexpr int kWriters = 2;
  constexpr int kPuts = 50;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  const std::string key = Key({0});
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kPuts; ++i) {
        if (!Put({Up({0, "shared", i}), Up({1 + w * kPuts + i, "own", i})}).ok()) ++failures;
      }
    });
  }
  std::thread reader([&] {
    while (!done) {
      if (!bucket_->Lookup({key}).ok() || !bucket_->OpenSnapshot().ok() || !bucket_->RowCount().ok()) ++failures;
    }
  });
  for (auto& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(*bucket_->RowCount(), 1 + kWriters * kPuts);
  // One +I each, and -U and +U for all but the first write of the shared row.
  EXPECT_EQ(bucket_->log().end_offset(), kWriters * kPuts + 1 + 2 * (kWriters * kPuts - 1));
}

}  // namespace
}  // namespace weir
