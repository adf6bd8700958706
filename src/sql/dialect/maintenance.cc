#include "sql/dialect/maintenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

/// One of those in parentheses behind the verb.
struct Option {
  std::string name;
  const Token* at = nullptr;
  const Token* value = nullptr;  // null: none is said
};
using Options = std::vector<Option>;

Result<Options> OptionsInParentheses(Cursor& cursor) {
  Options options;
  if (cursor.AtEnd() || !cursor.Peek().IsSymbol("(")) return options;
  WEIR_ASSIGN_OR_RETURN(const Tokens inside, cursor.Parenthesized());
  for (const Tokens& part : SplitAtCommas(inside)) {
    Option& option = options.emplace_back(Option{NameOf(part.front()), &part.front(), nullptr});
    if (part.size() > 1) option.value = &part[part.size() - 1];
  }
  return options;
}

std::string ValueOf(const Option& option) {
  if (option.value == nullptr) return "";
  return option.value->kind == TokenKind::kString ? Folded(StringValue(option.value->text))
                                                  : Folded(option.value->text);
}

Result<bool> SwitchOf(const Option& option) {
  const std::string value = ValueOf(option);
  if (option.value == nullptr || value == "true" || value == "on" || value == "1") return true;
  if (value == "false" || value == "off" || value == "0") return false;
  return Error("42601", fmt::format("{} requires a Boolean value", option.name));
}

Result<int> WorkersOf(const Cursor& cursor, const Option& option) {
  constexpr int kMostWorkers = 1024;
  if (option.value == nullptr) {
    return cursor.ErrorAt(*option.at, "42601", "parallel option requires a value between 0 and 1024");
  }
  const std::string text = ValueOf(option);
  int workers = -1;
  const bool negative = (option.value - 1)->IsSymbol("-");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), workers);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error("42601", "parallel requires an integer value");
  }
  if (!negative && workers <= kMostWorkers) return workers;
  return cursor.ErrorAt(*option.at, "42601", "parallel workers for vacuum must be between 0 and 1024");
}

Status Unrecognized(const Cursor& cursor, const char* verb, const Option& option) {
  return cursor.ErrorAt(*option.at, "42601", fmt::format("unrecognized {} option \"{}\"", verb, option.name));
}

/// What VACUUM is asked for beside tables.
struct VacuumOptions {
  bool disable_page_skipping = false;
  bool process_toast = true;
  int workers = 0;
};

Status ReadVacuumOptions(const Cursor& cursor, const Options& options, NoEffect* vacuum, VacuumOptions* others) {
  for (const Option& option : options) {
    if (option.name == "parallel") {
      WEIR_ASSIGN_OR_RETURN(others->workers, WorkersOf(cursor, option));
      continue;
    }
    if (option.name == "index_cleanup" && ValueOf(option) == "auto") continue;
    WEIR_ASSIGN_OR_RETURN(const bool on, SwitchOf(option));
    if (option.name == "full") vacuum->full = on;
    else if (option.name == "analyze" || option.name == "analyse") vacuum->analyzes = on;
    else if (option.name == "verbose") vacuum->verbose = on;
    else if (option.name == "skip_locked") vacuum->skip_locked = on;
    else if (option.name == "disable_page_skipping") others->disable_page_skipping = on;
    else if (option.name == "process_toast") others->process_toast = on;
    else if (option.name != "freeze" && option.name != "index_cleanup" && option.name != "truncate")
      return Unrecognized(cursor, "VACUUM", option);
  }
  return Status::OK();
}

/// As PostgreSQL says it, without a place.
Status CheckVacuum(const NoEffect& vacuum, const VacuumOptions& others) {
  const auto refuse = [](const char* text) { return Error("0A000", text); };
  if (vacuum.full && others.workers > 0) return refuse("VACUUM FULL cannot be performed in parallel");
  const bool columns =
      std::ranges::any_of(vacuum.targets, [](const NoEffect::Target& target) { return !target.columns.empty(); });
  if (columns && !vacuum.analyzes) return refuse("ANALYZE option must be specified when a column list is provided");
  if (vacuum.full && others.disable_page_skipping) {
    return refuse("VACUUM option DISABLE_PAGE_SKIPPING cannot be used with FULL");
  }
  if (vacuum.full && !others.process_toast) return refuse("PROCESS_TOAST required with VACUUM FULL");
  return Status::OK();
}

Status ReadAnalyzeOptions(const Cursor& cursor, const Options& options, NoEffect* analyze) {
  for (const Option& option : options) {
    const bool known = option.name == "verbose" || option.name == "skip_locked";
    if (!known) return Unrecognized(cursor, "ANALYZE", option);
    WEIR_ASSIGN_OR_RETURN(const bool on, SwitchOf(option));
    (option.name == "verbose" ? analyze->verbose : analyze->skip_locked) = on;
  }
  return Status::OK();
}

Result<NoEffect> ParseReindex(Cursor& cursor) {
  NoEffect nothing{.tag = "REINDEX"};
  WEIR_RETURN_NOT_OK(cursor.Expect("reindex"));
  WEIR_ASSIGN_OR_RETURN(const Options options, OptionsInParentheses(cursor));
  for (const Option& option : options) {
    if (option.name == "tablespace") {
      if (ValueOf(option) == "pg_default") continue;
      return Error("42704", fmt::format("tablespace \"{}\" does not exist", ValueOf(option)));
    }
    if (option.name != "verbose" && option.name != "concurrently") return Unrecognized(cursor, "REINDEX", option);
    WEIR_ASSIGN_OR_RETURN(const bool on, SwitchOf(option));
    if (option.name == "concurrently") nothing.concurrently = on;
  }
  nothing.reindexed = Folded(cursor.Next().text);
  if (cursor.Try("concurrently")) nothing.concurrently = true;
  NoEffect::Target& target = nothing.targets.emplace_back();
  WEIR_ASSIGN_OR_RETURN(target.name, cursor.Qualified());
  return nothing;
}

}  // namespace

Tokens RootPartitionClause(Cursor cursor) {
  if (!cursor.Try("analyze") && !cursor.Try("analyse")) return {};
  cursor.Try("verbose");
  const bool named = cursor.IsAt({"rootpartition"}) && cursor.Rest().size() > 1;
  if (!named || cursor.Peek(1).kind == TokenKind::kSymbol) return {};  // a table may be called so
  return cursor.Rest().first(cursor.Peek(1).Is("all") ? 2 : 1);
}

Result<NoEffect> ParseMaintenance(Cursor& cursor) {
  const size_t of_root = RootPartitionClause(cursor).size();
  if (cursor.IsAt({"reindex"})) return ParseReindex(cursor);
  NoEffect nothing{.tag = cursor.Next().Is("vacuum") ? "VACUUM" : "ANALYZE"};
  const bool vacuum = nothing.tag == "VACUUM";
  nothing.analyzes = !vacuum;
  VacuumOptions others;
  WEIR_ASSIGN_OR_RETURN(const Options options, OptionsInParentheses(cursor));
  WEIR_RETURN_NOT_OK(vacuum ? ReadVacuumOptions(cursor, options, &nothing, &others)
                            : ReadAnalyzeOptions(cursor, options, &nothing));
  while (options.empty()) {  // the older way, in this order
    if (cursor.Try("full")) nothing.full = true;
    else if (cursor.Try("verbose")) nothing.verbose = true;
    else if (cursor.Try("analyze") || cursor.Try("analyse")) nothing.analyzes = true;
    else if (!cursor.Try("freeze")) break;
  }
  for (size_t i = 0; i < of_root; ++i) cursor.Next();
  while (!cursor.AtEnd()) {
    NoEffect::Target& target = nothing.targets.emplace_back();
    WEIR_ASSIGN_OR_RETURN(target.name, cursor.Qualified());
    if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) {
      WEIR_ASSIGN_OR_RETURN(target.columns, cursor.Names());
    }
    if (!cursor.TrySymbol(",")) break;
  }
  if (vacuum) WEIR_RETURN_NOT_OK(CheckVacuum(nothing, others));
  return nothing;
}

namespace {

/// A kind of thing of which there is none here, as errors call it.
struct AbsentKind {
  std::string_view words;  // behind DROP
  const char* shown;
  bool of_relation = false;
};
constexpr AbsentKind kAbsentKinds[] = {
    {"trigger", "trigger", true},
    {"rule", "rule", true},
    {"policy", "policy", true},
    {"extension", "extension"},
    {"publication", "publication"},
    {"subscription", "subscription"},
    {"event trigger", "event trigger"},
    {"statistics", "statistics object"},
    {"conversion", "conversion"},
    {"access method", "access method"},
};

bool TryWords(Cursor& cursor, std::string_view words) {
  const size_t blank = words.find(' ');
  return blank == std::string_view::npos ? cursor.Try(words)
                                         : cursor.Try({words.substr(0, blank), words.substr(blank + 1)});
}

}  // namespace

Result<std::optional<DropAbsent>> TryDropAbsent(Cursor& cursor) {
  const size_t begin = cursor.at();
  if (!cursor.Try("drop")) return std::optional<DropAbsent>();
  for (const AbsentKind& kind : kAbsentKinds) {
    if (!TryWords(cursor, kind.words)) continue;
    DropAbsent drop{.kind = kind.shown, .if_exists = cursor.Try({"if", "exists"})};
    drop.tag = "DROP " + Upper(kind.words);
    do {
      WEIR_ASSIGN_OR_RETURN(const QualifiedName name, cursor.Qualified());
      drop.names.push_back(name.schema.empty() ? name.name : name.schema + "." + name.name);
    } while (cursor.TrySymbol(","));
    const auto built_in = [](const std::string& name) { return name == "file_fdw" || name == "parquet_fdw"; };
    if (std::ranges::any_of(drop.names, built_in)) break;
    if (kind.of_relation) {
      WEIR_RETURN_NOT_OK(cursor.Expect("on"));
      WEIR_ASSIGN_OR_RETURN(drop.relation, cursor.Qualified());
    }
    return std::optional<DropAbsent>(std::move(drop));
  }
  cursor.Seek(begin);
  return std::optional<DropAbsent>();
}

}  // namespace weir::sql::dialect
