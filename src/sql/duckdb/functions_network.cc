#include "postgres/compute/network.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {

/// inet and cidr.
template <>
struct Lane<postgres::Inet> {
  using Stored = duckdb::string_t;
  static postgres::Inet Read(const Stored& stored) {
    return ValueOrThrow(postgres::ReadInetKey({stored.GetData(), stored.GetSize()}));
  }
  static Stored Write(const postgres::Inet& value, duckdb::Vector& vector) {
    std::string key;
    postgres::AppendInetKey(value, &key);
    return duckdb::StringVector::AddStringOrBlob(vector, key.data(), key.size());
  }
};

/// macaddr and macaddr8.
template <size_t kSize>
struct Lane<std::array<uint8_t, kSize>> {
  using Stored = duckdb::string_t;
  static std::array<uint8_t, kSize> Read(const Stored& stored) {
    std::array<uint8_t, kSize> bytes = {};
    std::copy_n(stored.GetData(), std::min<size_t>(kSize, stored.GetSize()), bytes.begin());
    return bytes;
  }
  static Stored Write(const std::array<uint8_t, kSize>& value, duckdb::Vector& vector) {
    return duckdb::StringVector::AddStringOrBlob(vector, reinterpret_cast<const char*>(value.data()), kSize);
  }
};

namespace {

namespace pg = ::weir::postgres;
using pg::Inet;
using Mac = pg::MacAddress;
using Mac8 = pg::MacAddress8;

std::string NetworkText(const Inet& value) {
  std::string text;
  pg::AppendInet(value, false, &text);
  return text;
}

void AddNetworkParts(FunctionList* list) {
  list->Add("abbrev(inet)", [](const Inet& a) -> std::string { return NetworkText(a); });
  list->Add("abbrev(cidr)", [](const Inet& a) -> std::string { return pg::AbbreviatedCidr(a); });
  list->Add("broadcast(inet)", [](const Inet& a) -> Inet { return pg::BroadcastOf(a); });
  list->Add("network(inet)", [](const Inet& a) -> Inet { return pg::NetworkOf(a); });
  list->Add("netmask(inet)", [](const Inet& a) -> Inet { return pg::NetmaskOf(a); });
  list->Add("hostmask(inet)", [](const Inet& a) -> Inet { return pg::HostmaskOf(a); });
  list->Add("host(inet)", [](const Inet& a) -> std::string { return pg::HostText(a); });
  list->Add("text(inet)", [](const Inet& a) -> std::string { return pg::InetText(a); });
  list->Add("family(inet)", [](const Inet& a) -> int32_t { return a.v6 ? 6 : 4; });
  list->Add("masklen(inet)", [](const Inet& a) -> int32_t { return a.prefix; });
  list->Add("cidr(inet)", [](const Inet& a) -> Inet { return pg::NetworkOf(a); });
  list->Add("set_masklen(inet,int4)",
            [](const Inet& a, int32_t length) -> Result<Inet> { return pg::WithMask(a, length); });
  list->Add("set_masklen(cidr,int4)", [](const Inet& a, int32_t length) -> Result<Inet> {
    WEIR_ASSIGN_OR_RETURN(const Inet masked, pg::WithMask(a, length));
    return pg::NetworkOf(masked);
  });
  list->Add("inet_merge(inet,inet)", [](const Inet& a, const Inet& b) -> Result<Inet> { return pg::Merged(a, b); });
  list->Add("inet_same_family(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return a.v6 == b.v6; });
}

void AddNetworkOperators(FunctionList* list) {
  list->Add("network_sub(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return pg::HasInside(b, a); });
  list->Add("network_subeq(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return pg::HasOrIs(b, a); });
  list->Add("network_sup(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return pg::HasInside(a, b); });
  list->Add("network_supeq(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return pg::HasOrIs(a, b); });
  list->Add("network_overlap(inet,inet)", [](const Inet& a, const Inet& b) -> bool { return pg::Overlap(a, b); });
  list->Add("inetnot(inet)", [](const Inet& a) -> Inet { return pg::NotOf(a); });
  list->Add("inetand(inet,inet)", [](const Inet& a, const Inet& b) -> Result<Inet> { return pg::AndOf(a, b); });
  list->Add("inetor(inet,inet)", [](const Inet& a, const Inet& b) -> Result<Inet> { return pg::OrOf(a, b); });
  list->Add("inetpl(inet,int8)", [](const Inet& a, int64_t b) -> Result<Inet> { return pg::Plus(a, b); });
  list->Add("int8pl_inet(int8,inet)", [](int64_t a, const Inet& b) -> Result<Inet> { return pg::Plus(b, a); });
  list->Add("inetmi_int8(inet,int8)", [](const Inet& a, int64_t b) -> Result<Inet> { return pg::MinusOf(a, b); });
  list->Add("inetmi(inet,inet)", [](const Inet& a, const Inet& b) -> Result<int64_t> { return pg::DistanceOf(a, b); });
}

template <typename Address>
Address Combined(Address a, const Address& b, uint8_t (*op)(uint8_t, uint8_t)) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = op(a[i], b[i]);
  return a;
}

/// The manufacturer's part.
template <typename Address>
Address FirstThree(Address value) {
  std::fill(value.begin() + 3, value.end(), 0);
  return value;
}

template <typename Address>
void AddMac(FunctionList* list, const std::string& type) {
  const std::string two = "(" + type + "," + type + ")";
  list->Add(type + "_and" + two, [](const Address& a, const Address& b) -> Address {
    return Combined(a, b, [](uint8_t x, uint8_t y) -> uint8_t { return x & y; });
  });
  list->Add(type + "_or" + two, [](const Address& a, const Address& b) -> Address {
    return Combined(a, b, [](uint8_t x, uint8_t y) -> uint8_t { return x | y; });
  });
  list->Add(type + "_not(" + type + ")", [](const Address& a) -> Address {
    return Combined(a, a, [](uint8_t x, uint8_t) -> uint8_t { return ~x; });
  });
  list->Add("trunc(" + type + ")", [](const Address& a) -> Address { return FirstThree(a); });
}

}  // namespace

void AddNetwork(FunctionList* list) {
  AddNetworkParts(list);
  AddNetworkOperators(list);
  AddMac<Mac>(list, "macaddr");
  AddMac<Mac8>(list, "macaddr8");
  list->Add("macaddr8_set7bit(macaddr8)", [](Mac8 a) -> Mac8 {
    a[0] |= 0x02;
    return a;
  });
  list->Add("macaddr8(macaddr)", [](const Mac& a) -> Mac8 { return pg::WideMac(a); });
  list->Add("macaddr(macaddr8)", [](const Mac8& a) -> Result<Mac> { return pg::NarrowMac(a); });
}

}  // namespace weir::sql::duck
