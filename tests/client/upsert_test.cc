#include "client_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;

std::string NameOf(const Table& table, int id) {
  const auto row = Get(Get(table.NewLookuper()).Lookup(Row(id)));
  if (!row) return "(none)";
  return row->values[1].is_null() ? "(null)" : std::string(row->values[1].as_bytes());
}

/// (id INT, name STRING, score BIGINT), primary key id
TableDescriptor ScoreTable() {
  return Describe({{"id", DataType::Int()}, {"name", DataType::String()}, {"score", DataType::BigInt()}}, {"id"}, 2);
}

std::string RowText(const Table& table, int id) {
  const auto row = Get(Get(table.NewLookuper()).Lookup(Row(id)));
  if (!row) return "(none)";
  std::string text;
  for (const Datum& value : row->values) {
    text += value.is_null() ? "NULL " : value.kind == Datum::Kind::kInt ? std::to_string(value.as_int()) + " "
                                                                        : std::string(value.as_bytes()) + " ";
  }
  return text;
}

TEST(Upsert, RowsReplaceAndGo) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable(3));
  UpsertWriter writer = Get(table.NewUpsertWriter());
  for (int id = 0; id < 100; ++id) EXPECT_OK(writer.Upsert(Row(id, "first")));
  EXPECT_OK(writer.Upsert(Row(7, "second")));
  EXPECT_OK(writer.Delete(Row(8, nullptr)));
  EXPECT_OK(writer.Delete(Row(1000, nullptr)));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(NameOf(table, 6), "first");
  EXPECT_EQ(NameOf(table, 7), "second");
  EXPECT_EQ(NameOf(table, 8), "(none)");
  EXPECT_EQ(ReadTable(Get(table.ReadAll({})))->num_rows(), 99);
}

TEST(Upsert, TryingAddsToAnOpenBatchOnly) {
  const Connection connection = OpenMemory(
      {{"writer.batch-size", "1kb"}, {"writer.dynamic-batch-size-min", "1kb"}, {"writer.batch-timeout-ms", "3600000"}});
  const Table table = MakeTable(connection, "t", PkTable());
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_FALSE(Get(writer.TryUpsert(Row(0, "tried"))).has_value()) << "no batch is open";
  const WriteHandle first = Get(writer.Upsert(Row(0, "opens")));
  std::optional<WriteHandle> last;
  int added = 0;
  while (auto handle = Get(writer.TryUpsert(Row(1 + added, "added")))) {
    last = std::move(handle);
    ++added;
  }
  EXPECT_GT(added, 10);
  EXPECT_LT(added, 100) << "a full batch takes no more";
  EXPECT_FALSE(last->future().done());
  EXPECT_OK(writer.Upsert(Row(1 + added, std::string(1024, 'x').c_str())));
  EXPECT_OK(last->future());
  EXPECT_OK(first.future());
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(NameOf(table, added), "added");
  EXPECT_EQ(ReadTable(Get(table.ReadAll({})))->num_rows(), added + 2);
  EXPECT_ERROR(writer.TryUpsert(Row(1)), kClientError, "has 1 values");
  EXPECT_OK(connection.Close());
  EXPECT_FALSE(Get(writer.TryUpsert(Row(1, "late"))).has_value());
}

TEST(Upsert, TryingWaitsForNoPartition) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyPk());
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_FALSE(Get(writer.TryUpsert(Row("20240101", 1, 2))).has_value());
}

TEST(Upsert, BatchesDoWhatRowsDo) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable(3));
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(Get(writer.UpsertBatch(IdBatch(0, 5000))).Send());
  EXPECT_OK(Get(writer.DeleteBatch(Batch({"id"}, {Ints({1, 3, 5})}))).Send());
  EXPECT_EQ(NameOf(table, 3), "(none)");
  EXPECT_EQ(NameOf(table, 4999), "n4999");
  EXPECT_EQ(ReadTable(Get(table.ReadAll({})))->num_rows(), 4997);
  EXPECT_ERROR(writer.UpsertBatch(Batch({"id", "name"}, {Longs({1}), Texts({"a"})})), kClientError,
               "but the table declares int32");
  EXPECT_ERROR(writer.DeleteBatch(IdBatch(0, 1)), kClientError, "but the table declares 1");
}

TEST(Upsert, ManyVersionsOfOneKeyKeepTheLast) {
  const Connection connection = OpenMemory({{"writer.batch-size", "1kb"}, {"writer.dynamic-batch-size-min", "1kb"}});
  const Table table = MakeTable(connection, "t", PkTable());
  UpsertWriter writer = Get(table.NewUpsertWriter());
  for (int i = 0; i <= 2000; ++i) EXPECT_OK(writer.Upsert(Row(1, std::to_string(i).c_str())));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(NameOf(table, 1), "2000");
}

TEST(PartialUpdate, OtherColumnsStay) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", ScoreTable());
  UpsertWriter full = Get(table.NewUpsertWriter());
  UpsertWriter names = Get(table.NewUpsertWriter({{0, 1}}));
  UpsertWriter scores = Get(table.NewUpsertWriter({{2, 0}}));
  EXPECT_OK(full.Upsert(Row(1, "one", 10)));
  EXPECT_OK(names.Upsert(Row(1, "uno", 99)));
  EXPECT_OK(scores.Upsert(Row(1, "ignored", 20)));
  EXPECT_OK(names.Upsert(Row(2, "due", 99)));
  EXPECT_OK(connection.Flush());
  EXPECT_EQ(RowText(table, 1), "1 uno 20 ");
  EXPECT_EQ(RowText(table, 2), "2 due NULL ");
  EXPECT_EQ(scores.target_columns(), (std::vector<int>{2, 0}));
}

TEST(PartialUpdate, RulesAreChecked) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", ScoreTable());
  EXPECT_ERROR(table.NewUpsertWriter({{1, 2}}), kClientError, "must contain the primary key columns");
  EXPECT_ERROR(table.NewUpsertWriter({{0, 3}}), kClientError, "out of range");
  const Table strict = MakeTable(
      connection, "strict", Describe({{"id", DataType::Int()}, {"name", DataType::String().NotNull()}}, {"id"}, 1));
  EXPECT_ERROR(strict.NewUpsertWriter({{0}}), kClientError,
               "Partial Update requires all columns except primary key to be nullable, but column name is NOT NULL.");
  EXPECT_ERROR(Get(strict.NewUpsertWriter()).Upsert(Row(1, nullptr)), kClientError, "'name'");
}

TEST(PartialUpdate, ColumnsThatAreNamedMayBeNotNull) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "stock",
                                Describe({{"sku", DataType::Int()},
                                          {"stock", DataType::Int().NotNull()},
                                          {"note", DataType::String()}},
                                         {"sku"}, 1));
  UpsertWriter stock = Get(table.NewUpsertWriter({{0, 1}}));
  EXPECT_OK(Get(stock.Upsert(Row(1, 5, "left out"))).Send());
  EXPECT_ERROR(stock.Upsert(Row(2, nullptr, nullptr)), kClientError, "'stock'");
  EXPECT_EQ(RowText(table, 1), "1 5 NULL ");
  EXPECT_ERROR(table.NewUpsertWriter({{0, 2}}), kClientError, "but column stock is NOT NULL");
  // A delete sets what it names NULL, unless nothing is left of the row.
  EXPECT_OK(Get(stock.Delete(Row(1, nullptr, nullptr))).Send());
  EXPECT_EQ(RowText(table, 1), "(none)");
  EXPECT_OK(Get(Get(table.NewUpsertWriter()).Upsert(Row(3, 5, "note"))).Send());
  EXPECT_ERROR(Get(stock.Delete(Row(3, nullptr, nullptr))).Send(), kInvalidTargetColumn, "'stock' is NOT NULL");
  EXPECT_EQ(RowText(table, 3), "3 5 note ");
}

TEST(Lookup, ManyAtOnceInOrder) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable(4));
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(writer.UpsertBatch(IdBatch(0, 1000)));
  EXPECT_OK(writer.Flush());
  std::vector<std::vector<Datum>> keys;
  for (int id = 0; id < 2000; id += 7) keys.push_back(Row(id));
  const std::vector<RowView> views(keys.begin(), keys.end());
  const auto rows = Get(Get(table.NewLookuper()).LookupMany(views));
  ASSERT_EQ(rows.size(), keys.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const int id = static_cast<int>(i) * 7;
    ASSERT_EQ(rows[i].has_value(), id < 1000) << id;
    if (!rows[i]) continue;
    EXPECT_EQ(rows[i]->values[1].as_bytes(), "n" + std::to_string(id));
  }
  EXPECT_TRUE(Get(Get(table.NewLookuper()).LookupMany({})).empty());
  EXPECT_ERROR(Get(table.NewLookuper()).Lookup(Row(1, 2)), kClientError, "2 values");
}

TEST(Lookup, AMissingPartitionHasNoRows) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyPk(2));
  AddPartition(table, "day", "mon");
  AddPartition(table, "day", "tue");
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(writer.Upsert(Row("mon", 1, 10)));
  EXPECT_OK(writer.Upsert(Row("tue", 1, 20)));
  EXPECT_OK(writer.Flush());
  Lookuper lookuper = Get(table.NewLookuper());
  const auto keys = {Row("tue", 1), Row("sun", 1), Row("mon", 1), Row("mon", 2)};
  const std::vector<RowView> views(keys.begin(), keys.end());
  const auto rows = Get(lookuper.LookupMany(views));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0]->values[2].as_int(), 20);
  EXPECT_FALSE(rows[1].has_value());
  EXPECT_EQ(rows[2]->values[2].as_int(), 10);
  EXPECT_FALSE(rows[3].has_value());
  DropPartition(table, "day", "tue");
  EXPECT_FALSE(Get(lookuper.Lookup(Row("tue", 1))).has_value());
}

TEST(Lookup, PrefixesGiveTheirRowsInKeyOrder) {
  const Connection connection = OpenMemory();
  TableDescriptor descriptor = Describe(
      {{"user", DataType::Int()}, {"day", DataType::String()}, {"seq", DataType::Int()}, {"text", DataType::String()}},
      {"day", "user", "seq"}, 3, {"day"}, {"user"});
  const Table table = MakeTable(connection, "t", descriptor);
  AddPartition(table, "day", "mon");
  UpsertWriter writer = Get(table.NewUpsertWriter());
  for (const int seq : {5, 1, 3}) EXPECT_OK(writer.Upsert(Row(7, "mon", seq, "x")));
  EXPECT_OK(writer.Upsert(Row(8, "mon", 1, "x")));
  EXPECT_OK(writer.Flush());
  PrefixLookuper lookuper = Get(table.NewPrefixLookuper({"user", "day"}));
  std::vector<int64_t> seqs;
  for (const OwnedRow& row : Get(lookuper.Lookup(Row(7, "mon")))) seqs.push_back(row.values[2].as_int());
  EXPECT_THAT(seqs, ElementsAre(1, 3, 5));
  EXPECT_THAT(lookuper.columns(), ElementsAre(0, 1));
  EXPECT_TRUE(Get(lookuper.Lookup(Row(9, "mon"))).empty());
  EXPECT_TRUE(Get(lookuper.Lookup(Row(7, "sun"))).empty());
  EXPECT_ERROR(table.NewPrefixLookuper({"nope"}), kClientError, "Unknown column name 'nope' for prefix lookup");
  EXPECT_ERROR(table.NewPrefixLookuper({"user"}), kClientError, "partition fields");
  EXPECT_ERROR(table.NewPrefixLookuper({"day", "seq"}), kClientError, "must contain all bucket keys");
  EXPECT_ERROR(table.NewPrefixLookuper({"day", "user", "seq"}), kClientError, "prefix lookup");
}

TEST(SchemaChange, OldRowsGetTheNewColumns) {
  const Connection connection = OpenMemory();
  const Table old_log = MakeTable(connection, "log", LogTable());
  const Table old_pk = MakeTable(connection, "pk", PkTable());
  AppendWriter old_appends = Get(old_log.NewAppendWriter());
  UpsertWriter old_upserts = Get(old_pk.NewUpsertWriter());
  EXPECT_OK(old_appends.Append(Row(1, "a")));
  EXPECT_OK(old_upserts.Upsert(Row(1, "a")));
  EXPECT_OK(connection.Flush());

  TableChange change;
  change.add_columns = {{"extra", DataType::BigInt()}};
  for (const char* name : {"log", "pk"}) EXPECT_OK(connection.gateway().AlterTable({"fluss", name}, change, false));
  const Table new_log = Get(connection.GetTable({"fluss", "log"}));
  const Table new_pk = Get(connection.GetTable({"fluss", "pk"}));
  // Writers of both schemas at once, into one bucket.
  AppendWriter new_appends = Get(new_log.NewAppendWriter());
  UpsertWriter new_upserts = Get(new_pk.NewUpsertWriter());
  EXPECT_OK(new_appends.Append(Row(2, "b", 20)));
  EXPECT_OK(old_appends.Append(Row(3, "c")));
  EXPECT_OK(new_appends.Append(Row(4, "d", 40)));
  EXPECT_OK(new_upserts.Upsert(Row(2, "b", 20)));
  EXPECT_OK(old_upserts.Upsert(Row(3, "c")));
  EXPECT_OK(connection.Flush());

  const auto all = ReadTable(Get(new_log.ReadAll({})));
  EXPECT_THAT(TextsOf(*all, "id"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(TextsOf(*all, "extra"), ElementsAre("-", "20", "-", "40"));
  const auto only_new = ReadTable(Get(new_log.ReadAll({.projection = {{2}}})));
  EXPECT_THAT(TextsOf(*only_new, "extra"), ElementsAre("-", "20", "-", "40"));
  const auto seen_by_old = ReadTable(Get(old_log.ReadAll({})));
  EXPECT_EQ(seen_by_old->num_columns(), 2);
  EXPECT_THAT(TextsOf(*seen_by_old, "name"), ElementsAre("a", "b", "c", "d"));

  const auto rows = ReadTable(Get(new_pk.ReadAll({})));
  EXPECT_THAT(Sorted(TextsOf(*rows, "extra")), ElementsAre("-", "-", "20"));
  Lookuper lookuper = Get(new_pk.NewLookuper());
  EXPECT_TRUE(Get(lookuper.Lookup(Row(1)))->values[2].is_null());
  EXPECT_EQ(Get(lookuper.Lookup(Row(2)))->values[2].as_int(), 20);
  EXPECT_EQ(Get(Get(old_pk.NewLookuper()).Lookup(Row(2)))->values.size(), 2u);

  LogScanner scanner = Get(old_log.NewLogScanner({.projection = {{1, 0}}}));
  EXPECT_OK(scanner.Subscribe({{0, 0}}));
  EXPECT_THAT(IdsIn(PollRecords(scanner, 4)), ElementsAre(1, 2, 3, 4));
  auto limited = Get(Get(new_pk.NewLimitScanner({new_pk.info().table_id, {}, 0}, 10)).Next());
  ASSERT_TRUE(limited.has_value());
  EXPECT_EQ(limited->rows->num_columns(), 3);
  EXPECT_EQ(limited->rows->num_rows(), 3);
}

}  // namespace
}  // namespace weir
