#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "postgres/value.h"
#include "postgres/value/nested.h"

// Texts and binary forms of values: the first byte says which type, the second which settings, modifier and form.
namespace {

using namespace weir::postgres;

constexpr Oid kTypes[] = {
    oid::kBool,       oid::kInt2,      oid::kInt4,       oid::kInt8,      oid::kFloat4,    oid::kFloat8,
    oid::kNumeric,    oid::kText,      oid::kVarchar,    oid::kBpchar,    oid::kName,      oid::kChar,
    oid::kBytea,      oid::kDate,      oid::kTime,       oid::kTimetz,    oid::kTimestamp, oid::kTimestamptz,
    oid::kInterval,   oid::kUuid,      oid::kBit,        oid::kVarbit,    oid::kInet,      oid::kCidr,
    oid::kMacaddr,    oid::kMacaddr8,  oid::kMoney,      oid::kJson,      oid::kJsonb,     oid::kTid,
    oid::kOid,        oid::kOidvector, oid::kInt2vector, oid::kInt4Array, oid::kTextArray, oid::kNumericArray,
    oid::kJsonbArray, oid::kInt4range, oid::kNumrange,   oid::kTstzrange, oid::kRecord};

Settings SettingsOf(uint8_t bits) {
  Settings settings;
  settings.zone = TimeZone::Find((bits & 1) != 0 ? "America/New_York" : "Europe/Berlin");
  settings.date_style = static_cast<DateStyle>(bits >> 1 & 3);
  settings.date_order = static_cast<DateOrder>((bits >> 3 & 3) % 3);
  settings.interval_style = static_cast<IntervalStyle>(bits >> 5 & 3);
  return settings;
}

/// What is written in ISO style reads back as the same text and the same bytes.
void CheckRoundTrip(TypeRef type, const Value& value) {
  const Settings settings;
  std::string text, binary;
  WriteText(type.oid, value, settings, &text);
  if (!WriteBinary(type.oid, value, settings, &binary).ok()) std::abort();
  if (type.oid == oid::kRecord) return;  // its text alone does not tell the fields' types
  // A zone by POSIX text may lie further away than an offset can say.
  if (const auto* time = std::get_if<TimeTz>(&value); time != nullptr && std::abs(time->offset) >= 16 * 3600) return;
  const auto again = ReadText({.oid = type.oid, .modifier = -1}, text, settings);
  if (!again.ok()) return;  // a text that PostgreSQL does not read back either
  std::string same;
  WriteText(type.oid, *again, settings, &same);
  if (same != text) std::abort();
  (void)TextOfBinary({.oid = type.oid, .modifier = -1}, binary, settings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const TypeRef type{.oid = kTypes[data[0] % std::size(kTypes)], .modifier = -1};
  const bool binary = (data[1] & 128) != 0;
  const Settings settings = SettingsOf(data[1]);
  const auto value = binary ? ReadBinary(type, bytes, settings) : ReadText(type, bytes, settings);
  if (value.ok()) CheckRoundTrip(type, *value);
  return 0;
}
