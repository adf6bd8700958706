#include "sql/dialect/function.h"

#include <charconv>

#include "pg_query.pb.h"
#include "postgres/identifier.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/unsupported.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

using pg_query::DefElem;
using pg_query::Node;

Status InvalidFunction(std::string message) { return Error("42P13", std::move(message)); }

// --- names and types

QualifiedName NameIn(const google::protobuf::RepeatedPtrField<Node>& parts) {
  QualifiedName name;
  const int size = parts.size();
  name.name = parts[size - 1].string().sval();
  if (size > 1) name.schema = parts[size - 2].string().sval();
  return name;
}

/// "integer[]": without modifiers, as functions have their types.
Result<QualifiedName> TypeIn(const pg_query::TypeName& type) {
  if (type.pct_type()) return Error("0A000", "%TYPE is not supported");
  QualifiedName name = NameIn(type.names());
  if (name.schema == "pg_catalog") name.schema.clear();
  if (name.name == "char") name.name = "\"char\"";  // what is written without quotes is read as bpchar
  if (type.array_bounds_size() > 0) name.name += "[]";
  return name;
}

Result<std::string> PlainTypeIn(const pg_query::TypeName& type) {
  WEIR_ASSIGN_OR_RETURN(const QualifiedName name, TypeIn(type));
  return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

char ModeOf(pg_query::FunctionParameterMode mode) {
  switch (mode) {
    case pg_query::FUNC_PARAM_OUT: return 'o';
    case pg_query::FUNC_PARAM_INOUT: return 'b';
    case pg_query::FUNC_PARAM_VARIADIC: return 'v';
    case pg_query::FUNC_PARAM_TABLE: return 't';
    default: return 'i';
  }
}

// What stands behind DEFAULT or = in a parameter.
Tokens DefaultIn(Tokens parameter) {
  int depth = 0;
  for (size_t i = 0; i < parameter.size(); ++i) {
    depth += DepthChange(parameter[i]);
    if (depth == 0 && (parameter[i].Is("default") || parameter[i].IsSymbol("="))) return parameter.subspan(i + 1);
  }
  return {};
}

// Those in the parentheses come first; then those of RETURNS TABLE.
Status ReadParameters(const StatementSource& statement, const pg_query::CreateFunctionStmt& written, Tokens list,
                      CreateFunction* create) {
  const std::vector<Tokens> parts = SplitAtCommas(list);
  for (int i = 0; i < written.parameters_size(); ++i) {
    const pg_query::FunctionParameter& read = written.parameters(i).function_parameter();
    FunctionParameter& parameter = create->parameters.emplace_back();
    parameter.name = read.name();
    parameter.mode = ModeOf(read.mode());
    WEIR_ASSIGN_OR_RETURN(parameter.type, PlainTypeIn(read.arg_type()));
    if (!read.has_defexpr() || static_cast<size_t>(i) >= parts.size()) continue;
    parameter.default_value = std::string(statement.Slice(DefaultIn(parts[static_cast<size_t>(i)])));
  }
  return Status::OK();
}

// --- the body

// A string's first character, in the statement; 0: its escapes are in the way.
int ContentPosition(const StatementSource& statement, const Token& string) {
  const std::string_view text = string.text;
  if (text.starts_with("'")) return statement.Position(string) + 1;
  if (!text.starts_with("$")) return 0;
  return statement.Position(string) + static_cast<int>(text.find('$', 1)) + 1;
}

void ReadQuotedBody(const StatementSource& statement, Tokens rest, CreateFunction* create) {
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i].kind != TokenKind::kString || !rest[i - 1].Is("as")) continue;
    create->body_position = ContentPosition(statement, rest[i]);
    return;
  }
}

// RETURN expression, or BEGIN ATOMIC … END, which end the statement.
Status ReadStandardBody(const StatementSource& statement, Tokens rest, CreateFunction* create) {
  if (create->body) return InvalidFunction("duplicate function body specified");
  for (size_t i = 0; i < rest.size(); ++i) {
    const bool atomic = rest[i].Is("begin") && i + 1 < rest.size() && rest[i + 1].Is("atomic");
    if (!rest[i].Is("return") && !atomic) continue;
    create->standard = std::string(statement.Slice(rest.subspan(i)));
    const Tokens inner = atomic ? rest.subspan(i + 2, rest.size() - i - 3) : rest.subspan(i + 1);
    create->body = (atomic ? "" : "SELECT ") + std::string(statement.Slice(inner));
    if (!inner.empty()) create->body_position = statement.Position(inner.front()) - (atomic ? 0 : 7);
    return Status::OK();
  }
  return InvalidFunction("no function body specified");
}

// --- options

double NumberIn(const Node& node) {
  if (node.has_integer()) return node.integer().ival();
  double value = 0;
  const std::string& text = node.float_().fval();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool FlagIn(const Node& node) { return node.has_boolean() && node.boolean().boolval(); }

Status ReadBody(const Node& as, CreateFunction* create) {
  const auto& items = as.list().items();
  if (items.size() != 1) return InvalidFunction("only one AS item needed for language \"sql\"");
  create->body = items[0].string().sval();
  return Status::OK();
}

Status ReadParallel(const std::string& said, CreateFunction* create) {
  for (const char* known : {"unsafe", "restricted", "safe"}) {
    if (said == known) create->parallel = said.front();
    if (said == known) return Status::OK();
  }
  return Error("42601", "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE");
}

/// SET search_path, as the parameter has it. 0A000 for others.
Result<std::string> SearchPathIn(const pg_query::VariableSetStmt& set) {
  if (set.name() != "search_path" || set.kind() != pg_query::VAR_SET_VALUE) {
    return Error("0A000", "SET " + set.name() + " of a function is not supported",
                 {.hint = "Functions can have a search_path of their own."});
  }
  std::string path;
  for (const Node& argument : set.args()) {
    path += (path.empty() ? "" : ", ") + postgres::QuoteIdentifier(argument.a_const().sval().sval());
  }
  return path;
}

Status ReadOption(const DefElem& option, CreateFunction* create) {
  const std::string& name = option.defname();
  const Node& value = option.arg();
  if (name == "as") return ReadBody(value, create);
  if (name == "language") {
    create->language = value.string().sval();
  } else if (name == "volatility") {
    create->volatility = value.string().sval().front();
  } else if (name == "strict") {
    create->strict = FlagIn(value);
  } else if (name == "leakproof") {
    create->leakproof = FlagIn(value);
  } else if (name == "parallel") {
    return ReadParallel(value.string().sval(), create);
  } else if (name == "cost" || name == "rows") {
    const double number = NumberIn(value);
    if (number <= 0) return Error("22023", Upper(name) + " must be positive");
    (name == "cost" ? create->cost : create->rows) = number;
  } else if (name == "security") {
    create->security_definer = FlagIn(value);
  } else if (name == "set") {
    WEIR_ASSIGN_OR_RETURN(create->search_path, SearchPathIn(value.variable_set_stmt()));
  } else {
    return Error("0A000", Upper(name) + " of a function is not supported");
  }
  return Status::OK();
}

Status CheckLanguage(const CreateFunction& create) {
  if (create.language.empty() && create.standard.empty()) return InvalidFunction("no language specified");
  if (create.language.empty() || create.language == "sql") return Status::OK();
  for (const char* known : {"plpgsql", "c", "internal", "plpython3u", "plperl", "pltcl"}) {
    if (create.language != known) continue;
    return Error("0A000", "language \"" + create.language + "\" is not supported",
                 {.hint = "Write the function in SQL: LANGUAGE sql."});
  }
  return Error("42704", "language \"" + create.language + "\" does not exist");
}

// --- other statements

}  // namespace

Result<FunctionName> FunctionIn(const pg_query::ObjectWithArgs& object) {
  FunctionName function{.name = NameIn(object.objname()), .arguments = {}};
  if (object.args_unspecified()) return function;
  function.arguments.emplace();
  for (const Node& type : object.objargs()) {
    WEIR_ASSIGN_OR_RETURN(std::string name, PlainTypeIn(type.type_name()));
    function.arguments->push_back(std::move(name));
  }
  return function;
}

namespace {

RoutineKind KindOf(Cursor cursor) {
  cursor.Next();
  if (cursor.IsAt({"procedure"})) return RoutineKind::kProcedure;
  return cursor.IsAt({"function"}) ? RoutineKind::kFunction : RoutineKind::kRoutine;
}

// All functions of a name have one owner.
Result<Action> OwnerOfFunctions(const pg_query::AlterOwnerStmt& statement) {
  QualifiedName name = NameIn(statement.object().object_with_args().objname());
  name.name += "()";
  ChangeOwner change{.table = {std::move(name)}, .name = {}, .owner = {}};
  const pg_query::RoleSpec& owner = statement.newowner();
  change.owner.name = owner.rolename();
  if (owner.roletype() == pg_query::ROLESPEC_SESSION_USER) change.owner.kind = RoleName::Kind::kSessionUser;
  const bool current = owner.roletype() == pg_query::ROLESPEC_CURRENT_USER ||
                       owner.roletype() == pg_query::ROLESPEC_CURRENT_ROLE;
  if (current) change.owner.kind = RoleName::Kind::kCurrentUser;
  return Action(AccessStatement(std::move(change)));
}

/// ALTER FUNCTION … with what CREATE FUNCTION says of one.
Result<Action> AlterOptionsOf(const pg_query::AlterFunctionStmt& written, RoutineKind kind) {
  AlterFunction alter{.kind = kind, .function = {}, .change = AlterFunction::Change::kOptions};
  WEIR_ASSIGN_OR_RETURN(alter.function, FunctionIn(written.func()));
  FunctionOptions& options = alter.options;
  for (const Node& node : written.actions()) {
    const DefElem& said = node.def_elem();
    const std::string& name = said.defname();
    if (name == "set" && said.arg().variable_set_stmt().kind() != pg_query::VAR_SET_VALUE) {
      const pg_query::VariableSetStmt& reset = said.arg().variable_set_stmt();
      const bool all = reset.kind() == pg_query::VAR_RESET_ALL;
      if (!all && reset.name() != "search_path") WEIR_RETURN_NOT_OK(SearchPathIn(reset).status());
      options.resets_search_path = true;
      continue;
    }
    CreateFunction read{.name = {}, .result = {}, .body = {}};
    WEIR_RETURN_NOT_OK(ReadOption(said, &read));
    if (name == "volatility") options.volatility = read.volatility;
    if (name == "parallel") options.parallel = read.parallel;
    if (name == "strict") options.strict = read.strict;
    if (name == "leakproof") options.leakproof = read.leakproof;
    if (name == "security") options.security_definer = read.security_definer;
    if (name == "cost") options.cost = read.cost;
    if (name == "rows") options.rows = read.rows;
    if (name == "set") options.search_path = read.search_path;
  }
  return Action(std::move(alter));
}

Result<Action> DropOf(const pg_query::DropStmt& written, RoutineKind kind) {
  DropFunctions drop{.kind = kind, .if_exists = written.missing_ok()};
  drop.cascade = written.behavior() == pg_query::DROP_CASCADE;
  for (const Node& object : written.objects()) {
    WEIR_ASSIGN_OR_RETURN(FunctionName function, FunctionIn(object.object_with_args()));
    drop.functions.push_back(std::move(function));
  }
  return Action(std::move(drop));
}

}  // namespace

bool IsCreateFunction(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  cursor.Try({"or", "replace"});
  return cursor.IsAt({"function"}) || cursor.IsAt({"procedure"});
}

Result<Action> ParseCreateFunction(const StatementSource& statement) {
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree,
                        ParseTree::Of(*statement.source, statement.begin(), std::string(statement.text())));
  const pg_query::CreateFunctionStmt& written = tree.statement(0).stmt().create_function_stmt();
  CreateFunction create{.name = NameIn(written.funcname()), .replace = written.replace(), .result = {}, .body = {}};
  create.procedure = written.is_procedure();
  Cursor cursor(statement);
  while (!cursor.AtEnd() && !cursor.Peek().IsSymbol("(")) cursor.Next();
  WEIR_ASSIGN_OR_RETURN(const Tokens parameters, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(ReadParameters(statement, written, parameters, &create));
  if (written.has_return_type()) {
    WEIR_ASSIGN_OR_RETURN(create.result, TypeIn(written.return_type()));
    create.returns_set = written.return_type().setof();
  }
  for (const Node& option : written.options()) WEIR_RETURN_NOT_OK(ReadOption(option.def_elem(), &create));
  if (create.body) ReadQuotedBody(statement, cursor.Rest(), &create);
  if (written.has_sql_body()) WEIR_RETURN_NOT_OK(ReadStandardBody(statement, cursor.Rest(), &create));
  WEIR_RETURN_NOT_OK(CheckLanguage(create));
  if (!create.body) return InvalidFunction("no function body specified");
  return Action(std::move(create));
}

bool IsFunctionStatement(Cursor cursor) {
  if (!cursor.IsAt({"alter"}) && !cursor.IsAt({"drop"})) return false;
  cursor.Next();
  return cursor.IsAt({"function"}) || cursor.IsAt({"procedure"}) || cursor.IsAt({"routine"});
}

Result<Action> ParseFunctionStatement(const StatementSource& statement) {
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree,
                        ParseTree::Of(*statement.source, statement.begin(), std::string(statement.text())));
  const RoutineKind kind = KindOf(Cursor(statement));
  const Node& node = tree.statement(0).stmt();
  if (node.has_drop_stmt()) return DropOf(node.drop_stmt(), kind);
  if (node.has_alter_function_stmt()) return AlterOptionsOf(node.alter_function_stmt(), kind);
  AlterFunction alter{.kind = kind, .function = {}};
  const Node* object = nullptr;
  if (node.has_rename_stmt()) {
    object = &node.rename_stmt().object();
    alter.value = node.rename_stmt().newname();
  } else if (node.has_alter_object_schema_stmt()) {
    object = &node.alter_object_schema_stmt().object();
    alter.change = AlterFunction::Change::kSetSchema;
    alter.value = node.alter_object_schema_stmt().newschema();
  } else if (node.has_alter_owner_stmt()) {
    return OwnerOfFunctions(node.alter_owner_stmt());
  } else {
    return Action(UnsupportedStatement(statement));
  }
  WEIR_ASSIGN_OR_RETURN(alter.function, FunctionIn(object->object_with_args()));
  return Action(std::move(alter));
}

Result<CallProcedure> ReadCall(Cursor& cursor) {
  CallProcedure call;
  WEIR_ASSIGN_OR_RETURN(call.name, cursor.Qualified());
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (Tokens part : SplitAtCommas(list)) {
    CallProcedure::Argument& argument = call.arguments.emplace_back();
    if (part.size() > 2 && (part[1].IsSymbol("=>") || part[1].IsSymbol(":="))) {
      argument.name = NameOf(part[0]);
      part = part.subspan(2);
    }
    argument.expression = std::string(cursor.statement().Slice(part));
    if (!part.empty()) argument.position = cursor.statement().Position(part.front());
  }
  return call;
}

Result<Action> ParseCall(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("call"));
  WEIR_ASSIGN_OR_RETURN(CallProcedure call, ReadCall(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(call));
}

}  // namespace weir::sql::dialect
