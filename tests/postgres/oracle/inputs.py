"""What is asked of PostgreSQL: texts for each type, and calls of numeric functions. Made the same at each run."""
import itertools
import random

VALUES: dict[str, list] = {}  # family -> [(settings, [(type, text) or (type, modifier, text)])]
CALLS: list[tuple[str, str, tuple]] = []  # (name, expression with {} for arguments, arguments)


def mutations(texts: list[str], count: int, seed: int, alphabet: str) -> list[str]:
    """Texts with a few characters dropped, doubled or replaced: mostly invalid ones."""
    chance = random.Random(seed)
    out = []
    for _ in range(count):
        text = list(chance.choice(texts))
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(text) + 1)
            match chance.randrange(3):
                case 0:
                    text[at:at + 1] = []
                case 1:
                    text[at:at] = chance.choice(alphabet)
                case 2:
                    text[at:at + 1] = chance.choice(alphabet)
        out.append("".join(text))
    return out


def numeric_modifier(precision: int, scale: int) -> int:
    return (precision << 16 | scale & 0x7ff) + 4


# --- numeric ---

NUMERIC_TEXTS = [
    "0", "-0", "+0", "0.0", "-0.00", "1", "-1", "+1", " 1 ", "\t1\n", "1.", ".5", "-.5", "+.5e1", "1e20", "1E20", "1e+20",
    "1e-20", "1.50", "123456789012345678901234567890.123456789", "99999999999999999999999999999999999999",
    "170141183460469231731687303715884105727", "170141183460469231731687303715884105728",
    "-170141183460469231731687303715884105728", "0.0000000000000000000000000000000000000000001", "1e131071", "1e131072",
    "9.9e131071", "1e-16383", "1e-16384", "0e-16384", "0e200000", "0e-5", "NaN", "nan", "-NaN", "+nan", "inf", "+inf",
    "-inf", "Infinity", "-INFINITY", "+Infinity", "infinit", "in", "", " ", ".", "-", "+", "e5", ".e5", "1e", "1e+", "1e 5",
    "1e -5", "1e+ 5", "1 e5", "1e5.5", "1e99999999999", "1e-99999999999", "1e1073741823", "1e1073741822", "--1", "1-", "1,000", "1_000", "0x1F",
    "0b1", "1..2", "1.2.3", "1 2", "abc", "1a", "null", "true", "$1", "10000", "9999", "100000000", "0.0001", "0.00010000", "12345678.87654321",
    "1" * 200, "0." + "1" * 200, "0" * 50 + "7", "3.1415926535897932384626433832795028841971693993751",
    "1e38", "-1e39", "12345678901234567890e-30", "5e-1", "4.9999", "0.5", "1.5", "2.5", "-2.5", "1e0", "1e-0",
]
_chance = random.Random(1)


def random_numeric() -> str:
    digits = "".join(_chance.choice("0123456789") for _ in range(_chance.choice([1, 2, 4, 9, 17, 30, 45, 80])))
    point = _chance.randrange(len(digits) + 1)
    text = digits[:point] + "." + digits[point:] if _chance.random() < .7 else digits
    if _chance.random() < .2:
        text += f"e{_chance.randint(-40, 40)}"
    return ("-" if _chance.random() < .4 else "") + text


NUMERICS = [random_numeric() for _ in range(600)]
VALUES["numeric"] = [({}, [("numeric", t) for t in NUMERIC_TEXTS + NUMERICS + mutations(NUMERIC_TEXTS[:60] + NUMERICS, 600, 2, "0123456789.eE+- x_")]
                      + [("numeric", numeric_modifier(p, s), t)
                         for p, s in [(5, 2), (10, 0), (3, 3), (38, 10), (1, 0), (2, 5), (4, -2), (1000, 1000), (1000, -1000), (19, 4)]
                         for t in NUMERIC_TEXTS[:40] + ["999.994", "999.995", "999.99", "-999.995", "0.9994", "0.9995", "0.00999", "0.0009999", "12345",
                                                        "12355", "994999", "995000", "49", "50", "99", "150"] + NUMERICS[:40]])]

_small = ["0", "1", "-1", "2", "3", "7", "10", "0.1", "0.10", "-0.5", "1.5", "2.5", "100", "1000", "0.001", "123.456", "-99.99", "10000", "9999.9999",
          "1e-10", "1e10", "123456789012345678901234567890", "0.000000000000000000001", "3.00", "NaN", "Infinity", "-Infinity", "1.0000000001", "0.99999",
          "170141183460469231731687303715884105727", "1e40", "0.9", "1.1", "5", "-3", "0.3333333333333333333333"]
_some = _small + [n for n in NUMERICS if len(n) < 40][:30]
for _name, _template in {"add": "{}::numeric + {}::numeric", "subtract": "{}::numeric - {}::numeric", "multiply": "{}::numeric * {}::numeric",
                         "divide": "{}::numeric / {}::numeric", "mod": "{}::numeric % {}::numeric",
                         "div": "div({}::numeric, {}::numeric)"}.items():
    CALLS += [(_name, _template, pair) for pair in itertools.product(_some, _some)][::8]
for _name, _template in {"compare": "case when {0}::numeric < {1}::numeric then -1 when {0}::numeric = {1}::numeric then 0 else 1 end",
                         "power": "{}::numeric ^ {}::numeric", "log": "log({}::numeric, {}::numeric)",
                         "gcd": "gcd({}::numeric, {}::numeric)", "lcm": "lcm({}::numeric, {}::numeric)"}.items():
    CALLS += [(_name, _template, pair) for pair in itertools.product(_small, _small)][::1 if _name == "power" else 5]
_more = _some + NUMERICS[100:200]
for _name in ["sqrt", "ln", "exp", "ceil", "floor", "abs", "sign", "min_scale", "trim_scale"]:
    CALLS += [(_name, _name + "({}::numeric)", (n,)) for n in _more]
for _name in ["round", "trunc"]:
    CALLS += [(_name, _name + "({}::numeric, {}::int)", (n, s)) for n in _more for s in ("0", "2", "-2", "5", "30", "-30")]
    CALLS += [(_name, _name + "({}::numeric, {}::int)", (n, s)) for n in ("1.5", "-15") for s in ("2500", "-2500", "20000", "-200000")]
CALLS += [("power", "{}::numeric ^ {}::numeric", p) for p in
          [("1.5", "15"), ("1.5", "-15"), ("1.0000001", "2147483647"), ("0.9999999", "-2147483648"), ("2", "1000"), ("2", "-1000"), ("10", "131071"),
           ("10", "131072"), ("0.1", "1000"), ("0.1", "1001"), ("2", "0.5"), ("2.5", "3.7"), ("1234.5678", "12.34"), ("0.0001", "-0.25"),
           ("1.0001", "123456.789"), ("32", "0.2"), ("-8", "3"), ("-8", "3.0"), ("-8", "3.5"), ("1e-1000", "0.5"), ("99", "9999"), ("3", "3000000000"), ("0.5", "3000000000")]]
for _name, _template in {"to_double": "{}::numeric::float8", "to_float": "{}::numeric::float4", "to_int8": "{}::numeric::int8", "to_int4": "{}::numeric::int4", "to_int2": "{}::numeric::int2",
                         "hash": "hash_numeric({}::numeric)", "hash_extended": "hash_numeric_extended({}::numeric, 8816678312871386365)"}.items():
    CALLS += [(_name, _template, (n,)) for n in _more + ["1e400", "1e-400", "1e39", "32767.4", "32767.5", "-32768.5", "2147483647.5", "9223372036854775807.4", "9223372036854775807.5"]]
_doubles = ["0", "1", "0.1", "1e20", "1e-7", "123456789.123456789", "1.005", "NaN", "Infinity", "-Infinity", "1e300", "5e-324", "0.3333333333333333", "1234567890123456789"]
CALLS += [("of_double", "{}::float8::numeric", (d,)) for d in _doubles]
CALLS += [("of_float", "{}::float4::numeric", (d,)) for d in _doubles if d not in ("1e300", "5e-324")]
CALLS += [("factorial", "factorial({}::bigint)", (n,)) for n in ("-1", "0", "1", "5", "20", "30", "100", "40000")]
CALLS += [("width_bucket", "width_bucket({}::numeric, {}::numeric, {}::numeric, {}::int)", a) for a in
          [("5.35", "0.024", "10.06", "5"), ("0", "0", "10", "5"), ("10", "0", "10", "5"), ("-1", "0", "10", "5"), ("9.999", "0", "10", "5"), ("5", "10", "0", "4"),
           ("10", "10", "0", "4"), ("0", "10", "0", "4"), ("11", "10", "0", "4"), ("5", "1", "1", "3"), ("5", "1", "2", "0"), ("NaN", "1", "2", "3"),
           ("Infinity", "1", "2", "3"), ("-Infinity", "1", "2", "3"), ("1", "-Infinity", "2", "3"), ("5", "0", "10", "2147483647"), ("11", "0", "10", "2147483647")]]

# --- dates and times ---

DATES = [
    "2024-01-31", "2024-1-5", "2024/01/31", "2024.01.31", "01/05/2024", "1/5/24", "1-5-24", "31.12.2024", "31/12/2024", "12/31/2024", "2024-12-31 BC",
    "0044-03-15 BC", "44-03-15 BC", "Jan 5, 2024", "January 5 2024", "5 Jan 2024", "5-Jan-2024", "Jan-5-2024", "2024-Jan-05", "2024 Jan 5", "24-Jan-05",
    "05-Jan-24", "99-Jan-08", "1999-Jan-08", "08-Jan-99", "Jan-08-99", "99 08 Jan", "1999 08 Jan", "08 Jan 99", "Jan 08 1999", "20240311", "240311", "19990108", "990108",
    "1999.008", "2024.366", "2023.366", "2024366", "J2451187", "j2451187", "JD2451187", "julian 2451187", "J 2451187", "J0", "J2147483647", "J-1", "J2451187.5", "J2451187+02",
    "January 8, 99 BC", "2024-02-29", "2023-02-29", "2024-02-30", "1900-02-29", "2000-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "13/13/2024",
    "today", "tomorrow", "yesterday", "now", "epoch", "infinity", "-infinity", "+infinity", " infinity ", "INFINITY", "inf", "Today", "allballs", "noon",
    "0000-01-01", "0001-01-01", "0001-01-01 BC", "4713-01-01 BC", "4714-11-24 BC", "4714-11-23 BC", "5874897-12-31", "5874898-01-01", "294277-01-01", "10000-01-01",
    "99999-01-01", "12345-01-01", "2024-W01-1", "2024-001", "2024-366", "1999-008", "", " ", "garbage", "2024", "2024-01", "01-2024", "Jan 2024", "Jan", "5", "2024-01-31x", "2024-01-31 x",
    "Mon 2024-01-01", "Monday, January 1, 2024", "Wed Jan 3 2024", "2024-01-31 12:00", "2024-01-31 12:00:00+02", "2024-01-31T12:00", "2024-01-31 24:00", "2024-01-31 25:00",
    "on Jan 5 2024", "Jan 5 2024 AD", "Jan 5 -2024", "70-01-01", "69-01-01", "1-1-1", "1-1-01", "1-1-001", "001-1-1", "0-1-1", "00-1-1", "000-1-1", "y2024 m3 d5", "y2024m3d5", "m3 d5 y2024", "d5 m3 y2024",
    "2024-01-31 J", "2024-01-31 y", "99999999", "999999999", "9999999999", "99999999999999999999", "2147483648-01-01", "2024-99999999999-01",
    "20240230", "20241301", "2024-1-1-1", "1/2/3/4", "Jan Feb 2024", "Jan 5 6 2024", "5 5 Jan 2024", "2024-01-31 America/New_York", "2024-01-31 EST", "2024-01-31 nowhere/land", "2024-01-31 PST8PDT",
    "Sept 5 2024", "sep 5 2024", "2024年", "2024-01-31 00:00:00 BC", "2024-01-31\t", "2024--01-31", "2024-01--31", "(2024-01-31)", "'2024-01-31'", "2024_01_31", "2024,01,31", "2024 01 31", "01 31 2024", "31 01 2024",
    "January 0, 2024", "Febuary 1 2024", "2024-02-1.5", "1.2.2024", "1.13.2024", "13.1.2024", "2024.1.2", "2024.5", "2024.13", "1.5", "01.02", "2024-6-31", "0099-01-01", "99-01-01", "0099.01.01",
]
TIMES = [
    "12:34:56", "12:34", "12:34:56.789", "12:34:56.1234567", "12:34:56.1234565", "12:34:56.9999999", "23:59:59.9999999", "23:59:59.999999", "24:00:00", "24:00:00.1", "24:01", "25:00", "12:60", "12:34:60",
    "12:34:61", "1:2:3", "01:02", "123456", "1234", "123456.789", "1234.5", "12", "12345", "1234567", "12:34 PM", "12:34 AM", "1:00 pm", "13:00 pm", "13:00 AM", "00:30 am", "00:30 pm", "12:34:56 am",
    "4:05 am", "040506", "040506.789", "040506-08", "040506+0730", "040506+07:30:00", "040506 EST", "t040506", "T04:05:06", "t1234", "04:05:06.789-8", "04:05:06-08:00", "04:05-08:00", "040506-08", "04:05:06 PST",
    "04:05:06 America/New_York", "2003-04-12 04:05:06 America/New_York", "2003-07-12 04:05:06 America/New_York", "04:05:06 UTC", "04:05:06 Z", "04:05:06z", "04:05:06 zulu", "04:05:06 GMT+3", "04:05:06 utc-3",
    "now", "allballs", "today", "noon", "", " ", "garbage", "12:", ":12", "12:34:", "12:34:56.", "12::34", "12:34:56:78", "-12:34", "+12:34", "12:34:56 +16", "12:34:56 +15:59", "12:34:56 +15:59:59", "12:34:56 -16:00", "12:34:56+1", "12:34:56+123",
    "12:34:56+1234", "12:34:56+12345", "12:34:56 +12:60", "12.34", "12:34.5", "59:59.5", "60:59.5", "12:34:56 BC", "h12 mm34 s56", "h12mm34s56.5", "12:34:56 MSK", "12:34:56 EDT", "12:34:56 CEST", "12:34:56 MET DST", "12:34:56 dst",
    "12:34:56 foo", "12:34:56 foo/bar", "2024-01-31 12:34:56", "2024-01-31 12:34:56+02", "Jan 5 2024 12:34", "J2451187 04:05:06 America/New_York", "12:34:56 Europe/Berlin", "00:00:00.0000005", "00:00:00.0000004",
    "99999999999:00", "12:99999999999", "12:34:56.99999999999999999999", "24:00:00+02", "23:59:60", "23:59:60.5", "12:34:56 +2:30", "12:34:56 -", "12:34:56 +", "12:34:56+02-03",
]
STAMPS = ["2024-01-31 12:34:56", "2024-01-31T12:34:56Z", "2024-01-31 12:34", "2024-01-31 12:34+02", "2024-01-31 12:34:56.789+05:30", "2024-03-11T04:00Z", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-07-04 12:00",
    "2024-03-31 02:30:00 Europe/Berlin", "2024-10-27 02:30:00 Europe/Berlin", "2024-07-01 12:00 Europe/Berlin", "2050-07-01 12:00 Europe/Berlin", "2050-01-01 12:00 Europe/Berlin", "1900-01-01 12:00 Europe/Berlin", "1800-01-01 12:00 Europe/Berlin",
    "2024-01-31 12:34:56 PST", "2024-07-01 12:34:56 PDT", "2024-07-01 12:00 MSK", "2012-07-01 12:00 MSK", "1990-07-01 12:00 MSK", "2024-01-31 12:34 America/New_York", "2024-07-01 12:34 america/new_york", "2024-01-31 12:34 EST5EDT", "2024-07-01 12:34 EST5EDT",
    "2024-01-01 12:00 UTC+3", "2024-01-01 12:00 FOO+3", "2024-01-01 12:00 +3", "20240131 123456", "20240131T123456", "20240131t1234", "20240131 12:34:56", "20240131 123456.789", "20240131T123456+02", "20240131 123456-08", "2024-01-31 123456", "2024-01-31 1234", "2024-01-31 256060",
    "Jan 31 12:34:56 2024", "Wed Jan 31 12:34:56 2024", "Wed Jan 31 12:34:56 2024 PST", "Wed Jan 31 12:34:56 PST 2024", "Wed Jan 31 12:34:56.5 2024 EST", "31 Jan 2024 12:34:56 BC", "1999-Jan-08 04:05:06 -8:00", "Dec 31 1999 23:59:59.9999999", "1999-12-31 23:59:59.9999995",
    "infinity", "-infinity", "epoch", "now", "today", "tomorrow", "yesterday", "today 12:00", "tomorrow 03:04", "yesterday 04:05:06 PST", "now 12:00", "allballs", "2024-01-31 allballs", "epoch 12:00", "J2451187 12:00", "J2451187.5", "J2451187.25 ", "J2451187 123456", "2024-01-31 24:00:00", "2024-01-31 24:00:01",
    "2024-12-31 23:59:60", "4714-11-24 00:00:00 BC", "4714-11-23 23:59:59 BC", "294247-01-01 00:00:00", "294278-01-01 00:00:00", "99999-01-01 00:00", "2024-01-31 12:34:56 foo", "2024-01-31 12:34:56 foo/bar", "2024-01-31 12:34:56 2024-01-31", "2024-01-31 12:34:56 12:34",
    "12:34:56", "2024-01-31 12", "2024-01-31 12:34 PM", "2024-01-31 13:34 AM", "2024-01-31 1 PM", "2024.031 12:00", "2024-001 12:00", "2024-01-31 h12", "2024-01-31 12:34:56 +16:00", "2024-01-31 12:34:56 +15:59:59", "1999-12-31 23:59:59.5", "2000-01-01 00:00:00.5", "1999-12-31 23:59:59.49", "1999-12-31 23:59:59.45",
    "2024-05-10 11:06:33.8465", "2024-12-31 23:59:59.5", "1969-12-31 23:59:59.5", "1969-12-31 23:59:58.25", "0001-01-01 00:00:00", "0001-12-31 23:59 BC", "2024-02-30 12:00", "2024-13-01 12:00", "13/31/2024 12:00", "", "garbage", "2024-01-31 12:34:56.1234567", "2024-06-01 12:00 CEST", "2024-06-01 12:00 CET DST", "2024-06-01 12:00 MET DST", "2024-06-01 12:00 dst", "2024-06-01 12:00 Europe/Berlin dst",
    "1883-11-18 12:03:58 America/New_York", "1883-11-18 12:00 LMT", "2024-06-01 12:00 Asia/Kathmandu", "2024-06-01 12:00 Australia/Lord_Howe", "2011-12-30 12:00 Pacific/Apia", "2024-06-01 12:00 Africa/Casablanca", "2024-03-20 12:00 Africa/Casablanca", "1990-06-01 12:00 IST", "2024-06-01 12:00 zulu", "2024-06-01 12:00 z", "2024-06-01 12:00 ut",
    "2024-06-01 12:00:00.000001+00", "2024-06-01 12:00 Etc/GMT+5", "2024-06-01 12:00 GMT-5", "2024-06-01 12:00 <+03>-3", "2024-06-01 12:00 EST5EDT,M3.2.0,M11.1.0"]
DATE_SETTINGS = [{"DateStyle": "ISO, MDY", "TimeZone": "UTC"}, {"DateStyle": "ISO, DMY", "TimeZone": "America/New_York"}, {"DateStyle": "ISO, YMD", "TimeZone": "Asia/Kolkata"},
                 {"DateStyle": "SQL, MDY", "TimeZone": "Europe/Berlin"}, {"DateStyle": "SQL, DMY", "TimeZone": "Australia/Sydney"}, {"DateStyle": "Postgres, MDY", "TimeZone": "America/St_Johns"},
                 {"DateStyle": "Postgres, DMY", "TimeZone": "+03"}, {"DateStyle": "German", "TimeZone": "Pacific/Apia"}, {"DateStyle": "ISO, MDY", "TimeZone": "EST5EDT"}]
_DATE_ALPHABET = "0123456789-/:. +TZJabc"
VALUES["date"] = [(s, [("date", t) for t in DATES + STAMPS[:60]] + ([("date", t) for t in mutations(DATES, 800, 3, _DATE_ALPHABET)] if i < 3 else []))
                  for i, s in enumerate(DATE_SETTINGS)]
VALUES["time"] = [(s, [(type_name, t) for type_name in ("time", "timetz") for t in TIMES + (mutations(TIMES, 500, 4, _DATE_ALPHABET) if i == 0 else [])]
                   + [(type_name, p, t) for type_name in ("time", "timetz") for p in (0, 1, 3, 6) for t in TIMES[:10]])
                  for i, s in enumerate(DATE_SETTINGS[:3])]
_moments = random.Random(5)
RANDOM_STAMPS = [f"{_moments.randint(1880, 2100)}-{_moments.randint(1, 12):02}-{_moments.randint(1, 28):02} {_moments.randint(0, 23):02}:{_moments.randint(0, 59):02}:{_moments.randint(0, 59):02}.{_moments.randint(0, 999999):06}" for _ in range(50)]
VALUES["timestamp"] = [(s, [(type_name, t) for type_name in ("timestamp", "timestamptz")
                            for t in STAMPS + RANDOM_STAMPS + (DATES + mutations(STAMPS, 700, 6, _DATE_ALPHABET) if i in (0, 1) else [])]
                        + [(type_name, p, t) for type_name in ("timestamp", "timestamptz") for p in (0, 1, 3) for t in STAMPS[:8] + STAMPS[60:] if i == 0])
                       for i, s in enumerate(DATE_SETTINGS)]

# --- intervals ---

INTERVALS = [
    "1 day", "1 day 2 hours", "2 hours", "-1 day", "1 day ago", "1 year 2 months 3 days 4 hours 5 minutes 6 seconds", "1 year 2 mons 3 days 04:05:06.789", "@ 1 minute", "@ 1 year ago", "1-2", "-1-2", "+1-2", "1-12", "1-2 3 4:05:06", "-1-2 -3 -4:05:06", "1-2 -3 4:05:06",
    "3 4:05:06", "-3 4:05:06", "3 -4:05:06", "4:05:06", "-4:05:06", "+4:05:06", "4:05", "-4:05", "4:05.6", "4:05:06.7", "04:05:60", "04:60", "100:00:00", "1.5 years", "1.5 months", "1.5 days", "1.5 weeks", "1.5 hours", "1.5 minutes", "1.5 seconds", "-1.5 years", "-1.5 months", "0.1 month", "1.123456789 seconds",
    "1 week", "2 weeks", "1 decade", "1 century", "2 centuries", "1 millennium", "3 millennia", "1 c", "1 dec", "1 quarter", "1 ms", "1 us", "1500 ms", "1.5 us", "1 microsecond", "1 milliseconds", "10 mils", "5 m", "5 mon", "5 min", "5 h", "5 d", "5 w", "5 y", "5 s", "1 hr", "2 hrs", "1 yr", "2 yrs", "1 sec", "1 secs",
    "P1Y2M3DT4H5M6S", "P1Y", "P1M", "P1W", "P1D", "PT1H", "PT1M", "PT1S", "PT1.5S", "P-1Y", "P1.5Y", "P1.5M", "P1.5W", "P1.5D", "P0001-02-03T04:05:06", "P0001-02-03", "P0001-02", "P00010203", "P00010203T040506", "PT040506", "PT04:05:06", "PT04:05", "P1", "P", "PT", "P1YT", "P1D2H", "P1H", "P1e2D", "P1Y1Y", "p1y", "P 1Y", "P1Y ",
    "P-1-2-3", "P1-2-3T-4:5:6", "P99999999999999999D", "P2147483648D", "P1Y-1M", "PT-0.5S", "P0.5YT", "P1DT", "P.5D", "P-.5D",
    "1", "-1", "1.5", "0", "00:00", "", " ", "garbage", "1 garbage", "day", "ago", "1 ago", "1 day 2 day", "1 day 24:00", "1 hour 1:00", "1 day ago ago", "infinity", "-infinity", "now", "1 day infinity", "2147483647 days", "2147483648 days", "-2147483648 days", "2147483648 years", "178956970 years 7 mons", "178956970 years 8 mons", "178956971 years",
    "9223372036854775807 microseconds", "9223372036854775808 microseconds", "-9223372036854775808 us", "9223372036854775807 us ago", "2562047788:00:54.775807", "2562047788:00:54.775808", "99999999999 hours", "2147483647 mons 1 year", "1e3 days", "1:2:3:4", "1 day -00:00:01", "-1 day +00:00:01", "1 mon -1 day", "1 year -1 mon", "-1 year 1 mon 1 day", "1 day 1",
    "1 2", "1 2 3", "1 2:03", "1 2:03:04", "1 02:03:04 ago", "12 months", "30 days", "24 hours", "-0.5 days", "0.5 days", "0.000001 seconds", "0.0000005 seconds", "0.0000004 sec", "59.9999999 sec", "1,2 days", "1day", "1day2hours", "1y2m", "1 y 2 mon", "1.", ".5 day", "1. day", "-.5 day", "1 timezone", "1-2-3", "2024-01-01", "1 day 2024-01-01", "1.1.1 days", "1:00 PM", "1 Day", "1 DAYS", "3 days 2 hours ago",
    "1 year 2 months -3 days -4 hours", "-1 year -2 months +3 days", "00:00:01.000001", "-00:00:01.5", "1 month 29 days 23:59:59.999999",
]
INTERVAL_FIELDS = {"YEAR": 1 << 2, "MONTH": 1 << 1, "DAY": 1 << 3, "HOUR": 1 << 10, "MINUTE": 1 << 11, "SECOND": 1 << 12}


def interval_modifier(fields: str, precision: int = 0xffff) -> int:
    return (sum(INTERVAL_FIELDS[f] for f in fields.split()) if fields else 0x7fff) << 16 | precision


VALUES["interval"] = [({"IntervalStyle": style, "TimeZone": "UTC", "DateStyle": "ISO, MDY"},
                       [("interval", t) for t in INTERVALS + (mutations(INTERVALS, 900, 7, "0123456789-:. +PTYMDHSdayhourmin") if i == 0 else [])]
                       + ([("interval", interval_modifier(f, p), t) for f, p in [("", 0), ("", 3), ("YEAR", 0xffff), ("MONTH", 0xffff), ("YEAR MONTH", 0xffff), ("DAY", 0xffff), ("HOUR", 0xffff), ("MINUTE", 0xffff), ("SECOND", 0xffff), ("SECOND", 2), ("DAY HOUR", 0xffff),
                           ("DAY HOUR MINUTE", 0xffff), ("DAY HOUR MINUTE SECOND", 0xffff), ("DAY HOUR MINUTE SECOND", 1), ("HOUR MINUTE", 0xffff), ("HOUR MINUTE SECOND", 0xffff), ("MINUTE SECOND", 0xffff)]
                           for t in ["1", "1.5", "-1.5", "1-2", "1 2:03:04.5678", "2:03", "2:03:04.99", "1 year 2 mons 3 days 04:05:06.789", "-1 year -2 mons -3 days -04:05:06.789", "1 2:03", "59:59"]] if i == 0 else []))
                      for i, style in enumerate(["postgres", "postgres_verbose", "sql_standard", "iso_8601"])]

# --- numbers and truth values ---

INTEGERS = ["0", "1", "-1", "+1", " 12 ", "\t12\n", "32767", "32768", "-32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99999999999999999999999", "", " ", "abc", "1.5", "1e3", "1 2", "12abc", "--1", "+-1", "0x10", "1_000", "00012", "-0", "99999999999999999999x", "40000x", "4294967295", "4294967296", "-4294967295", "-4294967296", "18446744073709551615", "18446744073709551616", "012", "0x1f", "- 1", "1\x0b", "１"]
FLOATS = ["0", "-0", "1", "1.5", "-1.5", "1e10", "1e-10", "1e308", "1.7976931348623157e308", "1.8e308", "-1.8e308", "4.9e-324", "5e-324", "2e-324", "1e-400", "1e400", "3.4028235e38", "3.4028236e38", "3.5e38", "1e39", "1e-45", "1e-46", "1.4e-45", "NaN", "nan", "-nan", "Infinity", "-Infinity", "inf", "-inf", "+inf", "INF", "infinit", "0.1", "0.2", "0.30000000000000004", "123456789.123456789",
    "1e15", "1e16", "123456789012345", "1234567890123456", "12345678901234567", "1e5", "1e6", "1e7", "123456", "1234567", "16777216", "16777217", "0.0001", "0.00001", "0.000123456", "100000", "1000000", "3.14159265358979", " 1.5 ", "1.5x", "x", "", " ", ".", "1.", ".5", "e5", "1e", "1e+", "1 e5", "0x1p3", "0x10", "1,5", "--1", "+1", "30185283444852791", "19515842976898328", "879.3e6", "9007199254740993", "1e22", "1e23", "8.41e21", "2.2250738585072014e-308", "5e-320", "33554433", "67108865", "nan(1)", "1d5", "infinity1", "1e1000000000000"]
_floats = random.Random(8)
RANDOM_FLOATS = [repr(_floats.uniform(-1, 1) * 10 ** _floats.randint(-30, 38)) for _ in range(300)] + [str(_floats.randint(1, 2 ** 63)) for _ in range(50)]
VALUES["number"] = [({"extra_float_digits": d, "bytea_output": "hex"}, [(type_name, t) for type_name in ("float4", "float8") for t in FLOATS + (RANDOM_FLOATS if d != "-3" else [])]
                     + ([(type_name, t) for type_name in ("int2", "int4", "int8", "oid", "xid", "cid", "xid8") for t in INTEGERS] + [("bool", t) for t in ["t", "f", "true", "false", "TRUE", "tru", "tr", "y", "yes", "ye", "n", "no", "on", "off", "of", "o", "1", "0", "10", " true ", "", " ", "maybe", "truee", "2", "fals", "onn", "\ttrue\n"]]
                        + [("tid", t) for t in ["(0,1)", "(12,3)", "(4294967295,65535)", "(4294967296,1)", "(1,65536)", "(0,-1)", "(0,1", "0,1", "(a,b)", "", "( 1,2)", "(1,2)x"]]
                        + [(type_name, t) for type_name in ("oidvector", "int2vector") for t in ["", "1", "1 2 3", " 1  2 ", "1,2", "a", "70000", "1 x"]] if d == "1" else []))
                    for d in ("1", "0", "-3")]

# --- texts and bytes ---

LONG = "abcdefghij" * 8
TEXTS = ["", " ", "a", "abc", "abc   ", "abcd", "äöü", "äöüß", "日本語", "日本語テキスト", "a\\b", "a\"b", LONG, LONG[:62] + "ä", LONG[:61] + "日", "😀😀😀😀", "\\101", "\\344", "ab"]
VALUES["text"] = [({"bytea_output": output}, [(type_name, t) for type_name in ("text", "varchar", "bpchar", "name", '"char"') for t in TEXTS if output == "hex"]
                   + [(type_name, n + 4, t) for type_name in ("varchar", "bpchar") for n in (1, 3, 5) for t in TEXTS if output == "hex"]
                   + [("bytea", t) for t in ["", "abc", "\\x", "\\x00", "\\xDEADbeef", "\\xde ad\tbe\nef", "\\xd", "\\xdg", "\\xdeg", "\\xäb", "\\x0", "\\\\", "\\", "a\\", "\\001\\377", "\\400", "\\08", "\\1", "\\a", "äö", "a\\\\b\\000c", "\\X00", " \\x00", "\\x d", "~\x7f\x01"]])
                  for output in ("hex", "escape")]
BITS = ["", "0", "1", "101", "10101010", "101010101", "b101", "B101", "x1F", "X1f", "xfg", "102", "b", "x", " 101", "1 0", "ä", "x1ä", "0" * 70, "bb1", "x0x"]
VALUES["bits"] = [({}, [(type_name, m, t) for type_name in ("bit", "varbit") for m in (-1, 1, 3, 8, 12) for t in BITS])]
UUIDS = ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "", "a0eebc99", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0-eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-", "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "{}", "00000000-0000-0000-0000-000000000000"]
MONEYS = ["0", "1", "12.3", "12.34", "12.345", "12.344", "$1", "$1,234.50", "-1", "-$1", "$-1", "(5)", "($5)", "5-", "1,2,3", "1.", ".5", "-.5", "", " ", "abc", "1x", "1 2", "92233720368547758.07", "92233720368547758.08", "-92233720368547758.08", "-92233720368547758.09", "123456789", "1e5", "  $ 1 ", "+1", "$", "--1", "1$", "1.2.3", "- 1", "1.999", "1)"]
ADDRESSES = ["192.168.1.1", "192.168.1.0/24", "192.168.1.5/24", "192.168.1", "192.168", "10", "10/8", "10.1/16", "10.1.2/24", "0", "0/0", "0.0.0.0/0", "255.255.255.255", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/32", "1.2.3.4/", "1.2.3.4/a", "1.2.3.4.5", "1.2.3.4.", "1.2.3./24", "1..2", ".1", "", " ", "1.2.3.4 ", " 1.2.3.4", "a.b.c.d", "0x0a", "0x0a0b", "0x0a0b0c0d", "0x0a0b0c0d0e", "0xag", "0x", "224", "240", "128", "192", "224.1", "01.02.03.04", "1.2.3.4/08", "1.2.3.4/-1", "1/24", "10.0.0.0/32/8",
    "::", "::1", "::/0", "2001:db8::1", "2001:db8::/32", "2001:db8::1/32", "2001:DB8:0:0:0:0:0:1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9:a", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3::5", "::ffff:1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4/120", "::ffff:1.2.3.256", "64:ff9b::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "::ffff:0:1.2.3.4", "12345::", "g::", ":1", "1:", "::1/129", "::1/128", "::1/064", "::1/", "fe80::1%eth0", "0:0:0:0:0:0:0:0", "1:0:0:2:0:0:0:3", "1:0:2:0:3:0:4:0", "0:0:1::", "::01.2.3.4", "1:2:3:4:5:6:7:8::", "::1:0", "::5:0:0", "0:1::", "1:2::3:4/64", "::ffff"]
MACS = ["08:00:2b:01:02:03", "08-00-2b-01-02-03", "08002b:010203", "08002b-010203", "0800.2b01.0203", "0800-2b01-0203", "08002b010203", "8:0:2b:1:2:3", "08:00:2b:01:02", "08:00:2b:01:02:03:04:05", "08:00:2b:01:02:0g", "100:00:2b:01:02:03", "", " 08:00:2b:01:02:03 ", "08:00:2b:01:02:03x", "0800.2b01.0203.0405", "08002b0102030405", "08002b:0102030405", "08:00-2b:01:02:03", "FF:FF:FF:FF:FF:FF", "08:00:2b:01:02:03:04", "0 8:00:2b:01:02:03"]
VALUES["address"] = [({}, [(type_name, t) for type_name in ("inet", "cidr") for t in ADDRESSES + mutations(ADDRESSES, 400, 9, "0123456789.:/abcdefx")] + [(type_name, t) for type_name in ("macaddr", "macaddr8") for t in MACS]
                       + [("uuid", t) for t in UUIDS] + [("money", t) for t in MONEYS])]

# --- json ---

JSONS = ['{}', '[]', 'null', 'true', 'false', '1', '-1', '1.50', '1e3', '1E+3', '1e-5', '-0', '0.10', '"a"', '""', ' {"a": 1} ', '{"a":1,"b":[1,2,{"c":null}]}', '{"b":1,"a":2}', '{"aa":1,"b":2}', '{"a":1,"a":2}', '{"a":1,"b":3,"a":2}', '[1, 2 ,3]', '[[],{},[{}]]', '"\\u00e4"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\ud83d"', '"\\ud83dx"', '"\\u0000"', '"\\u00"', '"\\u00g0"', '"\\x"', '"\\n\\t\\r\\b\\f\\"\\\\\\/"', '"\u00e4"', '"a\nb"', '"a\x01b"', '"abc', '"abc\\', '"abc\\u12',
    '', ' ', '{', '[', '}', ']', ',', ':', '{"a"}', '{"a":}', '{"a":1,}', '{"a":1 "b":2}', '{a:1}', "{'a':1}", '{1:2}', '{"a" 1}', '{,}', '[1,]', '[,1]', '[1 2]', '[1', '[1,', '{"a":1', '{"a":', '{"a"', 'nul', 'nulll', 'True', 'tru', '1a', '01', '1.', '.5', '-', '+1', '1e', '1e+', '--1', '1 2', '{} {}', '[] x', 'abc', '$', '"a" "b"', '{"a":1}}', '[1]]', '@', 'ä', '{"ä":1}', '[1,2', '{"a":[1,{"b":2]}', '1.0', '100', '1e400', '1e131071', '123456789012345678901234567890.123', '0.00001', '12345678901234567890', '"\\u0041"', '"\\u001f"', '"\x7f"', 'NaN', 'Infinity', '-Infinity', '{"a":NaN}', '\t[\n1\r]', '"tab\there"', '{"k":"v"}\n', '[' * 20 + ']' * 20, '{"":1}', '{"a":{"b":{"c":[]}}}']
VALUES["json"] = [({}, [(type_name, t) for type_name in ("json", "jsonb") for t in JSONS + mutations(JSONS, 500, 10, '{}[]:,"\\ae1.- u')])]

# --- values that hold others ---

ARRAYS = ['{}', '{1}', '{1,2,3}', ' { 1 , 2 } ', '{{1,2},{3,4}}', '{{1},{2,3}}', '{{1,2},{3}}', '{1,{2}}', '{{1},2}', '{NULL,1}', '{null}', '{"NULL"}', '[2:4]={1,2,3}', '[-1:1]={1,2,3}', '[2:3]={1}', '[1:2][3:4]={{1,2},{3,4}}', '[3]={1,2,3}', '[1:0]={}', '[a]={}', '[1:]={}', '[1', '[1:2', '[1:2]', '[1:2] = {1,2}', '[1:2]=1', '[1:1][1:1][1:1][1:1][1:1][1:1][1:1]={1}', '{1,}', '{,1}', '{,}', '{1,,2}', '{"a}', 'x', '', ' ', '{1}x', '{1} ', '{1,2', '{1,2}}', '{{1}', '{', '}', '{{}}', '{{},{}}', '{{{{{{{1}}}}}}}', '{{{{{{1}}}}}}', '{a"b"}', '{"a"b}', '{"1"}', '{"1" }', '{ "1"}', '{\\1}', '{\\', '{"\\', '{1 2}', '{a b}', '{ a  b , c }', '{"a b","c,d","e\\"f","g\\\\h"}', '{"",x}', '{a\\,b}', '{a{b}', '{"{"}', '{1;2}', '{x,y}', '{1.5}', '{99999999999}', '{NULL,NULL}', '{"null"}', '{nUll}', '{\\null}', '[0:1]={a,b}', '[1:1]={{1}}', '[1:2147483647]={1}', '{{{1}},{{2}}}', '[2:2]={}', '[5]={1}', '{a,b}junk', '{"a"}{"b"}', '{é,ü}', '{a\tb}', '{" a "}', '{\\ a}']
RANGES = ['empty', ' EMPTY ', 'empty x', '[1,10)', '(1,10]', '[1,10]', '(1,10)', '[1,1]', '[1,1)', '(1,2)', '(,)', '[,]', '(,5)', '[5,)', '(,5]', '[3,2]', '1,2', '[1,2', '[1 2]', '[1,2]x', '(1,2,3)', '["1","2"]', '["a,2)', '[1,2] ', ' [1,2]', '[ 1 , 2 ]', '[a,b]', '[\\1,2]', '[1,2147483647]', '(2147483647,)', '(9223372036854775807,)', '[1.5,2.5]', '[1.50,1.5]', '', ' ', '[', '[,', '["",2]', '[-5,5)']
DATE_RANGES = ['[2024-01-01,2024-02-01]', '(2024-01-01,2024-02-01)', '[2024-01-01,)', '(,2024-01-01]', '[2024-02-01,2024-01-01]', '(2024-01-01,2024-01-02)', 'empty', '[2024-01-01 12:00,2024-01-02 12:00)', '["2024-01-01 12:00:00+02","2024-01-02 12:00")', '[infinity,infinity]', '(-infinity,infinity)', '[2024-01-01,infinity]', '[garbage,2024-01-01]', '(5874897-12-31,)', '[today,2024-01-01)', '[2024-01-01,2024-01-01]', '[2024-01-01,2024-01-01)']
MULTIRANGES = ['{}', '{ }', '{[1,10)}', '{[1,5),[7,9]}', '{[7,9],[1,5)}', '{[1,5],[5,7)}', '{[1,5),[5,7)}', '{empty}', '{EMPTY,[1,2)}', '{(,)}', '{(,1),(5,)}', '{["1","2"),(3,4]}', '{[1,2),}', '{,}', '{[1,2)', '{[1,2', '{', '', ' ', '[1,2)', '{[1,2)}x', '{[1,2)} ', '{[2,1)}', '{[a,1)}', '{[1,2)[3,4)}', '{emptyx}', '{[1,2)},', '{(1.5,2],[2.50,3)}', '{[1,2] , (4,5) , empty}']
VALUES["nested"] = [({"TimeZone": "America/New_York", "DateStyle": "ISO, MDY", "IntervalStyle": "postgres"},
                     [(type_name, t) for type_name in ("int4[]", "text[]", "numeric[]") for t in ARRAYS + mutations(ARRAYS, 300, 11, '{},"\\ 1aNUL[]=:') if "}},{2}" not in t]
                     + [("numeric[]", numeric_modifier(4, 1), t) for t in ("{1.25,2}", "{12345}", "{NULL}")] + [("varchar[]", 6, t) for t in ("{a,bc}", "{abc}", "{'ab '}")] + [("timestamptz[]", 0, '{"2024-01-01 12:00:00.7","2024-07-01 12:00"}')]
                     + [("bool[]", "{t,f,NULL}"), ("date[]", "{2024-01-01,infinity}"), ("interval[]", '{"1 day",02:03:04}'), ("uuid[]", "{" + UUIDS[0] + "}"), ("bytea[]", '{"\\\\x01",abc}'), ("jsonb[]", '{"{\\"b\\":1, \\"a\\":2}",null}'), ("inet[]", "{1.2.3.4,::1}"), ("float8[]", "{1.5,NaN}"), ("bpchar[]", 7, "{a,bcd}"), ("money[]", '{"$1,234.50",2}'), ("bit[]", 3, "{101,111}"), ("int4range[]", '{"[1,5)",empty}')]
                     + [(type_name, t) for type_name in ("int4range", "int8range", "numrange") for t in RANGES + mutations(RANGES, 120, 12, '[](), 123"\\e')]
                     + [(type_name, t) for type_name in ("daterange", "tsrange", "tstzrange") for t in DATE_RANGES]
                     + [(type_name, t) for type_name in ("int4multirange", "nummultirange") for t in MULTIRANGES + mutations(MULTIRANGES, 150, 13, '{}[](), 12"\\e')]
                     + [(type_name, f"{{{t},{u}}}") for type_name in ("datemultirange", "tsmultirange", "tstzmultirange") for t, u in zip(DATE_RANGES, DATE_RANGES[1:])])]
