#include <fmt/format.h>

#include "tests/sql/parser_testing.h"

namespace weir::sql {
namespace {

std::string Options(const ForeignOptions& options) {
  std::string shown;
  for (const auto& [name, value] : options) shown += fmt::format("{}{}={}", shown.empty() ? "" : " ", name, value);
  return shown;
}

TEST(ParserForeign, ReadsServers) {
  const auto create = Only<CreateServer>(
      "CREATE SERVER IF NOT EXISTS \"S\" TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER w "
      "OPTIONS (host 'h', \"Port\" '1')");
  EXPECT_EQ(create.name, "S");
  EXPECT_TRUE(create.if_not_exists);
  EXPECT_EQ(create.type + create.version + create.wrapper, "x1w");
  EXPECT_EQ(Options(create.options), "host=h Port=1");
  const auto alter = Only<AlterServer>("ALTER SERVER s VERSION '2' OPTIONS (a 'x', ADD set 'b', SET c 'y', DROP d)");
  EXPECT_EQ(alter.version, "2");
  ASSERT_EQ(alter.options.size(), 4u);
  EXPECT_EQ(alter.options[1].name, "set");
  EXPECT_EQ(alter.options[2].kind, OptionChange::Kind::kSet);
  EXPECT_EQ(alter.options[3].kind, OptionChange::Kind::kDrop);
  const auto drop = Only<DropServers>("DROP SERVER IF EXISTS a, b CASCADE");
  EXPECT_EQ(drop.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(drop.if_exists && drop.cascade);
  EXPECT_EQ(Only<ImportSchema>("IMPORT FOREIGN SCHEMA x LIMIT TO (server) FROM SERVER s INTO public").server, "s");
}

TEST(ParserForeign, ReadsForeignTables) {
  const auto table =
      Only<CreateTable>("CREATE FOREIGN TABLE f (a int NOT NULL, b text) SERVER s OPTIONS (filename 'x')");
  ASSERT_TRUE(table.foreign);
  EXPECT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.foreign->server, "s");
  EXPECT_EQ(Options(table.foreign->options), "filename=x");
  EXPECT_FALSE(table.foreign->external);
  const auto part =
      Only<CreateTable>("CREATE FOREIGN TABLE IF NOT EXISTS f PARTITION OF p FOR VALUES IN ('server') SERVER s");
  EXPECT_TRUE(part.if_not_exists);
  EXPECT_EQ(part.parent->name, "p");
  EXPECT_EQ(part.bound->values.size(), 1u);
  EXPECT_TRUE(Only<CreateTable>("CREATE FOREIGN TABLE f PARTITION OF p DEFAULT SERVER s").bound);
  EXPECT_EQ(ErrorOf("CREATE FOREIGN TABLE f (a int OPTIONS (column_name 'x')) SERVER s").sqlstate, "0A000");
  const auto alter = Only<AlterTable>("ALTER FOREIGN TABLE f OPTIONS (SET filename 'y'), ADD COLUMN c int");
  EXPECT_TRUE(alter.foreign);
  ASSERT_EQ(alter.actions.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<alter::SetForeignOptions>(alter.actions[0]));
  EXPECT_EQ(Only<DropTable>("DROP FOREIGN TABLE a, b").kind, DropTable::Kind::kForeign);
}

TEST(ParserForeign, ReadsExternalTables) {
  const auto table = Only<CreateTable>(
      "CREATE READABLE EXTERNAL TABLE e (a int, b text) LOCATION ('file://h/x', 'file://h/y') ON ALL "
      "FORMAT 'CSV' (HEADER DELIMITER AS ';' NULL '' FORCE NOT NULL a, b QUOTE '\"') ENCODING 'UTF8' "
      "SEGMENT REJECT LIMIT 10 PERCENT");
  ASSERT_TRUE(table.foreign);
  EXPECT_TRUE(table.foreign->external);
  EXPECT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.foreign->server, "gp_exttable_server");
  EXPECT_EQ(Options(table.foreign->options),
            "location_uris=file://h/x|file://h/y format=csv header=true delimiter=; null= force_not_null=a,b quote=\" "
            "encoding=UTF8 reject_limit=10 reject_limit_type=percentage is_writable=false");
  EXPECT_EQ(Only<DropTable>("DROP EXTERNAL TABLE IF EXISTS e").kind, DropTable::Kind::kExternal);
  const std::string begin = "CREATE EXTERNAL TABLE e (a int) LOCATION ('file://h/x') FORMAT ";
  for (const char* refused : {"'CUSTOM' (formatter='x')", "'CSV' (NEWLINE 'LF')", "'TEXT' (FILL MISSING FIELDS)",
                              "'CSV' LOG ERRORS PERSISTENTLY SEGMENT REJECT LIMIT 5"}) {
    EXPECT_EQ(ErrorOf(begin + refused).sqlstate, "0A000") << refused;
  }
  EXPECT_EQ(ErrorOf(begin + "'CSV' SEGMENT REJECT LIMIT 1").sqlstate, "22023");
  EXPECT_EQ(ErrorOf(begin + "'CSV' SEGMENT REJECT LIMIT 101 PERCENT").sqlstate, "22023");
  EXPECT_EQ(ErrorOf(begin).sqlstate, "42601");
  EXPECT_EQ(ErrorOf("CREATE EXTERNAL TABLE e (a int) LOCATION ('gpfdist://h/x') FORMAT 'CSV'").sqlstate, "0A000");
  EXPECT_EQ(ErrorOf("CREATE EXTERNAL TABLE e (a int").sqlstate, "42601");
}

TEST(ParserForeign, ReadsArchiving) {
  const auto archive = Only<ArchivePartition>("CALL weir.archive_partition('s.\"T\"')");
  EXPECT_EQ(archive.name.schema, "s");
  EXPECT_EQ(archive.name.name, "T");
  EXPECT_FALSE(archive.restore);
  EXPECT_TRUE(Only<ArchivePartition>("call weir.restore_partition('t'::regclass)").restore);
  EXPECT_EQ(ErrorOf("CALL weir.archive_partition('a b')").sqlstate, "42602");
}

}  // namespace
}  // namespace weir::sql
