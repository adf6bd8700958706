#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "cli/choices.h"
#include "cli/command.h"
#include "cli/command_tree.h"

namespace weir {
namespace {

std::string Replace(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> NamesOf(const std::vector<OptionInfo>& options) {
  std::vector<std::string> names;
  for (const OptionInfo& option : options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> NamesOf(const std::vector<CommandInfo>& commands) {
  std::vector<std::string> names;
  for (const CommandInfo& command : commands) names.push_back(command.name);
  return names;
}

// --- bash ---

/// The compgen that completes a value; empty where anything may stand.
std::string BashValues(const OptionInfo& option) {
  if (!option.choices.empty()) return fmt::format("-W \"{}\"", fmt::join(option.choices, " "));
  if (option.value == "DIR") return "-d";
  if (option.value == "FILE") return "-f";
  return "";
}

std::string Bash(const CommandInfo& root) {
  const std::vector<std::string> commands = NamesOf(root.commands);
  std::string values;
  std::string options = fmt::format("      \"\") words=\"{}\" ;;\n", fmt::join(NamesOf(root.options), " "));
  std::string arguments;
  for (const CommandInfo& command : root.commands) {
    for (const OptionInfo& option : command.options) {
      if (option.value.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) patterns.push_back(command.name + "/" + name);
      const std::string compgen = BashValues(option);
      const std::string reply =
          compgen.empty() ? "" : fmt::format("COMPREPLY=($(compgen {} -- \"$cur\")); ", compgen);
      values += fmt::format("    {}) {}return ;;\n", fmt::join(patterns, "|"), reply);
    }
    options += fmt::format("      {}) words=\"{}\" ;;\n", command.name, fmt::join(NamesOf(command.options), " "));
    if (!command.arguments.empty() && !command.arguments.front().choices.empty()) {
      arguments += fmt::format("    {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")) ;;\n", command.name,
                               fmt::join(command.arguments.front().choices, " "));
    }
  }
  return fmt::format(R"(# bash completion for {0}
_{0}() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command="" words="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      {1}) command=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case $command/$prev in
{2}  esac
  if [[ $cur == -* ]]; then
    case $command in
{3}    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case $command in
    "") COMPREPLY=($(compgen -W "{4}" -- "$cur")) ;;
{5}    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}}
complete -o filenames -F _{0} {0}
)",
                     root.name, fmt::join(commands, "|"), values, options, fmt::join(commands, " "), arguments);
}

// --- zsh ---

/// Text inside of '…' and of an _arguments specification.
std::string ZshText(const std::string& text) {
  std::string escaped = Replace(Replace(Replace(text, "\\", "\\\\"), "[", "\\["), "]", "\\]");
  escaped = Replace(Replace(escaped, ":", "\\:"), "'", "'\\''");
  return escaped;
}

std::string ZshValues(const OptionInfo& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  if (option.value == "DIR") return "_files -/";
  if (option.value == "FILE") return "_files";
  return " ";
}

std::string ZshArguments(const CommandInfo& command) {
  std::string specs;
  for (const OptionInfo& option : command.options) {
    for (const std::string& name : option.names) {
      const std::string value =
          option.value.empty() ? "" : fmt::format(":{}:{}", ZshText(option.value), ZshValues(option));
      specs += fmt::format(" \\\n        '{}{}[{}]{}'", option.repeated ? "*" : "", name, ZshText(option.description),
                           value);
    }
  }
  for (const OptionInfo& argument : command.arguments) {
    specs += fmt::format(" \\\n        '{}:{}:{}'", argument.repeated ? "*" : "", ZshText(argument.names.front()),
                         ZshValues(argument));
  }
  return specs;
}

std::string Zsh(const CommandInfo& root) {
  std::string commands;
  std::string cases;
  for (const CommandInfo& command : root.commands) {
    commands += fmt::format("    '{}:{}'\n", command.name, ZshText(command.description));
    cases += fmt::format("      {})\n        _arguments -s{} ;;\n", command.name, ZshArguments(command));
  }
  return fmt::format(R"(#compdef {0}
_{0}() {{
  local -a commands
  local context state state_descr line
  typeset -A opt_args
  commands=(
{1}  )
  _arguments -C{2} \
    '1:command:->command' \
    '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
{3}      esac ;;
  esac
}}
compdef _{0} {0}
)",
                     root.name, commands, ZshArguments({root.name, "", root.options, {}, {}}), cases);
}

// --- fish ---

std::string FishText(const std::string& text) { return Replace(Replace(text, "\\", "\\\\"), "'", "\\'"); }

std::string FishOption(const std::string& root, const std::string& condition, const OptionInfo& option) {
  std::string line = fmt::format("complete -c {} -n '{}'", root, condition);
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.choices.empty()) {
    line += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  } else if (option.value == "DIR") {
    line += " -x -a '(__fish_complete_directories)'";
  } else if (option.value == "FILE") {
    line += " -r -F";
  } else if (!option.value.empty()) {
    line += " -x";
  }
  return line + fmt::format(" -d '{}'\n", FishText(option.description));
}

std::string Fish(const CommandInfo& root) {
  std::string script = fmt::format("# fish completion for {0}\ncomplete -c {0} -e\n", root.name);
  const std::string none = "__fish_use_subcommand";
  for (const OptionInfo& option : root.options) script += FishOption(root.name, none, option);
  for (const CommandInfo& command : root.commands) {
    script += fmt::format("complete -c {} -f -n '{}' -a {} -d '{}'\n", root.name, none, command.name,
                          FishText(command.description));
    const std::string here = "__fish_seen_subcommand_from " + command.name;
    for (const OptionInfo& option : command.options) script += FishOption(root.name, here, option);
    for (const OptionInfo& argument : command.arguments) {
      if (argument.choices.empty()) continue;
      script += fmt::format("complete -c {} -f -n '{}' -a '{}'\n", root.name, here, fmt::join(argument.choices, " "));
    }
  }
  return script;
}

}  // namespace

std::string CompletionScript(const CommandInfo& root, const std::string& shell) {
  if (shell == "zsh") return Zsh(root);
  return shell == "fish" ? Fish(root) : Bash(root);
}

void AddCompletion(CLI::App& app, Action* action) {
  CLI::App* command =
      app.add_subcommand("completion", "Prints a script that completes command lines of weir in a shell.");
  const auto shell = std::make_shared<std::string>();
  TakeOneOf(command->add_option("shell", *shell, "The shell")->required(), {"bash", "zsh", "fish"});
  command->callback([&app, shell, action] {
    *action = [&app, shell] {
      fmt::print("{}", CompletionScript(DescribeCommand(app), *shell));
      return Status::OK();
    };
  });
}

}  // namespace weir
