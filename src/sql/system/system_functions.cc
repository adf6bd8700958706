#include "sql/system/system_functions.h"

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "postgres/type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/foreign_files.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"
#include "sql/engine/parameters.h"
#include "sql/system/catalog_names.h"
#include "sql/system/shown_definitions.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_scalars.h"
#include "sql/system/system_schema.h"
#include "sql/system/system_types.h"
#include "sql/system/view_query_text.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;
using OptionalText = std::optional<std::string>;

// --- scalar functions, a value at a time

struct BodyInfo : public duckdb::ScalarFunctionInfo {
  BodyInfo(ScalarSpec::Body function, bool takes_nulls) : body(function), nulls(takes_nulls) {}
  ScalarSpec::Body body;
  bool nulls;  // else a NULL argument gives NULL
};

void RunBody(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>().function;
  const auto& info = static_cast<const BodyInfo&>(*function.function_info);
  const SystemSources sources = SourcesOf(state.GetContext());
  for (idx_t row = 0; row < arguments.size(); ++row) {
    Arguments values;
    bool null = false;
    for (auto& column : arguments.data) {
      values.push_back(column.GetValue(row));
      null |= values.back().IsNull();
    }
    result.SetValue(row, null && !info.nulls ? Value(result.GetType()) : info.body(sources, values));
  }
}

Value OrNull(const OptionalText& text) { return text ? Value(*text) : Value(LogicalType::VARCHAR); }

/// An OID as a number, or as what regclass takes.
int64_t OidOf(const SystemSources& sources, const Value& value) {
  if (value.type().id() == LogicalTypeId::VARCHAR) return RegclassOid(sources, duckdb::StringValue::Get(value));
  return value.GetValue<int64_t>();
}

RelationPtr RelationOf(const SystemSources& sources, const Value& value) {
  return ValueOrThrow(sources.catalog.FindById(OidOf(sources, value)));
}

Value PartKeyDefinition(const SystemSources& sources, const Arguments& arguments) {
  RelationPtr relation = RelationOf(sources, arguments[0]);
  if (!relation || !relation->is_partitioned()) return Value(LogicalType::VARCHAR);
  return Value(ShownPartitionKey(sources, *relation));
}

/// With a column's number to wrap lines at, or true, it is for people.
Value ViewText(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr view = RelationOf(sources, arguments[0]);
  if (!view || view->definition() == nullptr) return Value(LogicalType::VARCHAR);
  const bool flag = arguments.size() > 1 && arguments[1].type().id() == LogicalTypeId::BOOLEAN;
  const bool pretty = flag ? duckdb::BooleanValue::Get(arguments[1]) : arguments.size() > 1;
  return Value(ViewQueryText(sources, view, pretty));
}

/// The catalogs hold expressions as the texts that it gives unless they are for people.
Value ExpressionText(const SystemSources& sources, const Arguments& arguments) {
  const std::string text = duckdb::StringValue::Get(arguments[0]);
  const bool pretty = arguments.size() > 2 && duckdb::BooleanValue::Get(arguments[2]);
  const RelationPtr relation = pretty ? RelationOf(sources, arguments[1]) : nullptr;
  return Value(relation ? ShownAgain(sources, *relation, text) : text);
}

/// Bits of CmdType: 4 UPDATE, 8 INSERT, 16 DELETE.
Value IsUpdatable(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr relation = RelationOf(sources, arguments[0]);
  if (relation && relation->is_foreign()) {
    return Value::INTEGER(ValueOrThrow(FilesOf(sources.catalog, *relation)).writable ? 8 : 0);
  }
  const bool is_table = relation && relation->is_table();
  const bool changes = is_table || (relation && relation->is_view() && relation->view->updatable);
  return Value::INTEGER(changes ? 28 : 0);
}

/// pg_column_is_updatable(relation, number, triggers).
Value IsColumnUpdatable(const SystemSources& sources, const Arguments& arguments) {
  constexpr int32_t kUpdateAndDelete = 20;
  const int64_t number = arguments[1].GetValue<int64_t>();
  const RelationPtr relation = RelationOf(sources, arguments[0]);
  if (number <= 0 || !relation) return Value::BOOLEAN(false);
  const int32_t changes = duckdb::IntegerValue::Get(IsUpdatable(sources, arguments));
  const int place = relation->ColumnNumbered(static_cast<int>(number));
  const bool computed = relation->is_view() && std::ranges::count(relation->view->computed, place) > 0;
  return Value::BOOLEAN((changes & kUpdateAndDelete) == kUpdateAndDelete && !computed);
}

Value PartitionConstraint(const SystemSources& sources, const Arguments& arguments) {
  RelationPtr relation = RelationOf(sources, arguments[0]);
  const std::string text = relation ? ValueOrThrow(PartitionConstraintText(sources.catalog, *relation)) : "";
  return text.empty() ? Value(LogicalType::VARCHAR) : Value(TextHere(sources, text));
}

Value IndexText(const SystemSources& sources, const Arguments& arguments) {
  const int64_t column = arguments.size() > 1 ? arguments[1].GetValue<int64_t>() : 0;
  const bool pretty = arguments.size() > 2 && arguments[2].GetValue<bool>();
  return OrNull(IndexDefinition(sources, OidOf(sources, arguments[0]), column, pretty));
}

Value ConstraintText(const SystemSources& sources, const Arguments& arguments) {
  const bool pretty = arguments.size() > 1 && duckdb::BooleanValue::Get(arguments[1]);
  return OrNull(ConstraintDefinition(sources, arguments[0].GetValue<int64_t>(), pretty));
}

Value VisibilityOf(const SystemSources& sources, const Arguments& arguments) {
  const int64_t oid = OidOf(sources, arguments[0]);
  if (const auto composite = CompositeOfClass(sources, oid)) {
    return Value::BOOLEAN(IsTypeVisible(sources, composite->oid));
  }
  RelationPtr relation = RelationOfOid(sources, oid);
  return relation ? Value::BOOLEAN(sql::IsVisible(sources, *relation)) : Value(LogicalType::BOOLEAN);
}

Value CurrentSetting(const SystemSources& sources, const Arguments& arguments) {
  const std::string name = duckdb::StringValue::Get(arguments[0]);
  const auto value = sources.parameters.Get(name);
  const bool missing_ok = arguments.size() > 1 && duckdb::BooleanValue::Get(arguments[1]);
  if (!value && !missing_ok) Throw(Error("42704", "unrecognized configuration parameter \"" + name + "\""));
  return OrNull(value);
}

Value QuoteName(const SystemSources&, const Arguments& arguments) {
  return Value(QuoteIdentifier(duckdb::StringValue::Get(arguments[0])));
}

Value QuoteText(const SystemSources&, const Arguments& arguments) {
  return Value(QuoteLiteral(duckdb::StringValue::Get(arguments[0])));
}

Value CurrentDatabase(const SystemSources& sources, const Arguments&) { return Value(sources.database); }

Value Version(const SystemSources& sources, const Arguments&) {
  return Value("PostgreSQL " + *sources.parameters.Get("server_version") + ", DuckDB " +
               duckdb::DuckDB::LibraryVersion());
}

// --- partition trees of tables and of indexes

/// A node of a tree: a table, or an index. That of a primary key is no relation of its own.
struct TreeNode {
  RelationPtr relation;
  bool of_key = false;  // the index of this table's primary key

  int64_t id() const { return of_key ? IndexOid(relation->id) : relation->id; }
  bool partitioned() const { return relation->is_index() ? relation->index->partitioned : relation->is_partitioned(); }
  std::optional<int64_t> parent() const { return relation->is_index() ? relation->index->parent : relation->parent; }
};

/// What an OID means; nothing where it is not in a tree.
std::optional<TreeNode> NodeOf(const SystemSources& sources, int64_t oid) {
  const RelationPtr relation = RelationOfOid(sources, oid);
  if (!relation) return std::nullopt;
  TreeNode node{relation, relation->id != oid};
  return node.partitioned() || node.parent() ? std::optional(std::move(node)) : std::nullopt;
}

std::optional<TreeNode> ParentOf(const SystemSources& sources, const TreeNode& node) {
  if (!node.parent()) return std::nullopt;
  RelationPtr parent = ValueOrThrow(sources.catalog.FindById(*node.parent()));
  return parent ? std::optional(TreeNode{std::move(parent), node.of_key}) : std::nullopt;
}

/// In the order of their OIDs.
std::vector<TreeNode> ChildrenOf(const SystemSources& sources, const TreeNode& node) {
  std::vector<TreeNode> children;
  if (!node.partitioned()) return children;
  const bool index = node.relation->is_index();
  const RelationPtr table = index ? ValueOrThrow(sources.catalog.FindById(node.relation->index->table)) : node.relation;
  if (!table) return children;
  for (const RelationPtr& partition : ValueOrThrow(sources.catalog.Children(*table))->relations) {
    if (!index) children.push_back({partition, node.of_key});
    for (const RelationPtr& part : partition->indexes) {
      if (index && part->index->parent == node.relation->id) children.push_back({part});
    }
  }
  std::ranges::sort(children, {}, [](const TreeNode& child) { return child.id(); });
  return children;
}

/// A member of a tree and all above it; of others nothing.
std::vector<TreeNode> WithAncestors(const SystemSources& sources, int64_t oid) {
  std::vector<TreeNode> chain;
  for (auto node = NodeOf(sources, oid); node; node = ParentOf(sources, *node)) chain.push_back(*node);
  return chain;
}

const LogicalType& Regclass() {
  static const auto* type = [] {
    auto* made = new LogicalType(LogicalTypeId::BIGINT);
    made->SetAlias("regclass");
    return made;
  }();
  return *type;
}

Value PartitionRoot(const SystemSources& sources, const Arguments& arguments) {
  const auto chain = WithAncestors(sources, OidOf(sources, arguments[0]));
  Value root = chain.empty() ? Value(LogicalType::BIGINT) : Value::BIGINT(chain.back().id());
  root.Reinterpret(Regclass());
  return root;
}

/// The name, as it must be written with its schema, of the sequence that a column owns.
Value SerialSequence(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr table = RelationOf(sources, arguments[0]);
  const std::string name = duckdb::StringValue::Get(arguments[1]);
  const int column = table ? table->ColumnIndex(name) : -1;
  if (column < 0) {
    const std::string relation = table ? table->path.table : duckdb::StringValue::Get(arguments[0]);
    Throw(Error("42703", "column \"" + name + "\" of relation \"" + relation + "\" does not exist"));
  }
  for (const OwnedSequence& owned : table->owned_sequences) {
    if (owned.column != table->NumberOf(static_cast<size_t>(column))) continue;
    const RelationPtr sequence = ValueOrThrow(sources.catalog.FindById(owned.sequence));
    if (!sequence) continue;
    return Value(QuoteIdentifier(SchemaSeenFrom(sources.database, sequence->path.database)) + "." +
                 QuoteIdentifier(sequence->path.table));
  }
  return Value(LogicalType::VARCHAR);
}

Value PartitionAncestors(const SystemSources& sources, const Arguments& arguments) {
  duckdb::vector<Value> ancestors;
  for (const TreeNode& node : WithAncestors(sources, OidOf(sources, arguments[0]))) {
    ancestors.push_back(Value::BIGINT(node.id()));
    ancestors.back().Reinterpret(Regclass());
  }
  return Value::LIST(Regclass(), std::move(ancestors));
}

/// A member of a tree, its children, their children: level by level.
std::vector<std::vector<TreeNode>> LevelsFrom(const SystemSources& sources, int64_t oid) {
  std::vector<std::vector<TreeNode>> levels;
  std::vector<TreeNode> level;
  if (auto top = NodeOf(sources, oid)) level.push_back(std::move(*top));
  while (!level.empty()) {
    std::vector<TreeNode> next;
    for (const TreeNode& node : level) {
      for (TreeNode& child : ChildrenOf(sources, node)) next.push_back(std::move(child));
    }
    levels.push_back(std::exchange(level, std::move(next)));
  }
  return levels;
}

/// relid, parentrelid, isleaf, level.
const LogicalType& TreeRowType() {
  static const auto* type = new LogicalType(LogicalType::STRUCT({
      {duck::FieldName(0, {postgres::oid::kRegclass}), LogicalType::BIGINT},
      {duck::FieldName(1, {postgres::oid::kRegclass}), LogicalType::BIGINT},
      {duck::FieldName(2, {postgres::oid::kBool}), LogicalType::BOOLEAN},
      {duck::FieldName(3, {postgres::oid::kInt4}), LogicalType::INTEGER},
  }));
  return *type;
}

Value PartitionTree(const SystemSources& sources, const Arguments& arguments) {
  duckdb::vector<Value> rows;
  int32_t depth = 0;
  for (const auto& level : LevelsFrom(sources, OidOf(sources, arguments[0]))) {
    for (const TreeNode& node : level) {
      const auto above = ParentOf(sources, node);
      const Value parent = above ? Value::BIGINT(above->id()) : Value(LogicalType::BIGINT);
      rows.push_back(Value::STRUCT(TreeRowType(), {Value::BIGINT(node.id()), parent,
                                                   Value::BOOLEAN(!node.partitioned()), Value::INTEGER(depth)}));
    }
    ++depth;
  }
  return Value::LIST(TreeRowType(), std::move(rows));
}

std::vector<ScalarSpec> Scalars() {
  const LogicalType any = LogicalType::ANY;
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType flag = LogicalType::BOOLEAN;
  return {
      {"pg_get_partkeydef", {any}, text, PartKeyDefinition},
      {"pg_get_partition_constraintdef", {any}, text, PartitionConstraint},
      {"pg_get_viewdef", {any}, text, ViewText},
      {"pg_get_viewdef", {any, any}, text, ViewText},
      {"pg_get_expr", {text, any}, text, ExpressionText},
      {"pg_get_expr", {text, any, flag}, text, ExpressionText},
      {"pg_relation_is_updatable", {any, flag}, LogicalType::INTEGER, IsUpdatable},
      {"pg_column_is_updatable", {any, number, flag}, flag, IsColumnUpdatable},
      {"pg_get_indexdef", {any}, text, IndexText},
      {"pg_get_indexdef", {any, number, flag}, text, IndexText},
      {"pg_get_constraintdef", {number}, text, ConstraintText},
      {"pg_get_constraintdef", {number, flag}, text, ConstraintText},
      {"pg_table_is_visible", {any}, flag, VisibilityOf},
      {"current_setting", {text}, text, CurrentSetting},
      {"current_setting", {text, flag}, text, CurrentSetting},
      {"quote_ident", {text}, text, QuoteName},
      {"quote_literal", {text}, text, QuoteText},
      {"current_database", {}, text, CurrentDatabase},
      {"version", {}, text, Version},
      {"pg_get_serial_sequence", {text, text}, text, SerialSequence},
      {"pg_partition_root", {any}, Regclass(), PartitionRoot},
      {"pg_partition_ancestors", {any}, LogicalType::LIST(Regclass()), PartitionAncestors},
      {"pg_partition_tree", {any}, LogicalType::LIST(TreeRowType()), PartitionTree},
  };
}

// --- regclass and its like: numbers that are shown as names

struct NameCastState : public duckdb::FunctionLocalState {
  explicit NameCastState(duckdb::ClientContext& client) : context(client) {}
  duckdb::ClientContext& context;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> StartNameCast(duckdb::CastLocalStateParameters& parameters) {
  if (!parameters.context) Throw(Error("0A000", "names of the catalog can only be read in a session"));
  return duckdb::make_uniq<NameCastState>(*parameters.context);
}

template <postgres::Oid type>
bool CastToText(duckdb::Vector& source, duckdb::Vector& result, idx_t count, duckdb::CastParameters& parameters) {
  const SystemSources sources = SourcesOf(parameters.local_state->Cast<NameCastState>().context);
  duckdb::UnaryExecutor::Execute<int64_t, duckdb::string_t>(source, result, count, [&](int64_t oid) {
    return duckdb::StringVector::AddString(result, CatalogNameText(sources, type, oid));
  });
  return true;
}

template <postgres::Oid type>
bool CastFromText(duckdb::Vector& source, duckdb::Vector& result, idx_t count, duckdb::CastParameters& parameters) {
  const SystemSources sources = SourcesOf(parameters.local_state->Cast<NameCastState>().context);
  duckdb::UnaryExecutor::Execute<duckdb::string_t, int64_t>(source, result, count, [&](duckdb::string_t text) {
    return ValueOrThrow(ReadCatalogName(sources, type, text.GetString()));
  });
  return true;
}

bool Renamed(duckdb::Vector& source, duckdb::Vector& result, idx_t count, duckdb::CastParameters&) {
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(source, result, count, [](int64_t oid) { return oid; });
  return true;
}

class SystemRegistrar {
 public:
  explicit SystemRegistrar(duckdb::DuckDB& database)
      : system_(duckdb::Catalog::GetSystemCatalog(*database.instance)),
        transaction_(duckdb::CatalogTransaction::GetSystemTransaction(*database.instance)),
        casts_(duckdb::DBConfig::GetConfig(*database.instance).GetCastFunctions()) {}

  void Functions() {
    std::map<std::string, duckdb::ScalarFunctionSet> sets;
    std::vector<ScalarSpec> specs = Scalars();
    std::ranges::move(AccessScalars(), std::back_inserter(specs));
    std::ranges::move(AclScalars(), std::back_inserter(specs));
    std::ranges::move(CatalogScalars(), std::back_inserter(specs));
    std::ranges::move(ObjectScalars(), std::back_inserter(specs));
    std::ranges::move(ActivityScalars(), std::back_inserter(specs));
    std::ranges::move(SizeScalars(), std::back_inserter(specs));
    std::ranges::move(VocabularyScalars(), std::back_inserter(specs));
    for (const ScalarSpec& spec : specs) {
      duckdb::ScalarFunction function(spec.name, {spec.arguments.begin(), spec.arguments.end()}, spec.result, RunBody);
      function.function_info = duckdb::make_shared_ptr<BodyInfo>(spec.body, spec.nulls);
      function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
      function.SetStability(spec.changes ? duckdb::FunctionStability::VOLATILE
                                         : duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
      function.SetFallible();
      sets.try_emplace(spec.name, spec.name).first->second.AddFunction(std::move(function));
    }
    for (auto& [name, set] : sets) {
      duckdb::CreateScalarFunctionInfo info(set);
      Add(info);
    }
  }

  void Macros() {
    for (const std::string_view macro : SystemMacros()) {
      duckdb::Parser parser;
      parser.ParseQuery("CREATE MACRO " + std::string(macro));
      auto& info = parser.statements[0]->Cast<duckdb::CreateStatement>().info->Cast<duckdb::CreateMacroInfo>();
      info.schema = DEFAULT_SCHEMA;
      Add(info);
    }
  }

  template <postgres::Oid type>
  void Type() {
    const std::string name(postgres::FindType(type)->name);
    LogicalType made(LogicalTypeId::BIGINT);
    made.SetAlias(name);
    duckdb::CreateTypeInfo info(name, made);
    info.schema = DEFAULT_SCHEMA;
    info.internal = true;
    info.temporary = true;
    system_.CreateType(transaction_, info);
    casts_.RegisterCastFunction(made, LogicalType::VARCHAR,
                                duckdb::BoundCastInfo(CastToText<type>, nullptr, StartNameCast), 1);
    casts_.RegisterCastFunction(LogicalType::VARCHAR, made,
                                duckdb::BoundCastInfo(CastFromText<type>, nullptr, StartNameCast));
    casts_.RegisterCastFunction(made, LogicalType::BIGINT, Renamed, 0);
    casts_.RegisterCastFunction(LogicalType::BIGINT, made, Renamed, 1);
  }

 private:
  void Add(duckdb::CreateFunctionInfo& info) {
    info.internal = true;
    info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    system_.CreateFunction(transaction_, info);
  }

  duckdb::Catalog& system_;
  duckdb::CatalogTransaction transaction_;
  duckdb::CastFunctionSet& casts_;
};

}  // namespace

void RegisterSystemFunctions(duckdb::DuckDB& database) {
  SystemRegistrar registrar(database);
  registrar.Functions();
  registrar.Macros();
  registrar.Type<postgres::oid::kRegclass>();
  registrar.Type<postgres::oid::kRegtype>();
  registrar.Type<postgres::oid::kRegnamespace>();
  registrar.Type<postgres::oid::kRegrole>();
  registrar.Type<postgres::oid::kRegproc>();
  registrar.Type<postgres::oid::kRegprocedure>();
  registrar.Type<postgres::oid::kRegoper>();
  registrar.Type<postgres::oid::kRegoperator>();
  registrar.Type<postgres::oid::kRegcollation>();
}

}  // namespace weir::sql
