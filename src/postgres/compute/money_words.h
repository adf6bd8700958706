#pragma once

#include <string>

#include "postgres/value/money.h"

namespace weir::postgres {

/// cash_words: "One hundred twenty three dollars and forty five cents", with PostgreSQL's blanks.
std::string WordsOf(Money money);

}  // namespace weir::postgres
