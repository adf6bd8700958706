#include "postgres/value/ordered_text.h"

#include <utility>

#include "model/partition_level.h"
#include "postgres/value/hash.h"
#include "postgres/value/order_key.h"

namespace weir::postgres {
namespace {

Result<KeyValue> MakeOrderedText(uint32_t type, std::string text, const Value& value) {
  OrderedText key{.type = type, .text = std::move(text)};
  WEIR_ASSIGN_OR_RETURN(key.order, OrderKey(type, value));
  const auto hash = HashExtended(type, value, kPartitionSeed);
  key.hash = hash.ok() ? *hash : 0;  // no table is partitioned by a hash that there is not
  return KeyValue(std::move(key));
}

}  // namespace

Result<KeyValue> ToOrderedText(uint32_t type, std::string text) {
  WEIR_ASSIGN_OR_RETURN(const Value value, ReadText({.oid = type}, text, {}));
  return MakeOrderedText(type, std::move(text), value);
}

Result<KeyValue> ToOrderedText(uint32_t type, const Value& value) {
  std::string text;
  WriteText(type, value, {}, &text);
  return MakeOrderedText(type, std::move(text), value);
}

Result<KeyValue> InOrder(uint32_t value_type, KeyValue value) {
  auto* text = std::get_if<std::string>(&value);
  if (value_type == 0 || text == nullptr) return value;
  return ToOrderedText(value_type, std::move(*text));
}

}  // namespace weir::postgres
