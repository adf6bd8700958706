#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// The hint where an action must reach all partitions.
inline constexpr std::string_view kDoNotSayOnly = "Do not specify the ONLY keyword.";

/// Where the values of a column come from.
struct ColumnSource {
  int place = -1;                              // in the leaf's Fluss table; −1: it is new
  std::string expression;                      // in rows that are there: over the columns that they have
  std::optional<std::string> initial_default;  // of a new one: Column::initial_default
};

/// What no row may be like once the tree is altered.
struct RowCheck {
  std::string violated;  // a condition over the columns as they will be
  Status error;
};

/// A relation of the tree, as it was and as it will be.
struct AlteredRelation {
  RelationPtr before;
  Relation now;
  RelationPtr parent;                 // before; null: it has none
  std::vector<ColumnSource> sources;  // of now's columns
  bool rewritten = false;             // a leaf's rows go to a new table
  std::vector<RowCheck> checks;
  std::vector<RelationPtr> new_indexes;  // of a leaf: they do not hold its rows yet
  std::vector<size_t> above;  // the members that it is a partition of, or inherits from; none: it is the root

  const std::string& name() const { return before->path.table; }
};

/// A table and, unless ONLY it is meant, the partitions below it, which ALTER TABLE changes together: each action says
/// what becomes of each relation, then Finish looks at rows, rewrites those that must be, and puts the relations into
/// the draft. A leaf that is not rewritten keeps its Fluss table under a new schema: columns stay at their places, a
/// dropped one too, under a name that nobody else has, and rows are read by the schema that they were written with. A
/// cluster's tables stay as they are made: there every change of columns or options writes rows anew.
class AlteredTree {
 public:
  static Result<AlteredTree> Load(CatalogDraft* draft, const RelationPtr& root, bool only);

  AlteredRelation& root() { return members_.front(); }
  /// Parents before their children.
  std::vector<AlteredRelation>& members() { return members_; }
  bool only() const { return only_; }
  CatalogDraft* draft() const { return draft_; }
  /// The tables that inherit from the root go along, or are left out where ONLY is said.
  Status TakeHeirs(const TemporaryTables& temporary);
  /// Partitions, or children by inheritance, that ONLY leaves out.
  const std::vector<RelationPtr>& left_out() const { return left_out_; }
  bool leaves_out_children() const { return !left_out_.empty(); }
  bool leaves_out_partitions() const { return leaves_out_children() && members_.front().before->is_partitioned(); }
  void Note(std::string notice) { notices_.push_back(std::move(notice)); }

  /// Errors of rows that do not fit, and of copying them.
  Result<Notices> Finish(const DdlContext& context);

 private:
  Status RewriteWhatIsFixed();
  Status CheckRows(const DdlContext& context);
  Status Rewrite(const DdlContext& context);
  Status BuildIndexes(const DdlContext& context);

  friend class WithoutHeirs;
  CatalogDraft* draft_ = nullptr;
  bool only_ = false;
  std::vector<AlteredRelation> members_;
  std::vector<RelationPtr> left_out_;
  Notices notices_;
};

/// As long as it lives, a tree's members are without the tables that inherit from the root: for what is not inherited.
class WithoutHeirs {
 public:
  explicit WithoutHeirs(AlteredTree* tree);
  ~WithoutHeirs();
  WithoutHeirs(const WithoutHeirs&) = delete;
  WithoutHeirs& operator=(const WithoutHeirs&) = delete;

 private:
  AlteredTree* tree_;
  std::vector<AlteredRelation> heirs_;
};

/// Where something goes down a tree: to a member by as many of the members above it as it has reached, by their places
/// in `reached`.
int CountAbove(const AlteredRelation& member, const std::vector<bool>& reached);

}  // namespace weir::sql
