#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "postgres/error.h"
#include "postgres/value/column_writer.h"
#include "sql/session.h"
#include "weir/status.h"

namespace weir::pgwire {

/// Messages of PostgreSQL's protocol 3.0. What a decoded one views lies in the bytes that it was decoded
/// from. Bytes that are no such message are 08P01.

// --- before the session starts ---

struct SslRequest {};
struct GssRequest {};
struct CancelRequest {
  int32_t process_id = 0;
  int32_t secret = 0;
};
struct StartupMessage {
  int major = 3;
  int minor = 0;
  std::vector<std::pair<std::string, std::string>> parameters;
};
using StartupPacket = std::variant<SslRequest, GssRequest, CancelRequest, StartupMessage>;

/// `body`: without the length. A version other than 3 is decoded without its parameters.
Result<StartupPacket> DecodeStartup(std::string_view body);

// --- from the client ---

struct QueryMessage {
  std::string_view text;
};
struct ParseMessage {
  std::string_view name;
  std::string_view text;
  std::vector<uint32_t> parameter_types;
};
struct BindMessage {
  std::string_view portal;
  std::string_view statement;
  std::vector<int16_t> parameter_formats;
  std::vector<std::optional<std::string_view>> values;
  std::vector<int16_t> result_formats;
};
/// A statement ('S') or a portal ('P').
struct Named {
  char kind = 'S';
  std::string_view name;
};
struct DescribeMessage : Named {};
struct CloseMessage : Named {};
struct ExecuteMessage {
  std::string_view portal;
  int32_t max_rows = 0;  // 0 and below: all
};
struct FlushMessage {};
struct SyncMessage {};
struct TerminateMessage {};
struct CopyDataMessage {
  std::string_view data;
};
struct CopyDoneMessage {};
struct CopyFailMessage {
  std::string_view reason;
};
struct FunctionCallMessage {};
using FrontendMessage =
    std::variant<QueryMessage, ParseMessage, BindMessage, DescribeMessage, CloseMessage, ExecuteMessage, FlushMessage,
                 SyncMessage, TerminateMessage, CopyDataMessage, CopyDoneMessage, CopyFailMessage, FunctionCallMessage>;

Result<FrontendMessage> DecodeMessage(char type, std::string_view body);

// --- to the client ---

/// Appends messages to a buffer.
class MessageWriter {
 public:
  void AuthenticationOk();
  /// Names the mechanisms that a client may log in by.
  void AuthenticationSasl(const std::vector<std::string_view>& mechanisms);
  void AuthenticationSaslContinue(std::string_view data);
  void AuthenticationSaslFinal(std::string_view data);
  void NegotiateProtocolVersion(const std::vector<std::string>& unknown_options);
  void ParameterStatus(std::string_view name, std::string_view value);
  void BackendKeyData(int32_t process_id, int32_t secret);
  void ReadyForQuery(char status);
  void ErrorResponse(const postgres::ErrorFields& fields) { Fields('E', fields); }
  void NoticeResponse(const postgres::ErrorFields& fields) { Fields('N', fields); }
  /// A message that is its type alone: '1' parsed, '2' bound, '3' closed, 'n' no data, 's' suspended,
  /// 'I' empty query, 'c' end of copy.
  void Plain(char type);
  void CommandComplete(std::string_view tag);
  void ParameterDescription(const std::vector<uint32_t>& types);
  /// `formats`: none (all text), one for all, or one a column.
  void RowDescription(const std::vector<sql::ResultColumn>& columns, const std::vector<int16_t>& formats);
  /// Nothing is appended for a row that is larger than PostgreSQL's can be (54000).
  [[nodiscard]] Status DataRow(const std::vector<std::unique_ptr<postgres::ColumnWriter>>& columns, int64_t row);
  /// 'G' takes, 'H' gives rows, all columns in one format.
  void CopyResponse(char type, size_t columns, postgres::Format format);
  /// The same.
  [[nodiscard]] Status CopyData(std::string_view data);

  std::string& bytes() { return bytes_; }

 private:
  void Begin(char type);
  void End();
  void Text(std::string_view text);
  void Fields(char type, const postgres::ErrorFields& fields);

  std::string bytes_;
  size_t begin_ = 0;  // of the length of the message under way
};

using postgres::Format;

/// The format of column or parameter `i`, of none, one or one for each.
inline Format FormatAt(const std::vector<int16_t>& formats, size_t i) {
  if (formats.empty()) return Format::kText;
  return static_cast<Format>(formats.size() == 1 ? formats[0] : formats[i]);
}

}  // namespace weir::pgwire
