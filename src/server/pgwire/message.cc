#include "server/pgwire/message.h"

#include <fmt/format.h>

#include "format/big_endian.h"

namespace weir::pgwire {
namespace {

constexpr int kRequestMajor = 1234;  // what is asked for instead of a version
constexpr int kCancelMinor = 5678;
constexpr int kSslMinor = 5679;
constexpr int kGssMinor = 5680;

// What an authentication message asks for.
constexpr int32_t kSaslMechanisms = 10;
constexpr int32_t kSaslContinue = 11;
constexpr int32_t kSaslFinal = 12;

constexpr size_t kLargestRow = 0x3fffffff;  // that PostgreSQL's clients are ever sent

/// In PostgreSQL's words.
Status RowTooLarge(size_t before, size_t more) {
  return postgres::Error(
      "54000", "out of memory",
      {.detail = fmt::format("Cannot enlarge string buffer containing {} bytes by {} more bytes.", before, more)});
}

Status Malformed(std::string message) { return postgres::Error("08P01", std::move(message)); }

/// Takes values off the front of a message; the first that is not there makes all of it malformed.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  T Integer() {
    if (left_.size() < sizeof(T)) {
      Fail("insufficient data left in message");
      return 0;
    }
    const T value = LoadBigEndian<T>(left_);
    left_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view Text() {
    const size_t end = left_.find('\0');
    if (end == std::string_view::npos) {
      Fail("invalid string in message");
      return {};
    }
    const std::string_view text = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return text;
  }

  std::string_view Bytes(size_t size) {
    if (size > left_.size()) {
      Fail("insufficient data left in message");
      return {};
    }
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }

  std::string_view Rest() { return Bytes(left_.size()); }

  /// A count, and that many integers.
  template <typename T>
  std::vector<T> Integers() {
    const auto count = static_cast<size_t>(Integer<uint16_t>());
    if (count * sizeof(T) > left_.size()) {
      Fail("insufficient data left in message");
      return {};
    }
    std::vector<T> values;
    values.reserve(count);
    while (values.size() < count) values.push_back(Integer<T>());
    return values;
  }

  bool ok() const { return problem_ == nullptr; }
  bool empty() const { return left_.empty(); }
  void Fail(const char* problem) {
    if (problem_ == nullptr) problem_ = problem;
    left_ = {};
  }
  /// Everything was there, and nothing is left over.
  Status Finish() {
    if (ok() && !empty()) Fail("invalid message format");
    return ok() ? Status::OK() : Malformed(problem_);
  }

 private:
  std::string_view left_;
  const char* problem_ = nullptr;
};

ParseMessage TakeParse(Reader& reader) {
  ParseMessage message{.name = reader.Text(), .text = reader.Text(), .parameter_types = {}};
  message.parameter_types = reader.Integers<uint32_t>();
  return message;
}

BindMessage TakeBind(Reader& reader) {
  BindMessage message;
  message.portal = reader.Text();
  message.statement = reader.Text();
  message.parameter_formats = reader.Integers<int16_t>();
  const auto count = static_cast<size_t>(reader.Integer<uint16_t>());
  while (reader.ok() && message.values.size() < count) {
    const auto length = reader.Integer<int32_t>();
    if (length == -1) message.values.emplace_back();
    else if (length < 0) reader.Fail("invalid message format");
    else message.values.emplace_back(reader.Bytes(static_cast<size_t>(length)));
  }
  message.result_formats = reader.Integers<int16_t>();
  return message;
}

Named TakeNamed(Reader& reader) {
  const Named named{.kind = static_cast<char>(reader.Integer<int8_t>()), .name = reader.Text()};
  if (named.kind != 'S' && named.kind != 'P') reader.Fail("invalid message format");
  return named;
}

Result<FrontendMessage> TakeMessage(char type, Reader& reader) {
  switch (type) {
    case 'Q': return FrontendMessage(QueryMessage{reader.Text()});
    case 'P': return FrontendMessage(TakeParse(reader));
    case 'B': return FrontendMessage(TakeBind(reader));
    case 'D': return FrontendMessage(DescribeMessage{TakeNamed(reader)});
    case 'C': return FrontendMessage(CloseMessage{TakeNamed(reader)});
    case 'E': {
      const std::string_view portal = reader.Text();
      return FrontendMessage(ExecuteMessage{.portal = portal, .max_rows = reader.Integer<int32_t>()});
    }
    case 'H': return FrontendMessage(FlushMessage{});
    case 'S': return FrontendMessage(SyncMessage{});
    case 'X': return FrontendMessage(TerminateMessage{});
    case 'd': return FrontendMessage(CopyDataMessage{reader.Rest()});
    case 'c': return FrontendMessage(CopyDoneMessage{});
    case 'f': return FrontendMessage(CopyFailMessage{reader.Text()});
    case 'F': reader.Rest(); return FrontendMessage(FunctionCallMessage{});
    default: return Malformed(fmt::format("invalid frontend message type {}", static_cast<uint8_t>(type)));
  }
}

}  // namespace

Result<StartupPacket> DecodeStartup(std::string_view body) {
  Reader reader(body);
  const int major = reader.Integer<uint16_t>();
  const int minor = reader.Integer<uint16_t>();
  if (!reader.ok()) return Malformed("invalid length of startup packet");
  if (major == kRequestMajor && minor == kSslMinor) return StartupPacket(SslRequest{});
  if (major == kRequestMajor && minor == kGssMinor) return StartupPacket(GssRequest{});
  if (major == kRequestMajor && minor == kCancelMinor) {
    const auto process_id = reader.Integer<int32_t>();
    const CancelRequest request{.process_id = process_id, .secret = reader.Integer<int32_t>()};
    WEIR_RETURN_NOT_OK(reader.Finish());
    return StartupPacket(request);
  }
  StartupMessage message{.major = major, .minor = minor, .parameters = {}};
  if (major != 3) return StartupPacket(std::move(message));
  while (true) {
    const std::string_view name = reader.Text();
    if (!reader.ok() || name.empty()) break;
    message.parameters.emplace_back(name, reader.Text());
  }
  if (!reader.ok() || !reader.empty()) {
    return Malformed("invalid startup packet layout: expected terminator as last byte");
  }
  return StartupPacket(std::move(message));
}

Result<FrontendMessage> DecodeMessage(char type, std::string_view body) {
  Reader reader(body);
  WEIR_ASSIGN_OR_RETURN(FrontendMessage message, TakeMessage(type, reader));
  WEIR_RETURN_NOT_OK(reader.Finish());
  return message;
}

// --- writing ---

void MessageWriter::Begin(char type) {
  bytes_.push_back(type);
  begin_ = bytes_.size();
  AppendBigEndian(int32_t{0}, &bytes_);
}

void MessageWriter::End() { StoreBigEndian(static_cast<int32_t>(bytes_.size() - begin_), bytes_.data() + begin_); }

void MessageWriter::Text(std::string_view text) {
  bytes_ += text.substr(0, text.find('\0'));
  bytes_.push_back('\0');
}

void MessageWriter::AuthenticationOk() {
  Begin('R');
  AppendBigEndian(int32_t{0}, &bytes_);
  End();
}

void MessageWriter::AuthenticationSasl(const std::vector<std::string_view>& mechanisms) {
  Begin('R');
  AppendBigEndian(kSaslMechanisms, &bytes_);
  for (const std::string_view mechanism : mechanisms) Text(mechanism);
  bytes_.push_back('\0');
  End();
}

void MessageWriter::AuthenticationSaslContinue(std::string_view data) {
  Begin('R');
  AppendBigEndian(kSaslContinue, &bytes_);
  bytes_ += data;
  End();
}

void MessageWriter::AuthenticationSaslFinal(std::string_view data) {
  Begin('R');
  AppendBigEndian(kSaslFinal, &bytes_);
  bytes_ += data;
  End();
}

void MessageWriter::NegotiateProtocolVersion(const std::vector<std::string>& unknown_options) {
  Begin('v');
  AppendBigEndian(int32_t{3} << 16, &bytes_);
  AppendBigEndian(static_cast<int32_t>(unknown_options.size()), &bytes_);
  for (const std::string& option : unknown_options) Text(option);
  End();
}

void MessageWriter::ParameterStatus(std::string_view name, std::string_view value) {
  Begin('S');
  Text(name);
  Text(value);
  End();
}

void MessageWriter::BackendKeyData(int32_t process_id, int32_t secret) {
  Begin('K');
  AppendBigEndian(process_id, &bytes_);
  AppendBigEndian(secret, &bytes_);
  End();
}

void MessageWriter::ReadyForQuery(char status) {
  Begin('Z');
  bytes_.push_back(status);
  End();
}

void MessageWriter::Fields(char type, const postgres::ErrorFields& fields) {
  Begin(type);
  const auto field = [&](char code, std::string_view text) {
    if (text.empty()) return;
    bytes_.push_back(code);
    Text(text);
  };
  field('S', fields.severity);
  field('V', fields.severity);
  field('C', fields.sqlstate.empty() ? "XX000" : fields.sqlstate);
  field('M', fields.message.empty() ? "unknown error" : fields.message);
  field('D', fields.detail);
  field('H', fields.hint);
  if (fields.position > 0) field('P', std::to_string(fields.position));
  field('W', fields.context);
  field('s', fields.schema);
  field('t', fields.table);
  field('c', fields.column);
  field('n', fields.constraint);
  bytes_.push_back('\0');
  End();
}

void MessageWriter::Plain(char type) {
  Begin(type);
  End();
}

void MessageWriter::CommandComplete(std::string_view tag) {
  Begin('C');
  Text(tag);
  End();
}

void MessageWriter::ParameterDescription(const std::vector<uint32_t>& types) {
  Begin('t');
  AppendBigEndian(static_cast<int16_t>(types.size()), &bytes_);
  for (const uint32_t type : types) AppendBigEndian(type, &bytes_);
  End();
}

void MessageWriter::RowDescription(const std::vector<sql::ResultColumn>& columns, const std::vector<int16_t>& formats) {
  Begin('T');
  AppendBigEndian(static_cast<int16_t>(columns.size()), &bytes_);
  for (size_t i = 0; i < columns.size(); ++i) {
    Text(columns[i].name);
    AppendBigEndian(columns[i].table, &bytes_);
    AppendBigEndian(columns[i].number, &bytes_);
    AppendBigEndian(columns[i].type_oid, &bytes_);
    AppendBigEndian(columns[i].type_size, &bytes_);
    AppendBigEndian(columns[i].type_modifier, &bytes_);
    AppendBigEndian(static_cast<int16_t>(FormatAt(formats, i)), &bytes_);
  }
  End();
}

Status MessageWriter::DataRow(const std::vector<std::unique_ptr<postgres::ColumnWriter>>& columns, int64_t row) {
  Begin('D');
  AppendBigEndian(static_cast<int16_t>(columns.size()), &bytes_);
  for (const auto& column : columns) {
    const size_t length_at = bytes_.size();
    AppendBigEndian(int32_t{-1}, &bytes_);
    if (column->IsNull(row)) continue;
    try {
      column->Write(row, &bytes_);
    } catch (const std::bad_alloc&) {
      bytes_.resize(begin_ - 1);  // no part of the message stays
      throw;
    }
    const size_t before = length_at - begin_;
    const size_t more = bytes_.size() - length_at - 4;
    if (before + more >= kLargestRow) {
      bytes_.resize(begin_ - 1);
      return RowTooLarge(before, more);
    }
    StoreBigEndian(static_cast<int32_t>(more), bytes_.data() + length_at);
  }
  End();
  return Status::OK();
}

void MessageWriter::CopyResponse(char type, size_t columns, postgres::Format format) {
  Begin(type);
  bytes_.push_back(static_cast<char>(format));
  AppendBigEndian(static_cast<int16_t>(columns), &bytes_);
  for (size_t i = 0; i < columns; ++i) AppendBigEndian(static_cast<int16_t>(format), &bytes_);
  End();
}

Status MessageWriter::CopyData(std::string_view data) {
  if (data.size() >= kLargestRow) return RowTooLarge(0, data.size());
  bytes_.reserve(bytes_.size() + data.size() + 5);  // that fails before a part of the message is there
  Begin('d');
  bytes_ += data;
  End();
  return Status::OK();
}

}  // namespace weir::pgwire
