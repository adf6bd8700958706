#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir {

/// An option or argument of a command, as users see it.
struct OptionInfo {
  std::vector<std::string> names;  // "--json", "-h"; of an argument its name
  std::string description;
  std::string value;                 // what it takes: "DIR", "TEXT"; empty: a flag
  std::vector<std::string> choices;  // the only values there are; empty: any
  std::string default_value;
  std::string environment;  // variable that sets it
  bool positional = false;
  bool required = false;
  bool repeated = false;
};

struct CommandInfo {
  std::string name;
  std::string description;
  std::vector<OptionInfo> options;      // the last is --help
  std::vector<OptionInfo> arguments;    // in order
  std::vector<CommandInfo> commands;    // hidden ones are left out
};

CommandInfo DescribeCommand(const CLI::App& app);
/// Of the commands below it.
std::vector<std::string> NamesOfCommands(const CommandInfo& command);

/// The script that completes `root`'s command lines in a shell: "bash", "zsh" or "fish".
std::string CompletionScript(const CommandInfo& root, const std::string& shell);
/// The manual page, section 1, in roff.
std::string ManPage(const CommandInfo& root, const std::string& version);
/// That of one of its commands, `weir-sql(1)` say.
std::string CommandManPage(const CommandInfo& root, const CommandInfo& command, const std::string& version);

}  // namespace weir
