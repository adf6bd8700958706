#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sql/transaction/key_index.h"

namespace weir::sql {

/// By which it is told whether what the target holds for a key is still the same.
inline uint64_t HashOfStored(std::string_view value) { return std::hash<std::string_view>()(value); }

/// What a transaction has done to a PK leaf: for each key that it has touched what stood there
/// before, and the rows and deletions that came one after the other.
class KeyChanges {
 public:
  enum class Op : uint8_t { kInsert, kUpsert, kDelete };

  struct Rows {
    std::shared_ptr<arrow::RecordBatch> batch;
    int64_t first = 0;  // number of its first row
  };
  /// What the target held for a key when the transaction first changed it.
  struct Stored {
    bool exists = false;
    uint64_t hash = 0;  // of the value
    bool seen = false;  // it exists, and its value is the one that a scan has given: its hash is not known
  };
  /// What became of some keys in a stretch of changes, as it is at its end.
  struct Layer {
    struct Row {
      int64_t number;
      int64_t key;  // in `keys`
    };
    KeyIndex keys;
    std::vector<int32_t> buckets;  // of the keys
    std::vector<int64_t> row_of;   // of the keys: the number of the row that stands there, −1: none
    std::vector<Row> rows;         // by ascending number
    std::vector<Rows> added;       // that they are in
  };
  /// What a statement sees of it: keys of the layers are not taken from the store, but what the last of their layers
  /// says.
  struct View {
    std::vector<std::shared_ptr<const Layer>> layers;

    bool Hides(std::string_view key) const;
    /// Whether a layer behind this one says what became of a key.
    bool IsOlder(size_t layer, std::string_view key) const;
    bool has_rows() const;
  };
  /// A state to come back to.
  struct Mark {
    size_t changes = 0;
    size_t batches = 0;
  };

  /// The key's number.
  int64_t Touch(std::string_view key, int32_t bucket);
  bool changed(int64_t key) const { return entries_[key].last >= 0; }
  /// Whether the transaction's own change, which there is, leaves a row.
  bool has_row(int64_t key) const { return changes_[entries_[key].last].row >= 0; }
  void SetStored(int64_t key, const Stored& stored) {
    entries_[key].exists = stored.exists;
    entries_[key].hash = stored.hash;
    entries_[key].seen = stored.seen;
  }
  Stored stored(int64_t key) const { return {entries_[key].exists, entries_[key].hash, entries_[key].seen}; }

  /// Keeps rows and gives the number of the first.
  int64_t AddRows(std::shared_ptr<arrow::RecordBatch> batch);
  /// `row` is the number of an added row; −1 with kDelete.
  void Change(int64_t key, Op op, int64_t row, int64_t statement);

  bool empty() const { return changes_.empty(); }
  Mark mark() const { return {changes_.size(), added_.size()}; }
  void RollbackTo(const Mark& mark);

  /// What was there when `statement` began.
  std::shared_ptr<const View> ViewOf(int64_t statement);

  // What a commit writes and checks.
  int64_t num_keys() const { return index_.size(); }
  std::string_view key(int64_t number) const { return index_.key(number); }
  /// The key's number; −1: it was not touched.
  int64_t Find(std::string_view key) const { return index_.Find(key); }
  uint64_t hash(int64_t number) const { return index_.hash(number); }
  int32_t bucket(int64_t number) const { return entries_[number].bucket; }
  /// The first change to a key, of which there is one, and the row that stands there in the end (−1: none).
  Op first_op(int64_t number) const;
  int64_t row(int64_t number) const { return changes_[entries_[number].last].row; }
  const std::vector<Rows>& added() const { return added_; }
  /// Keys by the number of an added row.
  int64_t key_of_row(int64_t row) const { return key_of_row_[row]; }

 private:
  // Small, as there may be millions of both.
  struct Entry {
    uint64_t hash = 0;  // Stored's
    int32_t bucket = 0;
    int32_t last = -1;  // change
    bool exists = false;
    bool seen = false;
  };
  struct ChangeRecord {
    int64_t row;
    int32_t key;
    int32_t previous;  // change of the key
    int32_t statement;
    Op op;
  };

  KeyIndex index_;
  std::vector<Entry> entries_;
  std::vector<ChangeRecord> changes_;
  std::vector<Rows> added_;
  std::vector<int32_t> key_of_row_;
  /// A view is made of the one before it: what came since is a layer, and those behind one that is not much larger are
  /// joined with it. So a statement pays for what others have changed, not for all that the transaction has.
  struct Stretch {
    std::shared_ptr<const Layer> layer;
    size_t begin = 0;  // of changes_
    size_t end = 0;
  };
  std::shared_ptr<const Layer> MakeLayer(size_t begin, size_t end) const;

  std::vector<Stretch> stretches_;  // from the first change on
  int64_t view_statement_ = -1;
  std::shared_ptr<const View> view_;
};

}  // namespace weir::sql
