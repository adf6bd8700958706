#pragma once

#include <cstdint>

namespace weir::pgwire {

/// PostgreSQL's type OIDs, as far as values of them have a form of their own here.
enum TypeOid : uint32_t {
  kOidBool = 16,
  kOidBytea = 17,
  kOidChar = 18,
  kOidName = 19,
  kOidInt8 = 20,
  kOidInt2 = 21,
  kOidInt4 = 23,
  kOidRegproc = 24,
  kOidText = 25,
  kOidOid = 26,
  kOidXid = 28,
  kOidCid = 29,
  kOidJson = 114,
  kOidFloat4 = 700,
  kOidFloat8 = 701,
  kOidUnknown = 705,
  kOidBpchar = 1042,
  kOidVarchar = 1043,
  kOidDate = 1082,
  kOidTime = 1083,
  kOidTimestamp = 1114,
  kOidTimestamptz = 1184,
  kOidInterval = 1186,
  kOidNumeric = 1700,
  kOidRegclass = 2205,
  kOidRegtype = 2206,
  kOidVoid = 2278,
  kOidUuid = 2950,
  kOidJsonb = 3802,
};

/// The element's type of an array type; 0 of any other type.
constexpr uint32_t ElementOid(uint32_t oid) {
  switch (oid) {
    case 199: return kOidJson;
    case 1000: return kOidBool;
    case 1001: return kOidBytea;
    case 1002: return kOidChar;
    case 1003: return kOidName;
    case 1005: return kOidInt2;
    case 1007: return kOidInt4;
    case 1009: return kOidText;
    case 1014: return kOidBpchar;
    case 1015: return kOidVarchar;
    case 1016: return kOidInt8;
    case 1021: return kOidFloat4;
    case 1022: return kOidFloat8;
    case 1028: return kOidOid;
    case 1115: return kOidTimestamp;
    case 1182: return kOidDate;
    case 1183: return kOidTime;
    case 1185: return kOidTimestamptz;
    case 1187: return kOidInterval;
    case 1231: return kOidNumeric;
    case 2210: return kOidRegclass;
    case 2951: return kOidUuid;
    case 3807: return kOidJsonb;
    default: return 0;
  }
}

/// Types whose binary form is their text.
constexpr bool IsTextOid(uint32_t oid) {
  switch (oid) {
    case 0:
    case kOidChar:
    case kOidName:
    case kOidText:
    case kOidJson:
    case kOidUnknown:
    case kOidBpchar:
    case kOidVarchar: return true;
    default: return false;
  }
}

/// The bytes of an integer type's binary form; 0 of any other type.
constexpr int IntegerWidth(uint32_t oid) {
  switch (oid) {
    case kOidInt2: return 2;
    case kOidInt4:
    case kOidOid:
    case kOidXid:
    case kOidCid:
    case kOidRegproc:
    case kOidRegclass:
    case kOidRegtype: return 4;
    case kOidInt8: return 8;
    default: return 0;
  }
}

}  // namespace weir::pgwire
