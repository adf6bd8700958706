#include "sql/catalog/type_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sql/catalog/ddl_names.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/source.h"
#include "sql/dialect/token.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using dialect::Token;
using dialect::TokenKind;
using postgres::Oid;

bool IsNamePart(const Token& token) { return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName; }

/// A name in the tokens of a text: mood, public.mood.
struct WrittenName {
  QualifiedName name;
  size_t length = 0;  // of it, in tokens; 0: there is none
};

WrittenName ReadName(const std::vector<Token>& tokens, size_t at) {
  std::vector<std::string> parts;
  size_t length = 0;
  while (at + length < tokens.size() && IsNamePart(tokens[at + length])) {
    parts.push_back(dialect::NameOf(tokens[at + length++]));
    if (at + length + 1 >= tokens.size() || !tokens[at + length].IsSymbol(".")) break;
    ++length;
  }
  if (parts.empty()) return {};
  WrittenName written{.name = {.name = parts.back()}, .length = length};
  if (parts.size() > 1) written.name.schema = parts[parts.size() - 2];
  return written;
}

bool IsBuiltIn(const QualifiedName& name) {
  if (!name.schema.empty()) return name.schema == "pg_catalog";
  return postgres::ParseType(name.name).ok();
}

/// Where names of types stand in an expression: behind ::, behind AS within CAST ( … ), before a literal.
class TypePlaces {
 public:
  explicit TypePlaces(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// Whether a type's name may begin there. To be asked of one token after another.
  bool IsAt(size_t i) {
    if (tokens_[i].IsSymbol("(")) casts_.push_back(i > 0 && tokens_[i - 1].Is("cast"));
    if (tokens_[i].IsSymbol(")") && !casts_.empty()) casts_.pop_back();
    if (!IsNamePart(tokens_[i]) || i == 0) return IsNamePart(tokens_[i]) && IsBeforeLiteral(i);
    const Token& before = tokens_[i - 1];
    if (before.IsSymbol("::")) return true;
    if (before.Is("as") && !casts_.empty() && casts_.back()) return true;
    return !before.IsSymbol(".") && IsBeforeLiteral(i);
  }

 private:
  bool IsBeforeLiteral(size_t i) const {
    const size_t end = i + ReadName(tokens_, i).length;
    return end < tokens_.size() && tokens_[end].kind == TokenKind::kString;
  }

  const std::vector<Token>& tokens_;
  std::vector<bool> casts_;  // of the parentheses that are open: whether they are CAST's
};

Status BindOptional(const DdlContext& context, CatalogDraft* draft, std::optional<Expression>* expression) {
  return *expression ? BindTypesIn(context, draft, &(*expression)->text) : Status::OK();
}

Status BindColumn(const DdlContext& context, CatalogDraft* draft, ColumnDefinition* column) {
  if (!column->type.text.empty()) WEIR_RETURN_NOT_OK(BindType(context, draft, &column->type));
  return BindOptional(context, draft, &column->default_value);
}

Status BindConstraint(const DdlContext& context, CatalogDraft* draft, TableConstraint* constraint) {
  return BindOptional(context, draft, &constraint->check);
}

struct BindAction {
  const DdlContext& context;
  CatalogDraft* draft;

  Status operator()(alter::AddColumn& add) const {
    WEIR_RETURN_NOT_OK(BindColumn(context, draft, &add.column));
    for (TableConstraint& one : add.constraints) WEIR_RETURN_NOT_OK(BindConstraint(context, draft, &one));
    return Status::OK();
  }
  Status operator()(alter::SetDefault& set) const { return BindOptional(context, draft, &set.value); }
  Status operator()(alter::SetType& set) const {
    WEIR_RETURN_NOT_OK(BindType(context, draft, &set.type));
    return BindOptional(context, draft, &set.conversion);
  }
  Status operator()(alter::AddConstraint& add) const { return BindConstraint(context, draft, &add.constraint); }
  template <typename Other>
  Status operator()(Other&) const {
    return Status::OK();
  }
};

/// Nothing is to be bound, which is so of nearly every statement.
Result<bool> HasNoTypes(CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
  return types->empty();
}

}  // namespace

Result<NamedType> FindTypeCalled(CatalogDraft& draft, const QualifiedName& name, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft.Types());
  const TablePath path = PathOf(name, context.database);
  const bool by_path = name.schema.empty() && name.database.empty() && context.databases_of_path;
  if (!by_path) return FindTypeNamed(*types, path.database, path.table);
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> databases, context.databases_of_path());
  for (const std::string& database : databases) {
    if (const NamedType found = FindTypeNamed(*types, database, name.name); found.type) return found;
  }
  return NamedType();
}

Status BindType(const DdlContext& context, CatalogDraft* draft, TypeName* type) {
  if (const auto known = postgres::ParseType(type->text); known.ok()) {
    const Oid element = postgres::ArrayElement(known->oid);
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
    const auto made = types->find(element != 0 ? element : known->oid);
    if (made == types->end()) return Status::OK();
    draft->NoteUseOf(made->second);
    return context.CheckMayUse(*made->second);
  }
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(type->text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, dialect::Scan(source));
  const WrittenName written = ReadName(tokens, 0);
  if (written.length == 0) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(*draft, written.name, context));
  if (!found.type) return Status::OK();  // whoever takes the name says that there is no such type
  if (written.length < tokens.size() && tokens[written.length].IsSymbol("(")) {
    return Error("42601", "type modifier is not allowed for type \"" + found.type->name + "\"",
                 {.position = type->position});
  }
  WEIR_RETURN_NOT_OK(context.CheckMayUse(*found.type));
  draft->NoteUseOf(found.type);
  const bool array = type->text.ends_with("[]") && !found.is_array;
  std::string more;  // dimensions
  for (std::string_view text = type->text; array && text.ends_with("[][]"); text.remove_suffix(2)) more += "[]";
  type->text = postgres::KeptTypeText({array ? found.type->array : found.oid()}) + more;
  return Status::OK();
}

Status BindTypesIn(const DdlContext& context, CatalogDraft* draft, std::string* text) {
  WEIR_ASSIGN_OR_RETURN(const bool none, HasNoTypes(draft));
  if (none) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(*text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, dialect::Scan(source));
  std::string bound;
  size_t from = 0;
  TypePlaces places(tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!places.IsAt(i)) continue;
    const WrittenName written = ReadName(tokens, i);
    if (written.length == 0 || IsBuiltIn(written.name)) continue;
    WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(*draft, written.name, context));
    if (!found.type) continue;
    draft->NoteUseOf(found.type);
    (bound += std::string_view(*text).substr(from, tokens[i].begin - from)) += postgres::KeptTypeText({found.oid()});
    from = tokens[i + written.length - 1].end;
  }
  *text = bound += std::string_view(*text).substr(from);
  return Status::OK();
}

Result<CreateTable> WithBoundTypes(CreateTable statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const bool none, HasNoTypes(draft));
  if (none) return statement;
  for (ColumnDefinition& column : statement.columns) WEIR_RETURN_NOT_OK(BindColumn(context, draft, &column));
  for (TableConstraint& one : statement.constraints) WEIR_RETURN_NOT_OK(BindConstraint(context, draft, &one));
  if (!statement.partition_by) return statement;
  for (PartitionKeyPart& part : statement.partition_by->key) {
    if (part.column.empty()) WEIR_RETURN_NOT_OK(BindTypesIn(context, draft, &part.expression.text));
  }
  return statement;
}

Result<AlterTable> WithBoundTypes(AlterTable statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const bool none, HasNoTypes(draft));
  if (none) return statement;
  for (AlterAction& action : statement.actions) WEIR_RETURN_NOT_OK(std::visit(BindAction{context, draft}, action));
  return statement;
}

}  // namespace weir::sql
