#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/key_value.h"
#include "sql/catalog/domain.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/changed_keys.h"
#include "sql/engine/view_checks.h"
#include "sql/error.h"

namespace weir::sql {

/// Rows of one chunk that go to one leaf.
struct RoutedRows {
  RelationPtr leaf;
  duckdb::SelectionVector rows;
  duckdb::idx_t count = 0;
};

/// Brings rows of a table to its leaves and checks them on the way: domains, types with a length, NOT NULL, CHECK, and
/// the partition constraint of a table that is a partition itself. Made once a statement; throws.
class RowRouter {
 public:
  RowRouter(duckdb::ClientContext& context, const AttachedTable& table);
  ~RowRouter();

  /// `rows` has the table's columns.
  std::vector<RoutedRows> Route(duckdb::DataChunk& rows);
  /// Errors show these columns of a row, in this order, rather than all.
  void ShowColumns(std::vector<int> columns) { shown_ = std::move(columns); }
  /// Hands the rows that are to be held to EXCLUDE constraints to the session, which does once the statement has run.
  void Give();

 private:
  struct Key;
  struct Node;
  struct Check;
  using Groups = std::vector<RoutedRows>;

  std::unique_ptr<Node> MakeNode(const RelationPtr& relation);
  void FindAncestors();
  const RelationPtr& UseLeaf(const RelationPtr& found);
  bool IsAncestor(const Node& node) const;
  void Descend(Node& node, duckdb::DataChunk& rows, const duckdb::SelectionVector& chosen, duckdb::idx_t count,
               Groups* groups);
  std::vector<size_t> ChildrenOf(Node& node, duckdb::DataChunk& rows, const duckdb::SelectionVector& chosen,
                                 duckdb::idx_t count);
  [[noreturn]] void NoHome(const Node& node, const std::vector<KeyValue>& key) const;
  void CheckDomains(duckdb::DataChunk& rows);
  void CheckLengths(duckdb::DataChunk& rows) const;
  void CheckLeaf(duckdb::DataChunk& rows, const RoutedRows& group);
  void CheckAncestors(duckdb::DataChunk& rows);
  void CheckView(duckdb::DataChunk& rows);
  void NoteExclusions(duckdb::DataChunk& rows, const RoutedRows& group);
  const Check& CheckOf(const std::string& text);
  ErrorExtras ExtrasOf(duckdb::DataChunk& rows, duckdb::idx_t row, const Relation& leaf) const;

  duckdb::ClientContext& context_;
  const AttachedTable& table_;
  std::unique_ptr<Node> root_;  // null: the table is a leaf itself
  /// Ancestors from the top, each with the child that the table lies below.
  std::vector<std::pair<std::unique_ptr<Node>, int64_t>> ancestors_;
  std::vector<int> shown_;               // none: all
  std::map<int64_t, RelationPtr> used_;  // leaves that rows have come to, each locked and as it is since then
  std::vector<std::unique_ptr<Check>> checks_;
  std::map<int64_t, ChangedKeys> excluded_;  // rows that leaves with EXCLUDE constraints have got, until they are given
  std::optional<std::vector<ViewCheck>> view_checks_;  // nothing: not read yet
  std::optional<std::vector<ColumnTest>> tests_;  // of the columns' domains; nothing: not read yet
};

/// "(1, c)": a row as DETAIL shows it.
std::string RowText(duckdb::DataChunk& rows, duckdb::idx_t row);

}  // namespace weir::sql
