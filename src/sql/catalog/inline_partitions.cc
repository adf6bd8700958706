#include "sql/catalog/inline_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <span>
#include <set>
#include <unordered_set>

#include "model/table_rules.h"
#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/key_order.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/sql_types.h"
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

/// Partition columns are the first ones of the index's key, in its order.
Status CheckColumns(const PartitionBy& by, std::vector<std::string> key) {
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

/// The statement's PARTITION BY over an index of a table: `root` has the key of the partitions.
struct Declaration {
  const Relation& root;
  std::string index;     // "primary"
  KeyOrder order;
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

bool IsBits(std::string_view family) { return family == "bit" || family == "varbit"; }
bool IsMoment(std::string_view family) { return family == "date" || family == "timestamp" || family == "timestamptz"; }

/// Whether KWDB takes a value of one kind for a column of the other.
bool Fits(const std::string& value, const std::string& column) {
  if (value == column || value == "unknown") return true;
  if (value == "int") return column == "decimal" || column == "float";
  if (value == "decimal") return column == "float";
  return (IsMoment(value) && IsMoment(column)) || (IsBits(value) && IsBits(column));
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
  ErrorFields fields = FieldsOf(KwdbReadError(failure, declaration.type(i)));
  fields.message = fmt::format("PARTITION {}: {}", partition.name, fields.message);
  return Error(std::move(fields));
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

/// A partition's bound in the order of the index, in which a tuple of a list is what stands before its first DEFAULT.
struct Resolved {
  PartitionBound bound;
  bool takes_rest = false;          // it also takes what no other partition does
  std::vector<std::string> tuples;  // as KWDB shows them; of a range its two edges

  bool range() const { return std::holds_alternative<RangeBound>(bound); }
  std::string values() const { return fmt::format("{}", fmt::join(tuples, range() ? " TO " : ", ")); }
};

std::vector<RangeEdge> EdgeOf(const BoundTuple& written, KeyTuple key) {
  std::vector<RangeEdge> edge;
  for (size_t i = 0; i < written.size(); ++i) {
    if (i < key.size()) {
      edge.push_back({RangeEdge::Kind::kValue, std::move(key[i])});
    } else {
      const bool above = written[i].kind == ValueKind::kMaxValue;
      edge.push_back({above ? RangeEdge::Kind::kMaxValue : RangeEdge::Kind::kMinValue, {}});
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
    list.values.push_back(std::move(key));
  }
  resolved.bound = std::move(list);
  return resolved;
}

Status EmptyRange(const PartitionDefinition& partition, const Resolved& resolved, bool equal) {
  return Refuse("42P16", partition,
                fmt::format("empty range: lower bound {} is {} upper bound {}", resolved.tuples[0],
                            equal ? "equal to" : "greater than", resolved.tuples[1]));
}

/// What partitions have taken of an index so far.
class Taken {
 public:
  explicit Taken(const KeyOrder& order) : ranges_(EdgeLess{order}) {}

  /// 42P16 for a partition that takes something again. `all`: it and those before it.
  Status Add(std::span<const PartitionDefinition> all, const Resolved& resolved) {
    if (const auto* range = std::get_if<RangeBound>(&resolved.bound)) return AddRange(all, *range);
    const auto& list = std::get<ListBound>(resolved.bound);
    for (size_t i = 0; i < list.values.size(); ++i) {
      if (listed_.insert(list.values[i]).second) continue;
      return Error("42P16", fmt::format("{} cannot be present in more than one partition", resolved.tuples[i]),
                   {.position = all.back().position});
    }
    return Status::OK();
  }

 private:
  using Edge = std::vector<RangeEdge>;
  struct EdgeLess {
    KeyOrder order;
    bool operator()(const Edge& a, const Edge& b) const { return order.Compare(a, b) < 0; }
  };
  struct End {
    Edge to;
    size_t partition;
  };

  Status AddRange(std::span<const PartitionDefinition> all, const RangeBound& range) {
    const EdgeLess less = ranges_.key_comp();
    auto next = ranges_.lower_bound(range.from);
    const End* overlap = next != ranges_.end() && less(next->first, range.to) ? &next->second : nullptr;
    if (next != ranges_.begin()) {
      const End& before = std::prev(next)->second;
      if (less(range.from, before.to)) overlap = &before;
    }
    if (overlap != nullptr) {
      return Error("42P16", fmt::format("partitions {} and {} overlap", all[overlap->partition].name, all.back().name),
                   {.position = all.back().position});
    }
    ranges_.emplace(range.from, End{range.to, all.size() - 1});
    return Status::OK();
  }

  std::map<Edge, End, EdgeLess> ranges_;
  std::unordered_set<KeyTuple, KeyTupleHash, KeyTupleEqual> listed_;
};

/// Names, empty ranges, overlaps and values that are listed twice, in the order of declaration.
Status CheckTogether(const Declaration& declaration, const std::vector<PartitionDefinition>& partitions,
                     const std::vector<Resolved>& resolved) {
  Taken taken(declaration.order);
  std::set<std::string> names;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const PartitionDefinition& partition = partitions[i];
    if (partition.name.empty()) return Error("42601", "PARTITION name must be non-empty");
    if (!names.insert(partition.name).second) {
      return Refuse("42P16", partition,
                    fmt::format("name must be unique (used twice in index \"{}\")", declaration.index));
    }
    if (const auto* range = std::get_if<RangeBound>(&resolved[i].bound)) {
      const auto order = declaration.order.Compare(range->from, range->to);
      if (order >= 0) return EmptyRange(partition, resolved[i], order == 0);
    }
    WEIR_RETURN_NOT_OK(taken.Add(std::span(partitions).first(i + 1), resolved[i]));
  }
  return Status::OK();
}

/// Whether the edges are the same place by another name: behind all keys that begin with a whole number is where those
/// are that begin with the next one.
bool MeetBetweenNumbers(const RangeBound& range) {
  using Kind = RangeEdge::Kind;
  for (size_t i = 0; i < range.from.size() && i < range.to.size(); ++i) {
    const auto* low = std::get_if<int64_t>(&range.from[i].value);
    const auto* high = std::get_if<int64_t>(&range.to[i].value);
    const bool values = range.from[i].kind == Kind::kValue && range.to[i].kind == Kind::kValue;
    if (!values || (low == nullptr) != (high == nullptr)) return false;
    if (Compare(range.from[i].value, range.to[i].value) == 0) continue;
    if (low == nullptr || *low == INT64_MAX || *low + 1 != *high || i + 1 == range.from.size()) return false;
    const auto is = [](Kind kind) { return [kind](const RangeEdge& edge) { return edge.kind == kind; }; };
    return std::ranges::all_of(std::span(range.from).subspan(i + 1), is(Kind::kMaxValue)) &&
           std::ranges::all_of(std::span(range.to).subspan(i + 1), is(Kind::kMinValue));
  }
  return false;
}

/// The bound of the leaf that holds a partition of the primary key, in which there are no NULLs.
Result<PartitionBound> LeafBound(const Declaration& declaration, const PartitionDefinition& partition,
                                 const Resolved& resolved) {
  // What the partition of the rest lists besides needs no saying: no other one takes it.
  if (resolved.takes_rest) return PartitionBound(DefaultBound{});
  const auto* range = std::get_if<RangeBound>(&resolved.bound);
  if (range == nullptr) return resolved.bound;
  std::optional<RangeBound> ascending = declaration.order.Ascending(*range, declaration.columns());
  if (!ascending) {
    return Error("0A000", "RANGE partitions of ascending and descending key columns together are not supported",
                 {.position = partition.position});
  }
  const auto order = CompareEdges(ascending->from, ascending->to);
  if (order >= 0) return EmptyRange(partition, resolved, order == 0);
  if (MeetBetweenNumbers(*ascending)) return EmptyRange(partition, resolved, true);
  return PartitionBound(std::move(*ascending));
}

/// A leaf's own name is nobody's business: one that is free, and that a Fluss table may have.
Result<std::string> LeafName(const Relation& root, const std::string& partition, CatalogDraft* draft,
                             std::set<std::string>* taken) {
  std::string name = fmt::format("{}_1_prt_{}", root.path.table, partition);
  if (!ValidateTableName(name).ok()) {
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
  WEIR_RETURN_NOT_OK(CheckTogether(declaration, partitions, resolved));
  return resolved;
}

}  // namespace

Result<std::vector<Relation>> DeclarePartitions(const InlinePartitions& inlined, const DdlContext& context,
                                                CatalogDraft* draft, Relation* root) {
  // A table without a key has the hidden one `rowid`, which cannot be named.
  std::vector<std::string> key = KwdbKeyColumns(*root);
  if (key.empty()) key.emplace_back("rowid");
  WEIR_RETURN_NOT_OK(CheckColumns(inlined.by, std::move(key)));
  WEIR_RETURN_NOT_OK(DefinePartitionKey(inlined.by, true, context, root));
  root->declared_by = DeclaredStrategy(inlined.by);
  const Declaration declaration{*root, "primary", PrimaryKeyOrder(*root), root->declared_by, context};
  const auto& partitions = inlined.partitions;
  WEIR_ASSIGN_OR_RETURN(const std::vector<Resolved> resolved, ResolveAll(declaration, partitions));
  std::vector<Relation> leaves;
  std::set<std::string> taken;
  bool has_rest = false;
  for (size_t i = 0; i < partitions.size(); ++i) {
    has_rest = has_rest || resolved[i].takes_rest;
    WEIR_ASSIGN_OR_RETURN(const std::string name, LeafName(*root, partitions[i].name, draft, &taken));
    WEIR_ASSIGN_OR_RETURN(PartitionBound bound, LeafBound(declaration, partitions[i], resolved[i]));
    leaves.push_back(LeafRelation(*root, name, std::move(bound), {partitions[i].name, resolved[i].values()}));
  }
  if (!has_rest) {
    WEIR_ASSIGN_OR_RETURN(const std::string name, LeafName(*root, "default", draft, &taken));
    leaves.push_back(LeafRelation(*root, name, DefaultBound{}, {}));
  }
  return leaves;
}

Result<SqlIndex::Partitioning> DeclareIndexPartitions(const InlinePartitions& inlined, const DdlContext& context,
                                                      const Relation& table, const Relation& index) {
  WEIR_RETURN_NOT_OK(CheckColumns(inlined.by, KeyColumnsOf(*index.index, table)));
  Relation keyed = table;
  WEIR_RETURN_NOT_OK(DefinePartitionKey(inlined.by, true, context, &keyed));
  const Declaration declaration{keyed, index.path.table, IndexKeyOrder(*index.index), DeclaredStrategy(inlined.by),
                                context};
  WEIR_ASSIGN_OR_RETURN(std::vector<Resolved> resolved, ResolveAll(declaration, inlined.partitions));
  SqlIndex::Partitioning declared{.strategy = declaration.strategy, .columns = declaration.columns(), .partitions = {}};
  for (size_t i = 0; i < resolved.size(); ++i) {
    std::string values = resolved[i].values();
    declared.partitions.push_back({inlined.partitions[i].name, std::move(values), std::move(resolved[i].bound)});
  }
  return declared;
}

Relation KeyedByIndex(const Relation& table, const SqlIndex& index) {
  Relation keyed = table;
  keyed.partition_key.emplace();
  if (!index.declared) return keyed;
  for (size_t i = 0; i < index.declared->columns; ++i) {
    SqlPartitionKeyPart& part = keyed.partition_key->parts.emplace_back();
    part.column = table.ColumnNumbered(index.columns[i]);
    const SqlColumn& column = table.columns[static_cast<size_t>(part.column)];
    part.type = column.data_type;
    const auto type = ResolveType(column.type);
    if (type.ok() && type->compared_by_value) part.value_type = postgres::BaseTypeOf({type->oid}).oid;
  }
  return keyed;
}

}  // namespace weir::sql
