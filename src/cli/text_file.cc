#include "cli/text_file.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/util/compression.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int64_t kReadBytes = 1 << 20;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kBzip2Magic = "BZh";  // and a digit, and the start of a block
constexpr std::string_view kBzip2Block = "\x31\x41\x59\x26\x53\x59";
constexpr std::string_view kXzMagic{"\xfd\x37zXZ\0", 6};
constexpr int64_t kMagicBytes = 10;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
// Those of UTF-32 first: one of UTF-16 begins one of them.
constexpr std::pair<std::string_view, const char*> kMarks[] = {{{"\xff\xfe\0\0", 4}, "utf-32"},
                                                               {{"\0\0\xfe\xff", 4}, "utf-32"},
                                                               {"\xff\xfe", "utf-16"},
                                                               {"\xfe\xff", "utf-16"}};

bool IsUtf8Name(std::string name) {
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name == "utf8";
}

bool IsUtf8(std::string_view text) {
  return arrow::util::ValidateUTF8(reinterpret_cast<const uint8_t*>(text.data()), static_cast<int64_t>(text.size()));
}

/// How a file that begins so is compressed.
Result<arrow::Compression::type> CompressionOf(std::string_view start) {
  if (start.starts_with(kGzipMagic)) return arrow::Compression::GZIP;
  if (start.starts_with(kZstdMagic)) return arrow::Compression::ZSTD;
  if (start.starts_with(kBzip2Magic) && start.substr(kBzip2Magic.size() + 1).starts_with(kBzip2Block)) {
    return arrow::Compression::BZ2;
  }
  if (start.starts_with(kXzMagic)) {
    return Status::Invalid("it is compressed with xz: gzip, zstd and bzip2 are read, so decompress it before");
  }
  return arrow::Compression::UNCOMPRESSED;
}

/// Bytes of the character that `lead` begins; 1 where it begins none.
size_t CharacterBytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

/// Where the last character begins if the text ends within it, else the text's size.
size_t WholeCharacters(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const char c = text[text.size() - back];
    if ((c & 0xC0) == 0x80) continue;
    return CharacterBytes(c) > back ? text.size() - back : text.size();
  }
  return text.size();
}

/// The first byte that begins no character of UTF-8. The caller knows that there is one.
size_t FirstBadByte(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && IsUtf8(text.substr(at, CharacterBytes(text[at])))) at += CharacterBytes(text[at]);
  return at;
}

Status NotOf(const std::string& encoding, char byte, const std::string& hint) {
  return Status::Invalid(fmt::format("byte 0x{:02X} is no {}{}", static_cast<unsigned char>(byte), encoding, hint));
}

}  // namespace

int64_t CountLines(std::string_view text) {
  const auto lines = std::ranges::count(text, '\n');
  return lines > 0 ? lines : std::ranges::count(text, '\r');
}

/// Any encoding as UTF-8, piece by piece.
class TextFile::Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> Make(const std::string& name) {
    const std::string known = name == "latin-1" ? "LATIN1" : name;
    // "//IGNORE" and its like would leave out what cannot be read.
    const auto state = name.find('/') == std::string::npos ? ::iconv_open("UTF-8", known.c_str()) : kNone;
    if (state == kNone) {
      return Status::Invalid(fmt::format("'{}' is no encoding that is known here; there are utf-8, utf-16, latin-1, "
                                         "windows-1252 and what `iconv -l` lists",
                                         name));
    }
    return std::unique_ptr<Decoder>(new Decoder(name, state));
  }
  ~Decoder() { ::iconv_close(state_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Moves what it can from `raw` to `text`; `last`: no more bytes follow.
  Status Take(std::string* raw, bool last, std::string* text) {
    char* from = raw->data();
    size_t left = raw->size();
    int error = 0;
    do {
      const size_t before = text->size();
      text->resize(before + std::max<size_t>(4 * left, 16));
      char* to = text->data() + before;
      size_t space = text->size() - before;
      error = ::iconv(state_, &from, &left, &to, &space) == static_cast<size_t>(-1) ? errno : 0;
      text->resize(text->size() - space);
    } while (error == E2BIG);
    raw->erase(0, raw->size() - left);
    if (error == 0 || (error == EINVAL && !last)) return Status::OK();
    return NotOf(name_, raw->front(), "");
  }

 private:
  static inline const iconv_t kNone = reinterpret_cast<iconv_t>(-1);
  Decoder(std::string name, iconv_t state) : name_(std::move(name)), state_(state) {}

  const std::string name_;
  const iconv_t state_;
};

Result<std::unique_ptr<TextFile>> TextFile::Open(const std::string& path, const std::string& encoding) {
  auto file = std::unique_ptr<TextFile>(new TextFile(path));
  const Status started = file->Start(encoding);
  if (!started.ok()) return started.WithContext(fmt::format("file '{}'", path));
  return file;
}

TextFile::TextFile(std::string path) : path_(std::move(path)) {}
TextFile::~TextFile() = default;

Status TextFile::Start(const std::string& encoding) {
  arrow::util::InitializeUTF8();
  WEIR_ASSIGN_OR_RETURN(file_, FromArrow(arrow::io::ReadableFile::Open(path_)));
  WEIR_ASSIGN_OR_RETURN(bytes_, FromArrow(file_->GetSize()));
  WEIR_ASSIGN_OR_RETURN(const auto start, FromArrow(file_->ReadAt(0, kMagicBytes)));
  WEIR_RETURN_NOT_OK(FromArrow(file_->Seek(0)));
  WEIR_ASSIGN_OR_RETURN(const auto compression, CompressionOf(std::string_view(*start)));
  input_ = file_;
  if (compression != arrow::Compression::UNCOMPRESSED) {
    WEIR_ASSIGN_OR_RETURN(codec_, FromArrow(arrow::util::Codec::Create(compression)));
    WEIR_ASSIGN_OR_RETURN(input_, FromArrow(arrow::io::CompressedInputStream::Make(codec_.get(), file_)));
  }
  WEIR_RETURN_NOT_OK(ReadRaw());
  std::string name = encoding;
  if (encoding.empty()) {
    const auto marked = std::ranges::find_if(kMarks, [&](const auto& mark) { return raw_.starts_with(mark.first); });
    if (marked != std::ranges::end(kMarks)) name = marked->second;
  }
  if (name.empty() || IsUtf8Name(name)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(decoder_, Decoder::Make(name));
  return Status::OK();
}

Status TextFile::ReadRaw() {
  WEIR_ASSIGN_OR_RETURN(const auto bytes, FromArrow(input_->Read(kReadBytes)));
  at_end_ = bytes->size() == 0;
  raw_ += std::string_view(*bytes);
  return Status::OK();
}

Status TextFile::TakeUtf8(std::string* text) {
  const size_t whole = at_end_ ? raw_.size() : WholeCharacters(raw_);
  const std::string_view ready = std::string_view(raw_).substr(0, whole);
  const size_t good = IsUtf8(ready) ? whole : FirstBadByte(ready);
  text->append(raw_, 0, good);
  raw_.erase(0, good);
  if (good == whole) return Status::OK();
  return NotOf("UTF-8", raw_.front(), ": give the file's encoding with --encoding (windows-1252, latin-1, utf-16, …)");
}

Status TextFile::Fill(size_t size, std::string* text) {
  while (text->size() < size) {
    if (!at_end_) WEIR_RETURN_NOT_OK(ReadRaw());
    WEIR_RETURN_NOT_OK(decoder_ ? decoder_->Take(&raw_, at_end_, text) : TakeUtf8(text));
    if (std::exchange(at_start_, false) && text->starts_with(kUtf8Mark)) text->erase(0, kUtf8Mark.size());
    if (at_end_) return Status::OK();
  }
  return Status::OK();
}

int64_t TextFile::bytes_read() const { return std::min(file_->Tell().ValueOr(bytes_), bytes_); }

}  // namespace weir
