#include "sql/catalog/fluss_tables.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "model/hex.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/sql_types.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

SqlConstraint PrimaryKeyOf(const TableInfo& info) {
  SqlConstraint key;
  key.kind = SqlConstraint::Kind::kPrimaryKey;
  key.name = info.path.table + kFlussKeySuffix;
  key.columns = info.schema().primary_key();
  return key;
}

SqlPartitionKey PartitionKeyOf(const TableInfo& info) {
  SqlPartitionKey key;
  key.strategy = PartitionStrategy::kList;
  for (const std::string& column : info.descriptor.partition_keys) {
    SqlPartitionKeyPart part;
    part.column = info.schema().IndexOf(column);
    part.type = info.schema().column(part.column).type;
    key.parts.push_back(std::move(part));
  }
  return key;
}

std::optional<int64_t> DaysOf(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// "_5" as 500000: a fraction of a second in microseconds.
int64_t FractionMicros(std::string_view text) {
  if (!text.starts_with('_')) return 0;
  int64_t micros = 0;
  for (size_t i = 1; i <= 6; ++i) micros = micros * 10 + (i < text.size() ? text[i] - '0' : 0);
  return micros;
}

int64_t ClockMicros(int hours, int minutes, int seconds, std::string_view fraction) {
  return ((hours * 60 + minutes) * int64_t{60} + seconds) * 1'000'000 + FractionMicros(fraction);
}

std::optional<int64_t> DateNumber(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%u%n", &year, &month, &day, &used) != 3) return std::nullopt;
  return static_cast<size_t>(used) == text.size() ? DaysOf(year, month, day) : std::nullopt;
}

std::optional<int64_t> TimeNumber(const std::string& text) {
  int hours = 0, minutes = 0, seconds = 0, used = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d%n", &hours, &minutes, &seconds, &used) != 3) return std::nullopt;
  return ClockMicros(hours, minutes, seconds, std::string_view(text).substr(static_cast<size_t>(used)));
}

std::optional<int64_t> TimestampNumber(const std::string& text) {
  int year = 0, hours = 0, minutes = 0, seconds = 0, used = 0;
  unsigned month = 0, day = 0;
  const int fields =
      std::sscanf(text.c_str(), "%d-%u-%u-%d-%d-%d%n", &year, &month, &day, &hours, &minutes, &seconds, &used);
  if (fields != 6) return std::nullopt;
  const auto days = DaysOf(year, month, day);
  if (!days) return std::nullopt;
  const std::string_view fraction = std::string_view(text).substr(static_cast<size_t>(used));
  return *days * 86'400'000'000 + ClockMicros(hours, minutes, seconds, fraction);
}

std::optional<double> FloatNumber(std::string text) {
  if (text == "NaN") return std::nan("");
  if (text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  for (char& c : text) c = c == '_' ? '.' : c;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

template <typename T>
std::optional<KeyValue> AsKey(std::optional<T> value) {
  return value ? std::optional<KeyValue>(*value) : std::nullopt;
}

std::optional<KeyValue> ReadKeyValue(const DataType& type, const std::string& text) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return KeyValue(int64_t{text == "true"});
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
      return AsKey(WholeNumber(text));
    case TypeId::kDate:
      return AsKey(DateNumber(text));
    case TypeId::kTime:
      return AsKey(TimeNumber(text));
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      return AsKey(TimestampNumber(text));
    case TypeId::kFloat:
    case TypeId::kDouble:
      return AsKey(FloatNumber(text));
    case TypeId::kBinary:
    case TypeId::kBytes:
      return KeyValue(FromHex(text));
    case TypeId::kString:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return KeyValue(text);
}

Result<RelationPtr> PartitionRelation(const Relation& root, const PartitionInfo& partition) {
  auto relation = std::make_shared<Relation>();
  relation->id = kFlussPartitionIds + partition.partition_id;
  relation->path = {root.path.database, root.path.table + "$" + partition.partition_name};
  relation->columns = root.columns;
  relation->constraints = root.constraints;
  relation->parent = root.id;
  relation->table = root.table;
  relation->fluss_partition = partition.partition_id;
  KeyTuple key;
  for (const SqlPartitionKeyPart& part : root.partition_key->parts) {
    const std::string& column = root.columns[static_cast<size_t>(part.column)].name;
    const auto text = partition.spec.find(column);
    WEIR_ASSIGN_OR_RETURN(KeyValue value,
                          PartitionKeyValue(part.type, text == partition.spec.end() ? "" : text->second));
    key.push_back(std::move(value));
  }
  ListBound bound;
  bound.values.push_back(std::move(key));
  relation->bound = std::move(bound);
  relation->bound_text = BoundText(root, relation->bound);
  return RelationPtr(std::move(relation));
}

}  // namespace

Result<KeyValue> PartitionKeyValue(const DataType& type, const std::string& text) {
  auto value = ReadKeyValue(type, text);
  if (!value) return Error("22P02", fmt::format("partition value \"{}\" is no {}", text, type.ToString()));
  return std::move(*value);
}

RelationPtr FlussRelation(const TableInfo& info) {
  auto relation = std::make_shared<Relation>();
  relation->id = kFlussTableIds + info.table_id;
  relation->path = {SqlNameOf(info.path.database), info.path.table};
  for (const Column& column : info.schema().columns()) {
    SqlColumn sql_column;
    sql_column.name = column.name;
    sql_column.type = SqlTypeName(column.type);
    sql_column.data_type = column.type;
    sql_column.not_null = !column.type.nullable();
    relation->columns.push_back(std::move(sql_column));
  }
  if (info.schema().has_primary_key()) relation->constraints.push_back(PrimaryKeyOf(info));
  if (info.descriptor.is_partitioned()) relation->partition_key = PartitionKeyOf(info);
  relation->table = std::make_shared<TableInfo>(info);
  return relation;
}

Result<PartitionChildrenPtr> FlussChildren(const Relation& root, const std::vector<PartitionInfo>& partitions) {
  PartitionLevel::Key key;
  key.strategy = PartitionStrategy::kList;
  for (const SqlPartitionKeyPart& part : root.partition_key->parts) key.types.push_back(part.type);
  std::vector<PartitionBound> bounds;
  std::vector<RelationPtr> relations;
  for (const PartitionInfo& partition : partitions) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, PartitionRelation(root, partition));
    bounds.push_back(relation->bound);
    relations.push_back(std::move(relation));
  }
  WEIR_ASSIGN_OR_RETURN(PartitionLevel level, PartitionLevel::Make(std::move(key), std::move(bounds)));
  return PartitionChildrenPtr(
      std::make_shared<PartitionChildren>(PartitionChildren{std::move(level), std::move(relations)}));
}

}  // namespace weir::sql
