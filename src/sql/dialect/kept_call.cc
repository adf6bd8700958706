#include "sql/dialect/kept_call.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "postgres/identifier.h"

namespace weir::sql::dialect {
namespace {

constexpr size_t kNone = std::string_view::npos;

/// Behind the literal or quoted name that begins at `at`.
size_t BehindQuoted(std::string_view text, size_t at) {
  const size_t end = text.find(text[at], at + 1);  // a doubled one begins another
  return end == kNone ? text.size() : end + 1;
}

/// Where a kept call begins; npos: nowhere.
size_t FindCall(std::string_view text, size_t from) {
  for (size_t at = from; at < text.size();) {
    if (text[at] == '\'' || text[at] == '"') {
      at = BehindQuoted(text, at);
    } else if (text.substr(at).starts_with(kKeptCall) && text.substr(at + kKeptCall.size()).starts_with('(')) {
      return at;
    } else {
      ++at;
    }
  }
  return kNone;
}

struct KeptCall {
  std::vector<std::string_view> arguments;
  size_t end = 0;  // behind it
};

KeptCall ReadKeptCall(std::string_view text, size_t begin) {
  KeptCall call;
  size_t at = begin + kKeptCall.size() + 1;
  size_t argument = at;
  for (int depth = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'' || c == '"') {
      at = BehindQuoted(text, at) - 1;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (depth == 0 && (c == ',' || c == ')')) {
      call.arguments.push_back(text.substr(argument, at - argument));
      argument = at + 1;
      if (c == ')') break;
    } else if (c == ')' || c == ']') {
      --depth;
    }
  }
  call.end = at + 1;
  return call;
}

}  // namespace

std::set<int64_t> FunctionsCalledIn(std::string_view text) {
  std::set<int64_t> functions;
  for (size_t at = FindCall(text, 0); at != kNone; at = FindCall(text, at + 1)) {
    const char* number = text.data() + at + kKeptCall.size() + 1;
    int64_t function = 0;
    if (std::from_chars(number, text.data() + text.size(), function).ec == std::errc()) functions.insert(function);
  }
  return functions;
}

std::string WithCallsAsWritten(std::string_view text, std::string_view database) {
  const std::string own = database.empty() ? "" : postgres::QuoteIdentifier(std::string(database)) + ".";
  std::string written;
  size_t done = 0;
  for (size_t at = FindCall(text, 0); at != kNone; at = FindCall(text, done)) {
    const KeptCall call = ReadKeptCall(text, at);
    written += text.substr(done, at - done);
    if (!call.arguments.empty()) {
      std::string_view last = call.arguments.back();
      last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
      if (!own.empty() && last.starts_with(own)) {
        written += "public.";
        last.remove_prefix(own.size());
      }
      written += WithCallsAsWritten(last, database);
    }
    done = call.end;
    if (done >= text.size()) return written;
  }
  written += text.substr(done);
  return written;
}

std::string WithSchemaOfCalls(std::string_view text, std::string_view from, std::string_view to) {
  const std::string before = postgres::QuoteIdentifier(std::string(from)) + ".";
  const std::string after = postgres::QuoteIdentifier(std::string(to)) + ".";
  std::set<size_t> places;  // calls are within others
  for (size_t at = FindCall(text, 0); at != kNone; at = FindCall(text, at + 1)) {
    const KeptCall call = ReadKeptCall(text, at);
    if (call.arguments.empty()) continue;
    std::string_view last = call.arguments.back();
    last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
    if (last.starts_with(before)) places.insert(static_cast<size_t>(last.data() - text.data()));
  }
  std::string renamed;
  size_t done = 0;
  for (const size_t place : places) {
    renamed += text.substr(done, place - done);
    renamed += after;
    done = place + before.size();
  }
  renamed += text.substr(done);
  return renamed;
}

}  // namespace weir::sql::dialect
