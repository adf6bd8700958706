#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sql {

/// What CREATE SEQUENCE says of a sequence. Where it stands is no part of the catalog: nextval is not taken back
/// with its transaction (sql/transaction/sequence_counters.h).
struct Sequence {
  std::string type = "bigint";  // or smallint, integer
  int64_t start = 1;
  int64_t increment = 1;
  int64_t min_value = 1;
  int64_t max_value = std::numeric_limits<int64_t>::max();
  int64_t cache = 1;
  bool cycle = false;
  int64_t owner = -1;  // the table with whose column it goes (Relation::owned_sequences); −1: none

  /// The number under which its counter is kept, never used before: RESTART, which may be rolled back, takes another.
  int64_t counter = -1;
  /// Where that counter began.
  int64_t first_value = 1;
  bool first_is_called = false;  // nextval goes on behind first_value

  bool operator==(const Sequence&) const = default;
};

/// Where a sequence stands.
struct SequenceState {
  int64_t last_value = 1;
  bool is_called = false;    // whether last_value has been handed out
  int64_t values_ahead = 0;  // so many more may be handed out without a write (log_cnt)
};

/// A sequence that goes with a column of the relation.
struct OwnedSequence {
  int column = 0;  // pg_attribute.attnum
  int64_t sequence = -1;

  bool operator==(const OwnedSequence&) const = default;
};

/// DEFAULTs name their sequence by its id, as PostgreSQL's do: nextval('16384'::regclass).
std::string NextValueText(int64_t sequence);
/// The sequence of such a text; nothing for any other text.
std::optional<int64_t> SequenceOfDefault(std::string_view text);

}  // namespace weir::sql
