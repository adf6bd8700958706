#include "cli/sql.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/choices.h"
#include "cli/cluster_login.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/memory_limits.h"
#include "cli/sql_output.h"
#include "cli/text.h"
#include "client/open_gateway.h"
#include "sql/session.h"
#include "weir/config.h"

namespace weir {
namespace {

/// Printed already: the command ends with a failure, and nothing more is said.
Status Failed() { return Status::Invalid(""); }

/// Cancels what the session runs when the user interrupts the command.
class CancelOnInterrupt {
 public:
  explicit CancelOnInterrupt(sql::Session& session)
      : watcher_([&session](const std::stop_token& stop) {
          constexpr std::chrono::milliseconds kLook(50);
          while (!stop.stop_requested()) {
            if (Interrupted()) return session.Cancel();
            std::this_thread::sleep_for(kLook);
          }
        }) {}

 private:
  std::jthread watcher_;
};

void PrintError(const postgres::ErrorFields& fields, std::string_view text) {
  std::fflush(stdout);
  fmt::print(stderr, "{}", ErrorText(fields, text));
}

/// COPY's data is standard input, and standard output.
Status RunCopy(sql::Session& session, const sql::Statement& statement, const std::string& format) {
  std::string data;
  if (std::get<sql::Copy>(statement.action).from) {
    constexpr size_t kPiece = 64 << 10;
    WEIR_ASSIGN_OR_RETURN(const auto copy, session.StartCopyIn(statement));
    data.resize(kPiece);
    while (const size_t size = std::fread(data.data(), 1, data.size(), stdin)) {
      WEIR_RETURN_NOT_OK(copy->Add(std::string_view(data).substr(0, size)));
    }
    WEIR_ASSIGN_OR_RETURN(const std::string tag, copy->Finish());
    if (format == "table") fmt::print("{}\n", tag);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const auto copy, session.StartCopyOut(statement));
  while (true) {
    data.clear();
    WEIR_ASSIGN_OR_RETURN(const bool more, copy->Next(&data));
    if (!more) return Status::OK();
    std::fwrite(data.data(), 1, data.size(), stdout);
  }
}

Status RunStatement(sql::Session& session, const sql::Statement& statement, const std::string& format) {
  if (std::holds_alternative<sql::Copy>(statement.action)) return RunCopy(session, statement, format);
  WEIR_ASSIGN_OR_RETURN(auto result, session.Run(statement));
  return PrintResult(std::move(result), session, format);
}

Status RunText(sql::Session& session, const std::string& text, const std::string& format) {
  int offset = 0;
  const auto run = [&]() -> Status {
    WEIR_ASSIGN_OR_RETURN(const std::vector<sql::Statement> statements, session.Parse(text));
    for (const sql::Statement& statement : statements) {
      WEIR_RETURN_NOT_OK(CheckInterrupted());
      offset = statement.offset;
      const Status ran = RunStatement(session, statement, format);
      for (const postgres::ErrorFields& notice : session.TakeNotices()) PrintError(notice, text);
      WEIR_RETURN_NOT_OK(ran);
    }
    return Status::OK();
  };
  const Status status = run();
  if (status.ok()) return status;
  for (const postgres::ErrorFields& notice : session.TakeNotices()) PrintError(notice, text);
  postgres::ErrorFields fields = postgres::FieldsOf(status);
  if (fields.position > 0) fields.position += offset;
  PrintError(fields, text);
  return Failed();
}

Result<std::vector<std::string>> TextsOf(const SqlOptions& options) {
  std::vector<std::string> texts = options.commands;
  const bool piped = texts.empty() && options.file.empty() && ::isatty(STDIN_FILENO) == 0;
  if (!options.file.empty() || piped) {
    WEIR_ASSIGN_OR_RETURN(std::string text, ReadFileOrInput(piped ? "-" : options.file));
    texts.push_back(std::move(text));
  }
  return texts;  // none: they are typed
}

/// Whether what was typed so far ends with a semicolon outside of quotes.
bool IsWhole(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  if (!text.ends_with(';')) return false;
  int dollars = 0;  // of $$ … $$
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (text.substr(i).starts_with("$$")) {
      ++dollars;
      ++i;
    } else if (dollars % 2 == 0 && (c == '\'' || c == '"')) {
      quote = c;
    }
  }
  return quote == 0 && dollars % 2 == 0;
}

/// Statements that are typed, each ended by a semicolon; \q or the end of the input ends it. An error ends nothing.
void RunTyped(sql::Session& session, const SqlOptions& options) {
  std::string text;
  while (!Interrupted()) {
    fmt::print("{}{} ", options.database, text.empty() ? "=>" : "->");
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line)) break;
    if (text.empty() && (line == "\\q" || line == "exit" || line == "quit")) return;
    text += line + '\n';
    if (text.find_first_not_of(" \n\t") == std::string::npos) text.clear();
    if (!IsWhole(text)) continue;
    (void)RunText(session, std::exchange(text, std::string()), options.format);
  }
  fmt::print("\n");
}

Result<std::shared_ptr<Gateway>> Open(const SqlOptions& options) {
  if (options.data.empty() == options.connect.empty()) return Status::Invalid("give --data DIR or --connect HOST:PORT");
  if (!options.connect.empty()) return OpenServers(options.connect, options.connect_user);
  WEIR_ASSIGN_OR_RETURN(Config config, Config::FromProperties({{"weir.path", options.data}}));
  config.local_read_only = options.read_only;
  config.local_memory_limit = options.memory_limit;
  if (options.spill_limit) config.local_spill_limit = *options.spill_limit;
  return OpenGateway(config);
}

Status RunAll(const std::shared_ptr<Gateway>& gateway, const SqlOptions& options,
              const std::vector<std::string>& texts) {
  WEIR_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(gateway));
  const auto session = database->Connect({.database = options.database, .files = options.files});
  if (!session.ok()) {
    PrintError(postgres::FieldsOf(session.status()), "");
    return Failed();
  }
  const CancelOnInterrupt cancel(**session);
  if (texts.empty()) RunTyped(**session, options);
  for (const std::string& text : texts) WEIR_RETURN_NOT_OK(RunText(**session, text, options.format));
  return Status::OK();
}

}  // namespace

Status RunSql(const SqlOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> texts, TextsOf(options));
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Gateway> gateway, Open(options));
  CatchInterrupts();
  const Status status = RunAll(gateway, options, texts);
  const Status closed = gateway->Close();
  return status.ok() ? closed : status;
}

void AddSql(CLI::App& app, Action* action) {
  const auto options = std::make_shared<SqlOptions>();
  CLI::App* command = app.add_subcommand(
      "sql", "Runs SQL statements on a database, typed ones where none are given, and prints what they give.");
  CLI::Option* data =
      command->add_option("--data", options->data, "Database directory, made if missing")->type_name("DIR");
  CLI::Option* connect =
      command->add_option("--connect", options->connect, "HOST:PORT of a Fluss server to work on instead")
          ->excludes(data);
  command
      ->add_option("--connect-user", options->connect_user,
                   "Whom to log in as there, with the password in WEIR_CLUSTER_PASSWORD")
      ->type_name("NAME")
      ->needs(connect);
  command->add_flag("--read-only", options->read_only, "Writes nothing into the directory")->needs(data);
  AddMemoryLimits(*command, &options->memory_limit, &options->spill_limit);
  for (const char* limit : {"--memory-limit", "--spill-limit"}) command->get_option(limit)->needs(data);
  command
      ->add_option("--files", options->files,
                   "The folder whose files foreign tables read and write; without it they reach none")
      ->type_name("DIR");
  command->add_option("--database", options->database, "Database of names without one")->capture_default_str();
  command->add_option("-c,--command", options->commands, "Statements to run; can be repeated")
      ->type_name("STATEMENT")
      ->allow_extra_args(false);
  TakeOneOf(command->add_option("--format", options->format, "How rows are printed")->capture_default_str(),
            {"table", "csv", "json"});
  command->add_option("file", options->file, "File of statements; - is standard input")->type_name("FILE");
  command->callback([options, action] { *action = [options] { return RunSql(*options); }; });
}

}  // namespace weir
