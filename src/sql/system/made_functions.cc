#include "sql/system/made_functions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "postgres/catalog_name.h"
#include "postgres/function_text.h"
#include "postgres/identifier.h"
#include "postgres/type.h"
#include "postgres/value/text.h"
#include "sql/access/targets.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/function_ddl.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/relation_names.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Oid;
using cells::Oids;
using cells::Small;
using cells::Text;
using cells::Texts;
using duckdb::LogicalType;
using duckdb::Value;
using postgres::ParameterMode;

struct MadeRow {
  SqlFunctionPtr function;
  TablePath path;
  int64_t schema = 0;
  int64_t owner = 0;
  Value acl = Value(LogicalType::LIST(LogicalType::VARCHAR));
};

int64_t TypeNumber(const SqlFunction& function, const std::string& name) {
  if (name.empty()) return postgres::oid::kVoid;
  if (!function.result_schema.empty() && name == function.result) return postgres::oid::kRecord;
  const auto type = postgres::ParseType(name);
  return type.ok() ? static_cast<int64_t>(type->oid) : int64_t{0};
}

std::vector<int64_t> InputNumbers(const SqlFunction& function) {
  std::vector<int64_t> types;
  for (const SqlFunction::Parameter* input : function.Inputs()) types.push_back(TypeNumber(function, input->type));
  return types;
}

bool HasOutputs(const SqlFunction& function) { return !function.Outputs().empty(); }

Value AllNumbers(const MadeRow& row) {
  if (!HasOutputs(*row.function)) return Value(LogicalType::LIST(LogicalType::BIGINT));
  std::vector<int64_t> types;
  for (const auto& parameter : row.function->parameters) types.push_back(TypeNumber(*row.function, parameter.type));
  return Oids(types);
}

Value MadeModes(const MadeRow& row) {
  if (!HasOutputs(*row.function)) return Value(LogicalType::LIST(LogicalType::VARCHAR));
  std::vector<std::string> modes;
  for (const auto& parameter : row.function->parameters) modes.emplace_back(1, static_cast<char>(parameter.mode));
  return Texts(modes);
}

Value MadeNames(const MadeRow& row) {
  std::vector<std::string> names;
  for (const auto& parameter : row.function->parameters) names.push_back(parameter.name);
  const bool named = std::ranges::any_of(names, [](const std::string& name) { return !name.empty(); });
  return named ? Texts(names) : Value(LogicalType::LIST(LogicalType::VARCHAR));
}

std::string DefaultsText(const SqlFunction& function) {
  std::string text;
  for (const SqlFunction::Parameter* input : function.Inputs()) {
    if (input->default_value) text += (text.empty() ? "" : ", ") + *input->default_value;
  }
  return text;
}

int64_t CountDefaults(const SqlFunction& function) {
  return std::ranges::count_if(function.Inputs(), [](const auto* input) { return input->default_value.has_value(); });
}

/// Without a modifier, which is not with that of none: "character", not bpchar.
std::string ShownType(const std::string& type) {
  const auto known = postgres::ParseType(type);
  const bool own = known.ok() && known->oid < postgres::kFirstMadeOid;
  return own ? postgres::FormatType(known->oid) : postgres::WithTypeNames(type);
}

/// A text without a type has the parameter's: 'x'::text.
std::string DefaultOfParameter(const SqlFunction::Parameter& parameter) {
  const std::string& text = *parameter.default_value;
  const bool literal = text.size() > 1 && text.front() == '\'' && text.find('\'', 1) == text.size() - 1;
  return literal ? text + "::" + ShownType(parameter.type) : text;
}

std::string ParameterText(const SqlFunction::Parameter& parameter, bool with_default, bool of_procedure = false) {
  std::string text(postgres::ModeText(parameter.mode));
  if (of_procedure && text.empty()) text = "IN ";
  if (!parameter.name.empty()) text += postgres::QuoteIdentifier(parameter.name) + " ";
  text += ShownType(parameter.type);
  if (with_default && parameter.default_value) text += " DEFAULT " + DefaultOfParameter(parameter);
  return text;
}

/// A mark around the body that is not in it.
std::string QuoteOf(const SqlFunction& function) {
  std::string mark = function.procedure ? "procedure" : "function";
  while (function.body.find("$" + mark + "$") != std::string::npos) mark += "x";
  return "$" + mark + "$";
}

std::string OptionsText(const SqlFunction& function) {
  std::string options;
  const auto add = [&](std::string_view word) { options += (options.empty() ? "" : " ") + std::string(word); };
  if (function.volatility != 'v') add(function.volatility == 'i' ? "IMMUTABLE" : "STABLE");
  if (function.parallel != 'u') add(function.parallel == 's' ? "PARALLEL SAFE" : "PARALLEL RESTRICTED");
  if (function.strict) add("STRICT");
  if (function.security_definer) add("SECURITY DEFINER");
  if (function.leakproof) add("LEAKPROOF");
  if (function.cost != 100) add(fmt::format("COST {}", function.cost));
  if (function.rows != 1000) add(fmt::format("ROWS {}", function.rows));
  if (!options.empty()) options = " " + options + "\n";
  if (!function.search_path) return options;
  std::vector<std::string> schemas;
  for (const std::string& schema : SchemasOf(*function.search_path, "")) schemas.push_back("'" + schema + "'");
  if (schemas.empty()) schemas.emplace_back("''");
  return options + fmt::format(" SET search_path TO {}\n", fmt::join(schemas, ", "));
}

std::vector<MadeRow> AllMade(const SystemSources& sources) {
  std::vector<MadeRow> rows;
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    for (const RelationPtr& relation : ValueOrThrow(sources.catalog.ListRelations(database))) {
      if (!relation->is_functions()) continue;
      const bool here = database == sources.database;
      const int64_t schema = here ? kPublicSchema : DatabaseOid(database);
      const int64_t owner = ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation)).owner;
      for (const SqlFunctionPtr& function : relation->functions) {
        rows.push_back({function, relation->path, schema, owner,
                        SaidAcl(*sources.access, access::ObjectKey::Function(function->id))});
      }
    }
  }
  return rows;
}

std::unique_ptr<SystemRows> MadeRows(std::vector<MadeRow> rows, const std::vector<SystemColumn>& columns) {
  using Row = MadeRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.function->id); }},
      {"proname", [](const Row& r) { return Text(r.function->name); }},
      {"pronamespace", [](const Row& r) { return Oid(r.schema); }},
      {"proowner", [](const Row& r) { return Oid(r.owner); }},
      {"proacl", [](const Row& r) { return r.acl; }},
      {"prolang", [](const Row&) { return Oid(kSqlLanguage); }},
      {"procost", [](const Row& r) { return Value::FLOAT(static_cast<float>(r.function->cost)); }},
      {"prorows",
       [](const Row& r) { return Value::FLOAT(r.function->returns_set ? static_cast<float>(r.function->rows) : 0); }},
      {"provariadic", [](const Row&) { return Oid(0); }},
      {"prokind", [](const Row& r) { return Text(r.function->procedure ? "p" : "f"); }},
      {"prosecdef", [](const Row& r) { return Bool(r.function->security_definer); }},
      {"proconfig",
       [](const Row& r) {
         const auto& path = r.function->search_path;
         return path ? Texts({"search_path=" + *path}) : Value(LogicalType::LIST(LogicalType::VARCHAR));
       }},
      {"proleakproof", [](const Row& r) { return Bool(r.function->leakproof); }},
      {"proisstrict", [](const Row& r) { return Bool(r.function->strict); }},
      {"proretset", [](const Row& r) { return Bool(r.function->returns_set); }},
      {"provolatile", [](const Row& r) { return Text(std::string(1, r.function->volatility)); }},
      {"proparallel", [](const Row& r) { return Text(std::string(1, r.function->parallel)); }},
      {"pronargs", [](const Row& r) { return Small(static_cast<int64_t>(r.function->Inputs().size())); }},
      {"pronargdefaults", [](const Row& r) { return Small(CountDefaults(*r.function)); }},
      {"prorettype", [](const Row& r) { return Oid(TypeNumber(*r.function, r.function->result)); }},
      {"proargtypes", [](const Row& r) { return Oids(InputNumbers(*r.function)); }},
      {"proallargtypes", AllNumbers},
      {"proargmodes", MadeModes},
      {"proargnames", MadeNames},
      {"proargdefaults",
       [](const Row& r) {
         std::string text = DefaultsText(*r.function);
         return text.empty() ? Value(LogicalType::VARCHAR) : Text(std::move(text));
       }},
      {"prosrc", [](const Row& r) { return Text(r.function->standard.empty() ? r.function->body : ""); }},
      {"prosqlbody",
       [](const Row& r) {
         return r.function->standard.empty() ? Value(LogicalType::VARCHAR) : Text(r.function->standard);
       }},
  };
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

/// "f(integer, text)": the name, and the types behind it where there are some.
struct WrittenFunction {
  std::string name;
  std::optional<std::vector<std::string>> types;
};

WrittenFunction ReadWritten(const SystemSources& sources, const std::string& text) {
  const size_t open = text.find('(');
  if (open == std::string::npos) return {text, std::nullopt};
  WrittenFunction written{std::string(postgres::Trimmed(text.substr(0, open))), std::vector<std::string>()};
  const std::string list = text.substr(open + 1, text.rfind(')') - open - 1);
  for (size_t begin = 0; begin <= list.size() && !postgres::Trimmed(list).empty();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string name(postgres::Trimmed(list.substr(begin, end - begin)));
    const auto type = FunctionTypeName(name, sources.database, sources.catalog);
    written.types->push_back(type.ok() ? *type : list.substr(begin, end - begin));
    begin = end + 1;
  }
  return written;
}

std::vector<std::string> MadeInputTypes(const SqlFunction& function) {
  std::vector<std::string> types;
  for (const SqlFunction::Parameter* input : function.Inputs()) types.push_back(input->type);
  return types;
}

}  // namespace

std::string MadeDefaultText(const SqlFunction& function, int number) {
  if (number < 1 || number > std::ssize(function.parameters)) return {};
  const SqlFunction::Parameter& parameter = function.parameters[static_cast<size_t>(number - 1)];
  return parameter.default_value ? DefaultOfParameter(parameter) : std::string();
}

SqlFunctionPtr FindMadeFunction(const SystemSources& sources, int64_t oid, TablePath* path) {
  for (const MadeRow& row : AllMade(sources)) {
    if (row.function->id != oid) continue;
    if (path != nullptr) *path = row.path;
    return row.function;
  }
  return nullptr;
}

std::vector<SqlFunctionPtr> MadeFunctions(const SystemSources& sources) {
  std::vector<SqlFunctionPtr> functions;
  for (const MadeRow& row : AllMade(sources)) functions.push_back(row.function);
  return functions;
}

std::string MadeArgumentsText(const SqlFunction& function, bool with_defaults) {
  std::string text;
  for (const SqlFunction::Parameter& parameter : function.parameters) {
    if (parameter.mode == ParameterMode::kTable) continue;
    text += (text.empty() ? "" : ", ") + ParameterText(parameter, with_defaults, function.procedure);
  }
  return text;
}

std::string MadeResultText(const SqlFunction& function) {
  if (function.procedure) return "";
  std::string table;
  for (const SqlFunction::Parameter& parameter : function.parameters) {
    if (parameter.mode != ParameterMode::kTable) continue;
    table += (table.empty() ? "" : ", ") + ParameterText(parameter, false);
  }
  if (!table.empty()) return "TABLE(" + table + ")";
  return (function.returns_set ? "SETOF " : "") + ShownType(function.result);
}

std::string MadeFunctionText(const SqlFunction& function, const std::string& schema) {
  std::string text = fmt::format("CREATE OR REPLACE {} {}.{}({})\n", function.procedure ? "PROCEDURE" : "FUNCTION",
                                 postgres::QuoteIdentifier(schema), postgres::QuoteIdentifier(function.name),
                                 MadeArgumentsText(function, true));
  if (!function.procedure) text += " RETURNS " + MadeResultText(function) + "\n";
  text += " LANGUAGE sql\n" + OptionsText(function);
  if (!function.standard.empty()) return text + function.standard + "\n";
  const std::string quote = QuoteOf(function);
  return text + "AS " + quote + function.body + quote + "\n";
}

std::unique_ptr<SystemRows> WithMadeFunctions(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                              const SystemKeys& keys, std::unique_ptr<SystemRows> own) {
  std::vector<MadeRow> rows = AllMade(sources);
  const auto oid = keys.find("oid");
  if (oid != keys.end()) std::erase_if(rows, [&](const MadeRow& row) { return row.function->id != oid->second; });
  if (rows.empty()) return own;
  return JoinedRows(std::move(own), MadeRows(std::move(rows), columns));
}

Result<std::optional<int64_t>> FindMadeFunctionNamed(const SystemSources& sources, postgres::Oid type,
                                                     const std::string& text) {
  std::optional<int64_t> none;
  const bool with_types = type == postgres::oid::kRegprocedure;
  if (!with_types && type != postgres::oid::kRegproc) return none;
  const WrittenFunction written = ReadWritten(sources, text);
  if (written.types.has_value() != with_types) return none;
  WEIR_ASSIGN_OR_RETURN(const auto parts, postgres::SplitQualifiedName(written.name));
  const std::string schema = parts.size() > 1 ? parts[parts.size() - 2] : "";
  size_t found = 0;
  for (const MadeRow& row : AllMade(sources)) {
    if (row.function->name != parts.back()) continue;
    const std::string& database = row.path.database;
    const bool named = SchemaSeenFrom(sources.database, database) == schema;
    if (schema.empty() ? !IsInSearchPath(sources, database) : !named) continue;
    if (with_types && MadeInputTypes(*row.function) != *written.types) continue;
    none = row.function->id;
    ++found;
  }
  if (found < 2) return none;
  return Error("42725", fmt::format("more than one function named \"{}\"", text));
}

std::string MadeFunctionNameText(const SystemSources& sources, postgres::Oid type, const SqlFunction& function,
                                 const TablePath& path) {
  const std::string schema = SchemaSeenFrom(sources.database, path.database);
  const bool visible = IsInSearchPath(sources, path.database);
  const std::string name = (visible ? "" : postgres::QuoteIdentifier(schema) + ".") +
                           postgres::QuoteIdentifier(function.name);
  if (type == postgres::oid::kRegproc) return name;
  const std::string signature = FunctionSignature(function, false);
  return name + signature.substr(function.name.size());
}

}  // namespace weir::sql
