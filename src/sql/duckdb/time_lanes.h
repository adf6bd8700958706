#pragma once

#include <cstdlib>

#include "postgres/value/date_time.h"
#include "postgres/value/interval.h"
#include "sql/duckdb/kernel.h"

namespace weir::sql::duck {

/// Dates and times as kernels take and give them.

template <>
struct Lane<postgres::Date> {
  using Stored = duckdb::date_t;
  static postgres::Date Read(Stored stored) { return {stored.days}; }
  static Stored Write(postgres::Date value, duckdb::Vector&) { return Stored(value.days); }
};

template <>
struct Lane<postgres::Time> {
  using Stored = duckdb::dtime_t;
  static postgres::Time Read(Stored stored) { return {stored.micros}; }
  static Stored Write(postgres::Time value, duckdb::Vector&) { return Stored(value.microseconds); }
};

template <>
struct Lane<postgres::TimeTz> {
  using Stored = duckdb::dtime_tz_t;
  static postgres::TimeTz Read(Stored stored) { return {stored.time().micros, stored.offset()}; }
  static Stored Write(postgres::TimeTz value, duckdb::Vector&) {
    if (std::abs(value.offset) > Stored::MAX_OFFSET) {
      Throw(Error("0A000", "a zone of 16 hours and more is not supported for times with a time zone"));
    }
    return Stored(duckdb::dtime_t(value.microseconds), value.offset);
  }
};

/// timestamp and timestamptz.
template <>
struct Lane<postgres::Timestamp> {
  using Stored = duckdb::timestamp_t;
  static postgres::Timestamp Read(Stored stored) { return {stored.value}; }
  static Stored Write(postgres::Timestamp value, duckdb::Vector&) { return Stored(value.microseconds); }
};

template <>
struct Lane<postgres::Interval> {
  using Stored = duckdb::interval_t;
  static postgres::Interval Read(Stored stored) { return {stored.months, stored.days, stored.micros}; }
  static Stored Write(postgres::Interval value, duckdb::Vector&) {
    Stored stored;
    stored.months = value.months;
    stored.days = value.days;
    stored.micros = value.microseconds;
    return stored;
  }
};

/// A set of timestamps or timestamptz.
struct MomentList {
  std::vector<postgres::Timestamp> moments;
};
template <>
struct Lane<MomentList> {
  using Stored = duckdb::list_entry_t;
  static Stored Write(const MomentList& list, duckdb::Vector& vector) {
    const duckdb::idx_t begin = duckdb::ListVector::GetListSize(vector);
    duckdb::ListVector::Reserve(vector, begin + list.moments.size());
    auto* data = duckdb::FlatVector::GetData<duckdb::timestamp_t>(duckdb::ListVector::GetEntry(vector));
    for (size_t i = 0; i < list.moments.size(); ++i)
      data[begin + i] = duckdb::timestamp_t(list.moments[i].microseconds);
    duckdb::ListVector::SetListSize(vector, begin + list.moments.size());
    return {begin, list.moments.size()};
  }
};

}  // namespace weir::sql::duck
