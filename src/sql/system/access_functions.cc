#include "postgres/function.h"
#include "postgres/type.h"
#include "postgres/value/text.h"
#include "sql/access/targets.h"
#include "sql/dialect/tablespace.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/made_functions.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_foreign.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_scalars.h"

namespace weir::sql {
namespace {

using access::ObjectKind;
using access::Privileges;
using access::RoleId;
using access::Target;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

bool IsText(const Value& value) { return value.type().id() == LogicalTypeId::VARCHAR; }

/// A role by name or OID; "public" is everybody where that may be asked of.
RoleId RoleOf(const SystemSources& sources, const Value& value, bool everybody) {
  if (!IsText(value)) return value.GetValue<int64_t>();
  const std::string name = duckdb::StringValue::Get(value);
  if (everybody && name == "public") return access::kEverybody;
  return ValueOrThrow(FindRole(*sources.access, {.name = name}, ContextOf(sources)));
}

/// One of a list of privileges: "SELECT", "select with grant option".
struct Asked {
  Privileges privilege = 0;
  bool grantable = false;
};

std::vector<Asked> AskedOf(const Value& value, Privileges known) {
  std::vector<Asked> all;
  for (const std::string& part : duckdb::StringUtil::Split(duckdb::StringValue::Get(value), ',')) {
    const std::string trimmed(postgres::Trimmed(part));
    std::string word = duckdb::StringUtil::Lower(trimmed);
    constexpr std::string_view kOption = " with grant option";
    const bool grantable = word.ends_with(kOption);
    if (grantable) word = postgres::Trimmed(word.substr(0, word.size() - kOption.size()));
    const auto privilege = access::PrivilegeNamed(word);
    if (!privilege || !(*privilege & known)) {
      Throw(Error("22023", "unrecognized privilege type: \"" + trimmed + "\""));
    }
    all.push_back({*privilege, grantable});
  }
  return all;
}

bool Has(const std::vector<Asked>& asked, Privileges held, Privileges grantable) {
  const auto has = [&](const Asked& one) { return one.privilege & (one.grantable ? grantable : held); };
  return std::ranges::any_of(asked, has);
}

/// The arguments of has_x_privilege([role,] object…, privileges).
struct Question {
  RoleId role;
  size_t first;  // of the object's
};

Question QuestionOf(const SystemSources& sources, const Arguments& arguments, size_t objects) {
  const bool names_role = arguments.size() == objects + 2;
  return {names_role ? RoleOf(sources, arguments[0], true) : sources.role, names_role ? size_t{1} : size_t{0}};
}

/// KWDB's privileges on tables may be asked for, too.
constexpr Privileges kOnTables = access::kInsert | access::kSelect | access::kUpdate | access::kDelete |
                                 access::kTruncate | access::kReferences | access::kTrigger | access::kCreate |
                                 access::kZoneConfig;

int64_t TableOid(const SystemSources& sources, const Value& value) {
  return IsText(value) ? RegclassOid(sources, duckdb::StringValue::Get(value)) : value.GetValue<int64_t>();
}

RelationPtr TableOf(const SystemSources& sources, const Value& value) {
  return ValueOrThrow(sources.catalog.FindById(TableOid(sources, value)));
}

/// Of a table of the system's: superusers have all of them, everybody may read what holds no passwords. Nothing where
/// the OID is none's.
Value HasOnSystemTable(const SystemSources& sources, RoleId role, const std::vector<Asked>& asked, int64_t oid) {
  const auto table = std::ranges::find(CatalogTables(), oid, &SystemDefinition::oid);
  if (oid == 0 || table == CatalogTables().end()) return Value(LogicalType::BOOLEAN);
  const bool open = table->name != "pg_authid";
  return Value::BOOLEAN(access::IsAdmin(*sources.access, role) || (open && Has(asked, access::kSelect, 0)));
}

Value HasOn(const SystemSources& sources, const Question& question, const std::vector<Asked>& asked,
            const Target& target) {
  return Value::BOOLEAN(Has(asked, access::PrivilegesOn(*sources.access, question.role, target),
                            access::GrantableOn(*sources.access, question.role, target)));
}

Value HasTablePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], kOnTables);
  const int64_t oid = TableOid(sources, arguments[question.first]);
  const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(oid));
  if (!relation) return HasOnSystemTable(sources, question.role, asked, oid);
  return HasOn(sources, question, asked, ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation)));
}

Value HasSequencePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(ObjectKind::kSequence));
  const RelationPtr relation = TableOf(sources, arguments[question.first]);
  if (!relation) return Value(LogicalType::BOOLEAN);
  if (!relation->is_sequence()) Throw(Error("42809", "\"" + relation->path.table + "\" is not a sequence"));
  return HasOn(sources, question, asked, ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation)));
}

Value HasAnyColumnPrivilege(const SystemSources& sources, const Arguments& arguments) {
  const auto [role, at] = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[at + 1], access::kColumnPrivileges);
  const RelationPtr relation = TableOf(sources, arguments[at]);
  if (!relation) return Value(LogicalType::BOOLEAN);
  const Target target = ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation));
  Privileges held = access::PrivilegesOn(*sources.access, role, target);
  Privileges grantable = access::GrantableOn(*sources.access, role, target);
  for (const SqlColumn& column : relation->columns) {
    held |= access::PrivilegesOnColumn(*sources.access, role, target, column.name);
    grantable |= access::GrantableOnColumn(*sources.access, role, target, column.name);
  }
  return Value::BOOLEAN(Has(asked, held, grantable));
}

/// A column by name, or by number from 1; nothing for a number of none.
std::optional<std::string> ColumnOf(const Relation& relation, const Value& value) {
  if (IsText(value)) {
    const std::string name = duckdb::StringValue::Get(value);
    if (relation.ColumnIndex(name) >= 0) return name;
    Throw(Error("42703", "column \"" + name + "\" of relation \"" + relation.path.table + "\" does not exist"));
  }
  const auto number = value.GetValue<int64_t>();
  if (number < 1 || number > static_cast<int64_t>(relation.columns.size())) return std::nullopt;
  return relation.columns[static_cast<size_t>(number) - 1].name;
}

Value HasColumnPrivilege(const SystemSources& sources, const Arguments& arguments) {
  const auto [role, at] = QuestionOf(sources, arguments, 2);
  const auto asked = AskedOf(arguments[at + 2], access::kColumnPrivileges);
  const RelationPtr relation = TableOf(sources, arguments[at]);
  const auto column = relation ? ColumnOf(*relation, arguments[at + 1]) : std::nullopt;
  if (!column) return Value(LogicalType::BOOLEAN);
  const Target target = ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation));
  return Value::BOOLEAN(Has(asked, access::PrivilegesOnColumn(*sources.access, role, target, *column),
                            access::GrantableOnColumn(*sources.access, role, target, *column)));
}

Value HasSchemaPrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(ObjectKind::kSchema));
  const Value& schema = arguments[question.first];
  if (IsText(schema)) {
    const std::string name = duckdb::StringValue::Get(schema);
    if (name == "pg_catalog" || name == "information_schema") {
      return Value::BOOLEAN(Has(asked, access::kUsage, 0) || access::IsAdmin(*sources.access, question.role));
    }
    return HasOn(sources, question, asked, ValueOrThrow(FindSchema(*sources.access, name, ContextOf(sources))));
  }
  const auto oid = schema.GetValue<int64_t>();
  if (oid == kCatalogSchema || oid == kInformationSchema) {
    return Value::BOOLEAN(Has(asked, access::kUsage, 0) || access::IsAdmin(*sources.access, question.role));
  }
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    const bool found = oid == DatabaseOid(name) || (oid == kPublicSchema && name == sources.database);
    if (found) return HasOn(sources, question, asked, SchemaTarget(*sources.access, name, ContextOf(sources)));
  }
  return Value(LogicalType::BOOLEAN);
}

Value HasDatabasePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const Privileges known = access::AllOf(ObjectKind::kDatabase) | access::kZoneConfig;
  const auto asked = AskedOf(arguments[question.first + 1], known);
  const Value& database = arguments[question.first];
  if (IsText(database)) {
    const std::string name = duckdb::StringValue::Get(database);
    return HasOn(sources, question, asked, ValueOrThrow(FindDatabase(*sources.access, name, ContextOf(sources))));
  }
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    if (database.GetValue<int64_t>() != DatabaseOid(name)) continue;
    return HasOn(sources, question, asked, DatabaseTarget(*sources.access, name));
  }
  return Value(LogicalType::BOOLEAN);
}

int64_t OidOf(const SystemSources& sources, postgres::Oid type, const Value& value) {
  if (!IsText(value)) return value.GetValue<int64_t>();
  return ValueOrThrow(ReadCatalogName(sources, type, duckdb::StringValue::Get(value)));
}

/// Everybody may use what is PostgreSQL's own; NULL for what is nobody's.
Value HasOnOwnOfPostgres(bool known) { return known ? Value::BOOLEAN(true) : Value(LogicalType::BOOLEAN); }

Value HasFunctionPrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(ObjectKind::kFunction));
  const int64_t oid = OidOf(sources, postgres::oid::kRegprocedure, arguments[question.first]);
  TablePath path;
  const SqlFunctionPtr function = FindMadeFunction(sources, oid, &path);
  if (!function) return HasOnOwnOfPostgres(postgres::FindFunction(static_cast<postgres::Oid>(oid)) != nullptr);
  const RelationPtr set = ValueOrThrow(sources.catalog.Find(path));
  return HasOn(sources, question, asked,
               ValueOrThrow(TargetOfFunction(*sources.access, sources.catalog, *function, *set)));
}

Value HasTypePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(ObjectKind::kType));
  const int64_t oid = OidOf(sources, postgres::oid::kRegtype, arguments[question.first]);
  const postgres::Oid element = postgres::ArrayElement(static_cast<postgres::Oid>(oid));
  const TypeMapPtr types = ValueOrThrow(sources.catalog.Types());
  const auto made = types->find(element != 0 ? element : static_cast<postgres::Oid>(oid));
  if (made != types->end()) return HasOn(sources, question, asked, TargetOfType(*made->second));
  return HasOnOwnOfPostgres(postgres::FindType(static_cast<postgres::Oid>(oid)) != nullptr);
}

Value HasNamedPrivilege(const SystemSources& sources, const Arguments& arguments, ObjectKind kind,
                        const std::string& name_of_oid) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(kind));
  const Value& object = arguments[question.first];
  const std::string name = IsText(object) ? duckdb::StringValue::Get(object) : name_of_oid;
  if (name.empty()) return Value(LogicalType::BOOLEAN);
  return HasOn(sources, question, asked, ValueOrThrow(FindNamed(*sources.access, kind, name, ContextOf(sources))));
}

/// The OID that an argument is, beside a role or not; −1: it is a name.
int64_t OidAsked(const Arguments& arguments) {
  const Value& object = arguments[arguments.size() - 2];
  return IsText(object) ? -1 : object.GetValue<int64_t>();
}

Value HasLanguagePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const int64_t oid = OidAsked(arguments);
  const char* name = oid == kSqlLanguage ? kSqlLanguageName : oid == kInternalLanguage ? "internal" : "";
  return HasNamedPrivilege(sources, arguments, ObjectKind::kLanguage, name);
}

Value HasServerPrivilege(const SystemSources& sources, const Arguments& arguments) {
  std::string name;
  for (const ForeignServer& server : AllServers(sources)) {
    if (server.id == OidAsked(arguments)) name = server.name;
  }
  return HasNamedPrivilege(sources, arguments, ObjectKind::kServer, name);
}

Value HasWrapperPrivilege(const SystemSources& sources, const Arguments& arguments) {
  return HasNamedPrivilege(sources, arguments, ObjectKind::kWrapper, NameOfWrapper(OidAsked(arguments)));
}

Value HasTablespacePrivilege(const SystemSources& sources, const Arguments& arguments) {
  const int64_t oid = OidAsked(arguments);
  const std::string_view name = oid == kDefaultTablespace  ? kDefaultTablespaceName
                                : oid == kGlobalTablespace ? kGlobalTablespaceName
                                                           : "";
  return HasNamedPrivilege(sources, arguments, ObjectKind::kTablespace, std::string(name));
}

/// Parameters are known by their names alone, and anything may be one.
Value HasParameterPrivilege(const SystemSources& sources, const Arguments& arguments) {
  const Question question = QuestionOf(sources, arguments, 1);
  const auto asked = AskedOf(arguments[question.first + 1], access::AllOf(ObjectKind::kParameter));
  const std::string name = duckdb::StringUtil::Lower(duckdb::StringValue::Get(arguments[question.first]));
  return HasOn(sources, question, asked,
               ValueOrThrow(FindNamed(*sources.access, ObjectKind::kParameter, name, ContextOf(sources))));
}

bool MayGiveAway(const access::State& state, RoleId member, RoleId role) {
  if (access::IsAdmin(state, member)) return true;
  for (const RoleId own : access::RolesOf(state, member, false)) {
    const auto found = state.memberships.find({role, own});
    if (found != state.memberships.end() && found->second.admin) return true;
  }
  return false;
}

/// pg_has_role([member,] role, privileges): USAGE is what is had without SET ROLE, MEMBER what can be had.
Value HasRole(const SystemSources& sources, const Arguments& arguments) {
  const auto [member, at] = QuestionOf(sources, arguments, 1);
  const access::State& state = *sources.access;
  const RoleId role = RoleOf(sources, arguments[at], false);
  bool has = false;
  for (const std::string& part : duckdb::StringUtil::Split(duckdb::StringValue::Get(arguments[at + 1]), ',')) {
    const std::string trimmed(postgres::Trimmed(part));
    const std::string word = duckdb::StringUtil::Lower(trimmed);
    if (word == "usage") {
      has |= access::HasPrivilegesOf(state, member, role);
    } else if (word == "member") {
      has |= access::IsAdmin(state, member) || access::RolesOf(state, member, false).contains(role);
    } else if (word.starts_with("usage with ") || word.starts_with("member with ")) {
      has |= MayGiveAway(state, member, role);
    } else {
      Throw(Error("22023", "unrecognized privilege type: \"" + trimmed + "\""));
    }
  }
  return Value::BOOLEAN(has);
}

Value UserById(const SystemSources& sources, const Arguments& arguments) {
  return Value(sources.access->NameOf(arguments[0].GetValue<int64_t>()));
}

}  // namespace

std::vector<ScalarSpec> AccessScalars() {
  const LogicalType any = LogicalType::ANY;
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType flag = LogicalType::BOOLEAN;
  return {
      {"has_table_privilege", {any, text}, flag, HasTablePrivilege},
      {"has_table_privilege", {any, any, text}, flag, HasTablePrivilege},
      {"has_sequence_privilege", {any, text}, flag, HasSequencePrivilege},
      {"has_sequence_privilege", {any, any, text}, flag, HasSequencePrivilege},
      {"has_any_column_privilege", {any, text}, flag, HasAnyColumnPrivilege},
      {"has_any_column_privilege", {any, any, text}, flag, HasAnyColumnPrivilege},
      {"has_column_privilege", {any, any, text}, flag, HasColumnPrivilege},
      {"has_column_privilege", {any, any, any, text}, flag, HasColumnPrivilege},
      {"has_schema_privilege", {any, text}, flag, HasSchemaPrivilege},
      {"has_schema_privilege", {any, any, text}, flag, HasSchemaPrivilege},
      {"has_database_privilege", {any, text}, flag, HasDatabasePrivilege},
      {"has_database_privilege", {any, any, text}, flag, HasDatabasePrivilege},
      {"has_function_privilege", {any, text}, flag, HasFunctionPrivilege},
      {"has_function_privilege", {any, any, text}, flag, HasFunctionPrivilege},
      {"has_type_privilege", {any, text}, flag, HasTypePrivilege},
      {"has_type_privilege", {any, any, text}, flag, HasTypePrivilege},
      {"has_language_privilege", {any, text}, flag, HasLanguagePrivilege},
      {"has_language_privilege", {any, any, text}, flag, HasLanguagePrivilege},
      {"has_server_privilege", {any, text}, flag, HasServerPrivilege},
      {"has_server_privilege", {any, any, text}, flag, HasServerPrivilege},
      {"has_foreign_data_wrapper_privilege", {any, text}, flag, HasWrapperPrivilege},
      {"has_foreign_data_wrapper_privilege", {any, any, text}, flag, HasWrapperPrivilege},
      {"has_tablespace_privilege", {any, text}, flag, HasTablespacePrivilege},
      {"has_tablespace_privilege", {any, any, text}, flag, HasTablespacePrivilege},
      {"has_parameter_privilege", {text, text}, flag, HasParameterPrivilege},
      {"has_parameter_privilege", {any, text, text}, flag, HasParameterPrivilege},
      {"pg_has_role", {any, text}, flag, HasRole},
      {"pg_has_role", {any, any, text}, flag, HasRole},
      {"pg_get_userbyid", {LogicalType::BIGINT}, text, UserById},
  };
}

}  // namespace weir::sql
