#include "sql/dialect/session_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sql/dialect/blank.h"
#include "sql/dialect/foreign_key.h"
#include "sql/dialect/show.h"

namespace weir::sql::dialect {

namespace {

// --- transactions

struct TransactionModes {
  std::string isolation;
  std::optional<bool> read_only;
  std::optional<bool> deferrable;
};

Result<std::string> IsolationLevel(Cursor& cursor) {
  for (const std::string_view first : {"read", "repeatable", "serializable"}) {
    if (!cursor.Try(first)) continue;
    if (first == "serializable") return std::string(first);
    WEIR_ASSIGN_OR_RETURN(const std::string second, cursor.AnyName());
    return fmt::format("{} {}", first, second);
  }
  return cursor.SyntaxError();
}

Result<TransactionModes> ParseModes(Cursor& cursor) {
  TransactionModes modes;
  while (!cursor.AtEnd()) {
    if (cursor.Try({"isolation", "level"})) {
      WEIR_ASSIGN_OR_RETURN(modes.isolation, IsolationLevel(cursor));
    } else if (cursor.Try({"read", "only"})) {
      modes.read_only = true;
    } else if (cursor.Try({"read", "write"})) {
      modes.read_only = false;
    } else if (cursor.Try("deferrable")) {
      modes.deferrable = true;
    } else if (cursor.Try({"not", "deferrable"})) {
      modes.deferrable = false;
    } else {
      return cursor.SyntaxError();
    }
    cursor.TrySymbol(",");
  }
  return modes;
}

Result<Action> Begin(Cursor& cursor, bool start) {
  WEIR_ASSIGN_OR_RETURN(TransactionModes modes, ParseModes(cursor));
  return Action(TransactionControl{.kind = TransactionControl::Kind::kBegin,
                                   .start = start,
                                   .savepoint = {},
                                   .read_only = modes.read_only,
                                   .deferrable = modes.deferrable,
                                   .isolation = std::move(modes.isolation)});
}

Result<Action> WithSavepoint(Cursor& cursor, TransactionControl::Kind kind) {
  TransactionControl control{.kind = kind};
  WEIR_ASSIGN_OR_RETURN(control.savepoint, cursor.Name());
  return Action(std::move(control));
}

// Behind COMMIT and ROLLBACK.
Result<Action> End(Cursor& cursor, TransactionControl::Kind kind) {
  if (cursor.IsAt({"prepared"})) return Action(Unsupported{"two-phase commit", {}});
  if (!cursor.Try("work")) cursor.Try("transaction");
  if (cursor.Try("to")) {
    cursor.Try("savepoint");
    return WithSavepoint(cursor, TransactionControl::Kind::kRollbackTo);
  }
  return Action(TransactionControl{.kind = kind, .chain = cursor.Try({"and", "chain"})});
}

// --- parameters

// The identifier as SQL writes it.
std::string Quoted(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
  if (!name.empty() && !digit_first && std::all_of(name.begin(), name.end(), plain)) return name;
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string SettingValue(const StatementSource& statement, Tokens part) {
  if (part.size() == 1 && part[0].kind == TokenKind::kString) return StringValue(part[0].text);
  if (part.size() == 1 && part[0].kind != TokenKind::kNumber) return NameOf(part[0]);
  return std::string(statement.Slice(part));
}

std::string SettingValues(const StatementSource& statement, const std::string& name, Tokens values) {
  std::string text;
  for (const Tokens part : SplitAtCommas(values)) {
    const std::string value = SettingValue(statement, part);
    if (!text.empty()) text += ", ";
    text += name == "search_path" ? Quoted(value) : value;
  }
  return text;
}

Result<std::string> ParameterName(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(const std::string name, cursor.DottedName());
  return Folded(name);
}

// What follows SET for what has a grammar of its own; else nothing.
std::string SpecialParameter(Cursor& cursor) {
  if (cursor.Try({"time", "zone"})) return "timezone";
  if (cursor.Try({"session", "authorization"})) return "session_authorization";
  const Token& after = cursor.Peek(1);
  if (after.Is("to") || after.IsSymbol("=") || after.IsSymbol(".")) return {};
  if (cursor.Try("schema")) return "search_path";
  if (cursor.Try("names")) return "client_encoding";
  if (cursor.Try("role")) return "role";
  return {};
}

bool IsDefault(const SetParameter& set, Tokens value) {
  if (value.empty()) return true;  // SET NAMES
  if (value.size() != 1) return false;
  return value[0].Is("default") || (set.name == "timezone" && value[0].Is("local"));
}

std::optional<int> WholeNumber(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// INTERVAL '+02:00' HOUR TO MINUTE is a time zone by its distance east of Greenwich, which POSIX counts to the west.
std::optional<std::string> ZoneOfInterval(Tokens value) {
  if (value.size() < 2 || !value[0].Is("interval")) return std::nullopt;
  const auto text = std::find_if(value.begin(), value.end(),
      [](const Token& t) { return t.kind == TokenKind::kString; });
  if (text == value.end()) return std::nullopt;
  const std::string written = StringValue(text->text);
  const bool west = written.starts_with('-');
  const std::string clock = written.substr(west || written.starts_with('+') ? 1 : 0);
  const size_t colon = clock.find(':');
  const auto hours = WholeNumber(std::string_view(clock).substr(0, colon));
  const auto minutes =
      colon == std::string::npos ? std::optional(0) : WholeNumber(std::string_view(clock).substr(colon + 1));
  if (!hours || !minutes) return written;
  const std::string distance =
      *minutes == 0 ? fmt::format("{:02}", *hours) : fmt::format("{:02}:{:02}", *hours, *minutes);
  return fmt::format("<{}{}>{}{}", west ? '-' : '+', distance, west ? '+' : '-', distance);
}

Result<Action> SetModes(Cursor& cursor, std::string_view prefix) {
  WEIR_ASSIGN_OR_RETURN(const TransactionModes modes, ParseModes(cursor));
  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [&](std::string_view name, std::string value) {
    all.emplace_back(fmt::format("{}transaction_{}", prefix, name), std::move(value));
  };
  if (!modes.isolation.empty()) add("isolation", modes.isolation);
  if (modes.read_only) add("read_only", *modes.read_only ? "on" : "off");
  if (modes.deferrable) add("deferrable", *modes.deferrable ? "on" : "off");
  if (all.empty()) return cursor.SyntaxError();
  SetParameter set{.name = all[0].first,
                   .value = all[0].second,
                   .local = prefix.empty(),
                   .reset = false,
                   .transaction = prefix.empty()};
  set.also.assign(all.begin() + 1, all.end());
  return Action(std::move(set));
}

// --- EXPLAIN

Result<bool> ExplainSwitch(Cursor& cursor, const Token& name) {
  if (cursor.AtEnd()) return true;
  const Token& value = cursor.Next();
  const std::string text = value.kind == TokenKind::kString ? Folded(StringValue(value.text)) : Folded(value.text);
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  return cursor.ErrorAt(name, "42601", fmt::format("{} requires a Boolean value", NameOf(name)));
}

Status ExplainFormat(Cursor& cursor, const Token& name, Explain* explain) {
  const Token& value = cursor.Next();
  const std::string text = value.kind == TokenKind::kString ? StringValue(value.text) : NameOf(value);
  const std::string format = Folded(text);
  explain->json = format == "json";
  if (format == "json" || format == "text") return Status::OK();
  if (format == "xml" || format == "yaml") return cursor.Refuse(name, fmt::format("EXPLAIN format {}", format));
  return cursor.ErrorAt(name, "22023", fmt::format("unrecognized value for EXPLAIN option \"format\": \"{}\"", text));
}

Status ExplainOption(const StatementSource& statement, Tokens option, Explain* explain) {
  Cursor cursor(statement, option);
  const Token& token = cursor.Next();
  const std::string name = NameOf(token);
  if (name == "format") return ExplainFormat(cursor, token, explain);
  bool ignored = false;
  bool summary = false;
  bool* target = nullptr;
  if (name == "analyze" || name == "analyse") target = &explain->analyze;
  if (name == "verbose") target = &explain->verbose;
  if (name == "costs") target = &explain->costs;
  if (name == "summary") target = &summary;
  for (const std::string_view none : {"buffers", "settings", "wal", "timing"}) {
    if (name == none) target = &ignored;
  }
  if (target == nullptr) {
    return cursor.ErrorAt(token, "42601", fmt::format("unrecognized EXPLAIN option \"{}\"", name));
  }
  WEIR_ASSIGN_OR_RETURN(*target, ExplainSwitch(cursor, token));
  if (target == &summary) explain->summary = summary;
  return Status::OK();
}

// ( ANALYZE, … ), and not a query in parentheses.
bool IsOptionList(const Cursor& cursor) {
  if (!cursor.Peek().IsSymbol("(")) return false;
  const Token& first = cursor.Peek(1);
  for (const std::string_view word : {"select", "values", "with", "table"}) {
    if (first.Is(word)) return false;
  }
  return !first.IsSymbol("(");
}

}  // namespace

Result<Action> ParseTransaction(Cursor& cursor) {
  using Kind = TransactionControl::Kind;
  if (cursor.Try("begin")) {
    if (!cursor.Try("work")) cursor.Try("transaction");
    return Begin(cursor, false);
  }
  if (cursor.Try({"start", "transaction"})) return Begin(cursor, true);
  if (cursor.Try("savepoint")) return WithSavepoint(cursor, Kind::kSavepoint);
  if (cursor.Try("release")) {
    if (cursor.Rest().size() > 1) cursor.Try("savepoint");
    return WithSavepoint(cursor, Kind::kRelease);
  }
  if (cursor.Try("commit") || cursor.Try("end")) return End(cursor, Kind::kCommit);
  if (cursor.Try("rollback") || cursor.Try("abort")) return End(cursor, Kind::kRollback);
  return cursor.SyntaxError();
}

Result<Action> ParseLock(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("lock"));
  cursor.Try("table");
  LockTable lock{.items = {}, .mode = "access exclusive"};
  do {
    LockTable::Item item{.name = {}, .only = cursor.Try("only")};
    const bool parenthesized = item.only && cursor.TrySymbol("(");
    WEIR_ASSIGN_OR_RETURN(item.name, cursor.Qualified());
    if (parenthesized) cursor.TrySymbol(")");
    cursor.TrySymbol("*");
    lock.items.push_back(std::move(item));
  } while (cursor.TrySymbol(","));
  if (cursor.Try("in")) {
    lock.mode.clear();
    while (!cursor.AtEnd() && !cursor.Try("mode")) {
      WEIR_ASSIGN_OR_RETURN(const std::string word, cursor.AnyName());
      lock.mode += (lock.mode.empty() ? "" : " ") + Folded(word);
    }
  }
  lock.nowait = cursor.Try("nowait");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(lock));
}

Result<Action> ParseSet(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("set"));
  if (cursor.Try("constraints")) return ParseSetConstraints(cursor);
  if (cursor.Try({"session", "characteristics", "as", "transaction"})) return SetModes(cursor, "default_");
  SetParameter set{.local = cursor.Try("local")};
  if (!set.local && !cursor.IsAt({"session", "authorization"}) && !cursor.Peek(1).IsSymbol("=")) cursor.Try("session");
  if (cursor.IsAt({"transaction", "snapshot"})) return Action(Unsupported{"SET TRANSACTION SNAPSHOT", {}});
  if (cursor.IsAt({"xml", "option"})) return Action(Unsupported{"SET XML OPTION", {}});
  if (cursor.Try("transaction")) return SetModes(cursor, "");
  set.name = SpecialParameter(cursor);
  if (set.name.empty()) {
    WEIR_ASSIGN_OR_RETURN(set.name, ParameterName(cursor));
    if (cursor.Try({"from", "current"})) return Action(Unsupported{"SET ... FROM CURRENT", {}});
    if (!cursor.TrySymbol("=")) WEIR_RETURN_NOT_OK(cursor.Expect("to"));
  }
  const Tokens value = cursor.Rest();
  if (IsDefault(set, value)) return Action(std::move(set));
  const auto zone = ZoneOfInterval(value);
  set.value = zone ? *zone : SettingValues(cursor.statement(), set.name, value);
  return Action(std::move(set));
}

Result<Action> ParseReset(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("reset"));
  SetParameter set{.reset = true};
  set.name = cursor.Try({"transaction", "isolation", "level"}) ? "transaction_isolation" : SpecialParameter(cursor);
  if (set.name.empty()) {
    WEIR_ASSIGN_OR_RETURN(set.name, ParameterName(cursor));
  }
  return Action(std::move(set));
}

Result<Action> ParseDiscard(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("discard"));
  for (const std::string_view what : {"ALL", "PLANS", "SEQUENCES"}) {
    if (cursor.Try(Folded(what))) return Action(Discard{std::string(what)});
  }
  return Action(Discard{"TEMP"});
}

Result<Action> ParseExplain(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("explain"));
  Explain explain;
  if (IsOptionList(cursor)) {
    WEIR_ASSIGN_OR_RETURN(const Tokens options, cursor.Parenthesized());
    for (const Tokens option : SplitAtCommas(options)) {
      WEIR_RETURN_NOT_OK(ExplainOption(cursor.statement(), option, &explain));
    }
  } else {
    explain.analyze = cursor.Try("analyze") || cursor.Try("analyse");
    explain.verbose = cursor.Try("verbose");
  }
  explain.query = TextInPlace(cursor.statement(), cursor.Rest());
  return Action(std::move(explain));
}

Result<Action> ParseShow(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("show"));
  WEIR_ASSIGN_OR_RETURN(std::optional<ShowCatalog> catalog, TryShowCatalog(cursor));
  if (catalog) return Action(std::move(*catalog));
  WEIR_RETURN_NOT_OK(BlankedText(cursor.statement()).Check());
  ShowParameter show;
  if (cursor.Try({"time", "zone"})) {
    show.name = "timezone";
  } else if (cursor.Try({"transaction", "isolation", "level"})) {
    show.name = "transaction_isolation";
  } else if (cursor.Try({"session", "authorization"})) {
    show.name = "session_authorization";
  } else {
    WEIR_ASSIGN_OR_RETURN(show.name, ParameterName(cursor));
  }
  return Action(std::move(show));
}

}  // namespace weir::sql::dialect
