#include "sql/catalog/function_ddl.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "postgres/resolve.h"
#include "postgres/type.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/function_uses.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using postgres::ParameterMode;

Status InvalidDefinition(std::string message, std::string hint = {}) {
  return Error("42P13", std::move(message), {.hint = std::move(hint)});
}

const char* WordOf(const SqlFunction& function) { return function.procedure ? "procedure" : "function"; }

const char* WordOf(RoutineKind kind) {
  switch (kind) {
    case RoutineKind::kFunction: return "function";
    case RoutineKind::kProcedure: return "procedure";
    case RoutineKind::kRoutine: break;
  }
  return "routine";
}

bool FitsKind(const SqlFunction& function, RoutineKind kind) {
  return kind == RoutineKind::kRoutine || function.procedure == (kind == RoutineKind::kProcedure);
}

std::vector<std::string> InputTypes(const SqlFunction& function) {
  std::vector<std::string> types;
  for (const SqlFunction::Parameter* input : function.Inputs()) types.push_back(input->type);
  return types;
}

// --- CREATE

Status NoType(const std::string& written) { return Error("42704", fmt::format("type {} does not exist", written)); }

/// By the search path.
Result<std::string> TypeNamedHere(const std::string& written, const DdlContext& context, CatalogDraft* draft) {
  std::vector<std::string> databases = {context.database};
  if (context.databases_of_path) {
    WEIR_ASSIGN_OR_RETURN(databases, context.databases_of_path());
  }
  for (const std::string& database : databases) {
    auto type = FunctionTypeName(written, database, *draft);
    if (type.ok()) return type;
  }
  return FunctionTypeName(written, context.database, *draft);
}

Result<std::string> ParameterType(const FunctionParameter& written, const DdlContext& context, CatalogDraft* draft) {
  const auto known = TypeNamedHere(written.type, context, draft);
  if (!known.ok()) return NoType(written.type);
  const std::string& type = *known;
  const bool pseudo = type == "void" || type == "record" || type == "trigger";
  const postgres::Oid oid = postgres::ParseType(type).ok() ? postgres::ParseType(type)->oid : 0;
  if (!pseudo && !postgres::IsPolymorphic(oid)) return type;
  if (type == "void") return InvalidDefinition("SQL functions cannot have arguments of type void");
  return Error("0A000", fmt::format("a parameter of type {} is not supported", type));
}

/// Of a function that is made: the type stays as long as it.
Status NoteType(const std::string& kept, const DdlContext& context, CatalogDraft* draft) {
  const auto type = postgres::ParseType(kept);
  const postgres::Oid element = type.ok() ? postgres::ArrayElement(type->oid) : 0;
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
  const auto made = types->find(element != 0 ? element : type.ok() ? type->oid : 0);
  if (made == types->end()) return Status::OK();
  draft->NoteUseOf(made->second);
  return context.CheckMayUse(*made->second);
}

Status CheckNamesOnce(const SqlFunction& function) {
  const auto check = [](const std::vector<const SqlFunction::Parameter*>& parameters) {
    std::set<std::string> seen;
    for (const SqlFunction::Parameter* parameter : parameters) {
      if (parameter->name.empty() || seen.insert(parameter->name).second) continue;
      return InvalidDefinition(fmt::format("parameter name \"{}\" used more than once", parameter->name));
    }
    return Status::OK();
  };
  WEIR_RETURN_NOT_OK(check(function.Inputs()));
  return check(function.Outputs());
}

Status ReadParameters(const CreateFunction& statement, const DdlContext& context, CatalogDraft* draft,
                      SqlFunction* function) {
  bool defaults = false;
  for (const FunctionParameter& written : statement.parameters) {
    SqlFunction::Parameter& parameter = function->parameters.emplace_back();
    parameter.name = written.name;
    parameter.mode = static_cast<ParameterMode>(written.mode);
    if (parameter.mode == ParameterMode::kVariadic) return Error("0A000", "VARIADIC parameters are not supported");
    if (statement.procedure && parameter.mode != ParameterMode::kIn) {
      return Error("0A000", "OUT parameters of procedures are not supported");
    }
    WEIR_ASSIGN_OR_RETURN(parameter.type, ParameterType(written, context, draft));
    WEIR_RETURN_NOT_OK(NoteType(parameter.type, context, draft));
    parameter.default_value = written.default_value;
    if (!postgres::IsInput(parameter.mode)) {
      if (parameter.default_value) return InvalidDefinition("only input parameters can have default values");
      continue;
    }
    if (defaults && !parameter.default_value) {
      return InvalidDefinition("input parameters after one with a default value must also have defaults");
    }
    defaults = parameter.default_value.has_value();
  }
  return CheckNamesOnce(*function);
}

/// The type that RETURNS names: one of PostgreSQL's, or a table's row.
Status ReadResultType(const QualifiedName& written, const DdlContext& context, CatalogDraft* draft,
                      SqlFunction* function) {
  const std::string shown = written.schema.empty() ? written.name : written.schema + "." + written.name;
  const auto type = TypeNamedHere(shown, context, draft);
  if (type.ok()) {
    function->result = *type;
    return NoteType(*type, context, draft);
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft->Find(PathOf(written, context)));
  if (!relation || (!relation->is_table() && relation->definition() == nullptr)) return NoType(shown);
  function->result = written.name;
  function->result_schema = relation->path.database;
  return Status::OK();
}

Status ReadResult(const CreateFunction& statement, const DdlContext& context, CatalogDraft* draft,
                  SqlFunction* function) {
  function->returns_set = statement.returns_set;
  const auto outputs = function->Outputs();
  const std::string by_outputs = outputs.empty() ? "" : outputs.size() == 1 ? outputs[0]->type : "record";
  if (statement.procedure) return Status::OK();
  const bool table = !outputs.empty() && outputs[0]->mode == ParameterMode::kTable;
  if (table) function->returns_set = true;
  if (!statement.result || table) {
    if (by_outputs.empty()) return InvalidDefinition("function result type must be specified");
    function->result = by_outputs;
    return Status::OK();
  }
  WEIR_RETURN_NOT_OK(ReadResultType(*statement.result, context, draft, function));
  if (!by_outputs.empty() && function->result != by_outputs) {
    return InvalidDefinition(fmt::format("function result type must be {} because of OUT parameters", by_outputs));
  }
  if (function->result == "trigger") return InvalidDefinition("SQL functions cannot return type trigger");
  const auto type = postgres::ParseType(function->result);
  const bool polymorphic = function->result_schema.empty() && type.ok() && postgres::IsPolymorphic(type->oid);
  const bool unknown_row = function->result == "record" && outputs.empty();
  if (!polymorphic && !unknown_row) return Status::OK();
  return Error("0A000", fmt::format("a function that returns {} is not supported", function->result),
               {.hint = unknown_row ? "Name the columns: RETURNS TABLE (…)." : ""});
}

/// What CREATE OR REPLACE leaves as it is.
Status CheckReplaces(const SqlFunction& before, const SqlFunction& now) {
  if (before.procedure != now.procedure) {
    return Error("42809", "cannot change routine kind",
                 {.detail = fmt::format("\"{}\" is a {}.", before.name, WordOf(before))});
  }
  const char* kind = before.procedure ? "PROCEDURE" : "FUNCTION";
  const std::string hint = fmt::format("Use DROP {} {} first.", kind, FunctionSignature(before, false));
  if (before.result != now.result || before.result_schema != now.result_schema ||
      before.returns_set != now.returns_set) {
    return InvalidDefinition("cannot change return type of existing function", hint);
  }
  const auto old_inputs = before.Inputs();
  const auto new_inputs = now.Inputs();
  for (size_t i = 0; i < old_inputs.size(); ++i) {
    const std::string& name = old_inputs[i]->name;
    if (!name.empty() && name != new_inputs[i]->name) {
      return InvalidDefinition(fmt::format("cannot change name of input parameter \"{}\"", name), hint);
    }
    if (old_inputs[i]->default_value && !new_inputs[i]->default_value) {
      return InvalidDefinition("cannot remove parameter defaults from existing function", hint);
    }
  }
  return Status::OK();
}

Result<SqlFunction> DefineFunction(const CreateFunction& statement, const DdlContext& context, CatalogDraft* draft) {
  SqlFunction function;
  function.name = statement.name.name;
  function.procedure = statement.procedure;
  function.strict = statement.strict;
  function.leakproof = statement.leakproof;
  function.security_definer = statement.security_definer;
  function.search_path = statement.search_path;
  function.volatility = statement.volatility;
  function.parallel = statement.parallel;
  function.cost = statement.cost;
  function.rows = statement.rows;
  function.body = *statement.body;
  function.standard = statement.standard;
  WEIR_RETURN_NOT_OK(ReadParameters(statement, context, draft, &function));
  WEIR_RETURN_NOT_OK(ReadResult(statement, context, draft, &function));
  return function;
}

/// The set of functions with another one in it, or in the place of one of the same types.
void PutFunction(SqlFunction function, const TablePath& path, const RelationPtr& set, int64_t set_id,
                 CatalogDraft* draft) {
  auto now = set ? std::make_shared<Relation>(*set) : std::make_shared<Relation>();
  if (!set) {
    now->id = set_id;
    now->path = path;
  }
  auto made = std::make_shared<const SqlFunction>(std::move(function));
  const auto same = std::ranges::find_if(now->functions, [&](const auto& one) { return one->id == made->id; });
  if (same == now->functions.end()) {
    now->functions.push_back(std::move(made));
  } else {
    *same = std::move(made);
  }
  draft->Put(std::move(now), set);
}

// --- what other statements name

std::string ShownWith(const std::string& name, const std::vector<std::string>& types) {
  return fmt::format("{}({})", name, fmt::join(types, ","));
}

void RemoveFunction(const SqlFunction& function, const RelationPtr& set, CatalogDraft* draft) {
  auto now = std::make_shared<Relation>(*set);
  std::erase_if(now->functions, [&](const SqlFunctionPtr& one) { return one->id == function.id; });
  if (now->functions.empty()) {
    draft->Remove(set);
  } else {
    draft->Put(std::move(now), set);
  }
}

/// The views whose queries call a function.
Result<std::vector<RelationPtr>> ViewsCalling(const SqlFunction& function, const Relation& set, CatalogDraft* draft) {
  std::vector<RelationPtr> views;
  for (const int64_t id : set.views) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr view, draft->FindById(id));
    const ViewDefinition* definition = view ? view->definition() : nullptr;
    const bool calls = definition != nullptr && std::ranges::count(definition->functions, function.id) > 0;
    if (calls) views.push_back(std::move(view));
  }
  return views;
}

/// What needs a function that is dropped: 2BP01, or it goes along.
Status DropCallers(const NamedFunction& named, const DropFunctions& statement, const DdlContext& context,
                   CatalogDraft* draft, Notices* notices) {
  WEIR_ASSIGN_OR_RETURN(std::vector<RelationPtr> views, ViewsCalling(*named.function, *named.set, draft));
  const std::string what = fmt::format("{} {}", WordOf(*named.function), FunctionSignature(*named.function, false));
  std::vector<std::string> reasons;
  std::vector<std::string> others;
  for (const RelationPtr& view : views) {
    others.push_back(Described(*view, context));
    reasons.push_back(fmt::format("{} depends on {}", others.back(), what));
  }
  WEIR_ASSIGN_OR_RETURN(const auto above, ViewsAbove(*draft, views, context));
  for (const DependentView& one : above) {
    views.push_back(one.view);
    others.push_back(Described(*one.view, context));
    reasons.push_back(one.reason);
  }
  WEIR_ASSIGN_OR_RETURN(const FunctionDependents definitions,
                        DefinitionsCalling(named.function->id, what, context, draft));
  reasons.insert(reasons.end(), definitions.reasons.begin(), definitions.reasons.end());
  others.insert(others.end(), definitions.objects.begin(), definitions.objects.end());
  const bool alone = statement.functions.size() == 1;
  WEIR_RETURN_NOT_OK(CheckNothingDepends(alone ? what : "", reasons, statement.cascade));
  AddCascadeNotice(others, notices);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, views));
  return DropDefinitions(definitions, context, draft);
}

/// Their queries and definitions call it by its name.
Status CheckNothingCalls(const NamedFunction& named, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const FunctionDependents definitions,
                        DefinitionsCalling(named.function->id, "it", context, draft));
  if (!definitions.empty()) {
    return Error("0A000", fmt::format("another name for a function that definitions call is not supported: \"{}\"",
                                      named.function->name),
                 {.detail = definitions.reasons.front() + "."});
  }
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsCalling(*named.function, *named.set, draft));
  if (views.empty()) return Status::OK();
  return Error("0A000", fmt::format("another name for a function that views call is not supported: \"{}\"",
                                    named.function->name),
               {.detail = fmt::format("The view \"{}\" calls it.", views[0]->path.table)});
}

/// 42723 where the place that a function is to have is taken.
Status CheckIsNew(const SqlFunction& function, const RelationPtr& set, const std::string& schema) {
  if (!set) return Status::OK();
  for (const SqlFunctionPtr& other : set->functions) {
    if (InputTypes(*other) != InputTypes(function)) continue;
    return Error("42723", fmt::format("function {} already exists in schema \"{}\"", FunctionSignature(function, false),
                                      schema));
  }
  return Status::OK();
}

}  // namespace

TablePath FunctionPathOf(const QualifiedName& name, const DdlContext& context) {
  QualifiedName set = name;
  set.name = FunctionSetName(name.name);
  return PathOf(set, context);
}

Result<std::string> FunctionTypeName(const std::string& written, const std::string& database, CatalogView& catalog) {
  const auto known = postgres::ParseType(written);
  if (known.ok()) return postgres::KeptTypeText({known->oid});
  const bool array = written.ends_with("[]");
  QualifiedName name{.name = array ? written.substr(0, written.size() - 2) : written};
  if (const size_t dot = name.name.find('.'); dot != std::string::npos) {
    name.schema = name.name.substr(0, dot);
    name.name.erase(0, dot + 1);
  }
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog.Types());
  const TablePath path = PathOf(name, database);
  const NamedType found = FindTypeNamed(*types, path.database, path.table);
  if (found.type) return postgres::KeptTypeText({array && !found.is_array ? found.type->array : found.oid()});
  return Error("42704", fmt::format("type \"{}\" does not exist", written));
}

Result<NamedFunction> FindFunctionNamed(const FunctionName& name, RoutineKind kind, const std::string& database,
                                        CatalogView& catalog) {
  NamedFunction named;
  QualifiedName set = name.name;
  set.name = FunctionSetName(set.name);
  WEIR_ASSIGN_OR_RETURN(named.set, catalog.Find(PathOf(set, database)));
  std::vector<std::string> types;
  if (name.arguments) {
    for (const std::string& written : *name.arguments) {
      WEIR_ASSIGN_OR_RETURN(types.emplace_back(), FunctionTypeName(written, database, catalog));
    }
  }
  size_t found = 0;
  if (!named.set) return named;
  for (const SqlFunctionPtr& function : named.set->functions) {
    if (name.arguments ? InputTypes(*function) != types : !FitsKind(*function, kind)) continue;
    named.function = function;
    ++found;
  }
  if (found > 1) {
    return Error("42725", fmt::format("{} name \"{}\" is not unique", WordOf(kind), name.name.name),
                 {.hint = fmt::format("Specify the argument list to select the {} unambiguously.", WordOf(kind))});
  }
  if (named.function && !FitsKind(*named.function, kind)) {
    return Error("42809", fmt::format("{} is not a {}", FunctionSignature(*named.function, false), WordOf(kind)));
  }
  return named;
}

Status NoFunction(const FunctionName& name, RoutineKind kind, const std::string& database, CatalogView& catalog) {
  const std::string shown = Shown(name.name);
  if (!name.arguments) return Error("42883", fmt::format("could not find a {} named \"{}\"", WordOf(kind), shown));
  std::vector<std::string> types;
  for (const std::string& written : *name.arguments) {
    const auto type = FunctionTypeName(written, database, catalog);
    types.push_back(type.ok() ? postgres::WithTypeNames(*type) : written);
  }
  return Error("42883", fmt::format("{} {} does not exist", WordOf(kind), ShownWith(shown, types)));
}

void ReplaceFunction(SqlFunction function, const RelationPtr& set, CatalogDraft* draft) {
  PutFunction(std::move(function), set->path, set, set->id, draft);
}

Result<Notices> Execute(const CreateFunction& statement, const DdlContext& context, CatalogDraft* draft) {
  const TablePath path = FunctionPathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(SqlFunction function, DefineFunction(statement, context, draft));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr set, draft->Find(path));
  if (set) {
    for (const SqlFunctionPtr& other : set->functions) {
      if (InputTypes(*other) != InputTypes(function)) continue;
      if (!statement.replace) {
        return Error("42723", fmt::format("function \"{}\" already exists with same argument types", function.name));
      }
      WEIR_RETURN_NOT_OK(CheckReplaces(*other, function));
      function.id = other->id;
      function.comment = other->comment;
    }
  }
  const bool replaced = function.id >= 0;
  if (!replaced) {
    WEIR_ASSIGN_OR_RETURN(function.id, draft->TakeIds(1));
  }
  int64_t set_id = -1;
  if (!set) {
    WEIR_ASSIGN_OR_RETURN(set_id, draft->TakeIds(1));
  }
  // It may call itself, as far as that is possible.
  PutFunction(function, path, set, set_id, draft);
  if (context.check_function) WEIR_RETURN_NOT_OK(context.check_function(function, statement.body_position));
  if (replaced) WEIR_RETURN_NOT_OK(RenewDefinitions(function.id, context, draft));
  return Notices();
}

Result<Notices> Execute(const DropFunctions& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  for (const FunctionName& name : statement.functions) {
    WEIR_ASSIGN_OR_RETURN(const NamedFunction named, FindFunctionNamed(name, statement.kind, context.database, *draft));
    if (named.function) {
      WEIR_RETURN_NOT_OK(DropCallers(named, statement, context, draft, &notices));
      WEIR_ASSIGN_OR_RETURN(const RelationPtr set, draft->FindById(named.set->id));
      RemoveFunction(*named.function, set, draft);
      continue;
    }
    const Status missing = NoFunction(name, statement.kind, context.database, *draft);
    if (!statement.if_exists) return missing;
    const std::string shown = Shown(name.name);
    notices.push_back(name.arguments
                          ? fmt::format("{} {} does not exist, skipping", WordOf(statement.kind),
                                        ShownWith(shown, *name.arguments))
                          : fmt::format("{} {}() does not exist, skipping", WordOf(statement.kind), shown));
  }
  return notices;
}

namespace {

template <typename Value>
void Take(const std::optional<Value>& said, Value* value) {
  if (said) *value = *said;
}

/// 42P13 for what procedures have not.
Status ChangeOptions(const FunctionOptions& options, SqlFunction* function) {
  const bool of_functions = options.volatility || options.strict || options.leakproof || options.cost || options.rows ||
                            options.parallel;
  if (function->procedure && of_functions) return InvalidDefinition("invalid attribute in procedure definition");
  if (options.rows && !function->returns_set) {
    return Error("22023", "ROWS is not applicable when function does not return a set");
  }
  Take(options.volatility, &function->volatility);
  Take(options.parallel, &function->parallel);
  Take(options.strict, &function->strict);
  Take(options.leakproof, &function->leakproof);
  Take(options.security_definer, &function->security_definer);
  Take(options.cost, &function->cost);
  Take(options.rows, &function->rows);
  if (options.resets_search_path) function->search_path.reset();
  if (options.search_path) function->search_path = options.search_path;
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const AlterFunction& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const NamedFunction named,
                        FindFunctionNamed(statement.function, statement.kind, context.database, *draft));
  if (!named.function) return NoFunction(statement.function, statement.kind, context.database, *draft);
  if (statement.change == AlterFunction::Change::kOptions) {
    SqlFunction changed = *named.function;
    WEIR_RETURN_NOT_OK(ChangeOptions(statement.options, &changed));
    ReplaceFunction(std::move(changed), named.set, draft);
    WEIR_RETURN_NOT_OK(RenewDefinitions(named.function->id, context, draft));
    return Notices();
  }
  WEIR_RETURN_NOT_OK(CheckNothingCalls(named, context, draft));
  SqlFunction function = *named.function;
  TablePath path = named.set->path;
  QualifiedName target = statement.function.name;
  if (statement.change == AlterFunction::Change::kRename) {
    function.name = target.name = statement.value;
    path.table = FunctionSetName(statement.value);
  } else {
    target.schema = statement.value;
    path = FunctionPathOf(target, context);
    WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, target));
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr there, draft->Find(path));
  if (path == named.set->path && statement.change == AlterFunction::Change::kSetSchema) return Notices();
  WEIR_RETURN_NOT_OK(CheckIsNew(function, there, path.database == context.database ? "public" : path.database));
  RemoveFunction(*named.function, named.set, draft);
  int64_t set_id = -1;
  if (!there) {
    WEIR_ASSIGN_OR_RETURN(set_id, draft->TakeIds(1));
  }
  PutFunction(std::move(function), path, there, set_id, draft);
  return Notices();
}

}  // namespace weir::sql
