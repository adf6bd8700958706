#include "sql/analyze/analyze.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "postgres/error.h"
#include "postgres/type.h"

namespace weir::sql::analyze {
namespace {

// The tables of tables.txt, in the schema and the database that they were recorded in.
class TestNames : public Names {
 public:
  explicit TestNames(const std::filesystem::path& file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) Add(line);
  }

  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return "analyze_cases"; }
  Result<std::optional<NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override {
    std::optional<NamedRelation> relation;
    const auto found = tables_.find(std::string(name));
    if (found == tables_.end() || !(schema.empty() || schema == "analysis_cases")) return relation;
    relation.emplace(NamedRelation{.source = RangeEntry::Table{found->second.relation},
                                   .schema = "analysis_cases",
                                   .columns = found->second.columns,
                                   .keys = found->second.keys});
    return relation;
  }
  Result<bool> HasSchema(std::string_view schema) override {
    return schema == "analysis_cases" || schema == "public" || schema == "pg_catalog";
  }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view, std::string_view) override {
    return std::optional<postgres::TypeRef>();
  }

 private:
  struct TestTable {
    RelationPtr relation;
    std::vector<OutputColumn> columns;
    std::vector<UniqueKey> keys;
  };

  static std::string Unquoted(std::string name) {
    return name.starts_with('"') ? name.substr(1, name.size() - 2) : name;
  }

  static std::vector<std::string> Split(const std::string& body) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (const char c : body) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) parts.emplace_back();
      else if (c != ' ' || !parts.back().empty()) parts.back() += c;
    }
    return parts;
  }

  void Add(const std::string& line) {
    const size_t open = line.find(" (");
    TestTable table;
    auto relation = std::make_shared<Relation>();
    std::vector<std::string> keys;
    for (std::string part : Split(line.substr(open + 2, line.rfind(')') - open - 2))) {
      if (part.starts_with("primary key (") || part.starts_with("unique (")) {
        keys.push_back(part);
        continue;
      }
      const size_t space = part.find(' ');
      const std::string name = part.substr(0, space);
      std::string type = part.substr(space + 1);
      if (const size_t key = type.find(" primary key"); key != std::string::npos) {
        type = type.substr(0, key);
        keys.push_back("primary key (" + name + ")");
      }
      table.columns.push_back({Unquoted(name), *postgres::ParseType(type)});
      relation->columns.push_back({.name = Unquoted(name), .type = type});
    }
    table.relation = std::move(relation);
    for (const std::string& key : keys) AddKey(key, &table);
    table.columns.push_back({"tableoid", {postgres::oid::kOid, -1}, true});
    tables_[Unquoted(line.substr(0, open))] = std::move(table);
  }

  static void AddKey(const std::string& text, TestTable* table) {
    UniqueKey key{.primary = text.starts_with("primary")};
    const size_t open = text.find('(');
    for (const std::string& name : Split(text.substr(open + 1, text.size() - open - 2))) {
      for (size_t i = 0; i < table->columns.size(); ++i) {
        if (table->columns[i].name == name) key.columns.push_back(static_cast<int>(i));
      }
    }
    table->keys.push_back(std::move(key));
  }

  postgres::Resolver resolver_;
  std::map<std::string, TestTable> tables_;
};

std::string ShowError(const Status& status) {
  const postgres::ErrorFields fields = postgres::FieldsOf(status);
  std::string shown = fmt::format("!! {} @{} {}", fields.sqlstate, fields.position, fields.message);
  if (!fields.detail.empty()) shown += " DETAIL: " + fields.detail;
  if (!fields.hint.empty()) shown += " HINT: " + fields.hint;
  return shown;
}

std::string Show(const AnalyzedQuery& query) {
  std::vector<std::string> columns;
  for (const OutputColumn& column : query.columns) {
    columns.push_back(fmt::format("{} {}", column.name, postgres::FormatType(column.type)));
  }
  std::vector<std::string> parameters;
  for (size_t i = 0; i < query.parameters.size(); ++i) {
    parameters.push_back(fmt::format("${} {}", i + 1, postgres::FormatType(query.parameters[i].oid)));
  }
  std::string shown = fmt::format("->{}{}", columns.empty() ? "" : " ", fmt::join(columns, ", "));
  if (!parameters.empty()) shown += fmt::format(" | {}", fmt::join(parameters, ", "));
  return shown;
}

Result<AnalyzedQuery> AnalyzeText(const std::string& text, Names& names) {
  const postgres::Settings settings;
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  return AnalyzeStatement(source, tree, 0, {.names = names, .settings = settings, .parameters = {.allowed = true}});
}

std::string Outcome(const std::string& text, Names& names) {
  const Result<AnalyzedQuery> result = AnalyzeText(text, names);
  std::string shown = result.ok() ? Show(*result) : ShowError(result.status());
  for (size_t at = 0; (at = shown.find('\n', at)) != std::string::npos;) shown.replace(at, 1, "\\n");
  return shown;
}

struct Case {
  std::string statement;
  std::string expected;
};

std::vector<Case> ReadCases(const std::filesystem::path& file) {
  std::vector<Case> cases;
  std::ifstream lines(file);
  std::string statement;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("->") || line.starts_with("!! ")) {
      cases.push_back({std::exchange(statement, {}), line});
    } else if (!line.empty() && !line.starts_with("--")) {
      statement += (statement.empty() ? "" : "\n") + line;
    }
  }
  return cases;
}

std::filesystem::path Here() { return std::filesystem::path(WEIR_TESTS_FOLDER) / "analyze"; }

class AnalyzeCases : public testing::TestWithParam<std::string> {};

TEST_P(AnalyzeCases, AreAsPostgresHasThem) {
  TestNames names(Here() / "tables.txt");
  const std::vector<Case> cases = ReadCases(Here() / "cases" / (GetParam() + ".sql"));
  EXPECT_FALSE(cases.empty());
  for (const Case& one : cases) EXPECT_EQ(Outcome(one.statement, names), one.expected) << one.statement;
}

std::vector<std::string> CaseFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(Here() / "cases")) files.push_back(entry.path().stem());
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(, AnalyzeCases, testing::ValuesIn(CaseFiles()), [](const auto& file) { return file.param; });

TEST(AnalyzeDepth, NestingIsLimited) {
  TestNames names(Here() / "tables.txt");
  for (const std::string part : {"1+", "-", "not ", "(", "array["}) {
    for (const int times : {100, 3000, 100000}) {
      std::string text = "select ";
      for (int i = 0; i < times; ++i) text += part == "-" ? "- " : part;
      text += part == "not " ? "true" : "1";
      for (int i = 0; i < times; ++i) text += part == "(" ? ")" : part == "array[" ? "]" : "";
      const std::string outcome = Outcome(text, names);
      const bool too_deep = outcome.starts_with("!! 54001");
      EXPECT_TRUE(too_deep || times < 100000) << part << outcome.substr(0, 100);
    }
  }
}

TEST(AnalyzeConflicts, NeedAKeyOfJustTheirColumns) {
  TestNames names(Here() / "tables.txt");
  const std::string missing =
      "!! 42P10 @0 there is no unique or exclusion constraint matching the ON CONFLICT specification";
  EXPECT_EQ(Outcome("insert into t (a) values (1) on conflict (b) do nothing", names), missing);
  EXPECT_EQ(Outcome("insert into k values (1, 'a', 2) on conflict (k1) do nothing", names), missing);
}

TEST(AnalyzeDefinitions, TakeTheirPlacesType) {
  TestNames names(Here() / "tables.txt");
  const postgres::Settings settings;
  const std::vector<OutputColumn> columns = {{"a", {postgres::oid::kInt4, -1}}, {"b", {postgres::oid::kText, -1}}};
  const auto outcome = [&](const std::string& text, DefinitionPart part, postgres::Oid type) {
    const auto result = AnalyzeExpression(
        text, {.part = part, .relation = "t", .columns = columns, .type = {type, -1}, .column = "a"},
        {.names = names, .settings = settings});
    return result.ok() ? postgres::FormatType((*result)->type) : ShowError(result.status());
  };
  EXPECT_EQ(outcome("a > 0", DefinitionPart::kCheck, 0), "boolean");
  EXPECT_EQ(outcome("a", DefinitionPart::kCheck, 0),
            "!! 42804 @1 argument of CHECK must be type boolean, not type integer");
  EXPECT_EQ(outcome("sum(a) > 0", DefinitionPart::kCheck, 0),
            "!! 42803 @1 aggregate functions are not allowed in check constraints");
  EXPECT_EQ(outcome("a > (select 1)", DefinitionPart::kCheck, 0),
            "!! 0A000 @5 cannot use subquery in check constraint");
  EXPECT_EQ(outcome("'5'", DefinitionPart::kDefault, postgres::oid::kInt4), "integer");
  EXPECT_EQ(outcome("a", DefinitionPart::kDefault, postgres::oid::kInt4),
            "!! 0A000 @1 cannot use column reference in DEFAULT expression");
  EXPECT_EQ(outcome("true", DefinitionPart::kDefault, postgres::oid::kInt4),
            "!! 42804 @0 column \"a\" is of type integer but default expression is of type boolean HINT: You will need "
            "to rewrite or cast the expression.");
  EXPECT_EQ(outcome("lower(b)", DefinitionPart::kPartitionKey, 0), "text");
  EXPECT_EQ(outcome("1 +", DefinitionPart::kPartitionKey, 0), "!! 42601 @4 syntax error at end of input");
}

}  // namespace
}  // namespace weir::sql::analyze
