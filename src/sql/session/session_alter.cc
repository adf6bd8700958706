// The rows of tables that ALTER TABLE changes: looked at, and copied, as they will be.
#include <map>
#include <memory>

#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "format/initial_default.h"
#include "postgres/type.h"
#include "sql/access/targets.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/shown_text.h"
#include "sql/catalog/bound_text.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/definition.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/errors.h"
#include "sql/engine/fetch_chunk.h"
#include "sql/engine/key_part_reader.h"
#include "sql/engine/types.h"
#include "sql/session/engine_session.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

using Select = duckdb::unique_ptr<duckdb::SelectStatement>;

Select SelectOf(duckdb::unique_ptr<duckdb::SelectNode> node) {
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  return select;
}

/// Rows of a leaf as they will be.
Result<Select> SelectNewRows(const Relation& leaf, const NewRows& rows, const postgres::Settings& settings) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (size_t i = 0; i < rows.columns.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(auto value, duck::EmitNewValue(rows.expressions[i], leaf.path.table, leaf.columns,
                                                         rows.columns[i], settings));
    value.expression->SetAlias(duck::AttachedColumnName(rows.columns, i));
    node->select_list.push_back(std::move(value.expression));
  }
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->catalog_name = kAttachedName;
  table->schema_name = leaf.path.database;
  table->table_name = leaf.path.table;
  node->from_table = std::move(table);
  if (!rows.condition.empty()) {
    WEIR_ASSIGN_OR_RETURN(auto condition, duck::EmitDefinition(rows.condition, analyze::DefinitionPart::kCheck,
                                                               leaf.path.table, leaf.columns, settings));
    node->where_clause = std::move(condition.expression);
  }
  return SelectOf(std::move(node));
}

/// Whether there is a row among these of which the condition is true.
Result<Select> SelectExists(Select rows, duckdb::unique_ptr<duckdb::ParsedExpression> condition) {
  auto inner = duckdb::make_uniq<duckdb::SelectNode>();
  inner->select_list.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(1)));
  inner->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(rows), "new_rows");
  inner->where_clause = std::move(condition);
  auto exists = duckdb::make_uniq<duckdb::SubqueryExpression>();
  exists->subquery_type = duckdb::SubqueryType::EXISTS;
  exists->subquery = SelectOf(std::move(inner));
  auto outer = duckdb::make_uniq<duckdb::SelectNode>();
  outer->select_list.push_back(std::move(exists));
  outer->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  return SelectOf(std::move(outer));
}

/// Some rows of a chunk.
struct ChosenRows {
  duckdb::SelectionVector rows;
  duckdb::idx_t count = 0;
};

std::shared_ptr<arrow::RecordBatch> ToBatch(const std::vector<SqlColumn>& columns, duckdb::DataChunk& chunk,
                                            const ChosenRows& chosen) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    arrays.push_back(ToArray(columns[i].data_type, chunk.data[i], chunk.size(), chosen.rows, chosen.count));
    fields.push_back(arrow::field(columns[i].name, arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), static_cast<int64_t>(chosen.count),
                                  std::move(arrays));
}

std::shared_ptr<arrow::RecordBatch> ToBatch(const std::vector<SqlColumn>& columns, duckdb::DataChunk& chunk) {
  return ToBatch(columns, chunk, {duckdb::SelectionVector(0, chunk.size()), chunk.size()});
}

/// A chunk's rows by the partitions that take them; a partition that takes none is not there.
std::map<size_t, ChosenRows> RowsByPartition(const Relation& table, const PartitionLevel& level,
                                             duckdb::DataChunk& chunk) {
  std::vector<KeyPartReader> readers;
  for (const SqlPartitionKeyPart& part : table.partition_key->parts) {
    if (part.shard) {
      readers.emplace_back(*HashShardsOf(table), chunk);
      continue;
    }
    duckdb::Vector& values = chunk.data[static_cast<size_t>(part.column)];
    readers.emplace_back(KeyReader(part.type, values, chunk.size(), part.value_type));
  }
  std::map<size_t, ChosenRows> chosen;
  KeyTuple key(readers.size());
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    for (size_t i = 0; i < readers.size(); ++i) key[i] = readers[i].Read(row);
    const auto partition = level.Route(key);
    if (!partition) Throw(Error("XX000", "no partition of \"" + table.path.table + "\" takes a row of it"));
    ChosenRows& rows = chosen[*partition];
    if (rows.count == 0) rows.rows.Initialize(chunk.size());
    rows.rows.set_index(rows.count++, row);
  }
  return chosen;
}

}  // namespace

Result<bool> EngineSession::HasNewRow(const RelationPtr& leaf, const NewRows& rows, const std::string& condition) {
  if (!leaf->is_foreign()) WEIR_RETURN_NOT_OK(transaction_->CheckUnchanged(leaf));
  WEIR_ASSIGN_OR_RETURN(auto violated, duck::EmitDefinition(condition, analyze::DefinitionPart::kCheck,
                                                            leaf->path.table, rows.columns, settings_));
  WEIR_ASSIGN_OR_RETURN(auto new_rows, SelectNewRows(*leaf, rows, settings_));
  WEIR_ASSIGN_OR_RETURN(auto exists, SelectExists(std::move(new_rows), std::move(violated.expression)));
  WEIR_ASSIGN_OR_RETURN(const duckdb::Value found, OneValue({std::move(exists), {}}));
  return duckdb::BooleanValue::Get(found);
}

Status EngineSession::ForNewRows(const RelationPtr& leaf, const NewRows& rows,
                                 const std::function<Status(duckdb::DataChunk&)>& visit) {
  if (!leaf->is_foreign()) WEIR_RETURN_NOT_OK(transaction_->CheckUnchanged(leaf));
  WEIR_ASSIGN_OR_RETURN(auto select, SelectNewRows(*leaf, rows, settings_));
  // KWDB lets those partition a table, and its rows move, who may not read them: then its owner does.
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *leaf));
  const access::RoleId role = state_->role;
  const bool may_read = (access::PrivilegesOn(*Access(), role, target) & access::kSelect) != 0;
  if (!may_read) state_->role = target.owner;
  const auto again = std::shared_ptr<void>(nullptr, [this, role](void*) { state_->role = role; });
  auto result = aside_->SendQuery(std::move(select));
  if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const auto chunk, FetchChunk(*result));
    if (!chunk || chunk->size() == 0) return Status::OK();
    WEIR_RETURN_NOT_OK(visit(*chunk));
  }
}

Result<int64_t> EngineSession::CopyRows(const RelationPtr& leaf, const NewRows& rows, const RelationPtr& to) {
  int64_t copied = 0;
  WEIR_RETURN_NOT_OK(ForNewRows(leaf, rows, [&](duckdb::DataChunk& chunk) {
    copied += static_cast<int64_t>(chunk.size());
    return transaction_->Insert(to, ToBatch(rows.columns, chunk));
  }));
  return copied;
}

Status EngineSession::SpreadRows(const RelationPtr& leaf, const Relation& table, const PartitionChildren& partitions) {
  return ForNewRows(leaf, SameRows(leaf->columns), [&](duckdb::DataChunk& chunk) -> Status {
    for (const auto& [partition, rows] : RowsByPartition(table, partitions.level, chunk)) {
      WEIR_RETURN_NOT_OK(transaction_->Insert(partitions.relations[partition], ToBatch(leaf->columns, chunk, rows)));
    }
    return Status::OK();
  });
}

/// An expression that may give each row another value has none for all of them.
Result<InitialDefault> EngineSession::InitialDefaultOf(const SqlColumn& column, const std::string& expression) {
  constexpr auto kPart = analyze::DefinitionPart::kDefault;
  WEIR_ASSIGN_OR_RETURN(const auto meaning, analyze::AnalyzeDefinition(expression, {.part = kPart}, settings_));
  InitialDefault initial;
  initial.changes = analyze::VolatilityOf(*meaning) == 'v';
  WEIR_ASSIGN_OR_RETURN(auto definition, duck::EmitColumnValue(expression, kPart, column, settings_));
  if (initial.changes) return initial;  // computing it may take a value from a sequence
  WEIR_ASSIGN_OR_RETURN(const duckdb::Value value, ValueOf(std::move(definition.expression)));
  if (value.IsNull()) return initial;
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {ToDuckType(column.data_type)});
  chunk.SetValue(0, 0, value);
  chunk.SetCardinality(1);
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader,
                        ArrowRowReader::Make(ToBatch({column}, chunk), {column.data_type}));
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(initial.value, EncodeInitialDefault(column.data_type, reader.ReadCell(0, 0, &arena)));
  return initial;
}

namespace {

analyze::DefinitionPart PartOf(DefinitionUse use) {
  switch (use) {
    case DefinitionUse::kCheck: return analyze::DefinitionPart::kCheck;
    case DefinitionUse::kDefault: return analyze::DefinitionPart::kDefault;
    case DefinitionUse::kGenerated: return analyze::DefinitionPart::kGenerated;
    case DefinitionUse::kPartitionKey: return analyze::DefinitionPart::kPartitionKey;
    case DefinitionUse::kConversion: return analyze::DefinitionPart::kUsing;
    case DefinitionUse::kIndexExpression: return analyze::DefinitionPart::kIndexExpression;
    case DefinitionUse::kIndexCondition: return analyze::DefinitionPart::kIndexCondition;
  }
  return analyze::DefinitionPart::kCheck;
}

/// Where an expression must give the same in every session and at any time; empty: it need not.
std::string_view ImmutablePlace(DefinitionUse use) {
  switch (use) {
    case DefinitionUse::kPartitionKey: return "partition key expression";
    case DefinitionUse::kIndexExpression: return "index expression";
    case DefinitionUse::kIndexCondition: return "index predicate";
    case DefinitionUse::kCheck:
    case DefinitionUse::kDefault:
    case DefinitionUse::kGenerated:
    case DefinitionUse::kConversion: return {};
  }
  return {};
}

/// Told in the expression's own text, to be told in the statement's.
Status PlacedAt(const Status& failure, const Expression& expression) {
  const int position = FieldsOf(failure).position;
  const bool known = position > 0 && expression.position > 0;
  return AtPosition(failure, known ? expression.position + position - 1 : 0);
}

}  // namespace

/// The text of an expression that failed as no function of the database's own was known, with what these are made of.
Result<std::string> EngineSession::WithCalls(const Status& failure, const std::string& text,
                                             const analyze::DefinitionExpression& definition) {
  RelationNames names = NamesHere();
  const auto meaning = analyze::AnalyzeExpression(text, definition, {.names = names, .settings = settings_,
                                                                     .keeps_calls = true});
  if (!meaning.ok()) return names.found().empty() ? failure : meaning.status();
  const postgres::Settings plain;
  const analyze::ShownNames kept{.type = [](postgres::TypeRef type) { return postgres::KeptTypeText(type); },
                                 .relation = [](const Relation& relation) { return relation.path.table; },
                                 .known_name = [](const Relation& relation) { return relation.path.table; },
                                 .known_column = [](const Relation& relation,
                                                    size_t column) { return relation.columns[column].name; },
                                 .catalog_name = [](postgres::Oid, postgres::Oid oid) { return std::to_string(oid); },
                                 .settings = plain};
  const auto shown =
      analyze::ShownExpression(**meaning, definition.columns, kept, {.indented = false, .kept = true});
  if (shown && analyze::AnalyzeDefinition(*shown, definition, settings_).ok()) return *shown;
  return Error("0A000", "functions whose results are queries are not supported in definitions of tables",
               {.hint = "Write the function with an expression alone.", .position = FieldsOf(failure).position});
}

Result<std::string> EngineSession::KeptDefinition(const DefinitionText& text) {
  std::vector<analyze::OutputColumn> columns;
  std::vector<int> generated;
  for (const SqlColumn& column : text.relation.columns) {
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(column.type));
    if (column.generated) generated.push_back(static_cast<int>(columns.size()));
    columns.push_back({column.name, type});
  }
  analyze::DefinitionExpression definition{.part = PartOf(text.use)};
  if (text.use != DefinitionUse::kDefault) {
    definition.relation = text.relation.path.table;
    definition.columns = columns;
    definition.generated = generated;
  }
  if (text.column != nullptr) {
    definition.column = text.column->name;
    WEIR_ASSIGN_OR_RETURN(definition.type, postgres::ParseType(text.column->type));
  }
  Result<std::string> kept = text.expression.text;
  auto value = analyze::AnalyzeDefinition(*kept, definition, settings_);
  if (!value.ok()) {
    kept = WithCalls(value.status(), *kept, definition);
    if (kept.ok()) value = analyze::AnalyzeDefinition(*kept, definition, settings_);
    if (!kept.ok()) return PlacedAt(kept.status(), text.expression);
    if (!value.ok()) return PlacedAt(value.status(), text.expression);
  }
  if (text.use == DefinitionUse::kDefault && text.column != nullptr) {
    const auto emitted = duck::EmitColumnValue(*kept, PartOf(text.use), *text.column, settings_);
    if (!emitted.ok()) return PlacedAt(emitted.status(), text.expression);
  }
  const std::string_view place = ImmutablePlace(text.use);
  const bool must_stay = !place.empty() || text.use == DefinitionUse::kGenerated;
  if (!must_stay || analyze::VolatilityOf(**value) == 'i') return kept;
  if (text.use == DefinitionUse::kGenerated) return Error("42P17", "generation expression is not immutable");
  return Error("42P17", "functions in " + std::string(place) + " must be marked IMMUTABLE");
}

}  // namespace weir::sql
