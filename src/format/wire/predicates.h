#pragma once

#include <optional>

#include "format/wire/fluss.pb.h"
#include "weir/predicate.h"
#include "weir/schema.h"

namespace weir::wire {

/// A filter as the protocol has it, with the ids of the schema's columns. Nothing where the protocol, or the type of a
/// column, has no way to say it; of an AND, what can be said, which lets more rows through.
std::optional<PredicateNode> PredicateToWire(const Predicate& predicate, const Schema& schema);

/// Code 3 for a message that makes no sense.
Result<Predicate> PredicateFromWire(const PredicateNode& message, const Schema& schema);

}  // namespace weir::wire
