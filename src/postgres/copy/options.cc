#include "postgres/copy/options.h"

#include <fmt/format.h>

#include <set>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Status Unsupported(std::string message) { return Error(sqlstate::kFeatureNotSupported, std::move(message)); }
Status InvalidOption(std::string message) { return Error(sqlstate::kInvalidParameterValue, std::move(message)); }

Result<bool> BooleanOf(const CopyOption& option) {
  if (!option.value) return true;
  const std::string value = Lowered(*option.value);
  if (value == "true" || value == "on" || (option.number && value == "1")) return true;
  if (value == "false" || value == "off" || (option.number && value == "0")) return false;
  return Error(sqlstate::kSyntaxError, fmt::format("{} requires a Boolean value", option.name));
}

Result<char> OneByte(std::string_view option, const std::string& value) {
  if (value.size() == 1) return value[0];
  return Unsupported(fmt::format("COPY {} must be a single one-byte character", option));
}

bool HasLineEnd(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

// Takes the options one by one, then holds them against each other.
class Maker {
 public:
  explicit Maker(bool from) : from_(from) {}

  Status Take(const CopyOption& option) {
    if (!taken_.insert(option.name).second) {
      return Error(sqlstate::kSyntaxError, "conflicting or redundant options", {.position = option.position});
    }
    if (option.name == "format") return TakeFormat(option);
    if (option.name == "freeze") return TakeBoolean(option, &options_.freeze);
    if (option.name == "delimiter") return TakeText(option, &delimiter_);
    if (option.name == "null") return TakeText(option, &null_);
    if (option.name == "header") return TakeHeader(option);
    if (option.name == "quote") return TakeText(option, &quote_);
    if (option.name == "escape") return TakeText(option, &escape_);
    if (option.name == "force_quote") return TakeForceQuote(option);
    if (option.name == "force_not_null") return TakeList(option, &options_.force_not_null);
    if (option.name == "force_null") return TakeList(option, &options_.force_null);
    if (option.name == "encoding") return TakeEncoding(option);
    return Error(sqlstate::kSyntaxError, fmt::format("option \"{}\" not recognized", option.name),
                 {.position = option.position});
  }

  Result<CopyOptions> Finish() {
    const bool csv = options_.format == CopyOptions::Format::kCsv;
    if (options_.format == CopyOptions::Format::kBinary) {
      if (delimiter_) return Error(sqlstate::kSyntaxError, "cannot specify DELIMITER in BINARY mode");
      if (null_) return Error(sqlstate::kSyntaxError, "cannot specify NULL in BINARY mode");
      if (options_.header != CopyOptions::Header::kNone) return Unsupported("cannot specify HEADER in BINARY mode");
    }
    options_.null_text = null_.value_or(csv ? "" : "\\N");
    WEIR_ASSIGN_OR_RETURN(options_.delimiter, OneByte("delimiter", delimiter_.value_or(csv ? "," : "\t")));
    WEIR_RETURN_NOT_OK(CheckDelimiter(csv));
    WEIR_RETURN_NOT_OK(CheckQuotes(csv));
    WEIR_RETURN_NOT_OK(CheckForces(csv));
    if (options_.format == CopyOptions::Format::kBinary) return options_;
    if (options_.null_text.find(options_.delimiter) != std::string::npos) {
      return Unsupported("COPY delimiter must not appear in the NULL specification");
    }
    if (csv && options_.null_text.find(options_.quote) != std::string::npos) {
      return Unsupported("CSV quote character must not appear in the NULL specification");
    }
    return options_;
  }

 private:
  static Status NeedsValue(const CopyOption& option) {
    return option.value ? Status::OK()
                        : Error(sqlstate::kSyntaxError, fmt::format("{} requires a parameter", option.name));
  }
  Status TakeFormat(const CopyOption& option) {
    WEIR_RETURN_NOT_OK(NeedsValue(option));
    const std::string& format = *option.value;
    if (format == "text") {
      options_.format = CopyOptions::Format::kText;
    } else if (format == "csv") {
      options_.format = CopyOptions::Format::kCsv;
    } else if (format == "binary") {
      options_.format = CopyOptions::Format::kBinary;
    } else {
      return Error(sqlstate::kInvalidParameterValue, fmt::format("COPY format \"{}\" not recognized", format),
                   {.position = option.position});
    }
    return Status::OK();
  }
  static Status TakeBoolean(const CopyOption& option, bool* field) {
    WEIR_ASSIGN_OR_RETURN(*field, BooleanOf(option));
    return Status::OK();
  }
  static Status TakeText(const CopyOption& option, std::optional<std::string>* field) {
    WEIR_RETURN_NOT_OK(NeedsValue(option));
    *field = option.value;
    return Status::OK();
  }
  Status TakeHeader(const CopyOption& option) {
    if (option.value && Lowered(*option.value) == "match") {
      if (!from_) return Unsupported(fmt::format("cannot use \"{}\" with HEADER in COPY TO", *option.value));
      options_.header = CopyOptions::Header::kMatch;
      return Status::OK();
    }
    const auto present = BooleanOf(option);
    if (!present.ok())
      return Error(sqlstate::kSyntaxError, fmt::format("{} requires a Boolean value or \"match\"", option.name));
    options_.header = *present ? CopyOptions::Header::kPresent : CopyOptions::Header::kNone;
    return Status::OK();
  }
  static Status TakeList(const CopyOption& option, std::vector<std::string>* columns) {
    if (option.list) {
      *columns = *option.list;
      return Status::OK();
    }
    return Error(sqlstate::kInvalidParameterValue,
                 fmt::format("argument to option \"{}\" must be a list of column names", option.name),
                 {.position = option.position});
  }
  Status TakeForceQuote(const CopyOption& option) {
    options_.force_quote_all = option.star;
    return option.star ? Status::OK() : TakeList(option, &options_.force_quote);
  }
  static Status TakeEncoding(const CopyOption& option) {
    WEIR_RETURN_NOT_OK(NeedsValue(option));
    std::string letters;
    for (const char c : Lowered(*option.value)) {
      if (IsLetter(c) || IsDigit(c)) letters += c;
    }
    if (letters == "utf8" || letters == "unicode" || letters == "sqlascii") return Status::OK();
    for (const char* known : {"latin", "iso8859", "win", "euc", "sjis", "big5", "gb", "koi8", "mule", "johab", "uhc"}) {
      if (letters.starts_with(known))
        return Unsupported(fmt::format("COPY data in encoding \"{}\" is not supported", *option.value));
    }
    return Error(sqlstate::kInvalidParameterValue,
                 fmt::format("argument to option \"{}\" must be a valid encoding name", option.name),
                 {.position = option.position});
  }

  Status CheckDelimiter(bool csv) const {
    if (options_.delimiter == '\n' || options_.delimiter == '\r')
      return InvalidOption("COPY delimiter cannot be newline or carriage return");
    if (HasLineEnd(options_.null_text))
      return InvalidOption("COPY null representation cannot use newline or carriage return");
    constexpr std::string_view kTaken = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    if (!csv && kTaken.find(options_.delimiter) != std::string_view::npos) {
      return InvalidOption(fmt::format("COPY delimiter cannot be \"{}\"", options_.delimiter));
    }
    return Status::OK();
  }
  Status CheckQuotes(bool csv) {
    if (!csv && quote_) return Unsupported("COPY quote available only in CSV mode");
    if (quote_) {
      WEIR_ASSIGN_OR_RETURN(options_.quote, OneByte("quote", *quote_));
    }
    if (csv && options_.delimiter == options_.quote) return InvalidOption("COPY delimiter and quote must be different");
    if (!csv && escape_) return Unsupported("COPY escape available only in CSV mode");
    options_.escape = options_.quote;
    if (escape_) {
      WEIR_ASSIGN_OR_RETURN(options_.escape, OneByte("escape", *escape_));
    }
    return Status::OK();
  }
  Status CheckForces(bool csv) const {
    struct Force {
      bool given;
      bool of_from;
      const char* name;
    };
    const Force forces[] = {{options_.force_quote_all || !options_.force_quote.empty(), false, "force quote"},
                            {!options_.force_not_null.empty(), true, "force not null"},
                            {!options_.force_null.empty(), true, "force null"}};
    for (const Force& force : forces) {
      if (!force.given) continue;
      if (!csv) return Unsupported(fmt::format("COPY {} available only in CSV mode", force.name));
      if (force.of_from != from_) {
        return Unsupported(
            fmt::format("COPY {} only available using COPY {}", force.name, force.of_from ? "FROM" : "TO"));
      }
    }
    return Status::OK();
  }

  const bool from_;
  CopyOptions options_;
  std::set<std::string> taken_;
  std::optional<std::string> delimiter_, null_, quote_, escape_;
};

}  // namespace

Result<CopyOptions> MakeCopyOptions(std::span<const CopyOption> options, bool from) {
  Maker maker(from);
  for (const CopyOption& option : options) WEIR_RETURN_NOT_OK(maker.Take(option));
  return maker.Finish();
}

}  // namespace weir::postgres
