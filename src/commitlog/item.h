#pragma once

#include <optional>
#include <string_view>

#include "commitlog/entry.h"

namespace weir::commitlog {

/// The numbers of what commits can collide on. Every server must come to the same ones, so these stay as they are
/// (docs/commit-log.md, "Items").

/// A key of a PK table, as it is encoded there.
Item KeyItem(int64_t table_id, std::optional<int64_t> partition_id, std::string_view key);
/// A row of a log table.
Item RowItem(const TableBucket& bucket, int64_t offset);
/// All rows of a leaf: every commit that writes to it writes this.
Item LeafItem(int64_t table_id, std::optional<int64_t> partition_id);
/// What all relations are: their definitions and partitions, databases, roles.
Item DefinitionsItem();
/// What one relation is, and which partitions it has.
Item RelationItem(int64_t relation);
/// What a relation's rows are held to beside its definition: foreign keys that refer to it. 0: types that were made.
Item RulesItem(int64_t relation);
/// That all partitions stay of a relation which rows refer to.
Item ReferencedItem(int64_t relation);

/// Beside a row's own item, which is read and written by who changes the row or locks it FOR [NO KEY] UPDATE.
enum class RowItemKind {
  kTaken,   // read by FOR KEY SHARE; written by who deletes the row, changes its key or locks it FOR UPDATE
  kKept,    // written by FOR [KEY] SHARE; read by those who write kTaken
  kShared,  // written by FOR SHARE; read by all other changes and locks
};
/// `row`: what KeyItem or RowItem gives.
Item ItemOfRow(RowItemKind kind, Item row);

}  // namespace weir::commitlog
