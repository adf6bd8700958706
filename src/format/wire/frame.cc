#include "format/wire/frame.h"

#include <arrow/memory_pool.h>
#include <arrow/result.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "format/big_endian.h"
#include "format/wire/fluss.pb.h"

namespace weir::wire {
namespace {

using google::protobuf::MessageLite;
using google::protobuf::io::CodedOutputStream;

constexpr int kLengthBytes = 4;
constexpr int kRequestHeaderBytes = 8;
constexpr int kResponseHeaderBytes = 5;
constexpr int64_t kCopiedPieceBytes = 4096;  // up to here a copy is cheaper than another piece
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int32_t>::max() - kResponseHeaderBytes;
constexpr char kSuccess = 0;
constexpr char kError = 1;
constexpr char kServerFailure = 2;

std::string ResponseHeader(char type, int32_t request_id, int64_t message_bytes) {
  std::string out;
  AppendBigEndian(static_cast<int32_t>(kResponseHeaderBytes + message_bytes), &out);
  out.push_back(type);
  AppendBigEndian(request_id, &out);
  return out;
}

std::string RequestHeaderBytes(const RequestHeader& header, int64_t message_bytes) {
  std::string out;
  AppendBigEndian(static_cast<int32_t>(kRequestHeaderBytes + message_bytes), &out);
  AppendBigEndian(header.api_key, &out);
  AppendBigEndian(header.api_version, &out);
  AppendBigEndian(header.request_id, &out);
  return out;
}

Status TooLarge(int64_t size) {
  return {ErrorCode::kUnknownServerError,
          fmt::format("the answer takes {} bytes, and a frame can hold {}: ask for less at once", size,
                      kMaxMessageBytes)};
}

Status NoMemory(int64_t length, const arrow::Status& said) {
  return {ErrorCode::kUnknownServerError,
          fmt::format("no memory for a frame of {} bytes: {}", length, said.ToString())};
}

Frame OnePiece(std::string header, const MessageLite& message) {
  message.AppendPartialToString(&header);
  return Frame{{arrow::Buffer::FromString(std::move(header))}};
}

std::string_view View(const arrow::Buffer& buffer) { return std::string_view(buffer); }

/// What an ErrorResponse says; never OK.
Status ParseError(const arrow::Buffer& bytes) {
  ErrorResponse error;
  WEIR_RETURN_NOT_OK(ParseMessage(bytes, &error));
  const Status status = FromWire(error.error_code(), error.error_message());
  return status.ok() ? FromWire(-1, error.error_message()) : status;
}

}  // namespace

std::span<uint8_t> FrameReader::Space() {
  if (frame_ != nullptr && room() >= static_cast<int64_t>(kStagedBytes)) {
    return {frame_->mutable_data() + filled_, static_cast<size_t>(room())};
  }
  std::memmove(staged_.data(), staged_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span(staged_).subspan(end_);
}

void FrameReader::Commit(size_t size) {
  if (frame_ != nullptr && room() >= static_cast<int64_t>(kStagedBytes)) {
    filled_ += static_cast<int64_t>(size);
  } else {
    end_ += size;
  }
}

Result<std::shared_ptr<arrow::Buffer>> FrameReader::Next() {
  if (frame_ == nullptr) {
    if (end_ - begin_ < kLengthBytes) return std::shared_ptr<arrow::Buffer>();
    WEIR_RETURN_NOT_OK(StartFrame());
  }
  while (true) {
    const int64_t taken = std::min<int64_t>(static_cast<int64_t>(end_ - begin_), room());
    std::memcpy(frame_->mutable_data() + filled_, staged_.data() + begin_, static_cast<size_t>(taken));
    begin_ += static_cast<size_t>(taken);
    filled_ += taken;
    if (filled_ == length_) return std::shared_ptr<arrow::Buffer>(std::exchange(frame_, nullptr));
    if (room() > 0) return std::shared_ptr<arrow::Buffer>();
    WEIR_RETURN_NOT_OK(GrowFrame());
  }
}

Status FrameReader::StartFrame() {
  const auto length = LoadBigEndian<int32_t>(staged_.data() + begin_);
  if (length < 0 || length > max_frame_bytes_) {
    return {ErrorCode::kCorruptMessage,
            fmt::format("a frame of {} bytes was announced, it must be between 0 and {}", length, max_frame_bytes_)};
  }
  length_ = length;
  filled_ = 0;
  begin_ += kLengthBytes;
  auto memory = arrow::AllocateResizableBuffer(std::min(length_, kFirstBytes));
  if (!memory.ok()) return NoMemory(length_, memory.status());
  frame_ = std::move(memory).ValueUnsafe();
  return Status::OK();
}

/// Only for what has arrived: a length that is announced costs nothing.
Status FrameReader::GrowFrame() {
  const int64_t size = std::min(length_, std::max(kNextBytes, 2 * frame_->size()));
  const arrow::Status grown = frame_->Resize(size, /*shrink_to_fit=*/false);
  return grown.ok() ? Status::OK() : NoMemory(length_, grown);
}

Result<Request> ParseRequest(const std::shared_ptr<arrow::Buffer>& frame) {
  if (frame->size() < kRequestHeaderBytes) {
    return Status(ErrorCode::kCorruptMessage, fmt::format("a request frame has {} bytes, its header alone takes {}",
                                                          frame->size(), kRequestHeaderBytes));
  }
  Request request;
  request.header.api_key = LoadBigEndian<int16_t>(frame->data());
  request.header.api_version = LoadBigEndian<int16_t>(frame->data() + 2);
  request.header.request_id = LoadBigEndian<int32_t>(frame->data() + 4);
  request.message = arrow::SliceBuffer(frame, kRequestHeaderBytes);
  return request;
}

Result<Response> ParseResponse(const std::shared_ptr<arrow::Buffer>& frame) {
  const char type = frame->size() > 0 ? static_cast<char>(frame->data()[0]) : -1;
  if (type == kServerFailure) {
    const Status failure = ParseError(*arrow::SliceBuffer(frame, 1));
    return Status(ErrorCode::kNetworkException, "the server gives the connection up: " + failure.message());
  }
  constexpr int64_t kHeaderBytes = kResponseHeaderBytes;
  if ((type != kSuccess && type != kError) || frame->size() < kHeaderBytes) {
    return Status(ErrorCode::kCorruptMessage,
                  fmt::format("a frame of {} bytes and type {} is no response", frame->size(), int{type}));
  }
  Response response;
  response.request_id = LoadBigEndian<int32_t>(frame->data() + 1);
  response.message = arrow::SliceBuffer(frame, kHeaderBytes);
  if (type == kError) response.status = ParseError(*response.message);
  return response;
}

Status FromWire(int32_t code, std::string_view message) {
  std::string_view line = message.substr(0, message.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {code < 0 ? ErrorCode::kUnknownServerError : static_cast<ErrorCode>(code), std::string(line)};
}

int64_t Frame::size() const {
  int64_t size = 0;
  for (const auto& piece : pieces) size += piece->size();
  return size;
}

Frame EncodeRequest(const RequestHeader& header, const MessageLite& message) {
  return OnePiece(RequestHeaderBytes(header, static_cast<int64_t>(message.ByteSizeLong())), message);
}

Frame EncodeResponse(int32_t request_id, const MessageLite& message) {
  const auto size = static_cast<int64_t>(message.ByteSizeLong());
  if (size > kMaxMessageBytes) return EncodeError(request_id, TooLarge(size));
  return OnePiece(ResponseHeader(kSuccess, request_id, size), message);
}

Frame EncodeError(int32_t request_id, const Status& error) {
  ErrorResponse message;
  message.set_error_code(WireErrorCode(error));
  message.set_error_message(error.message());
  return OnePiece(ResponseHeader(kError, request_id, static_cast<int64_t>(message.ByteSizeLong())), message);
}

Status ParseMessage(const arrow::Buffer& bytes, MessageLite* message) {
  if (bytes.size() <= std::numeric_limits<int>::max() &&
      message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    if (message->IsInitialized()) return Status::OK();
    return {ErrorCode::kCorruptMessage, fmt::format("{} lacks a required field: {}", message->GetTypeName(),
                                                    message->InitializationErrorString())};
  }
  return {ErrorCode::kCorruptMessage,
          fmt::format("{} bytes are no well-formed {}", bytes.size(), message->GetTypeName())};
}

int32_t WireErrorCode(const Status& status) {
  const ErrorCode code = status.code() == ErrorCode::kClientError ? ErrorCode::kUnknownServerError : status.code();
  return static_cast<int32_t>(code);
}

GatheredMessage::GatheredMessage(const MessageLite& message) : text_(message.SerializePartialAsString()) {}

void GatheredMessage::AppendLengthPrefix(int field, int64_t length) {
  uint8_t bytes[10];
  uint8_t* end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(field) << 3 | 2, bytes);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(length), end);
  text_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
}

int64_t GatheredMessage::LengthPrefixSize(int field, int64_t length) {
  return static_cast<int64_t>(CodedOutputStream::VarintSize32(static_cast<uint32_t>(field) << 3 | 2) +
                              CodedOutputStream::VarintSize32(static_cast<uint32_t>(length)));
}

void GatheredMessage::Append(const std::shared_ptr<arrow::Buffer>& bytes) {
  if (bytes->size() <= kCopiedPieceBytes) {
    text_ += View(*bytes);
    return;
  }
  FlushText();
  pieces_.push_back(bytes);
}

void GatheredMessage::FlushText() {
  if (text_.empty()) return;
  pieces_.push_back(arrow::Buffer::FromString(std::exchange(text_, {})));
}

int64_t GatheredMessage::size() const {
  auto size = static_cast<int64_t>(text_.size());
  for (const auto& piece : pieces_) size += piece->size();
  return size;
}

int64_t GatheredMessage::MaxRequestBytes() { return std::numeric_limits<int32_t>::max() - kRequestHeaderBytes; }

Frame GatheredMessage::ToResponse(int32_t request_id) && {
  if (size() > kMaxMessageBytes) return EncodeError(request_id, TooLarge(size()));
  return std::move(*this).ToFrame(ResponseHeader(kSuccess, request_id, size()));
}

Frame GatheredMessage::ToRequest(const RequestHeader& header) && {
  return std::move(*this).ToFrame(RequestHeaderBytes(header, size()));
}

Frame GatheredMessage::ToFrame(std::string header) && {
  if (pieces_.empty()) return Frame{{arrow::Buffer::FromString(std::move(header) + text_)}};
  FlushText();
  Frame frame;
  frame.pieces.reserve(pieces_.size() + 1);
  frame.pieces.push_back(arrow::Buffer::FromString(std::move(header)));
  for (auto& piece : pieces_) frame.pieces.push_back(std::move(piece));
  return frame;
}

}  // namespace weir::wire
