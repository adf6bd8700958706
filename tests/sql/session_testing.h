#pragma once

#include "sql/session.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {

/// A session on a database of its own.
class SessionTest : public testing::Test {
 protected:
  std::unique_ptr<Session> Connect() { return Get(database->Connect({})); }

  /// Closes the database and opens it, or that of another directory, with a new session.
  void Reopen() { Reopen(directory.path()); }
  void Reopen(const std::string& path) {
    session.reset();
    database.reset();
    EXPECT_OK(gateway->Close());
    gateway = OpenGateway(path);
    database = Get(Database::Open(gateway));
    session = Connect();
  }

  /// Runs each statement of a text. Gives the rows of the last one, "a|b", and its tag as the last line.
  static Result<std::vector<std::string>> Run(Session& session, const std::string& text) {
    WEIR_ASSIGN_OR_RETURN(auto statements, session.Parse(text));
    std::vector<std::string> lines;
    for (const Statement& statement : statements) {
      lines.clear();
      WEIR_ASSIGN_OR_RETURN(auto result, session.Run(statement));
      WEIR_RETURN_NOT_OK(Collect(*result, &lines));
    }
    return lines;
  }
  Result<std::vector<std::string>> Run(const std::string& text) { return Run(*session, text); }

  static Status Collect(QueryResult& result, std::vector<std::string>* lines) {
    while (true) {
      WEIR_ASSIGN_OR_RETURN(auto batch, result.Next());
      if (!batch) break;
      for (int64_t row = 0; row < batch->num_rows(); ++row) lines->push_back(RowText(*batch, row));
    }
    lines->push_back(result.command_tag());
    return Status::OK();
  }
  static std::string RowText(const arrow::RecordBatch& batch, int64_t row) {
    std::string text;
    for (int i = 0; i < batch.num_columns(); ++i) {
      auto value = *batch.column(i)->GetScalar(row);
      text += (i ? "|" : "") + (value->is_valid ? value->ToString() : "null");
    }
    return text;
  }

  TempDirectory directory;
  std::shared_ptr<Gateway> gateway = OpenGateway(directory.path());
  std::shared_ptr<Database> database = Get(Database::Open(gateway));
  std::unique_ptr<Session> session = Connect();
};

/// Rows and tag of a text that must succeed.
#define EXPECT_ROWS(text, ...) EXPECT_THAT(Get(Run(text)), ::testing::ElementsAre(__VA_ARGS__)) << (text)
#define EXPECT_RUNS(text) EXPECT_OK(Run(text))

}  // namespace weir::sql
