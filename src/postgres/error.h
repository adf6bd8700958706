#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/sqlstate.h"
#include "weir/status.h"

namespace weir::postgres {

/// What PostgreSQL's ErrorResponse and NoticeResponse carry.
struct ErrorFields {
  std::string severity = "ERROR";
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  int position = 0;     // of the statement's text, in characters from 1; 0: none
  std::string context;  // where it happened: "COPY t, line 2"
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  int64_t row = -1;  // of the rows that were given, the one at fault, from 0; -1: unknown. Clients are not told

  bool operator==(const ErrorFields&) const = default;
};

/// What an error may say besides its state and message.
struct ErrorExtras {
  std::string detail = {};
  std::string hint = {};
  int position = 0;
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  std::string constraint = {};
  int64_t row = -1;
};

/// A Status that carries a SQLSTATE (code -2 to doors that know none).
Status Error(std::string_view sqlstate, std::string message, ErrorExtras extras = {});

/// An error of all these fields: FieldsOf another one's, with what is to be told otherwise.
Status Error(ErrorFields fields);

/// The same error at another place of the statement's text; 0: of a text that nobody has written.
Status AtPosition(const Status& status, int position);

/// The same error, with where it happened, behind what it says of that already. One that tells a place of the same kind
/// (by the context's first word: "COPY", "JSON") stays as it is.
Status InContext(const Status& status, std::string context);

/// The fields of any Status; one without a SQLSTATE gets the one that its Fluss code stands for.
ErrorFields FieldsOf(const Status& status);

}  // namespace weir::postgres
