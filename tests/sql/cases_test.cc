#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "postgres/type.h"
#include "postgres/value/column_writer.h"
#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

std::string OneLine(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "\\n");
  return text;
}

/// Runs statements in a session on a directory of its own and shows what they give as the recorded answers do.
class CaseSession {
 public:
  std::vector<std::string> Answer(const std::string& statement) {
    std::vector<std::string> lines;
    const Status status = Run(statement, &lines);
    if (status.ok()) return lines;
    const ErrorFields fields = FieldsOf(status);
    const std::string place = fields.position ? "@" + std::to_string(fields.position) : "";
    lines = {"ERROR " + fields.sqlstate + place + ": " + fields.message};
    if (!fields.detail.empty()) lines.push_back("DETAIL: " + OneLine(fields.detail));
    if (!fields.hint.empty()) lines.push_back("HINT: " + fields.hint);
    return lines;
  }

 private:
  Status Run(const std::string& text, std::vector<std::string>* lines) {
    WEIR_ASSIGN_OR_RETURN(const auto statements, session_->Parse(text));
    for (const Statement& statement : statements) {
      WEIR_ASSIGN_OR_RETURN(const auto result, session_->Run(statement));
      WEIR_RETURN_NOT_OK(Show(*result, lines));
    }
    return Status::OK();
  }

  Status Show(QueryResult& result, std::vector<std::string>* lines) {
    std::string header;
    for (const ResultColumn& column : result.columns()) {
      header += (header.empty() ? "" : "\t") + column.name + ":" +
                postgres::FormatType({column.type_oid, column.type_modifier});
    }
    lines->push_back(header);
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, result.Next());
      if (!batch) return Status::OK();
      WEIR_RETURN_NOT_OK(ShowRows(result.columns(), *batch, lines));
    }
  }

  Status ShowRows(const std::vector<ResultColumn>& columns, const arrow::RecordBatch& batch,
                  std::vector<std::string>* lines) {
    const postgres::Settings settings = session_->settings();
    std::vector<std::unique_ptr<postgres::ColumnWriter>> writers;
    for (size_t i = 0; i < columns.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(auto writer,
                            postgres::MakeColumnWriter(batch.column(static_cast<int>(i)), columns[i].type_oid,
                                                       postgres::Format::kText, settings));
      writers.push_back(std::move(writer));
    }
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      std::string line;
      for (const auto& writer : writers) {
        std::string text;
        if (!writer->IsNull(row)) writer->Write(row, &text);
        line += (&writer == &writers.front() ? "" : "\t") + (writer->IsNull(row) ? "\\N" : OneLine(text));
      }
      lines->push_back(line);
    }
    return Status::OK();
  }

  TempDirectory directory_;
  std::shared_ptr<Database> database_ = Get(Database::Open(OpenGateway(directory_.path())));
  std::unique_ptr<Session> session_ = Get(database_->Connect({}));
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

const std::filesystem::path kFolder = std::filesystem::path(WEIR_TESTS_FOLDER) / "sql/cases";

std::vector<std::string> AllCases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".out") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

class CasesTest : public testing::TestWithParam<std::string> {};

TEST_P(CasesTest, AnswersAsPostgreSql) {
  const auto cases = ReadCases(kFolder / (GetParam() + ".out"));
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

INSTANTIATE_TEST_SUITE_P(All, CasesTest, testing::ValuesIn(AllCases()), [](const auto& file) { return file.param; });

}  // namespace
}  // namespace weir::sql
