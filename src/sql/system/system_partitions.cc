#include "sql/system/system_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/table_options.h"
#include "sql/engine/errors.h"
#include "sql/engine/rejected_rows.h"
#include "sql/engine/session_view.h"
#include "sql/system/catalog_names.h"
#include "sql/system/column_statistics.h"
#include "sql/system/system_cells.h"

namespace weir::sql {
namespace {

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Int;
using cells::Moment;
using cells::Oid;
using cells::Oids;
using cells::Small;
using cells::SmallIntegers;
using cells::Text;
using cells::Texts;

constexpr const char* kOnlyTablespace = "pg_default";

// --- gp_partitions

struct GpPartitionRow {
  RelationPtr root;
  RelationPtr parent;
  RelationPtr partition;
  std::string root_schema;
  std::string schema;
  int level = 1;
  int64_t rank = 0;  // among the ranges of its level, from 1; 0: it is none
};

duckdb::Value TypeOfPartition(const GpPartitionRow& row) {
  switch (row.parent->partition_key->strategy) {
    case PartitionStrategy::kRange: return Text("range");
    case PartitionStrategy::kList: return Text("list");
    case PartitionStrategy::kHash: return Text("hash");
  }
  return Text("");
}

/// What the parentheses behind a word of the bound's text hold.
duckdb::Value InBoundText(const GpPartitionRow& row, std::string_view before, std::string_view after) {
  const std::string_view text = row.partition->bound_text;
  const size_t begin = text.find(before);
  const size_t end = text.rfind(after);
  if (begin == std::string_view::npos || end == std::string_view::npos) {
    return duckdb::Value(duckdb::LogicalType::VARCHAR);
  }
  return Text(std::string(text.substr(begin + before.size(), end - begin - before.size())));
}

duckdb::Value RankOf(const GpPartitionRow& row) {
  return row.rank > 0 ? duckdb::Value::BIGINT(row.rank) : duckdb::Value(duckdb::LogicalType::BIGINT);
}

void AddPartitionsOf(const SystemSources& sources, const RelationPtr& root, const RelationPtr& parent, int level,
                     std::vector<GpPartitionRow>* rows) {
  const PartitionChildrenPtr children = ValueOrThrow(sources.catalog.Children(*parent));
  int64_t ranges = 0;
  for (const size_t child : children->level.bound_order()) {
    const RelationPtr& partition = children->relations[child];
    const int64_t rank = std::holds_alternative<RangeBound>(partition->bound) ? ++ranges : 0;
    rows->push_back({root, parent, partition, SchemaSeenFrom(sources.database, root->path.database),
                     SchemaSeenFrom(sources.database, partition->path.database), level, rank});
    if (partition->is_partitioned()) AddPartitionsOf(sources, root, partition, level + 1, rows);
  }
}

}  // namespace

std::unique_ptr<SystemRows> GpPartitionRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = GpPartitionRow;
  static const auto* getters = new Getters<Row>{
      {"schemaname", [](const Row& r) { return Text(r.root_schema); }},
      {"tablename", [](const Row& r) { return Text(r.root->path.table); }},
      {"partitionschemaname", [](const Row& r) { return Text(r.schema); }},
      {"partitiontablename", [](const Row& r) { return Text(r.partition->path.table); }},
      {"parentpartitiontablename", [](const Row& r) { return Oid(r.parent->id); }},
      {"partitiontype", TypeOfPartition},
      {"partitionlevel", [](const Row& r) { return Int(r.level); }},
      {"partitionrank", RankOf},
      {"partitionlistvalues", [](const Row& r) { return InBoundText(r, "FOR VALUES IN (", ")"); }},
      {"partitionrangestart", [](const Row& r) { return InBoundText(r, "FOR VALUES FROM (", ") TO ("); }},
      {"partitionrangeend", [](const Row& r) { return InBoundText(r, ") TO (", ")"); }},
      {"partitionisdefault", [](const Row& r) { return Bool(IsDefault(r.partition->bound)); }},
      {"partitionboundary", [](const Row& r) { return Text(r.partition->bound_text); }},
      {"parenttablespace", [](const Row&) { return Text(kOnlyTablespace); }},
      {"partitiontablespace", [](const Row&) { return Text(kOnlyTablespace); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (relation->is_partitioned() && !relation->parent) AddPartitionsOf(sources, relation, relation, 1, &rows);
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> GpErrorRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = RejectionLog::Entry;
  static const auto* getters = new Getters<Row>{
      {"relid", [](const Row& r) { return Oid(r.table); }},
      {"cmdtime", [](const Row& r) { return Moment(r.row.time); }},
      {"relname", [](const Row& r) { return Text(r.row.relation); }},
      {"filename", [](const Row& r) { return Text(r.row.file); }},
      {"linenum", [](const Row& r) { return Int(r.row.line); }},
      {"errmsg", [](const Row& r) { return Text(r.row.message); }},
      {"rawdata", [](const Row& r) { return Text(r.row.text); }},
  };
  std::vector<Row> rows;
  if (sources.sessions != nullptr && sources.sessions->rejections != nullptr) {
    rows = sources.sessions->rejections->List();
  }
  std::erase_if(rows, [&](const Row& row) { return !MayRead(sources, row.table); });
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

namespace {

// --- gp_partition_template

struct GpTemplateRow {
  int64_t root = 0;
  int level = 1;
  std::string text;
};

}  // namespace

std::unique_ptr<SystemRows> GpTemplateRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = GpTemplateRow;
  static const auto* getters = new Getters<Row>{
      {"relid", [](const Row& r) { return Oid(r.root); }},
      {"level", [](const Row& r) { return Small(static_cast<size_t>(r.level)); }},
      {"template", [](const Row& r) { return Text(r.text); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    for (const auto& [level, text] : relation->templates) rows.push_back({relation->id, level, text});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

namespace {

// --- gp_distribution_policy

struct GpPolicyRow {
  int64_t relation = 0;
  int32_t buckets = 1;
  std::vector<int> columns;  // by their attnums; none: at random
};

/// Of the leaf's Fluss table; a table with partitions has none, and says what they get.
int32_t BucketsOf(const Relation& relation) {
  if (relation.table) return relation.table->num_buckets();
  const auto said = relation.options.find(kBucketOption);
  return said == relation.options.end() ? 1 : std::atoi(said->second.c_str());
}

std::vector<int> SpreadBy(const Relation& relation) {
  std::vector<int> numbers;
  for (const std::string& name : DistributionOf(relation)) {
    const int column = relation.ColumnIndex(name);
    if (column >= 0) numbers.push_back(relation.NumberOf(static_cast<size_t>(column)));
  }
  return numbers;
}

}  // namespace

std::unique_ptr<SystemRows> GpPolicyRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = GpPolicyRow;
  static const auto* getters = new Getters<Row>{
      {"localoid", [](const Row& r) { return Oid(r.relation); }},
      {"policytype", [](const Row&) { return Text("p"); }},
      {"numsegments", [](const Row& r) { return Int(r.buckets); }},
      {"distkey", [](const Row& r) { return SmallIntegers(r.columns); }},
      {"distclass", [](const Row& r) { return Oids(std::vector<int64_t>(r.columns.size(), 0)); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (!relation->is_leaf() && !relation->is_partitioned()) continue;
    rows.push_back({relation->id, BucketsOf(*relation), SpreadBy(*relation)});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

namespace {

// --- pg_attribute_encoding

struct EncodingRow {
  int64_t relation = 0;
  int number = 1;
  std::vector<std::string> options;
};

}  // namespace

std::unique_ptr<SystemRows> AttributeEncodingRows(const SystemSources& sources,
                                                  const std::vector<SystemColumn>& columns) {
  using Row = EncodingRow;
  static const auto* getters = new Getters<Row>{
      {"attrelid", [](const Row& r) { return Oid(r.relation); }},
      {"attnum", [](const Row& r) { return Small(static_cast<size_t>(r.number)); }},
      {"attoptions", [](const Row& r) { return Texts(r.options); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    for (size_t i = 0; i < relation->columns.size(); ++i) {
      if (relation->columns[i].encoding.empty()) continue;
      Row& row = rows.emplace_back(Row{relation->id, relation->NumberOf(i), {}});
      for (const auto& [name, value] : relation->columns[i].encoding) row.options.push_back(name + "=" + value);
    }
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace weir::sql
