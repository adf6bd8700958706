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
                case 0: text[at:at + 1] = []
                case 1: text[at:at] = chance.choice(alphabet)
                case 2: text[at:at + 1] = chance.choice(alphabet)
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
    CALLS += [(_name, _template, pair) for pair in itertools.product(_some, _some)][::5]
for _name, _template in {"compare": "case when {0}::numeric < {1}::numeric then -1 when {0}::numeric = {1}::numeric then 0 else 1 end",
                         "power": "{}::numeric ^ {}::numeric", "log": "log({}::numeric, {}::numeric)",
                         "gcd": "gcd({}::numeric, {}::numeric)", "lcm": "lcm({}::numeric, {}::numeric)"}.items():
    CALLS += [(_name, _template, pair) for pair in itertools.product(_small, _small)][::1 if _name == "power" else 3]
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
