#include "cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace weir {
namespace {

/// CLI11 writes what TakeOneOf lists into the type's name: "TEXT:{csv,parquet}".
std::vector<std::string> ChoicesIn(const std::string& type_name) {
  const size_t open = type_name.find('{');
  const size_t close = type_name.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type_name.substr(open + 1, close - open - 1), ',');
}

OptionInfo DescribeOption(const CLI::Option& option) {
  OptionInfo info;
  info.positional = option.get_positional();
  if (info.positional) info.names.push_back(option.get_name());
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  info.description = option.get_description();
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    info.value = type.substr(0, type.find(':'));
    info.choices = ChoicesIn(type);
    info.repeated = option.get_items_expected_max() > 1;
  }
  info.default_value = option.get_default_str();
  info.environment = option.get_envname();
  info.required = option.get_required();
  return info;
}

}  // namespace

CommandInfo DescribeCommand(const CLI::App& app) {
  CommandInfo info;
  info.name = app.get_name();
  info.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    OptionInfo described = DescribeOption(*option);
    (described.positional ? info.arguments : info.options).push_back(std::move(described));
  }
  // --help is the first that CLI11 adds, and the last that a reader looks for.
  if (!info.options.empty()) std::rotate(info.options.begin(), info.options.begin() + 1, info.options.end());
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) info.commands.push_back(DescribeCommand(*command));
  }
  return info;
}

std::vector<std::string> NamesOfCommands(const CommandInfo& command) {
  std::vector<std::string> names;
  for (const CommandInfo& below : command.commands) names.push_back(below.name);
  return names;
}

}  // namespace weir
