#include "commitlog/item.h"

namespace weir::commitlog {
namespace {

enum class ItemKind : uint8_t {
  kKey = 1,
  kRow = 2,
  kLeaf = 3,
  kDefinitions = 5,
  kRelation = 6,
  kRules = 7,
  kTaken = 8,
  kKept = 9,
  kShared = 10,
  kReferenced = 11,
};

/// FNV-1a over 64 bits, and murmur's last mixing, without which the upper bits of short names are alike.
class Hash {
 public:
  explicit Hash(ItemKind kind) { Byte(static_cast<uint8_t>(kind)); }
  Hash& Number(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) Byte(static_cast<uint8_t>(static_cast<uint64_t>(value) >> shift));
    return *this;
  }
  Hash& Bytes(std::string_view bytes) {
    for (const char byte : bytes) Byte(static_cast<uint8_t>(byte));
    return *this;
  }
  Item Finish() const {
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 33)) * 0xFF51AFD7ED558CCDULL;
    mixed = (mixed ^ (mixed >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return mixed ^ (mixed >> 33);
  }

 private:
  void Byte(uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001B3ULL; }
  uint64_t state_ = 0xCBF29CE484222325ULL;
};

}  // namespace

Item KeyItem(int64_t table_id, std::optional<int64_t> partition_id, std::string_view key) {
  return Hash(ItemKind::kKey).Number(table_id).Number(partition_id.value_or(-1)).Bytes(key).Finish();
}

Item RowItem(const TableBucket& bucket, int64_t offset) {
  return Hash(ItemKind::kRow)
      .Number(bucket.table_id)
      .Number(bucket.partition_id.value_or(-1))
      .Number(bucket.bucket_id)
      .Number(offset)
      .Finish();
}

Item LeafItem(int64_t table_id, std::optional<int64_t> partition_id) {
  return Hash(ItemKind::kLeaf).Number(table_id).Number(partition_id.value_or(-1)).Finish();
}

Item DefinitionsItem() { return Hash(ItemKind::kDefinitions).Finish(); }

Item RelationItem(int64_t relation) { return Hash(ItemKind::kRelation).Number(relation).Finish(); }

Item RulesItem(int64_t relation) { return Hash(ItemKind::kRules).Number(relation).Finish(); }

Item ReferencedItem(int64_t relation) { return Hash(ItemKind::kReferenced).Number(relation).Finish(); }

Item ItemOfRow(RowItemKind kind, Item row) {
  const auto number = static_cast<int64_t>(row);
  switch (kind) {
    case RowItemKind::kTaken: return Hash(ItemKind::kTaken).Number(number).Finish();
    case RowItemKind::kKept: return Hash(ItemKind::kKept).Number(number).Finish();
    case RowItemKind::kShared: break;
  }
  return Hash(ItemKind::kShared).Number(number).Finish();
}

}  // namespace weir::commitlog
