#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/command_tree.h"
#include "cli/nearest_word.h"

namespace weir {
namespace {

/// Text as roff takes it: no escapes, no requests, hyphens that can be copied.
std::string Roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string Sentence(std::string text) {
  if (!text.empty() && !text.ends_with('.')) text += '.';
  return text;
}

std::string OptionText(const OptionInfo& option) {
  std::string head;
  for (const std::string& name : option.names) {
    if (!head.empty()) head += ", ";
    head += option.positional ? fmt::format("\\fI{}\\fR", Roff(name)) : fmt::format("\\fB{}\\fR", Roff(name));
  }
  if (!option.value.empty() && !option.positional) head += fmt::format(" \\fI{}\\fR", Roff(option.value));
  if (option.repeated && option.positional) head += " ...";
  std::string body = Sentence(option.description);
  if (!option.choices.empty()) body += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
  if (!option.default_value.empty()) body += fmt::format(" Default: {}.", option.default_value);
  if (!option.environment.empty()) body += fmt::format(" Environment variable: {}.", option.environment);
  if (option.required && !option.positional) body += " Required.";
  return fmt::format(".TP\n{}\n{}\n", head, Roff(body));
}

std::string Synopsis(const CommandInfo& root, const CommandInfo& command) {
  std::string line = fmt::format(".B {} {}\n", Roff(root.name), Roff(command.name));
  if (!command.options.empty()) line += "[\\fIoption\\fR ...]\n";
  for (const OptionInfo& argument : command.arguments) {
    const std::string name = fmt::format("\\fI{}\\fR{}", Roff(argument.names.front()), argument.repeated ? " ..." : "");
    line += argument.required ? name + "\n" : "[" + name + "]\n";
  }
  return line + ".br\n";
}

/// `name` is the page's: "weir", or "weir-sql".
std::string Header(const std::string& name, const std::string& description, const std::string& version) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  return fmt::format(".TH {} 1 \"\" \"weir {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", title, Roff(version),
                     Roff(name), Roff(description));
}

std::string OptionTexts(const CommandInfo& command) {
  std::string texts;
  for (const OptionInfo& argument : command.arguments) texts += OptionText(argument);
  for (const OptionInfo& option : command.options) texts += OptionText(option);
  return texts;
}

constexpr std::string_view kExitStatus =
    ".SH EXIT STATUS\n.TP\n0\nAll went well.\n.TP\n1\nThe command failed; standard error says why.\n"
    ".TP\n2\nThe command line was not understood.\n";

}  // namespace

std::string ManPage(const CommandInfo& root, const std::string& version) {
  std::string page = Header(root.name, root.description, version);
  page += ".SH SYNOPSIS\n";
  for (const CommandInfo& command : root.commands) page += Synopsis(root, command);
  page += ".SH OPTIONS\n";
  for (const OptionInfo& option : root.options) page += OptionText(option);
  page += ".SH COMMANDS\n";
  for (const CommandInfo& command : root.commands) {
    page += fmt::format(".SS {}\n{}\n", Roff(command.name), Roff(Sentence(command.description)));
    page += OptionTexts(command);
  }
  page += kExitStatus;
  return page;
}

std::string CommandManPage(const CommandInfo& root, const CommandInfo& command, const std::string& version) {
  std::string page = Header(fmt::format("{}-{}", root.name, command.name), command.description, version);
  page += ".SH SYNOPSIS\n" + Synopsis(root, command);
  page += ".SH OPTIONS\n" + OptionTexts(command);
  page += kExitStatus;
  return page + fmt::format(".SH SEE ALSO\n.BR {} (1)\n", Roff(root.name));
}

void AddManPage(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand("man", "Prints the manual page in roff, for `weir man | man -l -`.");
  const auto name = std::make_shared<std::string>();
  command->add_option("command", *name, "The command whose own page is printed")->type_name("COMMAND");
  command->callback([&app, name, action] {
    *action = [&app, name] {
      const CommandInfo root = DescribeCommand(app);
      const auto named = std::ranges::find(root.commands, *name, &CommandInfo::name);
      if (!name->empty() && named == root.commands.end()) {
        return Status::Invalid(
            fmt::format("'{}' is no command of {}{}", *name, root.name, DidYouMean(*name, NamesOfCommands(root))));
      }
      fmt::print("{}", name->empty() ? ManPage(root, WEIR_VERSION) : CommandManPage(root, *named, WEIR_VERSION));
      return Status::OK();
    };
  });
}

}  // namespace weir
