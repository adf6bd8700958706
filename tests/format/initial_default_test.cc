#include "format/initial_default.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Column Added(const std::string& name, const DataType& type, const Datum& value) {
  Column column{name, type};
  column.initial_default = *EncodeInitialDefault(type, value);
  return column;
}

TEST(InitialDefault, IsReadAsItWasWritten) {
  const std::vector<Datum> items = {Datum::Int(1), Datum::Null()};
  const Schema schema = *Schema::Make({{"id", DataType::Int()},
                                       Added("text", DataType::String(), Datum::Bytes("it's")),
                                       Added("list", DataType::Array(DataType::Int()), Datum::List(items)),
                                       Added("needed", DataType::BigInt().NotNull(), Datum::Int(-5))});
  Arena arena;
  const std::vector<Datum> values = *InitialDefaults(schema, &arena);
  ASSERT_EQ(values.size(), 4u);
  EXPECT_TRUE(values[0].is_null());
  EXPECT_EQ(values[1].as_bytes(), "it's");
  EXPECT_EQ(values[2].as_items().size(), 2u);
  EXPECT_TRUE(values[2].as_items()[1].is_null());
  EXPECT_EQ(values[3].as_int(), -5);
}

TEST(InitialDefault, BytesThatAreNoValueAreAnError) {
  Column column{"c", DataType::String()};
  column.initial_default = std::string("\0\xff", 2);  // a length that goes on behind the end
  const Schema schema = *Schema::Make({column});
  Arena arena;
  EXPECT_FALSE(InitialDefaults(schema, &arena).ok());
}

}  // namespace
}  // namespace weir
