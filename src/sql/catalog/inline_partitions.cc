#include "sql/catalog/inline_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "model/bound_index.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using ValueKind = BoundValue::Kind;

Status Refuse(std::string_view sqlstate, const PartitionDefinition& partition, std::string_view message) {
  return Error(sqlstate, fmt::format("PARTITION {}: {}", partition.name, message), {.position = partition.position});
}

/// Partition columns are the first ones of the primary key, in its order. A table without one has the hidden key
/// `rowid`, which cannot be named.
Status CheckColumns(const Relation& root) {
  std::vector<std::string> key;
  for (const int column : root.PrimaryKey()) key.push_back(root.columns[static_cast<size_t>(column)].name);
  if (key.empty()) key.emplace_back("rowid");
  std::vector<std::string> declared;
  for (size_t i = 0; i < root.partition_key->parts.size(); ++i) declared.push_back(KeyPartText(root, i));
  for (size_t i = 0; i < declared.size(); ++i) {
    if (i == key.size()) {
      return Error("42601", fmt::format("declared partition columns ({}) exceed the number of columns in index being "
                                        "partitioned ({})",
                                        fmt::join(declared, ", "), fmt::join(key, ", ")));
    }
    if (declared[i] == QuoteIdentifier(key[i])) continue;
    key.resize(i + 1);
    return Error("42601", fmt::format("declared partition columns ({}) do not match first {} columns in index being "
                                      "partitioned ({})",
                                      fmt::join(declared, ", "), i + 1, fmt::join(key, ", ")));
  }
  return Status::OK();
}

const char* WordOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kMinValue:
      return "MINVALUE";
    case ValueKind::kMaxValue:
      return "MAXVALUE";
    default:
      return "DEFAULT";
  }
}

std::string TupleText(const BoundTuple& tuple) {
  std::vector<std::string> values;
  for (const BoundValue& value : tuple) {
    values.push_back(value.kind == ValueKind::kExpression ? value.expression.text : WordOf(value.kind));
  }
  return fmt::format("({})", fmt::join(values, ", "));
}

/// The size of a tuple, the specials that the strategy knows, and that nothing real follows one.
Status CheckTuple(const PartitionDefinition& partition, const BoundTuple& tuple, size_t columns, bool range) {
  if (tuple.size() != columns) {
    return Refuse("42601", partition,
                  fmt::format("partition has {} columns but {} values were supplied", columns, tuple.size()));
  }
  ValueKind special = ValueKind::kExpression;
  for (const BoundValue& value : tuple) {
    const bool infinite = value.kind == ValueKind::kMinValue || value.kind == ValueKind::kMaxValue;
    if (range && value.kind == ValueKind::kAnyValue) {
      return Refuse("42601", partition, "DEFAULT cannot be used with PARTITION BY RANGE");
    }
    if (!range && infinite) {
      return Refuse("42601", partition, fmt::format("{} cannot be used with PARTITION BY LIST", WordOf(value.kind)));
    }
    if (special != ValueKind::kExpression && value.kind != special) {
      return Refuse("42601", partition,
                    fmt::format("non-{0} value ({1}) not allowed after {0}", WordOf(special),
                                value.kind == ValueKind::kExpression ? value.expression.text : WordOf(value.kind)));
    }
    special = value.kind;
  }
  return Status::OK();
}

bool IsAny(const BoundTuple& tuple) {
  return std::all_of(tuple.begin(), tuple.end(),
                     [](const BoundValue& value) { return value.kind == ValueKind::kAnyValue; });
}

Status CheckTuples(const PartitionDefinition& partition, size_t columns) {
  const BoundClause& bound = partition.bound;
  if (bound.kind == BoundClause::Kind::kRange) {
    WEIR_RETURN_NOT_OK(CheckTuple(partition, bound.from, columns, true));
    return CheckTuple(partition, bound.to, columns, true);
  }
  for (const BoundTuple& tuple : bound.values) {
    WEIR_RETURN_NOT_OK(CheckTuple(partition, tuple, columns, false));
    const bool partly = tuple.back().kind == ValueKind::kAnyValue && !IsAny(tuple);
    if (partly) {
      return Error("0A000", fmt::format("PARTITION {}: DEFAULT behind values is not supported", partition.name),
                   {.hint = "Write DEFAULT for all columns or for none.", .position = partition.position});
    }
  }
  return Status::OK();
}

/// The bound, and whether it also takes what no other partition does.
struct Resolved {
  PartitionBound bound;
  bool takes_rest = false;
};

Result<Resolved> Resolve(const Relation& root, const PartitionDefinition& partition,
                         const DdlContext& context) {
  Resolved resolved;
  BoundClause clause = partition.bound;
  const size_t written = clause.values.size();
  std::erase_if(clause.values, IsAny);
  resolved.takes_rest = clause.values.size() != written || clause.kind == BoundClause::Kind::kDefault;
  auto bound = ResolveBound(root, clause, context.evaluate);
  if (!bound.ok()) {
    const ErrorFields fields = FieldsOf(bound.status());
    return Error(fields.sqlstate, fmt::format("PARTITION {}: {}", partition.name, fields.message),
                 {.detail = fields.detail, .hint = fields.hint, .position = fields.position});
  }
  resolved.bound = std::move(*bound);
  return resolved;
}

Status CheckRange(const PartitionDefinition& partition, const RangeBound& range) {
  const auto order = CompareEdges(range.from, range.to);
  if (order < 0) return Status::OK();
  return Refuse("42P16", partition,
                fmt::format("empty range: lower bound {} is {} upper bound {}", TupleText(partition.bound.from),
                            order == 0 ? "equal to" : "greater than", TupleText(partition.bound.to)));
}

/// Every value in one partition only, also within one.
Status CheckLists(const std::vector<PartitionDefinition>& partitions, const std::vector<Resolved>& resolved) {
  std::set<std::string> written;
  bool rest = false;
  for (size_t i = 0; i < partitions.size(); ++i) {
    std::string twice;
    if (resolved[i].takes_rest) {
      const auto& values = partitions[i].bound.values;
      const auto any = std::find_if(values.begin(), values.end(), IsAny);
      if (rest) twice = any == values.end() ? "(DEFAULT)" : TupleText(*any);
      rest = true;
    }
    for (const BoundTuple& tuple : partitions[i].bound.values) {
      if (!IsAny(tuple) && !written.insert(TupleText(tuple)).second) twice = TupleText(tuple);
    }
    if (!twice.empty()) {
      return Error("42P16", fmt::format("{} cannot be present in more than one partition", twice),
                   {.position = partitions[i].position});
    }
  }
  return Status::OK();
}

/// Names, empty ranges and overlaps, in the order of declaration.
Status CheckTogether(const Relation& root, const std::vector<PartitionDefinition>& partitions,
                     const std::vector<Resolved>& resolved) {
  BoundIndex index;
  std::set<std::string> names;
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (partitions[i].name.empty()) return Error("42601", "PARTITION name must be non-empty");
    if (!names.insert(partitions[i].name).second) {
      return Refuse("42P16", partitions[i], "name must be unique (used twice in index \"primary\")");
    }
    const PartitionBound& bound = resolved[i].bound;
    if (IsDefault(bound)) continue;
    if (const auto* range = std::get_if<RangeBound>(&bound)) WEIR_RETURN_NOT_OK(CheckRange(partitions[i], *range));
    if (const auto overlap = index.FindOverlap(bound)) {
      if (const auto* list = std::get_if<ListBound>(&bound)) {
        const std::string shown = BoundText(root, ListBound{{list->values[overlap->value]}});
        const std::string tuple = shown.substr(shown.find('('));
        return Error("42P16", fmt::format("{} cannot be present in more than one partition", tuple),
                     {.position = partitions[i].position});
      }
      return Error("42P16", fmt::format("partitions {} and {} overlap",
                                        partitions[static_cast<size_t>(overlap->child)].name, partitions[i].name),
                   {.position = partitions[i].position});
    }
    index.Add(static_cast<int64_t>(i), bound);
  }
  return CheckLists(partitions, resolved);
}

Relation LeafRelation(const Relation& root, const std::string& name, PartitionBound bound) {
  Relation leaf;
  leaf.path = {root.path.database, fmt::format("{}_1_prt_{}", root.path.table, name)};
  leaf.columns = root.columns;
  leaf.constraints = InheritedConstraints(root, leaf.path.table);
  leaf.distributed_by = root.distributed_by;
  leaf.options = root.options;
  leaf.bound = std::move(bound);
  leaf.bound_text = BoundText(root, leaf.bound);
  return leaf;
}

std::string UnusedName(const std::vector<PartitionDefinition>& partitions) {
  std::string name = "default";
  const auto is_used = [&] {
    return std::any_of(partitions.begin(), partitions.end(), [&](const auto& other) { return other.name == name; });
  };
  while (is_used()) name += "_";
  return name;
}

}  // namespace

Result<std::vector<Relation>> InlineChildren(const Relation& root, const InlinePartitions& inlined,
                                             const DdlContext& context) {
  const auto& partitions = inlined.partitions;
  WEIR_RETURN_NOT_OK(CheckColumns(root));
  std::vector<Resolved> resolved;
  for (const PartitionDefinition& partition : partitions) {
    if (partition.sub) {
      return Error("0A000", "nested partitioning is not supported", {.position = partition.position});
    }
    WEIR_RETURN_NOT_OK(CheckTuples(partition, root.partition_key->parts.size()));
    WEIR_ASSIGN_OR_RETURN(Resolved one, Resolve(root, partition, context));
    resolved.push_back(std::move(one));
  }
  WEIR_RETURN_NOT_OK(CheckTogether(root, partitions, resolved));
  std::vector<Relation> leaves;
  bool has_rest = false;
  for (size_t i = 0; i < partitions.size(); ++i) {
    has_rest = has_rest || resolved[i].takes_rest;
    // What the partition of the rest lists besides needs no saying: no other one takes it.
    leaves.push_back(LeafRelation(root, partitions[i].name,
                          resolved[i].takes_rest ? PartitionBound(DefaultBound{}) : std::move(resolved[i].bound)));
  }
  if (!has_rest) leaves.push_back(LeafRelation(root, UnusedName(partitions), DefaultBound{}));
  return leaves;
}

}  // namespace weir::sql
