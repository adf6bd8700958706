#include "postgres/made_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <random>
#include <unordered_map>

#include "postgres/identifier.h"
#include "types/mutex.h"

namespace weir::postgres {
namespace {

constexpr std::string_view kKept = "type ";  // and the OID

/// Input and output functions in pg_proc.
constexpr Oid kEnumIn = 3506;
constexpr Oid kEnumOut = 3507;
constexpr Oid kEnumReceive = 3532;
constexpr Oid kEnumSend = 3533;
constexpr Oid kDomainIn = 2597;
constexpr Oid kDomainReceive = 2598;
constexpr Oid kRecordIn = 2290;
constexpr Oid kRecordOut = 2291;
constexpr Oid kRecordReceive = 2402;
constexpr Oid kRecordSend = 2403;
constexpr Oid kRangeIn = 3834;
constexpr Oid kRangeOut = 3835;
constexpr Oid kRangeReceive = 3836;
constexpr Oid kRangeSend = 3837;
constexpr Oid kMultirangeIn = 4231;
constexpr Oid kMultirangeOut = 4232;
constexpr Oid kMultirangeReceive = 4233;
constexpr Oid kMultirangeSend = 4234;
constexpr Oid kArrayIn = 750;
constexpr Oid kArrayOut = 751;
constexpr Oid kArrayReceive = 2400;
constexpr Oid kArraySend = 2401;

/// A type as this process has learnt it, with the texts that its rows point to.
struct Known {
  MadeTypePtr made;
  std::string spelling;
  std::string array_spelling;
  Type type;
  Type array;
  /// Of a range type and of a multirange type: what its constructors take, one behind the other.
  std::array<Oid, 6> inputs = {};
  std::vector<Function> constructors = {};
};

void FillEnum(Type* type) {
  type->length = 4;
  type->by_value = true;
  type->category = 'E';
  type->storage = 'p';
  type->input = kEnumIn;
  type->output = kEnumOut;
  type->receive = kEnumReceive;
  type->send = kEnumSend;
}

void FillDomain(const MadeType& made, Type* type) {
  type->base = made.base.oid;
  type->base_modifier = made.base.modifier;
  if (const Type* base = FindType(made.base.oid)) {
    type->length = base->length;
    type->by_value = base->by_value;
    type->category = base->category;
    type->delimiter = base->delimiter;
    type->align = base->align;
    type->storage = base->storage;
    type->collation = base->collation;
    type->output = base->output;
    type->send = base->send;
  }
  type->input = kDomainIn;
  type->receive = kDomainReceive;
}

void FillComposite(Type* type) {
  type->length = -1;
  type->category = 'C';
  type->align = 'd';
  type->storage = 'x';
  type->input = kRecordIn;
  type->output = kRecordOut;
  type->receive = kRecordReceive;
  type->send = kRecordSend;
}

void FillRange(const MadeType& made, Type* type) {
  const bool multirange = made.kind == TypeKind::kMultirange;
  const Type* element = FindType(made.base.oid);
  type->category = 'R';
  type->align = element != nullptr && element->align == 'd' ? 'd' : 'i';
  type->storage = 'x';
  type->input = multirange ? kMultirangeIn : kRangeIn;
  type->output = multirange ? kMultirangeOut : kRangeOut;
  type->receive = multirange ? kMultirangeReceive : kRangeReceive;
  type->send = multirange ? kMultirangeSend : kRangeSend;
  type->range_element = multirange ? Oid{0} : made.base.oid;
  type->multirange = multirange ? Oid{0} : made.partner;
  type->range = multirange ? made.partner : Oid{0};
}

/// Where the type and its inputs stay: range(lower, upper [, bounds]), and multirange([range, …]).
void AddConstructors(Known* known) {
  const MadeType& made = *known->made;
  const auto add = [&](std::span<const Oid> inputs, Oid variadic, bool strict) {
    known->constructors.push_back({.oid = 0,
                                   .name = known->type.name,
                                   .arguments = inputs,
                                   .variadic = variadic,
                                   .result = made.oid,
                                   .defaults = 0,
                                   .returns_set = false,
                                   .strict = strict,
                                   .volatility = 'i',
                                   .kind = FunctionKind::kFunction,
                                   .computation = Computation::kOwn,
                                   .computed_by = {},
                                   .parameters = {}});
  };
  const std::span<const Oid> inputs(known->inputs);
  if (made.kind == TypeKind::kRange) {
    known->inputs = {made.base.oid, made.base.oid, oid::kText};
    add(inputs.first(2), 0, false);
    add(inputs.first(3), 0, false);
  } else if (made.kind == TypeKind::kMultirange) {
    known->inputs = {made.partner, made.partner + 1};  // and its arrays
    add({}, 0, true);
    add(inputs.first(1), 0, true);
    add(inputs.subspan(1, 1), made.partner, true);
  }
}

void FillRows(Known* known) {
  const MadeType& made = *known->made;
  known->spelling = QuoteIdentifier(made.name);
  known->array_spelling = known->spelling + "[]";
  known->type = {
      .oid = made.oid, .name = made.name, .spelling = known->spelling, .kind = made.kind, .array = made.array};
  if (made.kind == TypeKind::kEnum) FillEnum(&known->type);
  if (made.kind == TypeKind::kDomain) FillDomain(made, &known->type);
  if (made.kind == TypeKind::kComposite) FillComposite(&known->type);
  if (made.kind == TypeKind::kRange || made.kind == TypeKind::kMultirange) FillRange(made, &known->type);
  known->array = {.oid = made.array,
                  .name = made.array_name,
                  .spelling = known->array_spelling,
                  .category = 'A',
                  .delimiter = known->type.delimiter,
                  .align = known->type.align == 'd' ? 'd' : 'i',
                  .storage = 'x',
                  .element = made.oid,
                  .collation = known->type.collation,
                  .input = kArrayIn,
                  .output = kArrayOut,
                  .receive = kArrayReceive,
                  .send = kArraySend};
}

/// Every type that was learnt. Nothing of it goes: rows that were handed out stay where they are, and there are no more
/// of them than statements that made or changed a type.
class Registry {
 public:
  const Known* Find(Oid oid) const {
    ReaderLock lock(mutex_);
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }

  void Learn(const MadeTypePtr& made) {
    const Known* before = Find(made->oid);
    if (before != nullptr && *before->made == *made) return;
    Known known{.made = made};
    FillRows(&known);  // looks for its base type
    WriterLock lock(mutex_);
    Known& kept = all_.emplace_back(std::move(known));
    FixTexts(&kept);
    AddConstructors(&kept);
    by_oid_[made->oid] = &kept;
    by_oid_[made->array] = &kept;
  }

  Oid Draw() const {
    static thread_local std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<Oid> halves(0, (kFirstMadeOid >> 1) - 1);
    for (;;) {
      const Oid oid = kFirstMadeOid + 2 * halves(random);
      if (Find(oid) == nullptr) return oid;
    }
  }

 private:
  /// Short texts lie within the strings themselves, which have moved.
  static void FixTexts(Known* known) {
    known->type.spelling = known->spelling;
    known->array.spelling = known->array_spelling;
  }

  mutable SharedMutex mutex_;
  std::deque<Known> all_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<Oid, const Known*> by_oid_ WEIR_GUARDED_BY(mutex_);
};

Registry& Types() {
  static auto* registry = new Registry;
  return *registry;
}

/// Calls `visit` with each quoted name of a made type in an expression: where it begins and ends, and its OID.
template <typename Visit>
void ForEachKept(std::string_view text, Visit visit) {
  static const std::string kBegin = "\"" + std::string(kKept);
  for (size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    Oid oid = 0;
    const char* digits = text.data() + at + kBegin.size();
    const auto [end, error] = std::from_chars(digits, text.data() + text.size(), oid);
    if (error != std::errc() || end == text.data() + text.size() || *end != '"') continue;
    visit(at, static_cast<size_t>(end - text.data()) + 1, oid);
  }
}

}  // namespace

const EnumLabel* MadeType::FindLabel(std::string_view label) const {
  const auto found = std::ranges::find(labels, label, &EnumLabel::name);
  return found == labels.end() ? nullptr : &*found;
}

int MadeType::FindAttribute(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &Attribute::name);
  return found == attributes.end() ? -1 : static_cast<int>(found - attributes.begin());
}

Oid DrawTypeOid() { return Types().Draw(); }

void LearnType(const MadeTypePtr& type) { Types().Learn(type); }

const MadeType* FindMadeType(Oid oid) {
  if (oid < kFirstMadeOid) return nullptr;
  const Known* known = Types().Find(oid);
  return known != nullptr && known->made->oid == oid ? known->made.get() : nullptr;
}

const MadeType* FindComposite(Oid oid) {
  const MadeType* made = FindMadeType(oid);
  return made != nullptr && made->kind == TypeKind::kComposite ? made : nullptr;
}

std::span<const Function> ConstructorsOf(Oid type) {
  const Known* known = type < kFirstMadeOid ? nullptr : Types().Find(type);
  return known == nullptr || known->type.oid != type ? std::span<const Function>() : known->constructors;
}

bool IsConstructor(const Function& function) {
  return function.oid == 0 && function.result >= kFirstMadeOid;
}

const Type* FindTypeMade(Oid oid) {
  if (oid < kFirstMadeOid) return nullptr;
  const Known* known = Types().Find(oid);
  if (known == nullptr) return nullptr;
  return known->type.oid == oid ? &known->type : &known->array;
}

std::string KeptTypeText(TypeRef type) {
  const Oid element = ArrayElement(type.oid);
  const Oid made = element != 0 ? element : type.oid;
  if (made < kFirstMadeOid) return FormatType(type);
  return fmt::format("\"{}{}\"{}", kKept, made, element != 0 ? "[]" : "");
}

const Type* FindKeptType(std::string_view name) {
  if (!name.starts_with(kKept)) return nullptr;
  name.remove_prefix(kKept.size());
  Oid oid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), oid);
  return error == std::errc() && end == name.data() + name.size() ? FindTypeMade(oid) : nullptr;
}

std::string WithTypeNames(std::string_view text, const std::function<std::string(Oid)>& name_of) {
  std::string shown;
  size_t from = 0;
  ForEachKept(text, [&](size_t begin, size_t end, Oid oid) {
    const Type* type = FindTypeMade(oid);
    if (type == nullptr) return;
    (shown += text.substr(from, begin - from)) += name_of ? name_of(oid) : std::string(type->spelling);
    from = end;
  });
  return shown += text.substr(from);
}

std::vector<Oid> TypesNamedIn(std::string_view text) {
  std::vector<Oid> types;
  ForEachKept(text, [&](size_t, size_t, Oid oid) { types.push_back(oid); });
  return types;
}

TypeRef BaseTypeOf(TypeRef type) {
  const Type* row = FindType(type.oid);
  while (row != nullptr && row->kind == TypeKind::kDomain) {
    type = {row->base, row->base_modifier};
    row = FindType(type.oid);
  }
  return type;
}

}  // namespace weir::postgres
