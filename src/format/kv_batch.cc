#include "format/kv_batch.h"

#include <utility>

#include "format/crc32c.h"
#include "format/row_bytes.h"
#include "format/row_values.h"

namespace weir {
namespace {

constexpr size_t kKvHeaderBytes = 28;
constexpr size_t kKvMagicAt = 4;
constexpr size_t kCrcAt = 5;
constexpr size_t kCrcStart = 9;
constexpr size_t kSchemaIdAt = 9;
constexpr size_t kAttributesAt = 11;
constexpr size_t kWriterIdAt = 12;
constexpr size_t kSequenceAt = 20;
constexpr size_t kKvCountAt = 24;
// Length, key length and one byte of key.
constexpr size_t kMinKvRecordBytes = 6;

constexpr size_t kValueHeaderBytes = 9;
constexpr size_t kValueCountAt = 5;
// Length and schema id.
constexpr size_t kMinValueRecordBytes = 6;

Status CorruptKv(std::string message) { return {ErrorCode::kCorruptMessage, std::move(message)}; }

// The length field (after itself) and the magic that every batch starts with.
Status CheckFrame(std::string_view what, std::string_view bytes, size_t header_bytes) {
  if (bytes.size() < header_bytes) {
    return CorruptKv(std::string(what) + " has " + std::to_string(bytes.size()) + " bytes, its header alone takes " +
                     std::to_string(header_bytes));
  }
  const auto length = LoadAs<int32_t>(bytes.data());
  if (length < 0 || static_cast<size_t>(length) != bytes.size() - 4) {
    return CorruptKv(std::string(what) + " claims " + std::to_string(length) + " bytes after its length, it has " +
                     std::to_string(bytes.size() - 4));
  }
  const int magic = LoadAs<int8_t>(bytes.data() + kKvMagicAt);
  if (magic == 0) return Status::OK();
  return CorruptKv(std::string(what) + " has magic " + std::to_string(magic) + ", only 0 is known");
}

Result<size_t> ReadCount(std::string_view what, std::string_view bytes, size_t at, size_t records_at,
                         size_t min_record_bytes) {
  const auto count = LoadAs<int32_t>(bytes.data() + at);
  if (count >= 0 && static_cast<size_t>(count) <= (bytes.size() - records_at) / min_record_bytes) {
    return static_cast<size_t>(count);
  }
  return CorruptRecord(std::string(what) + " claims " + std::to_string(count) + " records in " +
                       std::to_string(bytes.size() - records_at) + " bytes");
}

Status BadRecord(std::string_view what, size_t i, size_t count) {
  return CorruptRecord("record " + std::to_string(i) + " of " + std::to_string(count) + " in " + std::string(what) +
                       " is malformed or cut off");
}

bool ReadSized(ByteSource* source, std::string_view* record) {
  int32_t length;
  return source->ReadAs(&length) && length >= 0 && source->Read(static_cast<size_t>(length), record);
}

bool ReadKvRecord(ByteSource* source, KvRecordView* record) {
  std::string_view bytes;
  if (!ReadSized(source, &bytes)) return false;
  ByteSource fields(bytes);
  if (!fields.ReadVarBytes(&record->key) || record->key.empty()) return false;
  if (fields.empty()) return true;
  std::string_view row;
  if (!fields.Read(fields.remaining(), &row)) return false;
  record->row = row;
  return true;
}

void AppendLength(size_t length, std::string* out) {
  char bytes[4];
  StoreAs(bytes, static_cast<uint32_t>(length));
  out->append(bytes, sizeof bytes);
}

void AppendKvRecord(std::string_view key, std::string_view row, std::string* out) {
  char key_length[kMaxVarint32Bytes];
  const char* end = StoreVarint(key_length, static_cast<uint32_t>(key.size()));
  const auto prefix = static_cast<size_t>(end - key_length);
  AppendLength(prefix + key.size() + row.size(), out);
  out->append(key_length, prefix).append(key).append(row);
}

}  // namespace

KvBatchBuilder::KvBatchBuilder() : buffer_(kKvHeaderBytes, '\0') {}

void KvBatchBuilder::Upsert(std::string_view key, std::string_view row) {
  AppendKvRecord(key, row, &buffer_);
  ++num_records_;
}

void KvBatchBuilder::Delete(std::string_view key) {
  AppendKvRecord(key, {}, &buffer_);
  ++num_records_;
}

std::string KvBatchBuilder::Finish(int16_t schema_id, int64_t writer_id, int32_t sequence) {
  char* header = buffer_.data();
  StoreAs(header, static_cast<uint32_t>(buffer_.size() - 4));
  StoreAs<int8_t>(header + kKvMagicAt, 0);
  StoreAs(header + kSchemaIdAt, schema_id);
  StoreAs<int8_t>(header + kAttributesAt, 0);
  StoreAs(header + kWriterIdAt, writer_id);
  StoreAs(header + kSequenceAt, sequence);
  StoreAs(header + kKvCountAt, num_records_);
  StoreAs(header + kCrcAt, Crc32c(std::string_view(buffer_).substr(kCrcStart)));
  num_records_ = 0;
  return std::exchange(buffer_, std::string(kKvHeaderBytes, '\0'));
}

Status SetKvBatchWriter(std::string* batch, int64_t writer_id, int32_t sequence) {
  WEIR_RETURN_NOT_OK(CheckFrame("a KV batch", *batch, kKvHeaderBytes));
  StoreAs(batch->data() + kWriterIdAt, writer_id);
  StoreAs(batch->data() + kSequenceAt, sequence);
  StoreAs(batch->data() + kCrcAt, Crc32c(std::string_view(*batch).substr(kCrcStart)));
  return Status::OK();
}

Result<KvBatchView> ParseKvBatch(std::string_view bytes) {
  constexpr std::string_view kWhat = "a KV batch";
  WEIR_RETURN_NOT_OK(CheckFrame(kWhat, bytes, kKvHeaderBytes));
  const auto stored = LoadAs<uint32_t>(bytes.data() + kCrcAt);
  const uint32_t computed = Crc32c(bytes.substr(kCrcStart));
  if (stored != computed) {
    return CorruptKv("a KV batch has CRC " + std::to_string(stored) + ", its bytes give " + std::to_string(computed));
  }
  KvBatchView batch;
  batch.schema_id = LoadAs<int16_t>(bytes.data() + kSchemaIdAt);
  batch.writer_id = LoadAs<int64_t>(bytes.data() + kWriterIdAt);
  batch.sequence = LoadAs<int32_t>(bytes.data() + kSequenceAt);
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(kWhat, bytes, kKvCountAt, kKvHeaderBytes, kMinKvRecordBytes));
  batch.records.resize(count);
  ByteSource source(bytes.substr(kKvHeaderBytes));
  for (size_t i = 0; i < count; ++i) {
    if (!ReadKvRecord(&source, &batch.records[i])) return BadRecord(kWhat, i, count);
  }
  if (source.empty()) return batch;
  return CorruptRecord("a KV batch has " + std::to_string(source.remaining()) + " bytes after its last record");
}

ValueBatchBuilder::ValueBatchBuilder() : buffer_(kValueHeaderBytes, '\0') {}

void ValueBatchBuilder::Add(std::string_view value) {
  AppendLength(value.size(), &buffer_);
  buffer_.append(value);
  ++num_records_;
}

std::string ValueBatchBuilder::Finish() {
  StoreAs(buffer_.data(), static_cast<uint32_t>(buffer_.size() - 4));
  StoreAs(buffer_.data() + kValueCountAt, num_records_);
  num_records_ = 0;
  return std::exchange(buffer_, std::string(kValueHeaderBytes, '\0'));
}

Result<std::vector<std::string_view>> ParseValueBatch(std::string_view bytes) {
  constexpr std::string_view kWhat = "a value batch";
  WEIR_RETURN_NOT_OK(CheckFrame(kWhat, bytes, kValueHeaderBytes));
  WEIR_ASSIGN_OR_RETURN(const size_t count,
                        ReadCount(kWhat, bytes, kValueCountAt, kValueHeaderBytes, kMinValueRecordBytes));
  std::vector<std::string_view> values(count);
  ByteSource source(bytes.substr(kValueHeaderBytes));
  for (size_t i = 0; i < count; ++i) {
    if (!ReadSized(&source, &values[i]) || values[i].size() < sizeof(int16_t)) return BadRecord(kWhat, i, count);
  }
  if (source.empty()) return values;
  return CorruptRecord("a value batch has " + std::to_string(source.remaining()) + " bytes after its last record");
}

}  // namespace weir
