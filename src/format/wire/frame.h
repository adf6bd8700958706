#pragma once

#include <arrow/buffer.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace google::protobuf {
class MessageLite;
}

namespace weir::wire {

/// Frames of the Fluss protocol (docs/fluss-formats.md, "Frames"): a big-endian length, then that many bytes.

/// Cuts a stream of bytes into frames. A frame gets memory of its own, so slices of it can be kept; it grows as the
/// frame arrives, whose bytes are read straight into it where there are many.
class FrameReader {
 public:
  explicit FrameReader(int32_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  /// Where the next bytes of the stream go: never empty. Asked for after Next() gave null.
  std::span<uint8_t> Space();
  /// The first `size` bytes of Space() are filled.
  void Commit(size_t size);
  /// The next frame without its length; null while it is not complete. Code 3 when the stream
  /// announces a length below 0 or above the maximum: nothing after it can be made sense of.
  Result<std::shared_ptr<arrow::Buffer>> Next();
  /// What has come and belongs to no frame yet, from the start of the next one.
  std::string_view staged() const {
    return {reinterpret_cast<const char*>(staged_.data()) + begin_, end_ - begin_};
  }
  /// The memory that the frame under way takes so far.
  int64_t frame_bytes() const { return frame_ == nullptr ? 0 : frame_->size(); }
  /// Leaves out the first `size` bytes of these.
  void Skip(size_t size) { begin_ += size; }

 private:
  static constexpr size_t kStagedBytes = 64 << 10;
  static constexpr int64_t kFirstBytes = 64 << 10;  // of a frame's memory: what is announced may never come
  static constexpr int64_t kNextBytes = 1 << 20;    // when it did come; from there on twice as much each time

  Status StartFrame();
  Status GrowFrame();
  /// Of the frame under way.
  int64_t room() const { return frame_->size() - filled_; }

  const int32_t max_frame_bytes_;
  std::array<uint8_t, kStagedBytes> staged_;
  size_t begin_ = 0;  // of what is staged and not taken yet
  size_t end_ = 0;
  std::shared_ptr<arrow::ResizableBuffer> frame_;  // under way
  int64_t length_ = 0;                             // that was announced for it
  int64_t filled_ = 0;
};

struct RequestHeader {
  int16_t api_key = 0;
  int16_t api_version = 0;
  int32_t request_id = 0;
};
struct Request {
  RequestHeader header;
  std::shared_ptr<arrow::Buffer> message;  // a slice of the frame
};
/// Code 3 when the frame is shorter than a header.
Result<Request> ParseRequest(const std::shared_ptr<arrow::Buffer>& frame);

/// A frame to send, length included: pieces that go out one after another.
struct Frame {
  std::vector<std::shared_ptr<arrow::Buffer>> pieces;
  int64_t size() const;
};

/// Messages must have all their required fields.
Frame EncodeRequest(const RequestHeader& header, const google::protobuf::MessageLite& message);
Frame EncodeResponse(int32_t request_id, const google::protobuf::MessageLite& message);
/// An answer that says that the request failed. `error` is not OK; code -2 goes out as -1.
Frame EncodeError(int32_t request_id, const Status& error);

struct Response {
  int32_t request_id = 0;
  Status status;                           // of a request that failed, as FromWire has it
  std::shared_ptr<arrow::Buffer> message;  // a slice of the frame, when the status is OK
};
/// Code 3 when the frame is no response, code 1 when it says that the server gives the connection up.
Result<Response> ParseResponse(const std::shared_ptr<arrow::Buffer>& frame);

/// The status that a code and a text on the wire stand for; 0 is OK, a code that is not listed is kept.
/// Of a text with many lines (servers send stack traces) the first is kept.
Status FromWire(int32_t code, std::string_view message);

/// Parses a message; code 3 when it is malformed, goes on after its end, or lacks a required field.
Status ParseMessage(const arrow::Buffer& bytes, google::protobuf::MessageLite* message);

/// The code to send for `status`: the protocol has none for a caller's own mistakes.
int32_t WireErrorCode(const Status& status);

/// A message that is put together from text and from buffers that are sent as they are.
class GatheredMessage {
 public:
  GatheredMessage() = default;
  explicit GatheredMessage(const google::protobuf::MessageLite& message);

  /// Appends to the text; the pieces keep their order.
  void Append(std::string_view bytes) { text_ += bytes; }
  /// A varint field header: field number, wire type 2, and the length of what follows.
  void AppendLengthPrefix(int field, int64_t length);
  void Append(const std::shared_ptr<arrow::Buffer>& bytes);

  int64_t size() const;
  /// The frame of a successful response.
  Frame ToResponse(int32_t request_id) &&;
  /// The frame of a request; the size must fit one (MaxRequestBytes).
  Frame ToRequest(const RequestHeader& header) &&;
  static int64_t MaxRequestBytes();

  static int64_t LengthPrefixSize(int field, int64_t length);

 private:
  void FlushText();
  Frame ToFrame(std::string header) &&;

  std::string text_;
  std::vector<std::shared_ptr<arrow::Buffer>> pieces_;
};

}  // namespace weir::wire
