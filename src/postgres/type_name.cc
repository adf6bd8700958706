#include <fmt/format.h>

#include <array>
#include <charconv>
#include <vector>

#include "postgres/error.h"
#include "postgres/identifier.h"
#include "postgres/made_type.h"
#include "postgres/type.h"

namespace weir::postgres {
namespace {

constexpr size_t kMaxIdentifier = 63;

struct Spelling {
  std::string_view written;
  std::string_view name;
};

// KWDB's names of types that PostgreSQL has under another.
constexpr std::array kKwdbNames = {
    Spelling{"string", "text"},    Spelling{"clob", "text"},      Spelling{"bytes", "bytea"},
    Spelling{"blob", "bytea"},     Spelling{"varbytes", "bytea"}, Spelling{"int64", "int8"},
    Spelling{"double", "float8"},  Spelling{"nvarchar", "varchar"},
};

// What the words of SQL's grammar are called in pg_type.
constexpr std::array kGrammarNames = {
    Spelling{"int", "int4"},        Spelling{"integer", "int4"},  Spelling{"smallint", "int2"},
    Spelling{"bigint", "int8"},     Spelling{"real", "float4"},   Spelling{"boolean", "bool"},
    Spelling{"decimal", "numeric"}, Spelling{"dec", "numeric"},   Spelling{"character", "bpchar"},
    Spelling{"char", "bpchar"},     Spelling{"nchar", "bpchar"},
};

template <size_t size>
std::optional<std::string_view> Lookup(const std::array<Spelling, size>& spellings, std::string_view written) {
  for (const Spelling& spelling : spellings) {
    if (spelling.written == written) return spelling.name;
  }
  return std::nullopt;
}

Status UnknownType(std::string_view name, int position) {
  return Error(sqlstate::kUndefinedObject, fmt::format("type \"{}\" does not exist", name), {.position = position});
}

/// Reads the text of one type from left to right.
class TypeText {
 public:
  TypeText(std::string_view text, int position) : whole_(text), rest_(text), position_(position) { Blanks(); }

  Result<TypeRef> Read() {
    WEIR_ASSIGN_OR_RETURN(const TypeRef element, ReadElement());
    WEIR_ASSIGN_OR_RETURN(const bool array, ReadDimensions());
    if (!rest_.empty()) return SyntaxError();
    if (!array) return element;
    const Oid type = FindType(element.oid)->array;
    if (type == 0) return UnknownType(whole_, position_);
    return TypeRef{type, element.modifier};
  }

 private:
  struct Name {
    std::string text;
    bool quoted = false;
  };

  void Blanks() {
    while (!rest_.empty() && std::string_view(" \t\n\r\f\v").find(rest_[0]) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }

  static bool IsNameByte(char c, bool first) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
    return letter || (!first && ((c >= '0' && c <= '9') || c == '$'));
  }

  std::string_view PeekWord() const {
    size_t size = 0;
    while (size < rest_.size() && IsNameByte(rest_[size], size == 0)) ++size;
    return rest_.substr(0, size);
  }

  bool Try(char symbol) {
    if (rest_.empty() || rest_[0] != symbol) return false;
    rest_.remove_prefix(1);
    Blanks();
    return true;
  }

  bool TryWord(std::string_view word) {
    const std::string_view next = PeekWord();
    if (FoldIdentifier(next) != word) return false;
    rest_.remove_prefix(next.size());
    Blanks();
    return true;
  }

  bool TryWords(std::initializer_list<std::string_view> words) {
    const std::string_view before = rest_;
    for (const std::string_view word : words) {
      if (TryWord(word)) continue;
      rest_ = before;
      return false;
    }
    return true;
  }

  Status SyntaxError() const {
    if (rest_.empty()) {
      return Error(sqlstate::kSyntaxError, "syntax error at end of input", {.position = position_});
    }
    const std::string_view word = PeekWord();
    const std::string_view near = word.empty() ? rest_.substr(0, 1) : word;
    return Error(sqlstate::kSyntaxError, fmt::format("syntax error at or near \"{}\"", near), {.position = position_});
  }

  Result<Name> ReadName() {
    if (!Try('"')) {
      const std::string_view word = PeekWord();
      if (word.empty()) return SyntaxError();
      rest_.remove_prefix(word.size());
      Blanks();
      return Name{FoldIdentifier(word).substr(0, kMaxIdentifier)};
    }
    return ReadQuoted();
  }

  Result<Name> ReadQuoted() {
    Name name{.quoted = true};
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') {
        if (rest_.empty() || rest_[0] != '"') {
          Blanks();
          return name;
        }
        rest_.remove_prefix(1);
      }
      name.text += c;
    }
    return SyntaxError();
  }

  Result<std::vector<int32_t>> ReadModifiers() {
    std::vector<int32_t> modifiers;
    if (!Try('(')) return modifiers;
    do {
      int32_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc()) return SyntaxError();
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      Blanks();
      modifiers.push_back(value);
    } while (Try(','));
    if (!Try(')')) return SyntaxError();
    return modifiers;
  }

  Result<TypeRef> ReadElement() {
    if (TryWords({"double", "precision"})) return TypeRef{oid::kFloat8};
    if (TryWords({"bit", "varying"})) return Modified("varbit");
    if (TryWord("bit")) return Modified("bit", 1);
    if (const auto character = ReadCharacter()) return *character;
    if (TryWord("float")) return ReadFloat();
    if (TryWord("interval")) return ReadInterval();
    if (TryWord("timestamp")) return ReadTime("timestamp", "timestamptz");
    if (TryWord("time")) return ReadTime("time", "timetz");
    return ReadNamed();
  }

  /// CHARACTER, CHAR, NCHAR and NATIONAL …, with and without VARYING.
  std::optional<Result<TypeRef>> ReadCharacter() {
    const std::string_view before = rest_;
    const bool national = TryWord("national");
    if (!TryWord("character") && !TryWord("char") && (national || !TryWord("nchar"))) {
      rest_ = before;
      return std::nullopt;
    }
    if (TryWord("varying")) return Modified("varchar");
    return Modified("bpchar", 1);
  }

  Result<TypeRef> ReadNamed() {
    WEIR_ASSIGN_OR_RETURN(Name name, ReadName());
    if (!Try('.')) {
      const auto word = name.quoted ? std::nullopt : Lookup(kGrammarNames, name.text);
      return Modified(word ? *word : name.text);
    }
    std::string qualified = name.text;
    WEIR_ASSIGN_OR_RETURN(const Name last, ReadName());
    qualified += "." + last.text;
    if (name.text != "pg_catalog" || FindType(last.text) == nullptr) return UnknownType(qualified, position_);
    return Modified(last.text);
  }

  Result<TypeRef> Modified(std::string_view name, std::optional<int32_t> otherwise = std::nullopt) {
    WEIR_ASSIGN_OR_RETURN(std::vector<int32_t> modifiers, ReadModifiers());
    if (modifiers.empty() && otherwise) modifiers.push_back(*otherwise);
    return MakeType(name, modifiers, false, position_);
  }

  /// FLOAT(p): single precision up to 24 bits.
  Result<TypeRef> ReadFloat() {
    constexpr int kSingleBits = 24;
    constexpr int kDoubleBits = 53;
    WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> modifiers, ReadModifiers());
    if (modifiers.size() > 1) return SyntaxError();
    const int bits = modifiers.empty() ? kDoubleBits : modifiers[0];
    if (bits < 1) {
      return Error(sqlstate::kInvalidParameterValue, "precision for type float must be at least 1 bit",
                   {.position = position_});
    }
    if (bits > kDoubleBits) {
      return Error(sqlstate::kInvalidParameterValue, "precision for type float must be less than 54 bits",
                   {.position = position_});
    }
    return TypeRef{bits <= kSingleBits ? oid::kFloat4 : oid::kFloat8};
  }

  Result<TypeRef> ReadTime(std::string_view plain, std::string_view zoned) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> modifiers, ReadModifiers());
    const bool with_zone = TryWords({"with", "time", "zone"});
    if (!with_zone) TryWords({"without", "time", "zone"});
    return MakeType(with_zone ? zoned : plain, modifiers, false, position_);
  }

  /// INTERVAL(3), INTERVAL DAY TO SECOND(3).
  Result<TypeRef> ReadInterval() {
    WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> plain, ReadModifiers());
    if (!plain.empty()) {
      if (plain.size() > 1) return SyntaxError();
      return MakeType("interval", std::array{kIntervalAllFields, plain[0]}, false, position_);
    }
    WEIR_ASSIGN_OR_RETURN(std::vector<int32_t> modifiers, ReadFields());
    return MakeType("interval", modifiers, false, position_);
  }

  Result<std::vector<int32_t>> ReadFields() {
    static constexpr std::array<std::string_view, 6> kFields = {"year", "month", "day", "hour", "minute", "second"};
    static constexpr std::array<int32_t, 6> kBits = {1 << 2, 1 << 1, 1 << 3, 1 << 10, 1 << 11, 1 << 12};
    constexpr size_t kNone = kFields.size();
    const auto field = [&] {
      size_t at = 0;
      while (at < kNone && !TryWord(kFields[at])) ++at;
      return at;
    };
    const size_t first = field();
    if (first == kNone) return std::vector<int32_t>{};
    // YEAR TO MONTH, or from DAY, HOUR, MINUTE to a smaller one of the time's.
    const size_t limit = first <= 1 ? 1 : kNone - 1;
    size_t last = first;
    if (first < limit && TryWord("to")) {
      const std::string_view before = rest_;
      last = field();
      if (last <= first || last > limit) {
        rest_ = before;
        return SyntaxError();
      }
    }
    int32_t bits = 0;
    for (size_t at = first; at <= last; ++at) bits |= kBits[at];
    std::vector<int32_t> modifiers{bits};
    if (kFields[last] != "second") return modifiers;
    WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> precision, ReadModifiers());
    if (precision.size() > 1) return SyntaxError();
    modifiers.insert(modifiers.end(), precision.begin(), precision.end());
    return modifiers;
  }

  /// Whether [], [3] or ARRAY follows; PostgreSQL keeps neither the number of dimensions nor their sizes.
  Result<bool> ReadDimensions() {
    bool array = TryWord("array");
    while (Try('[')) {
      array = true;
      while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') rest_.remove_prefix(1);
      Blanks();
      if (!Try(']')) return SyntaxError();
    }
    return array;
  }

  std::string_view whole_;
  std::string_view rest_;
  int position_;
};

}  // namespace

Result<TypeRef> MakeType(std::string_view name, std::span<const int32_t> modifiers, bool array, int position) {
  const Type* type = FindType(name);
  if (type == nullptr) type = FindKeptType(name);
  if (type == nullptr) {
    const auto alias = Lookup(kKwdbNames, name);
    const Type* element = name.starts_with('_') ? FindType(name.substr(1)) : nullptr;  // _int4: as pg_type calls int4[]
    if (element != nullptr && element->array != 0 && modifiers.empty() && !array) {
      return TypeRef{element->array, -1};
    }
    if (!alias) {
      return UnknownType(fmt::format("{}{}", name.substr(0, 2 * kMaxIdentifier), array ? "[]" : ""), position);
    }
    type = FindType(name == "string" && !modifiers.empty() ? "varchar" : *alias);
    if (type->oid == oid::kBytea) modifiers = {};  // KWDB takes a length there, which limits nothing
  }
  WEIR_ASSIGN_OR_RETURN(const int32_t modifier, PackModifiers(*type, modifiers, position));
  if (!array) return TypeRef{type->oid, modifier};
  if (type->array == 0) return UnknownType(fmt::format("{}[]", type->name), position);
  return TypeRef{type->array, modifier};
}

Result<TypeRef> ParseType(std::string_view text, int position) { return TypeText(text, position).Read(); }

}  // namespace weir::postgres
