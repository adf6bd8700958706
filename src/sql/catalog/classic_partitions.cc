#include "sql/catalog/classic_partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/bound_index.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/range_steps.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/table_options.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kLongestName = 63;
/// Of all that one statement makes.
constexpr size_t kMostTables = 200'000;

/// A partition of one level, whatever its parent is.
struct Piece {
  std::string name;  // what follows "prt_"
  PartitionBound bound;
  const ClassicPartition* written = nullptr;
};

/// A range whose ends may be left for its neighbours to say.
struct RangePiece {
  Piece piece;
  std::optional<RangeEdge> from;
  std::optional<RangeEdge> to;
};

RangeEdge ValueEdge(KeyValue value) { return {RangeEdge::Kind::kValue, std::move(value)}; }

bool IsBelow(const RangeEdge& a, const RangeEdge& b) { return CompareEdges(std::span(&a, 1), std::span(&b, 1)) < 0; }

/// "<parent>_<level>_prt_<name>", of whose parent part as much is cut as PostgreSQL's names have no room for.
std::string ChildName(const std::string& parent, size_t level, const std::string& name) {
  const std::string suffix = fmt::format("_{}_prt_{}", level, name);
  size_t room = suffix.size() < kLongestName ? kLongestName - suffix.size() : 0;
  if (parent.size() <= room) return parent + suffix;
  while (room > 0 && (static_cast<unsigned char>(parent[room]) & 0xC0) == 0x80) --room;  // not within a character
  return parent.substr(0, room) + suffix;
}

/// The partitions of one level, counted from 1 below the root.
class LevelPieces {
 public:
  LevelPieces(const Relation& parent, size_t level, const DdlContext& context)
      : parent_(parent), level_(level), context_(context) {}

  Result<std::vector<Piece>> Expand(const std::vector<ClassicPartition>& written) {
    // A default partition is counted first, wherever it stands.
    for (const ClassicPartition& partition : written) {
      if (!partition.is_default) continue;
      if (!pieces_.empty()) {
        return Error("42P16", "multiple default partitions are not allowed", {.position = partition.position});
      }
      ++count_;
      pieces_.push_back({partition.name, DefaultBound{}, &partition});
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
  bool is_range() const { return parent_.partition_key->strategy == PartitionStrategy::kRange; }
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
    WEIR_RETURN_NOT_OK(CheckPartitionCount(parent_, ++count_));
    if (partition.name.empty()) return std::to_string(count_);
    return number == 0 ? partition.name : fmt::format("{}_{}", partition.name, number);
  }

  Status AddList(const ClassicPartition& partition) {
    BoundClause clause{.kind = BoundClause::Kind::kList, .position = partition.position};
    for (const Expression& value : partition.values) clause.values.push_back({BoundValue{.expression = value}});
    WEIR_ASSIGN_OR_RETURN(PartitionBound bound, ResolveBound(parent_, clause, context_.evaluate));
    WEIR_ASSIGN_OR_RETURN(std::string name, Named(partition, 0));
    pieces_.push_back({std::move(name), std::move(bound), &partition});
    return Status::OK();
  }

  Result<KeyValue> Value(const Expression& expression) const {
    WEIR_ASSIGN_OR_RETURN(KeyValue value, EvaluateKeyValue(parent_, 0, expression, context_.evaluate));
    if (!IsNull(value)) return value;
    return Error("42P16", "cannot use NULL with range partition specification",
                 {.position = expression.position});
  }

  Result<std::optional<RangeEdge>> Start(const ClassicPartition& partition) const {
    if (partition.from_minvalue) return std::optional(RangeEdge{RangeEdge::Kind::kMinValue, {}});
    if (!partition.start) return std::optional<RangeEdge>();
    WEIR_ASSIGN_OR_RETURN(KeyValue value, Value(*partition.start));
    if (!partition.start_exclusive) return std::optional(ValueEdge(std::move(value)));
    WEIR_ASSIGN_OR_RETURN(auto next, NextValue(parent_, value, "START EXCLUSIVE",
                                               "Specify an inclusive START value and remove the EXCLUSIVE keyword"));
    if (next) return std::optional(ValueEdge(std::move(*next)));
    return Error("42P16", "START EXCLUSIVE is out of range", {.position = partition.start->position});
  }

  Result<std::optional<RangeEdge>> End(const ClassicPartition& partition) const {
    if (partition.to_maxvalue) return std::optional(RangeEdge{RangeEdge::Kind::kMaxValue, {}});
    if (!partition.end) return std::optional<RangeEdge>();
    WEIR_ASSIGN_OR_RETURN(KeyValue value, Value(*partition.end));
    if (!partition.end_inclusive) return std::optional(ValueEdge(std::move(value)));
    WEIR_ASSIGN_OR_RETURN(auto next, NextValue(parent_, value, "END INCLUSIVE",
                                               "Specify an exclusive END value and remove the INCLUSIVE keyword"));
    if (next) return std::optional(ValueEdge(std::move(*next)));
    return std::optional(RangeEdge{RangeEdge::Kind::kMaxValue, {}});
  }

  Status AddRange(const ClassicPartition& partition) {
    if (partition.every && (!partition.start || !partition.end)) {
      return Error("42P16", "EVERY clause requires START and END", {.position = partition.position});
    }
    WEIR_ASSIGN_OR_RETURN(auto from, Start(partition));
    WEIR_ASSIGN_OR_RETURN(auto to, End(partition));
    if (partition.every && IsBelow(*from, *to)) return AddSteps(partition, std::move(*from), *to);
    return AddPiece(partition, partition.every ? 1 : 0, std::move(from), std::move(to));
  }

  Status AddSteps(const ClassicPartition& partition, RangeEdge from, const RangeEdge& to) {
    const int position = partition.every->position;
    WEIR_ASSIGN_OR_RETURN(const RangeStep step, RangeStep::Make(parent_, *partition.every, context_));
    for (size_t number = 1; IsBelow(from, to); ++number) {
      auto next = step.AddTo(from.value);
      if (!next) {
        return Error("42P16", "END parameter not reached before type overflows", {.position = position});
      }
      RangeEdge end = ValueEdge(std::move(*next));
      if (!IsBelow(from, end)) return Error("42P16", "EVERY parameter too small", {.position = position});
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

  /// An end that nobody has written is the neighbour's.
  Status CloseGaps() {
    std::vector<RangePiece*> order;
    for (RangePiece& range : ranges_) order.push_back(&range);
    const auto place = [](const RangePiece* range) -> const RangeEdge& {
      return range->from ? *range->from : *range->to;
    };
    std::stable_sort(order.begin(), order.end(), [&](const RangePiece* a, const RangePiece* b) {
      if (IsBelow(place(a), place(b)) || IsBelow(place(b), place(a))) return IsBelow(place(a), place(b));
      return !a->from && b->from;  // one ends where the other starts
    });
    const auto unclear = [](const RangePiece& range) {
      return Error("42P16", fmt::format("partition \"{}\" has no {}, and its neighbour says none either",
                                              range.piece.name, range.from ? "END" : "START"),
                   {.position = range.piece.written->position});
    };
    for (size_t i = 0; i < order.size(); ++i) {
      RangePiece& range = *order[i];
      if (!range.from && i > 0 && !order[i - 1]->to) return unclear(range);
      if (!range.from) range.from = i == 0 ? RangeEdge{RangeEdge::Kind::kMinValue, {}} : *order[i - 1]->to;
      if (range.to) continue;
      const bool last = i + 1 == order.size();
      if (!last && !order[i + 1]->from) return unclear(range);
      range.to = last ? RangeEdge{RangeEdge::Kind::kMaxValue, {}} : *order[i + 1]->from;
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
      return ChildName(parent_.path.table, level_, pieces_[static_cast<size_t>(child)].name);
    };
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const BoundClause clause{.position = pieces_[i].written->position};
      WEIR_RETURN_NOT_OK(
          CheckNewBound(parent_, index, name_of(static_cast<int64_t>(i)), pieces_[i].bound, clause, name_of));
      index.Add(static_cast<int64_t>(i), pieces_[i].bound);
    }
    return Status::OK();
  }

  const Relation& parent_;
  const size_t level_;
  const DdlContext& context_;
  size_t count_ = 0;
  std::vector<Piece> pieces_;
  std::vector<RangePiece> ranges_;
};

/// Makes the tree level by level.
class Expansion {
 public:
  Expansion(const Relation& root, const ClassicPartitions& classic, const DdlContext& context)
      : root_(root), classic_(classic), context_(context), patterns_(classic.levels.size()) {}

  Result<std::vector<ClassicMember>> Run() {
    for (const ClassicLevel& level : classic_.levels) {
      Relation keyed;
      keyed.columns = root_.columns;
      WEIR_RETURN_NOT_OK(DefinePartitionKey(level.by, false, context_, &keyed));
      keys_.push_back(std::move(*keyed.partition_key));
    }
    LevelPieces pieces(root_, 1, context_);
    WEIR_ASSIGN_OR_RETURN(const auto expanded, pieces.Expand(classic_.partitions));
    WEIR_RETURN_NOT_OK(AddAll(expanded, -1, 0));
    return std::move(members_);
  }

 private:
  const Relation& ParentAt(int parent) const {
    return parent < 0 ? root_ : members_[static_cast<size_t>(parent)].relation;
  }

  Status AddAll(const std::vector<Piece>& pieces, int parent, size_t level) {
    for (const Piece& piece : pieces) {
      if (members_.size() == kMostTables) {
        return Error("54000", fmt::format("a statement cannot make more than {} partitions", kMostTables),
                     {.hint = "Make some of them with ALTER TABLE or CREATE TABLE ... PARTITION OF."});
      }
      WEIR_ASSIGN_OR_RETURN(Relation relation, Member(ParentAt(parent), piece, level));
      members_.push_back({std::move(relation), parent});
      WEIR_RETURN_NOT_OK(AddBelow(piece, static_cast<int>(members_.size()) - 1, level));
    }
    return Status::OK();
  }

  Status AddBelow(const Piece& piece, int member, size_t level) {
    const auto& own = piece.written->parts;
    if (level == classic_.levels.size()) {
      if (!own) return Status::OK();
      return Error("42P16",
                   "subpartition specification provided but table doesn't have SUBPARTITION BY clause",
                   {.position = piece.written->position});
    }
    const auto& pattern = classic_.levels[level].pattern;
    if (own && pattern) {
      return Error("42P16", "subpartition configuration conflicts with subpartition template",
                   {.position = piece.written->position});
    }
    if (!own && !pattern) {
      return Error("42P16", fmt::format("no partitions specified at depth {}", level + 2),
                   {.position = piece.written->position});
    }
    if (own) {
      const Relation parent = ParentAt(member);  // a copy: members_ grows
      LevelPieces pieces(parent, level + 2, context_);
      WEIR_ASSIGN_OR_RETURN(const auto expanded, pieces.Expand(*own));
      return AddAll(expanded, member, level + 1);
    }
    std::vector<Piece>& expanded = patterns_[level];
    if (expanded.empty()) {
      const Relation parent = ParentAt(member);
      LevelPieces pieces(parent, level + 2, context_);
      WEIR_ASSIGN_OR_RETURN(expanded, pieces.Expand(*pattern));
    }
    return AddAll(expanded, member, level + 1);
  }

  Result<Relation> Member(const Relation& parent, const Piece& piece, size_t level) const {
    Relation relation;
    relation.path = {root_.path.database, ChildName(parent.path.table, level + 1, piece.name)};
    relation.columns = root_.columns;
    relation.constraints = InheritedConstraints(parent, relation.path.table);
    relation.distributed_by = parent.distributed_by;
    relation.options = parent.options;
    WEIR_RETURN_NOT_OK(CheckOptions(piece.written->options));
    for (const auto& [name, value] : piece.written->options) relation.options[name] = value;
    const std::string& tablespace = piece.written->tablespace;
    if (!tablespace.empty() && tablespace != "pg_default") {
      return Error("42704", fmt::format("tablespace \"{}\" does not exist", tablespace));
    }
    relation.bound = piece.bound;
    relation.bound_text = BoundText(parent, relation.bound);
    if (level < keys_.size()) {
      relation.partition_key = keys_[level];
      WEIR_RETURN_NOT_OK(CheckConstraints(relation));
    }
    return relation;
  }

  const Relation& root_;
  const ClassicPartitions& classic_;
  const DdlContext& context_;
  std::vector<SqlPartitionKey> keys_;          // below the root's
  std::vector<std::vector<Piece>> patterns_;   // expanded, by level
  std::vector<ClassicMember> members_;
};

}  // namespace

Result<std::vector<ClassicMember>> ClassicChildren(const Relation& root, const ClassicPartitions& classic,
                                                   const DdlContext& context) {
  return Expansion(root, classic, context).Run();
}

}  // namespace weir::sql
