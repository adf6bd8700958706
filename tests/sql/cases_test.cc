#include <fstream>
#include <sstream>

#include "sql/analyze/analyze.h"
#include "sql/dialect/parse_tree.h"
#include "sql/duckdb/functions.h"
#include "sql/duckdb/plan.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/system_functions.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

/// The catalog's relations as analysis asks for them.
class CatalogNames : public analyze::Names {
 public:
  CatalogNames(Catalog& catalog, std::string database) : catalog_(catalog), database_(std::move(database)) {}

  const postgres::Resolver& resolver() const override { return resolver_; }
  std::string_view database() const override { return database_; }
  Result<bool> HasSchema(std::string_view schema) override { return schema == "public"; }
  Result<std::optional<postgres::TypeRef>> FindMadeType(std::string_view, std::string_view) override {
    return std::optional<postgres::TypeRef>();
  }

  Result<std::optional<analyze::NamedRelation>> FindRelation(std::string_view schema, std::string_view name) override {
    if (!schema.empty() && schema != "public") return std::optional<analyze::NamedRelation>();
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog_.Find({database_, std::string(name)}));
    if (!relation) return std::optional<analyze::NamedRelation>();
    analyze::NamedRelation named;
    named.source = analyze::RangeEntry::Table{relation};
    named.schema = "public";
    for (const SqlColumn& column : relation->columns) {
      WEIR_ASSIGN_OR_RETURN(auto type, postgres::ParseType(column.type));
      named.columns.push_back({column.name, type});
    }
    named.columns.push_back({"tableoid", {postgres::oid::kOid}, true});
    return std::optional(std::move(named));
  }

 private:
  Catalog& catalog_;
  std::string database_;
  postgres::Resolver resolver_;
};

std::string OneLine(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "\\n");
  return text;
}

/// Runs statements from text to rows by way of analysis, and tables' definitions by way of a session.
class CaseSession {
 public:
  CaseSession() {
    engine_->catalog = Get(Catalog::Open(gateway_));
    engine_->transactions = Get(TransactionManager::Open(gateway_));
    engine_->duckdb = OpenDuckDb(engine_->catalog);
    RegisterFunctions(*engine_->duckdb);
    RegisterSystemFunctions(*engine_->duckdb);
    duck::RegisterPostgres(*engine_->duckdb);
    session_ = Get(EngineSession::Connect(engine_, {}));
    connection_ = std::make_unique<duckdb::Connection>(*engine_->duckdb);
    state_ = duckdb::make_shared_ptr<SessionState>();
    state_->database = "fluss";
    state_->tables = engine_->catalog.get();
    locks_ = engine_->transactions->locks().NewOwner();
    state_->locks = locks_.get();
    routed_ = std::make_unique<RoutedLeaves>(*engine_->catalog);
    state_->routed = routed_.get();
    connection_->context->registered_state->Insert(SessionState::kKey, state_);
    values_ = duckdb::make_shared_ptr<duck::SessionValues>();
    values_->settings.now = 1'700'000'000'000'000;
    connection_->context->registered_state->Insert(duck::SessionValues::kKey, values_);
  }

  std::vector<std::string> Answer(const std::string& statement) {
    std::vector<std::string> lines;
    Status status = Define(statement) ? Execute(statement, &lines) : Query(statement, &lines);
    if (status.ok()) return lines;
    const ErrorFields fields = FieldsOf(status);
    const std::string place = fields.position ? "@" + std::to_string(fields.position) : "";
    lines = {"ERROR " + fields.sqlstate + place + ": " + fields.message};
    if (!fields.detail.empty()) lines.push_back("DETAIL: " + fields.detail);
    if (!fields.hint.empty()) lines.push_back("HINT: " + fields.hint);
    return lines;
  }

 private:
  static bool Define(const std::string& statement) {
    return statement.starts_with("create ") || statement.starts_with("drop ");
  }

  Status Execute(const std::string& text, std::vector<std::string>* lines) {
    lines->emplace_back();  // no columns
    WEIR_ASSIGN_OR_RETURN(auto statements, session_->Parse(text));
    for (const Statement& statement : statements) WEIR_RETURN_NOT_OK(session_->Run(statement).status());
    return Status::OK();
  }

  Status Query(const std::string& text, std::vector<std::string>* lines) {
    WEIR_ASSIGN_OR_RETURN(auto source, dialect::Source::Of(text));
    WEIR_ASSIGN_OR_RETURN(auto tree, dialect::ParseTree::Of(source));
    CatalogNames names(*engine_->catalog, "fluss");
    WEIR_ASSIGN_OR_RETURN(auto query, analyze::AnalyzeStatement(source, tree, 0, {names, values_->settings}));
    duck::EmitContext context;
    context.user = "weir";
    context.database = "fluss";
    WEIR_ASSIGN_OR_RETURN(auto plan, duck::Plan::Make(query, context));
    auto transaction = engine_->transactions->Begin(locks_);
    WEIR_RETURN_NOT_OK(transaction->BeginStatement());
    engine_->catalog->Refresh();
    state_->transaction = transaction.get();
    WEIR_ASSIGN_OR_RETURN(auto result, plan->Run(*connection_, {}, false));
    WEIR_RETURN_NOT_OK(Show(*plan, *result, lines));
    result.reset();
    state_->transaction = nullptr;
    return transaction->Commit();
  }

  Status Show(const duck::Plan& plan, duckdb::QueryResult& result, std::vector<std::string>* lines) {
    std::string header;
    for (const auto& column : plan.columns()) {
      header += (header.empty() ? "" : "\t") + column.name + ":" + postgres::FormatType(column.type);
    }
    lines->push_back(header);
    while (auto chunk = result.Fetch()) {
      if (chunk->size() == 0) break;
      if (plan.columns().empty()) continue;
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) lines->push_back(RowText(plan, *chunk, row));
    }
    return Status::OK();
  }

  std::string RowText(const duck::Plan& plan, duckdb::DataChunk& chunk, duckdb::idx_t row) {
    std::string text;
    for (size_t i = 0; i < plan.columns().size(); ++i) {
      const auto value = chunk.GetValue(i, row);
      if (value.type() != plan.columns()[i].form && !value.IsNull()) text += "<" + value.type().ToString() + ">";
      if (i > 0) text += '\t';
      if (value.IsNull()) {
        text += "\\N";
      } else {
        std::string one;
        duck::AppendText(plan.columns()[i], value, values_->settings, &one);
        text += OneLine(one);
      }
    }
    return text;
  }

  TempDirectory directory_;
  std::shared_ptr<Gateway> gateway_ = OpenGateway(directory_.path());
  std::shared_ptr<SharedEngine> engine_ = std::make_shared<SharedEngine>();
  std::unique_ptr<Session> session_;
  std::unique_ptr<duckdb::Connection> connection_;
  duckdb::shared_ptr<SessionState> state_;
  std::shared_ptr<LockOwner> locks_;
  std::unique_ptr<RoutedLeaves> routed_;
  duckdb::shared_ptr<duck::SessionValues> values_;
};

struct Case {
  std::string statement;
  std::vector<std::string> answer;
};

/// The recorded answers, which hold the statements too.
std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("> ")) {
      cases.push_back({line.substr(2), {}});
    } else if (!cases.empty()) {
      cases.back().answer.push_back(line);
    }
  }
  return cases;
}

class CasesTest : public testing::TestWithParam<std::string> {};

TEST_P(CasesTest, AnswersAsPostgreSql) {
  const auto folder = std::filesystem::path(WEIR_TEST_FOLDER) / "cases";
  const auto cases = ReadCases(folder / (GetParam() + ".out"));
  ASSERT_FALSE(cases.empty());
  CaseSession session;
  size_t alike = 0;
  for (const Case& one : cases) {
    const auto answer = session.Answer(one.statement);
    if (answer == one.answer) ++alike;
    EXPECT_EQ(answer, one.answer) << one.statement;
  }
  RecordProperty("alike", std::to_string(alike) + " of " + std::to_string(cases.size()));
  std::cout << alike << " of " << cases.size() << " alike\n";
}

INSTANTIATE_TEST_SUITE_P(All, CasesTest, testing::Values("expressions", "queries", "tables", "times"),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace weir::sql
