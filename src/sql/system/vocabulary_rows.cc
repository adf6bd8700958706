#include "sql/system/vocabulary_rows.h"

#include <algorithm>

#include "postgres/cast.h"
#include "postgres/function.h"
#include "postgres/function_text.h"
#include "postgres/listing.h"
#include "postgres/operator.h"
#include "postgres/type.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_oids.h"

namespace weir::sql {
namespace {

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Int;
using cells::Letter;
using cells::Oid;
using cells::Oids;
using cells::Small;
using cells::Text;
using cells::Texts;
using duckdb::LogicalType;
using duckdb::Value;

Value TextOf(std::string_view text) { return Text(std::string(text)); }

Value NoTexts() { return Value(LogicalType::LIST(LogicalType::VARCHAR)); }

/// Pointers to the rows that a key "oid" asks for; else to all.
template <typename Row, typename NumberOf>
std::vector<const Row*> RowsAsked(std::span<const Row> all, const SystemKeys& keys, NumberOf number_of) {
  const auto asked = keys.find("oid");
  std::vector<const Row*> rows;
  for (const Row& row : all) {
    if (asked == keys.end() || asked->second == int64_t{number_of(row)}) rows.push_back(&row);
  }
  return rows;
}

template <typename Row>
std::unique_ptr<SystemRows> RowsBy(std::vector<const Row*> rows, const std::vector<SystemColumn>& columns,
                                   const Getters<const Row*>& getters) {
  return std::make_unique<GivenRows<const Row*>>(std::move(rows), columns, getters);
}

// --- pg_range

using TypePtr = const postgres::Type*;

std::unique_ptr<SystemRows> RangeRows(const std::vector<SystemColumn>& columns, const TypeMap& made) {
  static const auto* getters = new Getters<TypePtr>{
      {"rngtypid", [](const TypePtr& r) { return Oid(r->oid); }},
      {"rngsubtype", [](const TypePtr& r) { return Oid(r->range_element); }},
      {"rngmultitypid", [](const TypePtr& r) { return Oid(r->multirange); }},
      {"rngsubopc", [](const TypePtr& r) { return Oid(OperatorClassOid(r->range_element)); }},
  };
  std::vector<TypePtr> ranges;
  for (const postgres::Type& type : postgres::AllTypes()) {
    if (type.range_element != 0) ranges.push_back(&type);
  }
  for (const auto& [oid, type] : made) {
    if (type->kind == postgres::TypeKind::kRange) ranges.push_back(postgres::FindType(oid));
  }
  return RowsBy(std::move(ranges), columns, *getters);
}

// --- pg_proc

struct FunctionRow {
  const postgres::Function* function;
  const postgres::FunctionListing* listing;
};

std::vector<FunctionRow> FunctionsAsked(const SystemKeys& keys) {
  const auto number_of = [](const postgres::Function& function) { return function.oid; };
  std::vector<FunctionRow> rows;
  for (const auto* function : RowsAsked(postgres::AllFunctions(), keys, number_of)) {
    rows.push_back({function, postgres::FindFunctionListing(function->oid)});
  }
  return rows;
}

Value ArgumentTypes(const FunctionRow& row) {
  return Oids({row.function->arguments.begin(), row.function->arguments.end()});
}

/// Whether its parameters are not just read: modes and the types of all are said of such functions only.
bool HasModes(const FunctionRow& row) {
  const auto differs = [](const postgres::Parameter& one) { return one.mode != postgres::ParameterMode::kIn; };
  return std::ranges::any_of(row.function->parameters, differs);
}

Value AllTypesOf(const FunctionRow& row) {
  if (!HasModes(row)) return Value(LogicalType::LIST(LogicalType::BIGINT));
  std::vector<int64_t> types;
  for (const postgres::Parameter& parameter : row.function->parameters) types.push_back(parameter.type);
  return Oids(types);
}

Value ModesOf(const FunctionRow& row) {
  if (!HasModes(row)) return NoTexts();
  std::vector<std::string> modes;
  for (const auto& parameter : row.function->parameters) modes.emplace_back(1, static_cast<char>(parameter.mode));
  return Texts(modes);
}

Value ArgumentNames(const FunctionRow& row) {
  std::vector<std::string> names;
  for (const postgres::Parameter& parameter : row.function->parameters) names.emplace_back(parameter.name);
  const bool named = std::ranges::any_of(names, [](const std::string& name) { return !name.empty(); });
  return named ? Texts(names) : NoTexts();
}

Value DefaultsOf(const FunctionRow& row) {
  std::string text = postgres::FunctionDefaultsText(*row.function);
  return text.empty() ? Value(LogicalType::VARCHAR) : Text(std::move(text));
}

std::unique_ptr<SystemRows> FunctionRows(const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  using Row = FunctionRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.function->oid); }},
      {"proname", [](const Row& r) { return TextOf(r.function->name); }},
      {"pronamespace", [](const Row&) { return Oid(kCatalogSchema); }},
      {"proowner", [](const Row&) { return Oid(kOwner); }},
      {"prolang", [](const Row&) { return Oid(kInternalLanguage); }},
      {"procost", [](const Row& r) { return Value::FLOAT(r.listing->cost); }},
      {"prorows", [](const Row& r) { return Value::FLOAT(r.listing->rows); }},
      {"provariadic", [](const Row& r) { return Oid(r.function->variadic); }},
      {"prokind", [](const Row& r) { return Letter(static_cast<char>(r.function->kind)); }},
      {"proleakproof", [](const Row& r) { return Bool(r.listing->leakproof); }},
      {"proisstrict", [](const Row& r) { return Bool(r.function->strict); }},
      {"proretset", [](const Row& r) { return Bool(r.function->returns_set); }},
      {"provolatile", [](const Row& r) { return Letter(r.function->volatility); }},
      {"proparallel", [](const Row& r) { return Letter(r.listing->parallel); }},
      {"pronargs", [](const Row& r) { return Small(static_cast<int64_t>(r.function->arguments.size())); }},
      {"pronargdefaults", [](const Row& r) { return Small(r.function->defaults); }},
      {"prorettype", [](const Row& r) { return Oid(r.function->result); }},
      {"proargtypes", ArgumentTypes},
      {"proallargtypes", AllTypesOf},
      {"proargmodes", ModesOf},
      {"proargnames", ArgumentNames},
      {"proargdefaults", DefaultsOf},
      {"prosrc", [](const Row& r) { return TextOf(r.listing->source); }},
  };
  return std::make_unique<GivenRows<Row>>(FunctionsAsked(keys), columns, *getters);
}

// --- pg_aggregate

/// A step of an aggregate by its name. Those that are no functions of their own here are not listed: 0.
Value StepOid(std::string_view name) {
  const auto functions = postgres::FindFunctions(name);
  return Oid(functions.size() == 1 ? functions[0].oid : 0);
}

/// What a final step does to the state: reads it, shares what it has sorted, writes to it.
char FinalStepOf(const postgres::Aggregate& aggregate) {
  switch (aggregate.kind) {
    case postgres::AggregateKind::kNormal: return 'r';
    case postgres::AggregateKind::kOrderedSet: return 's';
    case postgres::AggregateKind::kHypothetical: break;
  }
  return 'w';
}

std::unique_ptr<SystemRows> AggregateRows(const std::vector<SystemColumn>& columns) {
  using Row = const postgres::Aggregate*;
  static const auto* getters = new Getters<Row>{
      {"aggfnoid", [](const Row& r) { return Oid(r->function); }},
      {"aggkind", [](const Row& r) { return Letter(static_cast<char>(r->kind)); }},
      {"aggnumdirectargs", [](const Row& r) { return Small(r->direct_arguments); }},
      {"aggtransfn", [](const Row& r) { return StepOid(r->transition_function); }},
      {"aggfinalfn", [](const Row& r) { return StepOid(r->final_function); }},
      {"aggfinalmodify", [](const Row& r) { return Letter(FinalStepOf(*r)); }},
      {"aggmfinalmodify", [](const Row& r) { return Letter(FinalStepOf(*r)); }},
      {"aggsortop", [](const Row& r) { return Oid(r->sort_operator); }},
      {"aggtranstype", [](const Row& r) { return Oid(r->transition_type); }},
      {"agginitval",
       [](const Row& r) {
         return r->initial_value.data() == nullptr ? Value(LogicalType::VARCHAR) : TextOf(r->initial_value);
       }},
  };
  const auto number_of = [](const postgres::Aggregate& aggregate) { return aggregate.function; };
  return RowsBy(RowsAsked(postgres::AllAggregates(), {}, number_of), columns, *getters);
}

// --- pg_operator, pg_opclass, pg_opfamily

std::unique_ptr<SystemRows> OperatorRows(const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  using Row = const postgres::Operator*;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r->oid); }},
      {"oprname", [](const Row& r) { return TextOf(r->name); }},
      {"oprnamespace", [](const Row&) { return Oid(kCatalogSchema); }},
      {"oprowner", [](const Row&) { return Oid(kOwner); }},
      {"oprkind", [](const Row& r) { return Letter(r->left == 0 ? 'l' : 'b'); }},
      {"oprcanmerge", [](const Row& r) { return Bool(r->mergeable); }},
      {"oprcanhash", [](const Row& r) { return Bool(r->hashable); }},
      {"oprleft", [](const Row& r) { return Oid(r->left); }},
      {"oprright", [](const Row& r) { return Oid(r->right); }},
      {"oprresult", [](const Row& r) { return Oid(r->result); }},
      {"oprcom", [](const Row& r) { return Oid(r->commutator); }},
      {"oprnegate", [](const Row& r) { return Oid(r->negator); }},
      {"oprcode", [](const Row& r) { return Oid(r->function); }},
  };
  const auto number_of = [](const postgres::Operator& op) { return op.oid; };
  return RowsBy(RowsAsked(postgres::AllOperators(), keys, number_of), columns, *getters);
}

using ClassPtr = const postgres::OperatorClassListing*;

std::unique_ptr<SystemRows> OperatorClassRows(const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  static const auto* getters = new Getters<ClassPtr>{
      {"oid", [](const ClassPtr& r) { return Oid(r->oid); }},
      {"opcmethod", [](const ClassPtr&) { return Oid(kBtree); }},
      {"opcname", [](const ClassPtr& r) { return TextOf(r->name); }},
      {"opcnamespace", [](const ClassPtr&) { return Oid(kCatalogSchema); }},
      {"opcowner", [](const ClassPtr&) { return Oid(kOwner); }},
      {"opcfamily", [](const ClassPtr& r) { return Oid(r->family); }},
      {"opcintype", [](const ClassPtr& r) { return Oid(r->type); }},
      {"opcdefault", [](const ClassPtr&) { return Bool(true); }},
  };
  const auto number_of = [](const postgres::OperatorClassListing& listing) { return listing.oid; };
  return RowsBy(RowsAsked(postgres::AllOperatorClassListings(), keys, number_of), columns, *getters);
}

std::unique_ptr<SystemRows> OperatorFamilyRows(const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<ClassPtr>{
      {"oid", [](const ClassPtr& r) { return Oid(r->family); }},
      {"opfmethod", [](const ClassPtr&) { return Oid(kBtree); }},
      {"opfname", [](const ClassPtr& r) { return TextOf(r->family_name); }},
      {"opfnamespace", [](const ClassPtr&) { return Oid(kCatalogSchema); }},
      {"opfowner", [](const ClassPtr&) { return Oid(kOwner); }},
  };
  std::vector<ClassPtr> families;  // a class of each
  for (const auto& listing : postgres::AllOperatorClassListings()) {
    const auto same = [&](ClassPtr other) { return other->family == listing.family; };
    if (std::ranges::none_of(families, same)) families.push_back(&listing);
  }
  return RowsBy(std::move(families), columns, *getters);
}

// --- pg_amop: the operators that a type's values are ordered by

struct OrderingOperator {
  ClassPtr of_class;
  int strategy;  // of btree, from 1
  const postgres::Operator* op;
};

std::unique_ptr<SystemRows> OrderingOperatorRows(const std::vector<SystemColumn>& columns) {
  using Row = OrderingOperator;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.op->oid); }},
      {"amopfamily", [](const Row& r) { return Oid(r.of_class->family); }},
      {"amoplefttype", [](const Row& r) { return Oid(r.of_class->type); }},
      {"amoprighttype", [](const Row& r) { return Oid(r.of_class->type); }},
      {"amopstrategy", [](const Row& r) { return Small(r.strategy); }},
      {"amoppurpose", [](const Row&) { return Letter('s'); }},
      {"amopopr", [](const Row& r) { return Oid(r.op->oid); }},
      {"amopmethod", [](const Row&) { return Oid(kBtree); }},
  };
  constexpr std::string_view kStrategies[] = {"<", "<=", "=", ">=", ">"};
  std::vector<Row> rows;
  for (const auto& listing : postgres::AllOperatorClassListings()) {
    for (int i = 0; i < static_cast<int>(std::size(kStrategies)); ++i) {
      const auto* op = postgres::FindOperator(kStrategies[i], listing.type, listing.type);
      if (op != nullptr) rows.push_back({&listing, i + 1, op});
    }
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_cast, pg_language

std::unique_ptr<SystemRows> CastRows(const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  using Row = const postgres::Cast*;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r->oid); }},
      {"castsource", [](const Row& r) { return Oid(r->source); }},
      {"casttarget", [](const Row& r) { return Oid(r->target); }},
      {"castfunc", [](const Row& r) { return Oid(r->function); }},
      {"castcontext", [](const Row& r) { return Letter(static_cast<char>(r->context)); }},
      {"castmethod", [](const Row& r) { return Letter(static_cast<char>(r->method)); }},
  };
  const auto number_of = [](const postgres::Cast& cast) { return cast.oid; };
  return RowsBy(RowsAsked(postgres::AllCasts(), keys, number_of), columns, *getters);
}

}  // namespace

std::unique_ptr<SystemRows> RowsOfVocabulary(std::string_view table, const std::vector<SystemColumn>& columns,
                                             const SystemKeys& keys, const TypeMap& made) {
  if (table == "pg_range") return RangeRows(columns, made);
  if (table == "pg_proc") return FunctionRows(columns, keys);
  if (table == "pg_aggregate") return AggregateRows(columns);
  if (table == "pg_operator") return OperatorRows(columns, keys);
  if (table == "pg_opclass") return OperatorClassRows(columns, keys);
  if (table == "pg_opfamily") return OperatorFamilyRows(columns);
  if (table == "pg_amop") return OrderingOperatorRows(columns);
  if (table == "pg_cast") return CastRows(columns, keys);
  return nullptr;
}

int64_t OperatorClassOid(int64_t type) {
  const auto* listing = postgres::FindOperatorClassListing(static_cast<postgres::Oid>(type));
  return listing == nullptr ? 0 : listing->oid;
}

}  // namespace weir::sql
