#include "sql/catalog/partition_bounds.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <set>

#include "sql/catalog/bound_text.h"
#include "postgres/value/ordered_text.h"
#include "sql/error.h"

namespace weir::sql {

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

namespace {

constexpr const char* kInvalidDefinition = "42P17";

int PositionOf(const BoundValue& value, const BoundClause& clause) {
  return value.expression.position > 0 ? value.expression.position : clause.position;
}

std::optional<int64_t> InRange(std::optional<int64_t> value, int64_t least, int64_t greatest) {
  return value && *value >= least && *value <= greatest ? value : std::nullopt;
}

/// Literals that need no engine to be understood: what most partitions of most trees are made with.
std::optional<KeyValue> PlainLiteral(const DataType& type, std::string_view text) {
  using Limit32 = std::numeric_limits<int32_t>;
  using Limit16 = std::numeric_limits<int16_t>;
  std::optional<int64_t> number;
  switch (type.id()) {
    case TypeId::kSmallInt:
      number = InRange(WholeNumber(text), Limit16::min(), Limit16::max());
      break;
    case TypeId::kInt:
      number = InRange(WholeNumber(text), Limit32::min(), Limit32::max());
      break;
    case TypeId::kBigInt:
      number = WholeNumber(text);
      break;
    case TypeId::kString: {
      const bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
      if (!quoted || text.substr(1, text.size() - 2).find_first_of("'\\") != std::string_view::npos)
        return std::nullopt;
      return std::string(text.substr(1, text.size() - 2));
    }
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow:
      return std::nullopt;
  }
  return number ? std::optional<KeyValue>(*number) : std::nullopt;
}

/// char(n) compares without the blanks at its end.
KeyValue Normalized(const DataType& type, KeyValue value) {
  if (type.id() != TypeId::kChar || IsNull(value)) return value;
  auto& text = std::get<std::string>(value);
  const size_t end = text.find_last_not_of(' ');
  text.resize(end == std::string::npos ? 0 : end + 1);
  return value;
}

/// BoundValues of a bound, evaluated together.
class BoundValues {
 public:
  BoundValues(const Relation& parent, const BoundClause& clause, const Evaluator& evaluate)
      : parent_(parent), clause_(clause), evaluate_(evaluate) {}

  Result<KeyValue> Evaluate(const BoundValue& value, size_t part) const {
    const SqlPartitionKeyPart& key = parent_.partition_key->parts[part];
    const bool text_of_own = KeyPartType(parent_, part) != "text" && key.type.id() == TypeId::kString;
    if (!text_of_own) {
      if (auto plain = PlainLiteral(key.type, value.expression.text)) return std::move(*plain);
    }
    const std::string type = KeyPartType(parent_, part);
    const int position = PositionOf(value, clause_);
    auto evaluated = evaluate_({{value.expression.text, type, position}});
    if (!evaluated.ok()) return Reworded(evaluated.status(), part, type, position);
    if (evaluated->size() != 1) return Error("XX000", "a bound's value was not evaluated");
    return postgres::InOrder(key.value_type, Normalized(key.type, std::move(evaluated->front())));
  }

 private:
  Status Reworded(const Status& status, size_t part, const std::string& type, int position) const {
    const std::string state = FieldsOf(status).sqlstate;
    const bool no_cast = state == "42804" || state == "42846";
    if (!no_cast) return status;
    return Error("42804",
                 fmt::format("specified value cannot be cast to type {} for column \"{}\"", type, NameOf(part)),
                 {.position = position});
  }
  std::string NameOf(size_t part) const {
    const SqlPartitionKeyPart& key = parent_.partition_key->parts[part];
    if (key.shard) return KeyPartText(parent_, part);
    return key.column >= 0 ? parent_.columns[static_cast<size_t>(key.column)].name : key.expression;
  }

  const Relation& parent_;
  const BoundClause& clause_;
  const Evaluator& evaluate_;
};

Status CheckHash(const BoundClause& clause) {
  constexpr int64_t kGreatest = std::numeric_limits<int32_t>::max();
  if (!clause.modulus) {
    return Error("42601", "modulus for hash partition must be specified", {.position = clause.position});
  }
  if (!clause.remainder) {
    return Error("42601", "remainder for hash partition must be specified", {.position = clause.position});
  }
  if (*clause.modulus <= 0 || *clause.modulus > kGreatest) {
    return Error("42P16", "modulus for hash partition must be an integer value greater than zero");
  }
  if (*clause.remainder < 0) {
    return Error("42P16", "remainder for hash partition must be an integer value greater than or equal to zero");
  }
  if (*clause.remainder >= *clause.modulus) {
    return Error("42P16", "remainder for hash partition must be less than modulus");
  }
  return Status::OK();
}

Status CheckAfterInfinite(const std::vector<RangeEdge>& edge, const BoundTuple& written, const BoundClause& clause) {
  for (size_t i = 1; i < edge.size(); ++i) {
    const auto before = edge[i - 1].kind;
    if (before == RangeEdge::Kind::kValue || edge[i].kind == before) continue;
    const char* word = before == RangeEdge::Kind::kMinValue ? "MINVALUE" : "MAXVALUE";
    return Error("42804", fmt::format("every bound following {0} must also be {0}", word),
                 {.position = PositionOf(written[i], clause)});
  }
  return Status::OK();
}

Result<std::vector<RangeEdge>> ResolveEdge(const BoundTuple& tuple, const BoundValues& values,
                                           const BoundClause& clause) {
  std::vector<RangeEdge> edge;
  for (size_t i = 0; i < tuple.size(); ++i) {
    switch (tuple[i].kind) {
      case BoundValue::Kind::kMinValue:
        edge.push_back({RangeEdge::Kind::kMinValue, {}});
        break;
      case BoundValue::Kind::kMaxValue:
        edge.push_back({RangeEdge::Kind::kMaxValue, {}});
        break;
      case BoundValue::Kind::kExpression:
      case BoundValue::Kind::kAnyValue: {
        WEIR_ASSIGN_OR_RETURN(KeyValue value, values.Evaluate(tuple[i], i));
        if (IsNull(value)) {
          return Error(kInvalidDefinition, "cannot specify NULL in range bound",
                       {.position = PositionOf(tuple[i], clause)});
        }
        edge.push_back({RangeEdge::Kind::kValue, std::move(value)});
      }
    }
  }
  WEIR_RETURN_NOT_OK(CheckAfterInfinite(edge, tuple, clause));
  return edge;
}

Result<PartitionBound> ResolveRange(const Relation& parent, const BoundClause& clause, const BoundValues& values) {
  const size_t columns = parent.partition_key->parts.size();
  const auto wrong_count = [&](const char* word) {
    return Error("42P16", fmt::format("{} must specify exactly one value per partitioning column", word),
                 {.position = clause.position});
  };
  if (clause.from.size() != columns) return wrong_count("FROM");
  if (clause.to.size() != columns) return wrong_count("TO");
  RangeBound range;
  WEIR_ASSIGN_OR_RETURN(range.from, ResolveEdge(clause.from, values, clause));
  WEIR_ASSIGN_OR_RETURN(range.to, ResolveEdge(clause.to, values, clause));
  return PartitionBound(std::move(range));
}

Result<PartitionBound> ResolveList(const BoundClause& clause, const BoundValues& values) {
  struct Less {
    bool operator()(const KeyTuple& a, const KeyTuple& b) const { return Compare(std::span(a), std::span(b)) < 0; }
  };
  std::set<KeyTuple, Less> seen;
  ListBound list;
  for (const BoundTuple& tuple : clause.values) {
    KeyTuple key;
    for (size_t i = 0; i < tuple.size(); ++i) {
      if (tuple[i].kind != BoundValue::Kind::kExpression) {
        return Error("0A000", "cannot use column reference in partition bound expression",
                     {.position = PositionOf(tuple[i], clause)});
      }
      WEIR_ASSIGN_OR_RETURN(KeyValue value, values.Evaluate(tuple[i], i));
      key.push_back(std::move(value));
    }
    if (seen.insert(key).second) list.values.push_back(std::move(key));
  }
  return PartitionBound(std::move(list));
}

BoundClause::Kind KindOf(PartitionStrategy strategy) {
  switch (strategy) {
    case PartitionStrategy::kRange:
      return BoundClause::Kind::kRange;
    case PartitionStrategy::kList:
      return BoundClause::Kind::kList;
    case PartitionStrategy::kHash: break;
  }
  return BoundClause::Kind::kHash;
}

const char* StrategyWord(PartitionStrategy strategy) {
  switch (strategy) {
    case PartitionStrategy::kRange:
      return "range";
    case PartitionStrategy::kList:
      return "list";
    case PartitionStrategy::kHash: break;
  }
  return "hash";
}

using NameOfPartition = std::function<std::string(int64_t)>;

Status CheckModulus(const BoundIndex& siblings, const HashBound& bound, const NameOfPartition& name_of,
                    const BoundIndex::Without& gone) {
  constexpr const char* kMessage = "every hash partition modulus must be a factor of the next larger modulus";
  const auto before = siblings.Before(bound, gone);
  if (before && bound.modulus % before->bound.modulus != 0) {
    return Error(kInvalidDefinition, kMessage,
                 {.detail = fmt::format("The new modulus {} is not divisible by {}, the modulus of existing partition "
                                        "\"{}\".",
                                        bound.modulus, before->bound.modulus, name_of(before->child))});
  }
  const auto after = siblings.After(bound, gone);
  if (after && after->bound.modulus % bound.modulus != 0) {
    return Error(kInvalidDefinition, kMessage,
                 {.detail = fmt::format("The new modulus {} is not a factor of {}, the modulus of existing partition "
                                        "\"{}\".",
                                        bound.modulus, after->bound.modulus, name_of(after->child))});
  }
  return Status::OK();
}

/// "(1, 2)" of a range's edge, out of "FOR VALUES FROM (1, 2) TO (3, 4)".
std::string EdgeOf(const Relation& parent, const std::vector<RangeEdge>& edge) {
  const std::string text = BoundText(parent, RangeBound{edge, {}});
  const size_t begin = text.find('(');
  return text.substr(begin, text.rfind(" TO ") - begin);
}

Status CheckNotEmpty(const Relation& parent, const std::string& name, const RangeBound& range,
                     const BoundClause& clause) {
  if (CompareEdges(range.from, range.to) < 0) return Status::OK();
  return Error(kInvalidDefinition, fmt::format("empty range bound specified for partition \"{}\"", name),
               {.detail = fmt::format("Specified lower bound {} is greater than or equal to upper bound {}.",
                                      EdgeOf(parent, range.from), EdgeOf(parent, range.to)),
                .position = clause.from.empty() ? clause.position : PositionOf(clause.from[0], clause)});
}

/// Where the value stands that an overlap is about.
int OverlapPosition(const BoundClause& clause, size_t value) {
  if (clause.kind == BoundClause::Kind::kList && value < clause.values.size() && !clause.values[value].empty()) {
    return PositionOf(clause.values[value][0], clause);
  }
  const BoundTuple& edge = value == 0 ? clause.from : clause.to;
  return edge.empty() ? clause.position : PositionOf(edge[0], clause);
}

}  // namespace

Result<KeyValue> EvaluateKeyValue(const Relation& parent, size_t part, const Expression& expression,
                                  const Evaluator& evaluate) {
  const BoundClause clause{.position = expression.position};
  return BoundValues(parent, clause, evaluate).Evaluate(BoundValue{.expression = expression}, part);
}

Status CheckPartitionCount(const Relation& parent, size_t partitions) {
  constexpr size_t kMost = 32767;
  if (partitions <= kMost) return Status::OK();
  return Error("54000", fmt::format("\"{}\" cannot have more than {} partitions", parent.path.table, kMost),
               {.hint = "Divide them into sub-partitions."});
}

namespace {

Result<PartitionBound> ResolveHash(const BoundClause& clause) {
  WEIR_RETURN_NOT_OK(CheckHash(clause));
  return PartitionBound(HashBound{static_cast<int32_t>(*clause.modulus), static_cast<int32_t>(*clause.remainder)});
}

}  // namespace

Result<PartitionBound> ResolveBound(const Relation& parent, const BoundClause& clause,
                                    const Evaluator& evaluate) {
  const PartitionStrategy strategy = parent.partition_key->strategy;
  if (clause.kind == BoundClause::Kind::kDefault) {
    if (strategy != PartitionStrategy::kHash) return PartitionBound(DefaultBound{});
    return Error("42P16", "a hash-partitioned table may not have a default partition");
  }
  if (clause.kind != KindOf(strategy)) {
    return Error("42P16", fmt::format("invalid bound specification for a {} partition", StrategyWord(strategy)),
                 {.position = clause.position});
  }
  const BoundValues values(parent, clause, evaluate);
  switch (clause.kind) {
    case BoundClause::Kind::kRange:
      return ResolveRange(parent, clause, values);
    case BoundClause::Kind::kList:
      return ResolveList(clause, values);
    case BoundClause::Kind::kHash: return ResolveHash(clause);
    case BoundClause::Kind::kDefault: break;  // answered above
  }
  return PartitionBound(DefaultBound{});
}

Status CheckNewBound(const Relation& parent, const BoundIndex& siblings, const std::string& name,
                     const PartitionBound& bound, const BoundClause& clause, const NameOfPartition& name_of,
                     const BoundIndex::Without& gone) {
  if (const auto* hash = std::get_if<HashBound>(&bound)) {
    WEIR_RETURN_NOT_OK(CheckModulus(siblings, *hash, name_of, gone));
  }
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    WEIR_RETURN_NOT_OK(CheckNotEmpty(parent, name, *range, clause));
  }
  const auto overlap = siblings.FindOverlap(bound, gone);
  if (!overlap) return Status::OK();
  if (IsDefault(bound)) {
    return Error(kInvalidDefinition,
                 fmt::format("partition \"{}\" conflicts with existing default partition \"{}\"", name,
                             name_of(overlap->child)),
                 {.position = clause.position});
  }
  return Error(kInvalidDefinition,
               fmt::format("partition \"{}\" would overlap partition \"{}\"", name, name_of(overlap->child)),
               {.position = OverlapPosition(clause, overlap->value)});
}

}  // namespace weir::sql
