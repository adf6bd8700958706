#include "sql/catalog/inline_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_set>

#include "model/bound_index.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using ValueKind = BoundValue::Kind;

Status Refuse(std::string_view sqlstate, const PartitionDefinition& partition, std::string_view message,
              int position = 0) {
  return Error(sqlstate, fmt::format("PARTITION {}: {}", partition.name, message),
               {.position = position > 0 ? position : partition.position});
}

/// Partition columns are the first ones of the primary key, in its order; of a sharded one the hidden column comes
/// first. A table without a key has the hidden one `rowid`, which cannot be named.
Status CheckColumns(const Relation& root, const PartitionBy& by) {
  std::vector<std::string> key = KwdbKeyColumns(root);
  if (key.empty()) key.emplace_back("rowid");
  std::vector<std::string> declared;
  for (const PartitionKeyPart& part : by.key) {
    declared.push_back(part.column.empty() ? part.expression.text : part.column);
  }
  for (size_t i = 0; i < declared.size(); ++i) {
    if (i == key.size()) {
      return Error("42601", fmt::format("declared partition columns ({}) exceed the number of columns in index being "
                                        "partitioned ({})",
                                        fmt::join(declared, ", "), fmt::join(key, ", ")));
    }
    if (declared[i] == key[i] && !by.key[i].column.empty()) continue;
    key.resize(i + 1);
    return Error("42601", fmt::format("declared partition columns ({}) do not match first {} columns in index being "
                                      "partitioned ({})",
                                      fmt::join(declared, ", "), i + 1, fmt::join(key, ", ")));
  }
  return Status::OK();
}

/// Keys are kept ascending: a range of them the other way round has other edges.
Status CheckIsAscending(const Relation& root, const PartitionBy& by) {
  for (const SqlConstraint& key : root.constraints) {
    for (const PartitionKeyPart& part : by.key) {
      if (std::ranges::find(key.descending, part.column) == key.descending.end()) continue;
      return Error("0A000", fmt::format("RANGE partitions of the descending key column \"{}\" are not supported",
                                        part.column));
    }
  }
  return Status::OK();
}

const char* WordOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kMinValue: return "MINVALUE";
    case ValueKind::kMaxValue: return "MAXVALUE";
    case ValueKind::kAnyValue: return "DEFAULT";
    case ValueKind::kExpression: break;
  }
  return "";
}

std::string WrittenText(const BoundValue& value) {
  return value.kind == ValueKind::kExpression ? value.expression.text : WordOf(value.kind);
}

/// The statement's PARTITION BY over a table.
struct Declaration {
  const Relation& root;
  std::string strategy;  // "LIST"
  const DdlContext& context;

  bool range() const { return strategy == "RANGE"; }
  const SqlPartitionKeyPart& part(size_t i) const { return root.partition_key->parts[i]; }
  std::string type(size_t i) const { return KeyPartType(root, i); }
  size_t columns() const { return root.partition_key->parts.size(); }
};

/// The size of a tuple, the specials that the strategy knows, and that nothing real follows one.
Status CheckTuple(const Declaration& declaration, const PartitionDefinition& partition, const BoundTuple& tuple) {
  const int begin = tuple.front().expression.position;
  if (tuple.size() != declaration.columns()) {
    return Refuse("42601", partition,
                  fmt::format("partition has {} columns but {} values were supplied", declaration.columns(),
                              tuple.size()),
                  begin);
  }
  ValueKind special = ValueKind::kExpression;
  for (const BoundValue& value : tuple) {
    const bool known = value.kind == ValueKind::kExpression ||
                       declaration.range() != (value.kind == ValueKind::kAnyValue);
    if (!known) {
      return Refuse("42601", partition,
                    fmt::format("{} cannot be used with PARTITION BY {}", WordOf(value.kind), declaration.strategy),
                    value.expression.position);
    }
    if (special != ValueKind::kExpression && value.kind != special) {
      return Refuse("42601", partition,
                    fmt::format("non-{0} value ({1}) not allowed after {0}", WordOf(special), WrittenText(value)),
                    value.expression.position);
    }
    special = value.kind;
  }
  return Status::OK();
}

bool IsAny(const BoundTuple& tuple) { return tuple.front().kind == ValueKind::kAnyValue; }

bool IsMoment(std::string_view family) { return family == "date" || family == "timestamp" || family == "timestamptz"; }

/// Whether KWDB takes a value of one kind for a column of the other.
bool Fits(const std::string& value, const std::string& column) {
  if (value == column || value == "unknown") return true;
  if (value == "int") return column == "decimal" || column == "float";
  if (value == "decimal") return column == "float";
  return IsMoment(value) && IsMoment(column);
}

/// KWDB casts nothing but what a constant may be anyway.
Status CheckType(const Declaration& declaration, const PartitionDefinition& partition, const BoundValue& value,
                 size_t i) {
  if (!declaration.context.type_of || IsUntypedConstant(value.expression.text)) return Status::OK();
  const auto type = declaration.context.type_of({}, value.expression);
  if (!type.ok()) return Status::OK();  // evaluating it says more
  const std::string given = KwdbTypeFamily(*type);
  const std::string wanted = KwdbTypeFamily(declaration.type(i));
  if (Fits(given, wanted)) return Status::OK();
  return Refuse("42804", partition, fmt::format("expected partition expression to have type {}, but '{}' has type {}",
                                                wanted, value.expression.text, given),
                value.expression.position);
}

/// What evaluating says, with the partition's name, and KWDB's words for texts that are no value of the type.
Status EvaluationError(const Declaration& declaration, const PartitionDefinition& partition, size_t i,
                       const Status& failure) {
  const ErrorFields fields = FieldsOf(KwdbReadError(failure, declaration.type(i)));
  return Error(fields.sqlstate, fmt::format("PARTITION {}: {}", partition.name, fields.message),
               {.detail = fields.detail, .hint = fields.hint, .position = fields.position});
}

/// A tuple's values up to the first special one.
Result<KeyTuple> Evaluated(const Declaration& declaration, const PartitionDefinition& partition,
                           const BoundTuple& tuple) {
  WEIR_RETURN_NOT_OK(CheckTuple(declaration, partition, tuple));
  KeyTuple key;
  for (size_t i = 0; i < tuple.size() && tuple[i].kind == ValueKind::kExpression; ++i) {
    WEIR_RETURN_NOT_OK(CheckType(declaration, partition, tuple[i], i));
    auto value = EvaluateKeyValue(declaration.root, i, tuple[i].expression, declaration.context.evaluate);
    if (!value.ok()) return EvaluationError(declaration, partition, i, value.status());
    key.push_back(std::move(*value));
  }
  return key;
}

/// "(1, DEFAULT)"
std::string DeclaredText(const Declaration& declaration, const BoundTuple& written, const KeyTuple& key) {
  std::vector<std::string> values;
  for (size_t i = 0; i < written.size(); ++i) {
    values.push_back(i < key.size() ? KwdbValueText(declaration.part(i).type, declaration.type(i), key[i])
                                    : WordOf(written[i].kind));
  }
  return fmt::format("({})", fmt::join(values, ", "));
}

/// A partition's bound, and whether it also takes what no other partition does.
struct Resolved {
  PartitionBound bound;
  bool takes_rest = false;
  std::vector<std::string> tuples;  // as KWDB shows them; of a range its two edges
  std::vector<KeyTuple> keys;       // what is known of each tuple of a list: up to its first DEFAULT

  std::string values() const { return fmt::format("{}", fmt::join(tuples, ", ")); }
};

/// NULL is below every value. No row has one in its primary key, so that it says what MINVALUE does.
std::vector<RangeEdge> EdgeOf(const BoundTuple& written, KeyTuple key) {
  std::vector<RangeEdge> edge;
  for (size_t i = 0; i < written.size(); ++i) {
    const bool above = written[i].kind == ValueKind::kMaxValue;
    const bool below = written[i].kind == ValueKind::kMinValue || (i < key.size() && IsNull(key[i]));
    if (below || (!edge.empty() && edge.back().kind == RangeEdge::Kind::kMinValue)) {
      edge.push_back({RangeEdge::Kind::kMinValue, {}});
    } else if (above) {
      edge.push_back({RangeEdge::Kind::kMaxValue, {}});
    } else {
      edge.push_back({RangeEdge::Kind::kValue, std::move(key[i])});
    }
  }
  return edge;
}

Result<Resolved> ResolveDeclaredRange(const Declaration& declaration, const PartitionDefinition& partition) {
  Resolved resolved;
  RangeBound range;
  const auto edges = {std::pair(&partition.bound.from, &range.from), std::pair(&partition.bound.to, &range.to)};
  for (const auto& [written, edge] : edges) {
    WEIR_ASSIGN_OR_RETURN(KeyTuple key, Evaluated(declaration, partition, *written));
    resolved.tuples.push_back(DeclaredText(declaration, *written, key));
    *edge = EdgeOf(*written, std::move(key));
  }
  resolved.bound = std::move(range);
  return resolved;
}

Result<Resolved> ResolveDeclaredList(const Declaration& declaration, const PartitionDefinition& partition) {
  Resolved resolved;
  ListBound list;
  for (const BoundTuple& written : partition.bound.values) {
    WEIR_ASSIGN_OR_RETURN(KeyTuple key, Evaluated(declaration, partition, written));
    resolved.tuples.push_back(DeclaredText(declaration, written, key));
    resolved.takes_rest = resolved.takes_rest || IsAny(written);
    resolved.keys.push_back(key);
    if (!IsAny(written)) list.values.push_back(std::move(key));
  }
  resolved.bound = std::move(list);
  return resolved;
}

Status CheckRange(const PartitionDefinition& partition, const Resolved& resolved) {
  const auto& range = std::get<RangeBound>(resolved.bound);
  const auto order = CompareEdges(range.from, range.to);
  if (order < 0) return Status::OK();
  return Refuse("42P16", partition,
                fmt::format("empty range: lower bound {} is {} upper bound {}", resolved.tuples[0],
                            order == 0 ? "equal to" : "greater than", resolved.tuples[1]));
}

/// Names, empty ranges, overlaps and values that are listed twice, in the order of declaration.
Status CheckTogether(const std::vector<PartitionDefinition>& partitions, const std::vector<Resolved>& resolved) {
  BoundIndex ranges;
  std::set<std::string> names;
  std::unordered_set<KeyTuple, KeyTupleHash, KeyTupleEqual> listed;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const PartitionDefinition& partition = partitions[i];
    if (partition.name.empty()) return Error("42601", "PARTITION name must be non-empty");
    if (!names.insert(partition.name).second) {
      return Refuse("42P16", partition, "name must be unique (used twice in index \"primary\")");
    }
    if (std::holds_alternative<RangeBound>(resolved[i].bound)) {
      WEIR_RETURN_NOT_OK(CheckRange(partition, resolved[i]));
      if (const auto overlap = ranges.FindOverlap(resolved[i].bound)) {
        return Error("42P16", fmt::format("partitions {} and {} overlap",
                                          partitions[static_cast<size_t>(overlap->child)].name, partition.name),
                     {.position = partition.position});
      }
      ranges.Add(static_cast<int64_t>(i), resolved[i].bound);
      continue;
    }
    for (size_t j = 0; j < resolved[i].keys.size(); ++j) {
      if (listed.insert(resolved[i].keys[j]).second) continue;
      return Error("42P16", fmt::format("{} cannot be present in more than one partition", resolved[i].tuples[j]),
                   {.position = partition.position});
    }
  }
  return Status::OK();
}

/// A leaf's own name is nobody's business: one that is free, and that a Fluss table may have.
Result<std::string> LeafName(const Relation& root, const std::string& partition, CatalogDraft* draft,
                             std::set<std::string>* taken) {
  std::string name = fmt::format("{}_1_prt_{}", root.path.table, partition);
  if (!sql::CheckName({root.path.database, name}).ok()) {
    name = fmt::format("{}_1_prt_p{}", root.path.table, taken->size() + 1);
  }
  for (;; name += "_") {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr other, draft->Find({root.path.database, name}));
    if (!other && taken->insert(name).second) return name;
  }
}

Relation LeafRelation(const Relation& root, const std::string& name, PartitionBound bound, DeclaredPartition declared) {
  Relation leaf = PartitionOf(root, name, std::move(bound));
  // It is no relation of its own to KWDB: its columns are the root's, with their numbers and comments.
  for (size_t i = 0; i < root.columns.size(); ++i) {
    leaf.columns[i].number = root.columns[i].number;
    leaf.columns[i].comment = root.columns[i].comment;
  }
  leaf.dropped_number = root.dropped_number;
  leaf.declared = std::move(declared);
  return leaf;
}

std::string DeclaredStrategy(const PartitionBy& by) {
  std::string word = by.strategy;
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return word;
}

Result<std::vector<Resolved>> ResolveAll(const Declaration& declaration,
                                         const std::vector<PartitionDefinition>& partitions) {
  std::vector<Resolved> resolved;
  for (const PartitionDefinition& partition : partitions) {
    if (partition.sub) {
      return Error("0A000", "nested partitioning is not supported", {.position = partition.position});
    }
    auto one = declaration.range() ? ResolveDeclaredRange(declaration, partition)
                                   : ResolveDeclaredList(declaration, partition);
    if (!one.ok()) return one.status();
    resolved.push_back(std::move(*one));
  }
  return resolved;
}

}  // namespace

Result<std::vector<Relation>> DeclarePartitions(const InlinePartitions& inlined, const DdlContext& context,
                                                CatalogDraft* draft, Relation* root) {
  WEIR_RETURN_NOT_OK(CheckColumns(*root, inlined.by));
  WEIR_RETURN_NOT_OK(DefinePartitionKey(inlined.by, true, context, root));
  root->declared_by = DeclaredStrategy(inlined.by);
  if (root->declared_by == "RANGE") WEIR_RETURN_NOT_OK(CheckIsAscending(*root, inlined.by));
  const auto& partitions = inlined.partitions;
  WEIR_ASSIGN_OR_RETURN(std::vector<Resolved> resolved, ResolveAll({*root, root->declared_by, context}, partitions));
  WEIR_RETURN_NOT_OK(CheckTogether(partitions, resolved));
  std::vector<Relation> leaves;
  std::set<std::string> taken;
  bool has_rest = false;
  for (size_t i = 0; i < partitions.size(); ++i) {
    has_rest = has_rest || resolved[i].takes_rest;
    const bool range = root->declared_by == "RANGE";
    DeclaredPartition declared{partitions[i].name, range ? resolved[i].tuples[0] + " TO " + resolved[i].tuples[1]
                                                         : resolved[i].values()};
    // What the partition of the rest lists besides needs no saying: no other one takes it.
    const bool rest = resolved[i].takes_rest;
    WEIR_ASSIGN_OR_RETURN(const std::string name, LeafName(*root, partitions[i].name, draft, &taken));
    PartitionBound bound = rest ? PartitionBound(DefaultBound{}) : std::move(resolved[i].bound);
    leaves.push_back(LeafRelation(*root, name, std::move(bound), std::move(declared)));
  }
  if (!has_rest) {
    WEIR_ASSIGN_OR_RETURN(const std::string name, LeafName(*root, "default", draft, &taken));
    leaves.push_back(LeafRelation(*root, name, DefaultBound{}, {}));
  }
  return leaves;
}

}  // namespace weir::sql
