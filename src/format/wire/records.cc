#include "format/wire/records.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>
#include <string>

namespace weir::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr uint32_t Tag(int field, WireFormatLite::WireType type) { return WireFormatLite::MakeTag(field, type); }
constexpr auto kVarint = WireFormatLite::WIRETYPE_VARINT;
constexpr auto kBytes = WireFormatLite::WIRETYPE_LENGTH_DELIMITED;

// Fields that this file reads and writes itself.
constexpr int kProduceBucketsField = 4;
constexpr int kPutBucketsField = 5;
constexpr int kTablesField = 1;
constexpr int kTableIdField = 1;
constexpr int kBucketsField = 2;
constexpr int kRecordsField = 8;

bool ReadInt32(CodedInputStream* in, int32_t* out) {
  return WireFormatLite::ReadPrimitive<int32_t, WireFormatLite::TYPE_INT32>(in, out);
}
bool ReadInt64(CodedInputStream* in, int64_t* out) {
  return WireFormatLite::ReadPrimitive<int64_t, WireFormatLite::TYPE_INT64>(in, out);
}
/// A length that what is left of the message can hold.
bool ReadLength(CodedInputStream* in, int* length) {
  uint32_t value = 0;
  if (!in->ReadVarint32(&value) || value > static_cast<uint32_t>(in->BytesUntilLimit())) return false;
  *length = static_cast<int>(value);
  return true;
}

bool ReadPackedInt32(CodedInputStream* in, std::vector<int32_t>* out) {
  int length = 0;
  if (!ReadLength(in, &length)) return false;
  const auto limit = in->PushLimit(length);
  while (in->BytesUntilLimit() > 0) {
    if (!ReadInt32(in, &out->emplace_back())) return false;
  }
  in->PopLimit(limit);
  return true;
}

/// Reads a message up to the stream's limit. `read_field` handles a tag it knows, and says false for
/// bytes that are none; it leaves `known` false for others.
template <typename ReadField>
bool ReadFields(CodedInputStream* in, ReadField read_field) {
  while (const uint32_t tag = in->ReadTag()) {
    bool known = true;
    if (!read_field(tag, &known)) return false;
    if (!known && !WireFormatLite::SkipField(in, tag)) return false;
  }
  return in->ConsumedEntireMessage();
}

/// Reads a part of a message that is a message itself.
template <typename ReadField>
bool ReadPart(CodedInputStream* in, ReadField read_field) {
  int length = 0;
  if (!ReadLength(in, &length)) return false;
  const auto limit = in->PushLimit(length);
  const bool read = ReadFields(in, read_field);
  in->PopLimit(limit);
  return read;
}

bool ReadMessage(CodedInputStream* in, google::protobuf::MessageLite* out) {
  std::string bytes;
  return WireFormatLite::ReadBytes(in, &bytes) && out->ParseFromString(bytes);
}

/// Bytes as they lie in the message.
bool ReadSlice(CodedInputStream* in, const std::shared_ptr<arrow::Buffer>& message,
               std::shared_ptr<arrow::Buffer>* out) {
  int size = 0;
  if (!ReadLength(in, &size)) return false;
  *out = arrow::SliceBuffer(message, in->CurrentPosition(), size);
  return in->Skip(size);
}

bool ReadBucket(CodedInputStream* in, const std::shared_ptr<arrow::Buffer>& message, BucketRecords* out) {
  bool has_bucket_id = false;
  const bool read = ReadPart(in, [&](uint32_t tag, bool* known) {
    switch (tag) {
      case Tag(1, kVarint): return ReadInt64(in, &out->partition_id.emplace());
      case Tag(2, kVarint): return has_bucket_id = true, ReadInt32(in, &out->bucket_id);
      case Tag(3, kBytes): return ReadSlice(in, message, &out->records);
    }
    *known = false;
    return true;
  });
  return read && has_bucket_id && out->records != nullptr;
}

bool ReadFetchedBucket(CodedInputStream* in, const std::shared_ptr<arrow::Buffer>& message,
                       FetchedBucketRecords* out) {
  FetchLogRespForBucket& bucket = out->bucket;
  const bool read = ReadPart(in, [&](uint32_t tag, bool* known) {
    int32_t number = 0;
    int64_t long_number = 0;
    switch (tag) {
      case Tag(1, kVarint): return ReadInt64(in, &long_number) && (bucket.set_partition_id(long_number), true);
      case Tag(2, kVarint): return ReadInt32(in, &number) && (bucket.set_bucket_id(number), true);
      case Tag(3, kVarint): return ReadInt32(in, &number) && (bucket.set_error_code(number), true);
      case Tag(4, kBytes): return WireFormatLite::ReadString(in, bucket.mutable_error_message());
      case Tag(5, kVarint): return ReadInt64(in, &long_number) && (bucket.set_high_watermark(long_number), true);
      case Tag(6, kVarint): return ReadInt64(in, &long_number) && (bucket.set_log_start_offset(long_number), true);
      case Tag(7, kBytes): return ReadMessage(in, bucket.mutable_remote_log_fetch_info());
      case Tag(kRecordsField, kBytes): return ReadSlice(in, message, &out->records);
      case Tag(9, kVarint): return ReadInt64(in, &long_number) && (bucket.set_filtered_end_offset(long_number), true);
    }
    *known = false;
    return true;
  });
  return read && bucket.has_bucket_id();
}

bool ReadFetchedTable(CodedInputStream* in, const std::shared_ptr<arrow::Buffer>& message, FetchedTable* out) {
  bool has_table_id = false;
  const bool read = ReadPart(in, [&](uint32_t tag, bool* known) {
    switch (tag) {
      case Tag(kTableIdField, kVarint): return has_table_id = true, ReadInt64(in, &out->table_id);
      case Tag(kBucketsField, kBytes): return ReadFetchedBucket(in, message, &out->buckets.emplace_back());
    }
    *known = false;
    return true;
  });
  return read && has_table_id;
}

/// `read_more` handles the fields that only this request has.
template <typename Request, typename ReadMore>
Result<Request> ReadWrite(const std::shared_ptr<arrow::Buffer>& message, int buckets_field, std::string_view name,
                          ReadMore read_more) {
  Request request;
  bool has_acks = false, has_table = false, has_timeout = false;
  if (message->size() > std::numeric_limits<int>::max()) {
    return Status(ErrorCode::kCorruptMessage, fmt::format("{} has {} bytes", name, message->size()));
  }
  CodedInputStream in(message->data(), static_cast<int>(message->size()));
  in.PushLimit(static_cast<int>(message->size()));
  const bool read = ReadFields(&in, [&](uint32_t tag, bool* known) {
    if (tag == Tag(buckets_field, kBytes)) return ReadBucket(&in, message, &request.buckets.emplace_back());
    switch (tag) {
      case Tag(1, kVarint): return has_acks = true, ReadInt32(&in, &request.acks);
      case Tag(2, kVarint): return has_table = true, ReadInt64(&in, &request.table_id);
      case Tag(3, kVarint): return has_timeout = true, ReadInt32(&in, &request.timeout_ms);
    }
    return read_more(&in, tag, &request, known);
  });
  if (!read) {
    return Status(ErrorCode::kCorruptMessage, fmt::format("{} bytes are no well-formed {}", message->size(), name));
  }
  if (!has_acks || !has_table || !has_timeout) {
    return Status(ErrorCode::kCorruptMessage,
                  fmt::format("{} lacks a required field: acks, table_id and timeout_ms", name));
  }
  return request;
}

int64_t BucketSize(const FetchedBucketRecords& bucket) {
  const auto fields = static_cast<int64_t>(bucket.bucket.ByteSizeLong());
  const int64_t records = bucket.records == nullptr ? 0 : bucket.records->size();
  return fields + GatheredMessage::LengthPrefixSize(kRecordsField, records) + records;
}

std::string TableIdField(int64_t table_id) {
  uint8_t bytes[16];
  const uint8_t* end = WireFormatLite::WriteInt64ToArray(kTableIdField, table_id, bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes)};
}

/// The buckets of a write; both kinds of requests have the same message for one, which is given
/// here without its records.
void AppendBuckets(const std::vector<BucketRecords>& buckets, int buckets_field, GatheredMessage* out) {
  constexpr int kBucketRecordsField = 3;
  for (const BucketRecords& bucket : buckets) {
    ProduceLogReqForBucket fields;
    if (bucket.partition_id) fields.set_partition_id(*bucket.partition_id);
    fields.set_bucket_id(bucket.bucket_id);
    const std::string text = fields.SerializePartialAsString();
    const int64_t records = bucket.records->size();
    out->AppendLengthPrefix(buckets_field, static_cast<int64_t>(text.size()) + records +
                                               GatheredMessage::LengthPrefixSize(kBucketRecordsField, records));
    out->Append(text);
    out->AppendLengthPrefix(kBucketRecordsField, records);
    out->Append(bucket.records);
  }
}

}  // namespace

Result<ProduceLogView> ParseProduceLogRequest(const std::shared_ptr<arrow::Buffer>& message) {
  return ReadWrite<ProduceLogView>(message, kProduceBucketsField, "ProduceLogRequest",
                                      [](CodedInputStream*, uint32_t, ProduceLogView*, bool* known) {
                                        *known = false;
                                        return true;
                                      });
}

Result<PutKvView> ParsePutKvRequest(const std::shared_ptr<arrow::Buffer>& message) {
  const auto read_more = [](CodedInputStream* in, uint32_t tag, PutKvView* request, bool* known) {
    switch (tag) {
      case Tag(4, kBytes): return ReadPackedInt32(in, &request->target_columns);
      case Tag(4, kVarint): return ReadInt32(in, &request->target_columns.emplace_back());
      case Tag(6, kVarint): return ReadInt32(in, &request->agg_mode);
    }
    *known = false;
    return true;
  };
  return ReadWrite<PutKvView>(message, kPutBucketsField, "PutKvRequest", read_more);
}

GatheredMessage EncodeProduceLogRequest(const ProduceLogView& request) {
  ProduceLogRequest fields;
  fields.set_acks(request.acks);
  fields.set_table_id(request.table_id);
  fields.set_timeout_ms(request.timeout_ms);
  GatheredMessage message(fields);
  AppendBuckets(request.buckets, kProduceBucketsField, &message);
  return message;
}

GatheredMessage EncodePutKvRequest(const PutKvView& request) {
  PutKvRequest fields;
  fields.set_acks(request.acks);
  fields.set_table_id(request.table_id);
  fields.set_timeout_ms(request.timeout_ms);
  fields.mutable_target_columns()->Assign(request.target_columns.begin(), request.target_columns.end());
  if (request.agg_mode != 0) fields.set_agg_mode(request.agg_mode);
  GatheredMessage message(fields);
  AppendBuckets(request.buckets, kPutBucketsField, &message);
  return message;
}

Result<std::vector<FetchedTable>> ParseFetchLogResponse(const std::shared_ptr<arrow::Buffer>& message) {
  std::vector<FetchedTable> tables;
  bool read = message->size() <= std::numeric_limits<int>::max();
  if (read) {
    CodedInputStream in(message->data(), static_cast<int>(message->size()));
    in.PushLimit(static_cast<int>(message->size()));
    read = ReadFields(&in, [&](uint32_t tag, bool* known) {
      if (tag == Tag(kTablesField, kBytes)) return ReadFetchedTable(&in, message, &tables.emplace_back());
      *known = false;
      return true;
    });
  }
  if (read) return tables;
  return Status(ErrorCode::kCorruptMessage,
                fmt::format("{} bytes are no well-formed FetchLogResponse", message->size()));
}

Frame EncodeFetchLogResponse(int32_t request_id, const std::vector<FetchedTable>& tables) {
  GatheredMessage message;
  for (const FetchedTable& table : tables) {
    const std::string table_id = TableIdField(table.table_id);
    auto table_size = static_cast<int64_t>(table_id.size());
    for (const FetchedBucketRecords& bucket : table.buckets) {
      const int64_t size = BucketSize(bucket);
      table_size += GatheredMessage::LengthPrefixSize(kBucketsField, size) + size;
    }
    message.AppendLengthPrefix(kTablesField, table_size);
    message.Append(table_id);
    for (const FetchedBucketRecords& bucket : table.buckets) {
      message.AppendLengthPrefix(kBucketsField, BucketSize(bucket));
      message.Append(bucket.bucket.SerializeAsString());
      message.AppendLengthPrefix(kRecordsField, bucket.records == nullptr ? 0 : bucket.records->size());
      if (bucket.records != nullptr) message.Append(bucket.records);
    }
  }
  return std::move(message).ToResponse(request_id);
}

}  // namespace weir::wire
