#include "format/arrow_ipc.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/compression.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "format/arrow_check.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr uint32_t kContinuation = 0xFFFFFFFFu;
constexpr int64_t kPrefixSize = 8;  // continuation and metadata length
/// The densest a codec gets: a Zstandard RLE block turns 4 bytes into 128 KiB.
constexpr int64_t kMaxExpansion = 32768;

Status CorruptArrow(const std::string& what) { return {ErrorCode::kCorruptRecord, "Arrow message: " + what}; }

template <typename T>
T Load(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void Store(std::string* out, size_t at, T value) {
  std::memcpy(out->data() + at, &value, sizeof value);
}

/// Two 64-bit integers: a flatbuffer FieldNode (length, null count) or Buffer (offset, length).
struct Pair {
  int64_t first, second;
};

/// The fields of a flatbuffer RecordBatch table whose structure has been verified.
class RecordBatchView {
 public:
  explicit RecordBatchView(const void* table) : table_(static_cast<const char*>(table)) {}

  int64_t length() const { return FieldAt(0) == nullptr ? 0 : Load<int64_t>(FieldAt(0)); }
  int64_t num_nodes() const { return VectorSize(1); }
  Pair node(int64_t i) const { return VectorItem(1, i); }
  int64_t num_buffers() const { return VectorSize(2); }
  Pair buffer(int64_t i) const { return VectorItem(2, i); }
  bool compressed() const { return FieldAt(3) != nullptr; }
  int8_t codec() const {
    const char* compression = FieldAt(3);
    const char* codec = Field(compression + Load<uint32_t>(compression), 0);
    return codec == nullptr ? int8_t{0} : Load<int8_t>(codec);
  }

 private:
  static const char* Field(const char* table, int index) {
    const char* vtable = table - Load<int32_t>(table);
    const int at = 4 + 2 * index;
    if (at >= Load<uint16_t>(vtable)) return nullptr;
    const uint16_t offset = Load<uint16_t>(vtable + at);
    return offset == 0 ? nullptr : table + offset;
  }
  const char* FieldAt(int index) const { return Field(table_, index); }
  const char* Vector(int index) const {
    const char* field = FieldAt(index);
    return field == nullptr ? nullptr : field + Load<uint32_t>(field);
  }
  int64_t VectorSize(int index) const {
    const char* vector = Vector(index);
    return vector == nullptr ? 0 : Load<uint32_t>(vector);
  }
  Pair VectorItem(int index, int64_t i) const { return Load<Pair>(Vector(index) + 4 + i * sizeof(Pair)); }

  const char* table_;
};

struct Message {
  std::unique_ptr<arrow::ipc::Message> message;
  RecordBatchView view;
};

/// Verifies the message that `buffer` starts with, and where its buffers lie.
Result<Message> OpenMessage(const std::shared_ptr<arrow::Buffer>& buffer) {
  if (buffer->size() < kPrefixSize || Load<uint32_t>(buffer->data()) != kContinuation) {
    return CorruptArrow("does not start with a continuation marker");
  }
  const int64_t metadata_size = Load<int32_t>(buffer->data() + 4);
  const int64_t body_start = kPrefixSize + metadata_size;
  if (metadata_size <= 0 || metadata_size % 8 != 0 || body_start > buffer->size()) {
    return CorruptArrow("metadata length " + std::to_string(metadata_size) + " in " + std::to_string(buffer->size()) +
                   " bytes");
  }
  auto opened = arrow::ipc::Message::Open(arrow::SliceBuffer(buffer, kPrefixSize, metadata_size),
                                          arrow::SliceBuffer(buffer, body_start));
  if (!opened.ok()) return CorruptArrow(opened.status().message());
  auto message = std::move(opened).ValueUnsafe();
  if (message->type() != arrow::ipc::MessageType::RECORD_BATCH || message->header() == nullptr) {
    return CorruptArrow("is not a record batch");
  }
  const int64_t body_size = message->body()->size();
  if (message->body_length() < 0 || message->body_length() > body_size) {
    return CorruptArrow("body length " + std::to_string(message->body_length()) + ", " + std::to_string(body_size) +
                   " bytes left");
  }
  const RecordBatchView view(message->header());
  if (view.length() < 0) return CorruptArrow("row count " + std::to_string(view.length()));
  for (int64_t i = 0; i < view.num_nodes(); ++i) {
    const auto [length, nulls] = view.node(i);
    if (length < 0 || nulls < 0 || nulls > length) {
      return CorruptArrow("node " + std::to_string(i) + " has length " + std::to_string(length) + " and " +
                     std::to_string(nulls) + " nulls");
    }
  }
  for (int64_t i = 0; i < view.num_buffers(); ++i) {
    const auto [offset, length] = view.buffer(i);
    if (offset < 0 || length < 0 || offset % 8 != 0 || offset > body_size || length > body_size - offset) {
      return CorruptArrow("buffer " + std::to_string(i) + " at " + std::to_string(offset) + " with " +
                     std::to_string(length) + " bytes, the body has " + std::to_string(body_size));
    }
    if (!view.compressed() || length == 0) continue;
    const int64_t unpacked = length < 8 ? -2 : Load<int64_t>(message->body()->data() + offset);
    if (unpacked < -1 || unpacked / kMaxExpansion > length) {
      return CorruptArrow("compressed buffer " + std::to_string(i) + " of " + std::to_string(length) +
                     " bytes claims to hold " + std::to_string(unpacked));
    }
  }
  return Message{std::move(message), view};
}

Result<std::shared_ptr<arrow::Buffer>> Aligned(std::shared_ptr<arrow::Buffer> buffer) {
  if (buffer->address() % 8 == 0) return buffer;
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> copy, FromArrow(arrow::AllocateBuffer(buffer->size())));
  std::memcpy(copy->mutable_data(), buffer->data(), buffer->size());
  return copy;
}

/// What a column takes in the node and buffer lists.
struct ColumnLayout {
  int64_t nodes = 0;
  int64_t buffers = 0;
};

void AddLayout(const DataType& type, ColumnLayout* layout) {
  ++layout->nodes;
  layout->buffers += 2;
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBytes: ++layout->buffers; break;
    case TypeId::kArray: AddLayout(type.element_type(), layout); break;
    case TypeId::kMap:
      ++layout->nodes;  // the entries struct
      ++layout->buffers;
      AddLayout(type.key_type(), layout);
      AddLayout(type.value_type(), layout);
      break;
    case TypeId::kRow:
      --layout->buffers;
      for (const Field& field : type.fields()) AddLayout(field.type, layout);
      break;
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kDecimal:
    case TypeId::kBinary: break;
  }
}

/// Positions in the flatbuffer that AppendMetadata writes; every 64-bit value is 8-byte aligned.
namespace layout {
constexpr uint32_t kMessageVtable = 0x04, kMessage = 0x10, kBatchVtable = 0x24, kBatch = 0x30;
constexpr uint32_t kCompressionVtable = 0x48, kCompression = 0x50, kNodeCount = 0x5c, kNodes = 0x60;
constexpr uint8_t kRecordBatchType = 3;
constexpr int16_t kVersion5 = 4;
}  // namespace layout

void StoreVtable(std::string* out, size_t at, std::initializer_list<uint16_t> entries) {
  for (const uint16_t entry : entries) {
    Store(out, at, entry);
    at += sizeof entry;
  }
}

void StorePairs(std::string* out, size_t at, const std::vector<Pair>& pairs) {
  Store(out, at, static_cast<uint32_t>(pairs.size()));
  if (!pairs.empty()) std::memcpy(out->data() + at + 4, pairs.data(), pairs.size() * sizeof(Pair));
}

/// What the metadata of a RecordBatch message says of it as a whole.
struct MessageHead {
  int64_t rows = 0;
  std::optional<int8_t> codec;  // absent: nothing is compressed
};

/// Appends prefix and metadata of a RecordBatch message.
void AppendMetadata(const MessageHead& head, const std::vector<Pair>& nodes, const std::vector<Pair>& buffers,
                    int64_t body_length, std::string* out) {
  using namespace layout;  // NOLINT
  const uint32_t buffer_count_at = kNodes + static_cast<uint32_t>(nodes.size() * sizeof(Pair)) + 4;
  const size_t size = buffer_count_at + 4 + buffers.size() * sizeof(Pair);
  std::string metadata(size, '\0');
  Store(&metadata, 0, kMessage);
  StoreVtable(&metadata, kMessageVtable, {12, 20, 16, 18, 4, 8});  // version, header type, header, body length
  Store(&metadata, kMessage, kMessage - kMessageVtable);
  Store(&metadata, kMessage + 4, kBatch - (kMessage + 4));
  Store(&metadata, kMessage + 8, body_length);
  Store(&metadata, kMessage + 16, kVersion5);
  Store(&metadata, kMessage + 18, kRecordBatchType);
  const uint16_t compression = head.codec ? 12 : 0;
  StoreVtable(&metadata, kBatchVtable, {12, 24, 16, 4, 8, compression});  // length, nodes, buffers, compression
  Store(&metadata, kBatch, kBatch - kBatchVtable);
  Store(&metadata, kBatch + 4, kNodeCount - (kBatch + 4));
  Store(&metadata, kBatch + 8, buffer_count_at - (kBatch + 8));
  Store(&metadata, kBatch + 16, head.rows);
  if (head.codec) {
    Store(&metadata, kBatch + 12, kCompression - (kBatch + 12));
    StoreVtable(&metadata, kCompressionVtable, {8, 6, 4, 5});  // codec, method BUFFER (0)
    Store(&metadata, kCompression, kCompression - kCompressionVtable);
    Store(&metadata, kCompression + 4, *head.codec);
  }
  StorePairs(&metadata, kNodeCount, nodes);
  StorePairs(&metadata, buffer_count_at, buffers);

  const size_t start = out->size();
  out->resize(start + kPrefixSize);
  Store(out, start, kContinuation);
  Store(out, start + 4, static_cast<int32_t>(size));
  out->append(metadata);
}

/// Below this many bytes a buffer is stored as it is: a compressor costs more to set up than it could save.
constexpr int64_t kLeastCompressed = 256;
/// Of a buffer's size, for it to be stored compressed. The format marks each buffer that is not.
constexpr double kLeastSaving = 0.01;

/// Another codec's format, with small inputs handed back as they are.
class SparingCodec final : public arrow::util::Codec {
 public:
  explicit SparingCodec(std::shared_ptr<arrow::util::Codec> codec) : codec_(std::move(codec)) {}

  arrow::Result<int64_t> Compress(int64_t size, const uint8_t* input, int64_t room, uint8_t* output) override {
    if (size >= kLeastCompressed || room < size) return codec_->Compress(size, input, room, output);
    if (size > 0) std::memcpy(output, input, static_cast<size_t>(size));
    return size;
  }
  arrow::Result<int64_t> Decompress(int64_t size, const uint8_t* input, int64_t room, uint8_t* output) override {
    return codec_->Decompress(size, input, room, output);
  }
  int64_t MaxCompressedLen(int64_t size, const uint8_t* input) override {
    return std::max(size, codec_->MaxCompressedLen(size, input));
  }
  arrow::Result<std::shared_ptr<arrow::util::Compressor>> MakeCompressor() override { return codec_->MakeCompressor(); }
  arrow::Result<std::shared_ptr<arrow::util::Decompressor>> MakeDecompressor() override {
    return codec_->MakeDecompressor();
  }
  arrow::Compression::type compression_type() const override { return codec_->compression_type(); }
  int compression_level() const override { return codec_->compression_level(); }
  int minimum_compression_level() const override { return codec_->minimum_compression_level(); }
  int maximum_compression_level() const override { return codec_->maximum_compression_level(); }
  int default_compression_level() const override { return codec_->default_compression_level(); }

 private:
  const std::shared_ptr<arrow::util::Codec> codec_;
};

/// The message of a batch of which nothing would be compressed: the one of a commit of few rows, for which Arrow's
/// writer costs more than all else that is done to it.
class SmallMessage {
 public:
  /// False where the batch has nested or sliced columns, or what is worth compressing.
  bool Take(const arrow::RecordBatch& rows, const arrow::util::Codec* codec) {
    if (rows.num_rows() == 0 || !TakeCodec(codec)) return false;
    head_.rows = rows.num_rows();
    const auto columns = static_cast<size_t>(rows.num_columns());
    nodes_.reserve(columns);
    buffers_.reserve(3 * columns);
    parts_.reserve(3 * columns);
    for (int i = 0; i < rows.num_columns(); ++i) {
      if (!TakeColumn(*rows.column_data(i))) return false;
    }
    return true;
  }

  Result<std::shared_ptr<arrow::Buffer>> Write(int64_t prefix_size) const {
    std::string metadata;
    AppendMetadata(head_, nodes_, buffers_, body_length_, &metadata);
    const auto body = prefix_size + static_cast<int64_t>(metadata.size());
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> message,
                          FromArrow(arrow::AllocateBuffer(body + body_length_)));
    std::memcpy(message->mutable_data() + prefix_size, metadata.data(), metadata.size());
    uint8_t* const out = message->mutable_data() + body;
    std::memset(out, 0, static_cast<size_t>(body_length_));
    for (size_t i = 0; i < parts_.size(); ++i) {
      uint8_t* at = out + buffers_[i].first;
      if (buffers_[i].second > parts_[i].size) {  // that it is as it was
        std::memset(at, 0xFF, sizeof(int64_t));
        at += sizeof(int64_t);
      }
      if (parts_[i].size > 0) std::memcpy(at, parts_[i].bytes, static_cast<size_t>(parts_[i].size));
    }
    return message;
  }

 private:
  struct Part {
    const uint8_t* bytes;
    int64_t size;
  };

  bool TakeCodec(const arrow::util::Codec* codec) {
    if (codec == nullptr) return true;
    const auto type = codec->compression_type();
    if (type == arrow::Compression::LZ4_FRAME) head_.codec = 0;
    if (type == arrow::Compression::ZSTD) head_.codec = 1;
    return head_.codec.has_value();
  }

  bool TakeColumn(const arrow::ArrayData& column) {
    if (column.offset != 0 || !column.child_data.empty() || column.dictionary != nullptr) return false;
    const int64_t nulls = column.GetNullCount();
    nodes_.push_back({column.length, nulls});
    const int64_t bits = (column.length + 7) / 8;
    if (!TakeBuffer(nulls > 0 ? column.buffers[0] : nullptr, nulls > 0 ? bits : 0)) return false;
    switch (column.type->id()) {
      case arrow::Type::BOOL: return column.buffers.size() == 2 && TakeBuffer(column.buffers[1], bits);
      case arrow::Type::STRING:
      case arrow::Type::BINARY: return column.buffers.size() == 3 && TakeTexts(column);
      default: break;
    }
    if (!arrow::is_fixed_width(column.type->id()) || column.buffers.size() != 2) return false;
    return TakeBuffer(column.buffers[1], column.length * column.type->byte_width());
  }

  bool TakeTexts(const arrow::ArrayData& column) {
    const int64_t size = (column.length + 1) * static_cast<int64_t>(sizeof(int32_t));
    if (column.buffers[1] == nullptr || column.buffers[1]->size() < size) return false;
    const auto* offsets = reinterpret_cast<const int32_t*>(column.buffers[1]->data());
    if (offsets[0] != 0) return false;
    return TakeBuffer(column.buffers[1], size) && TakeBuffer(column.buffers[2], offsets[column.length]);
  }

  bool TakeBuffer(const std::shared_ptr<arrow::Buffer>& buffer, int64_t size) {
    if (size > 0 && (buffer == nullptr || buffer->size() < size)) return false;
    if (head_.codec && size >= kLeastCompressed) return false;
    const int64_t stored = head_.codec && size > 0 ? size + static_cast<int64_t>(sizeof(int64_t)) : size;
    parts_.push_back({size > 0 ? buffer->data() : nullptr, size});
    buffers_.push_back({body_length_, stored});
    body_length_ += (stored + 7) / 8 * 8;
    return true;
  }

  MessageHead head_;
  std::vector<Pair> nodes_;
  std::vector<Pair> buffers_;
  std::vector<Part> parts_;  // of the buffers
  int64_t body_length_ = 0;
};

}  // namespace

Result<std::shared_ptr<arrow::Buffer>> EncodeArrowMessage(const arrow::RecordBatch& rows,
                                                          std::shared_ptr<arrow::util::Codec> codec,
                                                          int64_t prefix_size) {
  SmallMessage small;
  if (small.Take(rows, codec.get())) return small.Write(prefix_size);
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  if (codec != nullptr) {
    options.codec = std::make_shared<SparingCodec>(std::move(codec));
    options.min_space_savings = kLeastSaving;
  }
  options.use_threads = false;
  arrow::ipc::IpcPayload payload;
  WEIR_RETURN_NOT_OK(FromArrow(arrow::ipc::GetRecordBatchPayload(rows, options, &payload)));
  const int64_t size = prefix_size + arrow::ipc::GetPayloadSize(payload, options);
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, FromArrow(arrow::AllocateBuffer(size)));
  arrow::io::FixedSizeBufferWriter writer(arrow::SliceMutableBuffer(buffer, prefix_size));
  int32_t metadata_length = 0;
  WEIR_RETURN_NOT_OK(FromArrow(arrow::ipc::WriteIpcPayload(payload, options, &writer, &metadata_length)));
  return buffer;
}

Result<std::shared_ptr<arrow::RecordBatch>> DecodeArrowMessage(const std::shared_ptr<arrow::Buffer>& buffer,
                                                               int64_t offset,
                                                               const std::shared_ptr<arrow::Schema>& schema,
                                                               const std::vector<int>& columns) {
  WEIR_ASSIGN_OR_RETURN(const auto aligned, Aligned(arrow::SliceBuffer(buffer, offset)));
  WEIR_ASSIGN_OR_RETURN(const Message message, OpenMessage(aligned));
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.included_fields = columns;
  options.use_threads = false;
  WEIR_ASSIGN_OR_RETURN(auto rows,
                        FromArrow(arrow::ipc::ReadRecordBatch(*message.message, schema, nullptr, options),
                                  ErrorCode::kCorruptRecord));
  for (int i = 0; i < rows->num_columns(); ++i) {
    const auto data = rows->column_data(i);
    if (data->length != rows->num_rows()) {
      return CorruptArrow("column of length " + std::to_string(data->length) + " in a batch of " +
                     std::to_string(rows->num_rows()) + " rows");
    }
    WEIR_RETURN_NOT_OK(CheckArrayData(*data).WithContext("'" + rows->schema()->field(i)->name() + "'"));
  }
  return rows;
}

Status ProjectArrowMessage(std::string_view message, std::span<const DataType> types, std::span<const int> positions,
                           std::string* out) {
  const auto whole = std::make_shared<arrow::Buffer>(message);
  WEIR_ASSIGN_OR_RETURN(const auto aligned, Aligned(whole));
  WEIR_ASSIGN_OR_RETURN(const Message source, OpenMessage(aligned));

  std::vector<Pair> nodes, buffers, source_buffers;
  int64_t body_length = 0;
  ColumnLayout at;
  auto wanted = positions.begin();
  for (int column = 0; column < static_cast<int>(types.size()) && wanted != positions.end(); ++column) {
    const ColumnLayout from = at;
    AddLayout(types[column], &at);
    if (at.nodes > source.view.num_nodes() || at.buffers > source.view.num_buffers()) {
      return CorruptArrow("has " + std::to_string(source.view.num_nodes()) + " nodes and " +
                     std::to_string(source.view.num_buffers()) + " buffers, fewer than its schema");
    }
    if (*wanted != column) continue;
    ++wanted;
    for (int64_t i = from.nodes; i < at.nodes; ++i) nodes.push_back(source.view.node(i));
    for (int64_t i = from.buffers; i < at.buffers; ++i) {
      const Pair buffer = source.view.buffer(i);
      source_buffers.push_back(buffer);
      buffers.push_back({body_length, buffer.second});
      body_length += (buffer.second + 7) / 8 * 8;
    }
  }
  // A hostile message may name the same bytes often: the result is never larger than its source.
  if (body_length > source.message->body()->size() + 8 * static_cast<int64_t>(buffers.size())) {
    return CorruptArrow("has overlapping buffers");
  }
  const RecordBatchView& view = source.view;
  AppendMetadata({view.length(), view.compressed() ? std::optional(view.codec()) : std::nullopt}, nodes, buffers,
                 body_length, out);
  const auto* body = reinterpret_cast<const char*>(source.message->body()->data());
  for (const auto& [offset, length] : source_buffers) {
    out->append(body + offset, length);
    out->append((8 - length % 8) % 8, '\0');
  }
  return Status::OK();
}

}  // namespace weir
