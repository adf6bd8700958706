#include "sql/catalog/classic_level.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "model/bound_index.h"
#include "postgres/value/character.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/range_steps.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kLongestName = 63;
/// What fits behind "_1_prt_".
constexpr size_t kLongestClassicName = 56;

/// A range whose ends may be left for its neighbours to say.
struct RangePiece {
  ClassicPiece piece;
  std::optional<RangeEdge> from;
  std::optional<RangeEdge> to;
};

RangeEdge ValueEdge(KeyValue value) { return {RangeEdge::Kind::kValue, std::move(value)}; }
RangeEdge LowestEdge() { return {RangeEdge::Kind::kMinValue, {}}; }
RangeEdge HighestEdge() { return {RangeEdge::Kind::kMaxValue, {}}; }

bool IsBelow(const RangeEdge& a, const RangeEdge& b) { return CompareEdges(std::span(&a, 1), std::span(&b, 1)) < 0; }

Result<KeyValue> ValueOfEdge(const Relation& parent, const Expression& expression, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(KeyValue value, EvaluateKeyValue(parent, 0, expression, context.evaluate));
  if (!IsNull(value)) return value;
  return Error("42P16", "cannot use NULL with range partition specification", {.position = expression.position});
}

/// What a partition that starts where nobody says it starts with: the end of the last one that is there before it.
RangeEdge StartBeside(const std::vector<PartitionBound>& beside, const RangeEdge& end) {
  const RangeBound* last = nullptr;
  for (const PartitionBound& bound : beside) {
    const auto* range = std::get_if<RangeBound>(&bound);
    if (range == nullptr || !IsBelow(range->from[0], end)) continue;
    if (last == nullptr || IsBelow(last->from[0], range->from[0])) last = range;
  }
  // One that reaches further is in the way, which is told by who puts them side by side.
  return last != nullptr && IsBelow(last->to[0], end) ? last->to[0] : LowestEdge();
}

/// And its end: the start of the first one that is there behind it.
RangeEdge EndBeside(const std::vector<PartitionBound>& beside, const RangeEdge& start) {
  RangeEdge end = HighestEdge();
  for (const PartitionBound& bound : beside) {
    const auto* range = std::get_if<RangeBound>(&bound);
    if (range != nullptr && IsBelow(start, range->from[0]) && IsBelow(range->from[0], end)) end = range->from[0];
  }
  return end;
}

/// The partitions of one level, counted from 1.
class ClassicPieces {
 public:
  ClassicPieces(const ClassicLevelPlace& place, const DdlContext& context) : place_(place), context_(context) {}

  Result<std::vector<ClassicPiece>> Expand(const std::vector<ClassicPartition>& written) {
    // A default partition is counted first, wherever it stands.
    for (const ClassicPartition& partition : written) {
      if (!partition.is_default) continue;
      if (!pieces_.empty()) {
        return Error("42P16", "multiple default partitions are not allowed", {.position = partition.position});
      }
      WEIR_ASSIGN_OR_RETURN(std::string name, Named(partition, 0));
      pieces_.push_back({std::move(name), DefaultBound{}, &partition});
    }
    for (const ClassicPartition& partition : written) {
      if (partition.is_default) continue;
      WEIR_RETURN_NOT_OK(CheckKind(partition));
      WEIR_RETURN_NOT_OK(is_range() ? AddRange(partition) : AddList(partition));
    }
    WEIR_RETURN_NOT_OK(CloseGaps());
    WEIR_RETURN_NOT_OK(CheckTogether());
    return std::move(pieces_);
  }

 private:
  const Relation& parent() const { return place_.parent; }
  bool is_range() const { return parent().partition_key->strategy == PartitionStrategy::kRange; }
  const char* word() const { return is_range() ? "RANGE" : "LIST"; }

  Status CheckKind(const ClassicPartition& partition) const {
    using Bound = ClassicPartition::Bound;
    if (partition.bound == Bound::kNone) {
      return Error("42P16", fmt::format("missing boundary specification in partition \"{}\" of type {}",
                                              partition.name, word()),
                   {.position = partition.position});
    }
    if (partition.bound == (is_range() ? Bound::kRange : Bound::kList)) return Status::OK();
    return Error("42P16", fmt::format("invalid boundary specification for {} partition", word()),
                 {.position = partition.position});
  }

  /// Counts a partition and gives its name: its own, `number` behind it where EVERY makes several, or the count.
  Result<std::string> Named(const ClassicPartition& partition, size_t number) {
    const size_t others = place_.beside == nullptr ? 0 : place_.beside->size();
    WEIR_RETURN_NOT_OK(CheckPartitionCount(parent(), others + ++count_));
    if (partition.name.empty()) {
      const IsNameTaken taken = [this](const std::string& name) -> Result<bool> {
        if (names_.contains(name)) return true;
        return place_.is_taken ? place_.is_taken(name) : Result<bool>(false);
      };
      WEIR_ASSIGN_OR_RETURN(std::string free, FreeClassicNumber(parent().path.table, place_.level, count_, taken));
      names_.insert(ClassicName(parent().path.table, place_.level, free));
      return free;
    }
    std::string name = number == 0 ? partition.name : fmt::format("{}_{}", partition.name, number);
    WEIR_RETURN_NOT_OK(CheckClassicName(name));
    return name;
  }

  Status AddList(const ClassicPartition& partition) {
    const BoundClause clause = ClassicListClause(partition.values, partition.position);
    WEIR_ASSIGN_OR_RETURN(PartitionBound bound, ResolveBound(parent(), clause, context_.evaluate));
    WEIR_ASSIGN_OR_RETURN(std::string name, Named(partition, 0));
    pieces_.push_back({std::move(name), std::move(bound), &partition});
    return Status::OK();
  }

  Status AddRange(const ClassicPartition& partition) {
    if (partition.every && (!partition.start || !partition.end)) {
      return Error("42P16", "EVERY clause requires START and END", {.position = partition.position});
    }
    WEIR_ASSIGN_OR_RETURN(auto from, ClassicStart(parent(), partition, context_));
    WEIR_ASSIGN_OR_RETURN(auto to, ClassicEnd(parent(), partition, context_));
    if (partition.every && IsBelow(*from, *to)) return AddSteps(partition, std::move(*from), *to);
    return AddPiece(partition, partition.every ? 1 : 0, std::move(from), std::move(to));
  }

  Status AddSteps(const ClassicPartition& partition, RangeEdge from, const RangeEdge& to) {
    constexpr const char* kOverflow = "END parameter not reached before type overflows";
    const int position = partition.every->position;
    WEIR_ASSIGN_OR_RETURN(const RangeStep step, RangeStep::Make(parent(), *partition.every, context_));
    for (size_t number = 1; IsBelow(from, to); ++number) {
      WEIR_ASSIGN_OR_RETURN(std::optional<KeyValue> next, step.AddTo(from.value));
      if (!next) return Error("42P16", kOverflow, {.position = position});
      RangeEdge end = ValueEdge(std::move(*next));
      if (!IsBelow(from, end)) {  // later than at the first step it has gone round
        return Error("42P16", number == 1 ? "EVERY parameter too small" : kOverflow, {.position = position});
      }
      if (IsBelow(to, end)) end = to;
      WEIR_RETURN_NOT_OK(AddPiece(partition, number, std::move(from), end));
      from = std::move(end);
    }
    return Status::OK();
  }

  Status AddPiece(const ClassicPartition& partition, size_t number, std::optional<RangeEdge> from,
                  std::optional<RangeEdge> to) {
    WEIR_ASSIGN_OR_RETURN(std::string name, Named(partition, number));
    ranges_.push_back({{std::move(name), {}, &partition}, std::move(from), std::move(to)});
    return Status::OK();
  }

  /// The ranges by where they stand, whatever end they write.
  std::vector<RangePiece*> InOrder() {
    std::vector<RangePiece*> order;
    for (RangePiece& range : ranges_) order.push_back(&range);
    const auto place = [](const RangePiece* range) -> const RangeEdge& {
      return range->from ? *range->from : *range->to;
    };
    std::stable_sort(order.begin(), order.end(), [&](const RangePiece* a, const RangePiece* b) {
      if (IsBelow(place(a), place(b)) || IsBelow(place(b), place(a))) return IsBelow(place(a), place(b));
      return !a->from && b->from;  // one ends where the other starts
    });
    return order;
  }

  /// An end that nobody has written is the neighbour's.
  Status CloseGaps() {
    const std::vector<RangePiece*> order = InOrder();
    const auto unclear = [](const RangePiece& range) {
      return Error("42P16", fmt::format("partition \"{}\" has no {}, and its neighbour says none either",
                                              range.piece.name, range.from ? "END" : "START"),
                   {.position = range.piece.written->position});
    };
    const std::vector<PartitionBound> none;
    const std::vector<PartitionBound>& beside = place_.beside == nullptr ? none : *place_.beside;
    for (size_t i = 0; i < order.size(); ++i) {
      RangePiece& range = *order[i];
      if (!range.from && i > 0 && !order[i - 1]->to) return unclear(range);
      if (!range.from) range.from = i == 0 ? StartBeside(beside, *range.to) : *order[i - 1]->to;
      if (range.to) continue;
      const bool last = i + 1 == order.size();
      if (!last && !order[i + 1]->from) return unclear(range);
      range.to = last ? EndBeside(beside, *range.from) : *order[i + 1]->from;
    }
    for (RangePiece& range : ranges_) {
      range.piece.bound = RangeBound{{std::move(*range.from)}, {std::move(*range.to)}};
      pieces_.push_back(std::move(range.piece));
    }
    return Status::OK();
  }

  Status CheckTogether() const {
    BoundIndex index;
    const auto name_of = [&](int64_t child) {
      return ClassicName(parent().path.table, place_.level, pieces_[static_cast<size_t>(child)].name);
    };
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const BoundClause clause{.position = pieces_[i].written->position};
      WEIR_RETURN_NOT_OK(
          CheckNewBound(parent(), index, name_of(static_cast<int64_t>(i)), pieces_[i].bound, clause, name_of));
      index.Add(static_cast<int64_t>(i), pieces_[i].bound);
    }
    return Status::OK();
  }

  const ClassicLevelPlace& place_;
  const DdlContext& context_;
  size_t count_ = 0;
  std::set<std::string> names_;  // of unnamed ones, as relations
  std::vector<ClassicPiece> pieces_;
  std::vector<RangePiece> ranges_;
};

}  // namespace

std::string ClassicName(const std::string& parent, size_t level, const std::string& name) {
  const std::string suffix = fmt::format("_{}_prt_{}", level, name);
  const size_t room = suffix.size() < kLongestName ? kLongestName - suffix.size() : 0;
  return std::string(postgres::Clipped(parent, room)) + suffix;
}

Status CheckClassicName(const std::string& name) {
  if (name.size() <= kLongestClassicName) return Status::OK();
  return Error("42P16", fmt::format("name \"{}\" for child partition is too long", name));
}

Result<std::string> FreeClassicNumber(const std::string& parent, size_t level, size_t number,
                                      const IsNameTaken& taken) {
  const std::string digits = std::to_string(number);
  std::string name = digits;
  for (size_t again = 1;; ++again) {
    WEIR_ASSIGN_OR_RETURN(const bool is_taken, taken(ClassicName(parent, level, name)));
    if (!is_taken) return name;
    name = digits + std::to_string(again);
  }
}

BoundClause ClassicListClause(const std::vector<Expression>& values, int position) {
  BoundClause clause{.kind = BoundClause::Kind::kList, .position = position};
  for (const Expression& value : values) clause.values.push_back({BoundValue{.expression = value}});
  return clause;
}

Result<std::optional<RangeEdge>> ClassicStart(const Relation& parent, const ClassicPartition& partition,
                                              const DdlContext& context) {
  if (partition.from_minvalue) return std::optional(LowestEdge());
  if (!partition.start) return std::optional<RangeEdge>();
  WEIR_ASSIGN_OR_RETURN(KeyValue value, ValueOfEdge(parent, *partition.start, context));
  if (!partition.start_exclusive) return std::optional(ValueEdge(std::move(value)));
  WEIR_ASSIGN_OR_RETURN(auto next, NextValue(parent, value, "START EXCLUSIVE",
                                             "Specify an inclusive START value and remove the EXCLUSIVE keyword"));
  if (next) return std::optional(ValueEdge(std::move(*next)));
  return Error("42P16", "START EXCLUSIVE is out of range", {.position = partition.start->position});
}

Result<std::optional<RangeEdge>> ClassicEnd(const Relation& parent, const ClassicPartition& partition,
                                            const DdlContext& context) {
  if (partition.to_maxvalue) return std::optional(HighestEdge());
  if (!partition.end) return std::optional<RangeEdge>();
  WEIR_ASSIGN_OR_RETURN(KeyValue value, ValueOfEdge(parent, *partition.end, context));
  if (!partition.end_inclusive) return std::optional(ValueEdge(std::move(value)));
  WEIR_ASSIGN_OR_RETURN(auto next, NextValue(parent, value, "END INCLUSIVE",
                                             "Specify an exclusive END value and remove the INCLUSIVE keyword"));
  return std::optional(next ? ValueEdge(std::move(*next)) : HighestEdge());
}

Result<std::vector<ClassicPiece>> ExpandClassicLevel(const ClassicLevelPlace& place,
                                                     const std::vector<ClassicPartition>& written,
                                                     const DdlContext& context) {
  return ClassicPieces(place, context).Expand(written);
}

}  // namespace weir::sql
