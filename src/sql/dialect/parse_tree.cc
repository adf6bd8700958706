#include "sql/dialect/parse_tree.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <pg_query.h>

#include <algorithm>
#include <array>
#include <vector>

#include "pg_query.pb.h"
#include "sql/dialect/cursor.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {

namespace {

// libpg_query writes its tree and protobuf reads it by recursion; so many levels fit a thread's stack several times.
constexpr int kMaxDepth = 4000;
// A level takes a byte at least, so a text of fewer needs no look at its tokens.
constexpr size_t kShortText = kMaxDepth;
// Messages around an expression's own: Node, the kind's, and a list's.
constexpr int kMessagesOfLevel = 3;

// How deep the grammar may nest what a text holds: brackets, and between them chains of operators and keywords
// (1 + 1 + …, UNION …, JOIN …), each of which may stand inside the next. Commas, AND and OR make flat lists.
class DepthEstimate {
 public:
  int Add(const Token& token) {
    if (const int change = DepthChange(token, true); change > 0) {
      levels_.push_back({});
      ++total_;
    } else if (change < 0) {
      Close();
    } else if (token.IsSymbol(";")) {
      levels_.assign(1, {});
      total_ = 0;
    } else if (token.IsSymbol(",") || token.Is("and") || token.Is("or")) {
      total_ -= levels_.back().chain;
      levels_.back().chain = 0;
    } else if (token.Is("union") || token.Is("intersect") || token.Is("except") || token.Is("join")) {
      ++levels_.back().clauses;
      ++total_;
    } else if (token.kind == TokenKind::kSymbol || token.reserved != Reserved::kNot || token.Is("at")) {
      ++levels_.back().chain;
      ++total_;
    }
    return total_;
  }

 private:
  struct Level {
    int chain = 0;
    int clauses = 0;
  };

  void Close() {
    if (levels_.size() == 1) return;
    total_ -= levels_.back().chain + levels_.back().clauses + 1;
    levels_.pop_back();
  }

  std::vector<Level> levels_ = {Level()};
  int total_ = 0;
};

Status CheckDepth(const Source& source, size_t begin, const std::string& text) {
  if (text.size() <= kShortText) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const Source part, Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(part));
  DepthEstimate depth;
  for (const Token& token : tokens) {
    if (depth.Add(token) > kMaxDepth) return TooDeep(source.Position(begin + token.begin));
  }
  return Status::OK();
}

}  // namespace

ParseTree::ParseTree() : arena_(std::make_unique<google::protobuf::Arena>()) {}
ParseTree::ParseTree(ParseTree&&) noexcept = default;
ParseTree& ParseTree::operator=(ParseTree&&) noexcept = default;
ParseTree::~ParseTree() = default;

Result<ParseTree> ParseTree::Of(const Source& source, size_t begin, const std::string& text) {
  WEIR_RETURN_NOT_OK(CheckDepth(source, begin, text));
  struct Release {
    PgQueryProtobufParseResult result;
    ~Release() { pg_query_free_protobuf_parse_result(result); }
  } const parsed{pg_query_parse_protobuf(text.c_str())};
  if (const PgQueryError* error = parsed.result.error; error != nullptr) {
    return SyntaxError(error->message == nullptr ? "syntax error" : error->message, error->cursorpos, source, begin);
  }
  ParseTree tree;
  tree.begin_ = begin;
  auto* result = google::protobuf::Arena::CreateMessage<pg_query::ParseResult>(tree.arena_.get());
  const PgQueryProtobuf& bytes = parsed.result.parse_tree;
  google::protobuf::io::ArrayInputStream array(bytes.data, static_cast<int>(bytes.len));
  google::protobuf::io::CodedInputStream stream(&array);
  stream.SetRecursionLimit(kMaxDepth * kMessagesOfLevel);
  if (!result->ParseFromCodedStream(&stream)) return TooDeep(0);
  tree.result_ = result;
  return tree;
}

int ParseTree::size() const { return result_->stmts_size(); }

const pg_query::RawStmt& ParseTree::statement(int index) const { return result_->stmts(index); }

QualifiedName RelationName(const pg_query::RangeVar& relation, int position) {
  return {.database = relation.catalogname(),
          .schema = relation.schemaname(),
          .name = relation.relname(),
          .position = position};
}

}  // namespace weir::sql::dialect
