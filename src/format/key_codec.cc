#include "format/key_codec.h"

#include <bit>

#include "format/hudi_key.h"
#include "format/row_values.h"

namespace weir {
namespace {

std::string_view EncodingName(KeyEncoding encoding) {
  switch (encoding) {
    case KeyEncoding::kCompacted: return "Compacted";
    case KeyEncoding::kPaimon: return "Paimon";
    case KeyEncoding::kIceberg: return "Iceberg";
    case KeyEncoding::kHudi: return "Hudi";
  }
  return "unknown";
}

bool IsKeyType(KeyEncoding encoding, TypeId id) {
  switch (id) {
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return false;
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kTimestampLtz: return encoding != KeyEncoding::kIceberg;
    case TypeId::kBinary:
    case TypeId::kBytes: return encoding != KeyEncoding::kHudi;
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kDecimal:
    case TypeId::kChar: break;
  }
  return true;
}

Status BadKeyType(KeyEncoding encoding, const DataType& type) {
  return {ErrorCode::kInvalidTable,
          "a key column of type " + type.ToString() + " has no form in the " + std::string(EncodingName(encoding)) +
              " key encoding, choose another type or another lake format"};
}

Status CheckColumnCount(KeyEncoding encoding, size_t count) {
  if (encoding != KeyEncoding::kIceberg || count == 1) return Status::OK();
  return {ErrorCode::kInvalidTable,
          "the Iceberg key encoding takes exactly one column, " + std::to_string(count) + " given"};
}

Status CheckKeyColumns(KeyEncoding encoding, const std::vector<DataType>& types, const std::vector<int>& columns,
                       RowView row) {
  WEIR_RETURN_NOT_OK(CheckArity(types.size(), row.size()));
  WEIR_RETURN_NOT_OK(CheckColumnCount(encoding, columns.size()));
  for (const int column : columns) {
    if (column < 0 || static_cast<size_t>(column) >= types.size()) {
      return Status::Invalid("key column " + std::to_string(column) + " does not exist, the row has " +
                             std::to_string(types.size()) + " columns");
    }
    const DataType& type = types[column];
    const Datum& value = row[column];
    if (!IsKeyType(encoding, type.id())) return BadKeyType(encoding, type);
    if (value.is_null()) {
      // Hudi gives NULL a text of its own.
      if (encoding == KeyEncoding::kHudi) continue;
      return Status::Invalid("key " + ColumnName(static_cast<size_t>(column)) + " is NULL, key columns must not be");
    }
    if (!IsValueOf(type, value)) return BadValue(type, value).WithContext("key " + ColumnName(column));
  }
  return Status::OK();
}

void EncodeCompacted(const std::vector<DataType>& types, const std::vector<int>& columns, RowView row,
                     std::string* out) {
  ByteSink sink(out);
  for (const int column : columns) WriteCompacted(types[column], row[column], &sink);
  sink.Commit();
}

void EncodePaimon(const std::vector<DataType>& types, const std::vector<int>& columns, RowView row, std::string* out) {
  ByteSink sink(out);
  const size_t base = sink.position();
  const size_t header = AlignedHeaderBytes(columns.size());
  sink.AppendZeros(header + 8 * columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    WriteSlot(types[columns[i]], row[columns[i]], base, base + header + 8 * i, &sink);
  }
  sink.Commit();
}

// Wraps around, as the arithmetic of the reference does, where microseconds do not fit.
int64_t ToMicros(int64_t millis, int32_t nanos) {
  return static_cast<int64_t>(static_cast<uint64_t>(millis) * 1000 + static_cast<uint64_t>(nanos / 1000));
}

void EncodeIceberg(const DataType& type, const Datum& value, std::string* out) {
  ByteSink sink(out);
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kBigInt: sink.AppendAs(value.as_int()); break;
    case TypeId::kTime: sink.AppendAs(ToMicros(value.as_int(), 0)); break;
    case TypeId::kTimestamp: sink.AppendAs(ToMicros(value.time.millis, value.time.nanos)); break;
    case TypeId::kDecimal: {
      char bytes[kMaxDecimalBytes];
      const char* end = StoreDecimal(value.as_decimal(), bytes);
      sink.AppendBytes({bytes, end});
      break;
    }
    case TypeId::kFloat:
    case TypeId::kDouble: StoreFixed(type, value, sink.Append(FixedWidth(type))); break;
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kTimestampLtz:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: sink.AppendBytes(value.as_bytes()); break;
  }
  sink.Commit();
}

constexpr uint32_t kC1 = 0xcc9e2d51;
constexpr uint32_t kC2 = 0x1b873593;

uint32_t MixKey(uint32_t k) { return std::rotl(k * kC1, 15) * kC2; }
uint32_t MixState(uint32_t h, uint32_t k) { return std::rotl(h ^ MixKey(k), 13) * 5 + 0xe6546b64; }

uint32_t FinalMix(uint32_t h) {
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  return h ^ h >> 16;
}

// The words of `bytes` that are whole.
uint32_t HashWords(uint32_t h, std::string_view bytes) {
  for (size_t i = 0; i + 4 <= bytes.size(); i += 4) h = MixState(h, LoadAs<uint32_t>(bytes.data() + i));
  return h;
}

int32_t UnsignedMurmur42(std::string_view bytes) {
  uint32_t h = HashWords(42, bytes);
  for (const char c : bytes.substr(bytes.size() / 4 * 4)) h = MixState(h, static_cast<uint8_t>(c));
  return static_cast<int32_t>(FinalMix(h ^ static_cast<uint32_t>(bytes.size())));
}

uint32_t StandardMurmur3(std::string_view bytes) {
  uint32_t h = HashWords(0, bytes);
  const std::string_view tail = bytes.substr(bytes.size() / 4 * 4);
  uint32_t word = 0;
  for (size_t i = 0; i < tail.size(); ++i) word |= static_cast<uint32_t>(static_cast<uint8_t>(tail[i])) << (8 * i);
  if (!tail.empty()) h ^= MixKey(word);
  return FinalMix(h ^ static_cast<uint32_t>(bytes.size()));
}

}  // namespace

Status EncodeKey(KeyEncoding encoding, const std::vector<DataType>& types, const std::vector<int>& columns, RowView row,
                 std::string* out) {
  WEIR_RETURN_NOT_OK(CheckKeyColumns(encoding, types, columns, row));
  switch (encoding) {
    case KeyEncoding::kCompacted: EncodeCompacted(types, columns, row, out); break;
    case KeyEncoding::kPaimon: EncodePaimon(types, columns, row, out); break;
    case KeyEncoding::kIceberg: EncodeIceberg(types[columns[0]], row[columns[0]], out); break;
    case KeyEncoding::kHudi: return EncodeHudiKey(types, columns, row, out);
  }
  return Status::OK();
}

Status CheckKeyTypes(KeyEncoding encoding, const std::vector<DataType>& key_types) {
  WEIR_RETURN_NOT_OK(CheckColumnCount(encoding, key_types.size()));
  for (const DataType& type : key_types) {
    if (!IsKeyType(encoding, type.id())) return BadKeyType(encoding, type);
  }
  return Status::OK();
}

Result<int32_t> BucketOf(BucketHash hash, std::string_view key, int32_t num_buckets) {
  if (key.empty()) return Status::Invalid("an empty key has no bucket");
  if (num_buckets < 1) {
    return Status::Invalid("the number of buckets is " + std::to_string(num_buckets) + ", it must be at least 1");
  }
  switch (hash) {
    case BucketHash::kFluss: return num_buckets == 1 ? 0 : MixHash(Murmur42(key)) % num_buckets;
    case BucketHash::kPyfluss: return num_buckets == 1 ? 0 : MixHash(UnsignedMurmur42(key)) % num_buckets;
    case BucketHash::kPaimon: {
      const int32_t remainder = Murmur42(key) % num_buckets;
      return remainder < 0 ? -remainder : remainder;
    }
    case BucketHash::kIceberg: return static_cast<int32_t>(StandardMurmur3(key) & 0x7fffffff) % num_buckets;
    case BucketHash::kHudi: break;
  }
  if (key.size() != 4) {
    return Status::Invalid("a Hudi key has " + std::to_string(key.size()) + " bytes, it must have 4");
  }
  return static_cast<int32_t>(__builtin_bswap32(LoadAs<uint32_t>(key.data())) & 0x7fffffff) % num_buckets;
}

int32_t Murmur42(std::string_view bytes) {
  uint32_t h = HashWords(42, bytes);
  for (const char c : bytes.substr(bytes.size() / 4 * 4))
    h = MixState(h, static_cast<uint32_t>(static_cast<int8_t>(c)));
  return static_cast<int32_t>(FinalMix(h ^ static_cast<uint32_t>(bytes.size())));
}

int32_t MixHash(int32_t x) {
  const auto mixed = static_cast<int32_t>(FinalMix(MixState(0, static_cast<uint32_t>(x)) ^ 4));
  if (mixed >= 0) return mixed;
  return mixed == std::numeric_limits<int32_t>::min() ? 0 : -mixed;
}

}  // namespace weir
