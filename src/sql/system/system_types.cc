#include "sql/system/system_types.h"

#include <algorithm>
#include <utility>

#include "postgres/catalog_name.h"
#include "postgres/identifier.h"
#include "postgres/made_type.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/domain.h"
#include "sql/dialect/kept_call.h"
#include "sql/engine/errors.h"
#include "sql/error.h"
#include "sql/system/catalog_names.h"
#include "sql/system/shown_definitions.h"
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
using cells::Small;
using cells::Text;
using duckdb::LogicalType;
using duckdb::Value;
using postgres::MadeType;
using postgres::MadeTypePtr;

struct TypeRow {
  const postgres::Type* type;
  int64_t schema = kCatalogSchema;
  int64_t owner = kOwner;
  MadeTypePtr made = nullptr;  // null: it is PostgreSQL's own, or the type of arrays
  std::string name = {};       // of a made one, as the transaction sees it
  Value acl = Value(LogicalType::LIST(LogicalType::VARCHAR));
};

Value DefaultOfDomain(const TypeRow& row) {
  if (!row.made || !row.made->default_value) return Value(LogicalType::VARCHAR);
  const std::string text = WrittenText(*row.made->default_value);
  const bool literal = text.size() > 1 && text.front() == '\'' && text.find('\'', 1) == text.size() - 1;
  return Text(literal ? text + "::" + postgres::FormatType(row.made->base.oid) : text);
}

const Getters<TypeRow>& TypeGetters() {
  using Row = TypeRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.type->oid); }},
      {"typname", [](const Row& r) { return Text(r.name.empty() ? std::string(r.type->name) : r.name); }},
      {"typnamespace", [](const Row& r) { return Oid(r.schema); }},
      {"typowner", [](const Row& r) { return Oid(r.owner); }},
      {"typacl", [](const Row& r) { return r.acl; }},
      {"typlen", [](const Row& r) { return Small(r.type->length); }},
      {"typbyval", [](const Row& r) { return Bool(r.type->by_value); }},
      {"typtype", [](const Row& r) { return Letter(static_cast<char>(r.type->kind)); }},
      {"typcategory", [](const Row& r) { return Letter(r.type->category); }},
      {"typispreferred", [](const Row& r) { return Bool(r.type->preferred); }},
      {"typisdefined", [](const Row&) { return Bool(true); }},
      {"typrelid", [](const Row& r) { return Oid(r.made ? r.made->relation : 0); }},
      {"typdelim", [](const Row& r) { return Letter(r.type->delimiter); }},
      {"typelem", [](const Row& r) { return Oid(r.type->element); }},
      {"typarray", [](const Row& r) { return Oid(r.type->array); }},
      {"typinput", [](const Row& r) { return Oid(r.type->input); }},
      {"typoutput", [](const Row& r) { return Oid(r.type->output); }},
      {"typreceive", [](const Row& r) { return Oid(r.type->receive); }},
      {"typsend", [](const Row& r) { return Oid(r.type->send); }},
      {"typmodin", [](const Row& r) { return Oid(r.type->modifier_input); }},
      {"typmodout", [](const Row& r) { return Oid(r.type->modifier_output); }},
      {"typalign", [](const Row& r) { return Letter(r.type->align); }},
      {"typstorage", [](const Row& r) { return Letter(r.type->storage); }},
      {"typnotnull", [](const Row& r) { return Bool(r.made && r.made->not_null); }},
      {"typbasetype", [](const Row& r) { return Oid(r.type->base); }},
      {"typtypmod", [](const Row& r) { return Int(r.type->base_modifier); }},
      {"typcollation", [](const Row& r) { return Oid(r.type->collation); }},
      {"typdefaultbin", DefaultOfDomain},
      {"typdefault", DefaultOfDomain},
  };
  return *getters;
}

int64_t SchemaOidOf(const SystemSources& sources, const MadeType& type) {
  return type.schema == sources.database ? kPublicSchema : DatabaseOid(type.schema);
}

std::vector<TypeRow> TypeRowsOf(const SystemSources& sources) {
  std::vector<TypeRow> rows;
  for (const postgres::Type& type : postgres::AllTypes()) rows.push_back({&type});
  for (const auto& [oid, made] : *ValueOrThrow(sources.catalog.Types())) {
    const int64_t schema = SchemaOidOf(sources, *made);
    const postgres::Type* type = postgres::FindType(made->oid);
    const postgres::Type* array = postgres::FindType(made->array);
    const Value acl = SaidAcl(*sources.access, access::ObjectKey::Type(oid));
    if (type != nullptr) rows.push_back({type, schema, made->owner, made, made->name, acl});
    if (array != nullptr) rows.push_back({array, schema, made->owner, nullptr, made->array_name});
  }
  return rows;
}

struct LabelRow {
  postgres::Oid type;
  const postgres::EnumLabel* label;
};

std::unique_ptr<SystemRows> LabelRows(const TypeMapPtr& types, const std::vector<SystemColumn>& columns) {
  using Row = std::pair<TypeMapPtr, LabelRow>;  // the labels live as long as the types
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.second.label->oid); }},
      {"enumtypid", [](const Row& r) { return Oid(r.second.type); }},
      {"enumsortorder", [](const Row& r) { return Value::FLOAT(static_cast<float>(r.second.label->order)); }},
      {"enumlabel", [](const Row& r) { return Text(r.second.label->name); }},
  };
  std::vector<Row> rows;
  for (const auto& [oid, type] : *types) {
    for (const postgres::EnumLabel& label : type->labels) rows.push_back({types, {oid, &label}});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

/// The made type that a type or the type of its arrays is about; null: there is none.
const MadeType* MadeTypeOf(postgres::Oid type) {
  const postgres::Oid element = postgres::ArrayElement(type);
  return postgres::FindMadeType(element != 0 ? element : type);
}

}  // namespace

std::unique_ptr<SystemRows> TypeTableRows(const SystemSources& sources, std::string_view table,
                                          const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  if (table == "pg_enum") return LabelRows(ValueOrThrow(sources.catalog.Types()), columns);
  if (table != "pg_type") return nullptr;
  std::vector<TypeRow> rows = TypeRowsOf(sources);
  const auto asked = keys.find("oid");
  if (asked != keys.end()) {
    std::erase_if(rows, [&](const TypeRow& row) { return int64_t{row.type->oid} != asked->second; });
  }
  return std::make_unique<GivenRows<TypeRow>>(std::move(rows), columns, TypeGetters());
}

namespace {

struct DomainConstraintRow {
  MadeTypePtr type;
  int64_t schema;
  size_t number;
  std::string text;  // of the check, as it is shown
  const postgres::DomainCheck& check() const { return type->checks[number]; }
};

/// A composite type as pg_class has it.
struct CompositeRow {
  MadeTypePtr type;
  int64_t schema;
};

std::vector<CompositeRow> CompositeRows(const SystemSources& sources, const SystemKeys& keys, std::string_view key) {
  const auto asked = keys.find(key);
  std::vector<CompositeRow> rows;
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) {
    if (type->kind != postgres::TypeKind::kComposite) continue;
    if (asked == keys.end() || asked->second == type->relation) rows.push_back({type, SchemaOidOf(sources, *type)});
  }
  return rows;
}

struct CompositeAttributeRow {
  MadeTypePtr composite;
  size_t place;
  const postgres::Attribute& attribute() const { return composite->attributes[place]; }
  const postgres::Type* type() const { return postgres::FindType(attribute().type.oid); }
};

class JoinedSystemRows final : public SystemRows {
 public:
  JoinedSystemRows(std::unique_ptr<SystemRows> first, std::unique_ptr<SystemRows> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  size_t size() const override { return first_->size() + second_->size(); }
  Value Get(size_t row, size_t column) const override {
    const size_t first = first_->size();
    return row < first ? first_->Get(row, column) : second_->Get(row - first, column);
  }

 private:
  const std::unique_ptr<SystemRows> first_;
  const std::unique_ptr<SystemRows> second_;
};

}  // namespace

std::unique_ptr<SystemRows> CompositeClassRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                               const SystemKeys& keys) {
  using Row = CompositeRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.type->relation); }},
      {"relname", [](const Row& r) { return Text(r.type->name); }},
      {"relnamespace", [](const Row& r) { return Oid(r.schema); }},
      {"reltype", [](const Row& r) { return Oid(r.type->oid); }},
      {"relowner", [](const Row& r) { return Oid(r.type->owner); }},
      {"relpersistence", [](const Row&) { return Text("p"); }},
      {"relkind", [](const Row&) { return Text("c"); }},
      {"relnatts", [](const Row& r) { return Small(static_cast<int64_t>(r.type->attributes.size())); }},
      {"relispopulated", [](const Row&) { return Bool(true); }},
      {"relreplident", [](const Row&) { return Text("n"); }},
  };
  return std::make_unique<GivenRows<Row>>(CompositeRows(sources, keys, "oid"), columns, *getters);
}

std::unique_ptr<SystemRows> CompositeAttributeRows(const SystemSources& sources,
                                                   const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  using Row = CompositeAttributeRow;
  static const auto* getters = new Getters<Row>{
      {"attrelid", [](const Row& r) { return Oid(r.composite->relation); }},
      {"attname", [](const Row& r) { return Text(r.attribute().name); }},
      {"atttypid", [](const Row& r) { return Oid(r.attribute().type.oid); }},
      {"attstattarget", [](const Row&) { return Int(-1); }},
      {"attlen", [](const Row& r) { return Small(r.type() == nullptr ? -1 : r.type()->length); }},
      {"attnum", [](const Row& r) { return Small(static_cast<int64_t>(r.place) + 1); }},
      {"attndims", [](const Row& r) { return Int(r.type() != nullptr && r.type()->is_array() ? 1 : 0); }},
      {"attcacheoff", [](const Row&) { return Int(-1); }},
      {"atttypmod", [](const Row& r) { return Int(r.attribute().type.modifier); }},
      {"attbyval", [](const Row& r) { return Bool(r.type() != nullptr && r.type()->by_value); }},
      {"attalign", [](const Row& r) { return Letter(r.type() == nullptr ? 'i' : r.type()->align); }},
      {"attstorage", [](const Row& r) { return Letter(r.type() == nullptr ? 'x' : r.type()->storage); }},
      {"attislocal", [](const Row&) { return Bool(true); }},
      {"attcollation", [](const Row& r) { return Oid(r.type() == nullptr ? 0 : r.type()->collation); }},
  };
  std::vector<Row> rows;
  for (const CompositeRow& row : CompositeRows(sources, keys, "attrelid")) {
    for (size_t i = 0; i < row.type->attributes.size(); ++i) rows.push_back({row.type, i});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

MadeTypePtr CompositeOfClass(const SystemSources& sources, int64_t oid) {
  SystemKeys keys;
  keys.emplace("oid", oid);
  const std::vector<CompositeRow> rows = CompositeRows(sources, keys, "oid");
  return rows.empty() ? nullptr : rows.front().type;
}

std::unique_ptr<SystemRows> JoinedRows(std::unique_ptr<SystemRows> first, std::unique_ptr<SystemRows> second) {
  return std::make_unique<JoinedSystemRows>(std::move(first), std::move(second));
}

std::unique_ptr<SystemRows> DomainConstraintRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                                 const SystemKeys& keys) {
  using Row = DomainConstraintRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.check().oid); }},
      {"conname", [](const Row& r) { return Text(r.check().name); }},
      {"connamespace", [](const Row& r) { return Oid(r.schema); }},
      {"contype", [](const Row&) { return Letter('c'); }},
      {"convalidated", [](const Row& r) { return Bool(!r.check().not_valid); }},
      {"contypid", [](const Row& r) { return Oid(r.type->oid); }},
      {"confupdtype", [](const Row&) { return Letter(' '); }},
      {"confdeltype", [](const Row&) { return Letter(' '); }},
      {"confmatchtype", [](const Row&) { return Letter(' '); }},
      {"conislocal", [](const Row&) { return Bool(true); }},
      {"conbin", [](const Row& r) { return Text(r.text); }},
  };
  std::vector<Row> rows;
  if (keys.contains("conrelid")) return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) {
    for (size_t i = 0; i < type->checks.size(); ++i) {
      rows.push_back(
          {type, SchemaOidOf(sources, *type), i, ShownDomainCheck(sources, oid, type->checks[i].text, false)});
    }
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::optional<std::string> DomainConstraintText(const SystemSources& sources, int64_t constraint, bool pretty) {
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) {
    for (const postgres::DomainCheck& check : type->checks) {
      if (int64_t{check.oid} != constraint) continue;
      return "CHECK (" + ShownDomainCheck(sources, oid, check.text, pretty) + ")" +
             (check.not_valid ? " NOT VALID" : "");
    }
  }
  return std::nullopt;
}

bool IsTypeVisible(const SystemSources& sources, postgres::Oid type) {
  const MadeType* made = MadeTypeOf(type);
  return made == nullptr || IsInSearchPath(sources, made->schema);
}

std::string TypeTextHere(const SystemSources& sources, postgres::TypeRef type) {
  const MadeType* made = MadeTypeOf(type.oid);
  const std::string text = postgres::FormatType(type);
  if (made == nullptr || IsInSearchPath(sources, made->schema)) return text;
  return postgres::QuoteIdentifier(SchemaSeenFrom(sources.database, made->schema)) + "." + text;
}

std::string WrittenText(std::string_view text) {
  return postgres::WithTypeNames(dialect::WithCallsAsWritten(text));
}

std::string TextHere(const SystemSources& sources, std::string_view text) {
  return postgres::WithTypeNames(dialect::WithCallsAsWritten(text, sources.database),
                                 [&](postgres::Oid type) { return TypeTextHere(sources, {type}); });
}

Result<postgres::Oid> FindMadeTypeHere(const SystemSources& sources, std::string_view schema, std::string_view name) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, sources.catalog.Types());
  if (types->empty()) return postgres::Oid{0};
  const std::vector<std::string> path = schema.empty() ? SearchPath(sources) : std::vector{std::string(schema)};
  for (const std::string& one : path) {
    const std::string& database = one == "public" ? sources.database : one;
    const NamedType found = FindTypeNamed(*types, database, name);
    if (found.type) return found.oid();
  }
  return postgres::Oid{0};
}

Result<postgres::TypeRef> ReadTypeHere(const SystemSources& sources, const std::string& text) {
  Result<postgres::TypeRef> own = postgres::ParseType(text);
  if (own.ok()) return own;
  const bool array = text.ends_with("[]");
  const auto names = postgres::SplitQualifiedName(array ? text.substr(0, text.size() - 2) : text);
  if (!names.ok() || names->empty() || names->size() > 2) return own;
  const std::string schema = names->size() > 1 ? names->front() : "";
  WEIR_ASSIGN_OR_RETURN(const postgres::Oid found, FindMadeTypeHere(sources, schema, names->back()));
  if (found == 0) return own;
  const postgres::Type* type = postgres::FindType(found);
  return postgres::TypeRef{array && type != nullptr ? type->array : found};
}

}  // namespace weir::sql
