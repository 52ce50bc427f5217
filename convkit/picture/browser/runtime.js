// What Python has and JavaScript has not, for the source that translate.py wrote.
const $modules = {};

class $Dict {
  constructor(pairs = []) {
    this.map = new Map();
    for (const [key, value] of pairs) this.put(key, value);
  }
  put(key, value) { this.map.set($key(key), [key, value]); }
  has(key) { return this.map.has($key(key)); }
  get(key, other = null) { return this.map.get($key(key))?.[1] ?? other; }
  item(key) {
    const found = this.map.get($key(key));
    if (!found) throw new $KeyError($repr(key));
    return found[1];
  }
  setdefault(key, value) { if (!this.has(key)) this.put(key, value); return this.item(key); }
  items() { return [...this.map.values()]; }
  keys() { return this.items().map(([key]) => key); }
  values() { return this.items().map(([, value]) => value); }
  get size() { return this.map.size; }
  [Symbol.iterator]() { return this.keys()[Symbol.iterator](); }
}
class $Set extends $Dict {
  constructor(items) { super([...$iter(items)].map((item) => [item, true])); }
  add(item) { this.put(item, true); }
}
class $Range {
  constructor(start, stop, step = 1) { Object.assign(this, { start, stop, step }); }
  get length() { return Math.max(0, Math.ceil((this.stop - this.start) / this.step)); }
  item(n) { return this.start + (n < 0 ? n + this.length : n) * this.step; }
  has(value) {
    const within = this.step > 0 ? value >= this.start && value < this.stop : value <= this.start && value > this.stop;
    return within && (value - this.start) % this.step === 0;
  }
  *[Symbol.iterator]() {
    for (let n = this.start; this.step > 0 ? n < this.stop : n > this.stop; n += this.step) yield n;
  }
}
class $ValueError extends Error {}
class $KeyError extends Error {}
class $ShapeError extends $ValueError {}
class $ArgumentError extends $ValueError {}

const $key = (key) => (Array.isArray(key) ? JSON.stringify(key) : key);
const $dict = (pairs = []) => (pairs instanceof $Dict ? new $Dict(pairs.items()) : new $Dict($iter(pairs)));
const $set = (items = []) => new $Set(items);
const $range = (start, stop, step) => (stop === undefined ? new $Range(0, start) : new $Range(start, stop, step));
const $iter = (value) => value;
const $items = (value) => value.items();
const $object = (value) => Object.fromEntries(value.items());
const $list = (value = []) => [...value]; // a copy, as in Python
const $len = (value) => value.length ?? value.size;
const $t = (value) => {
  if (typeof value !== "object") return Boolean(value);
  return value !== null && (value.length ?? value.size ?? 1) !== 0;
};
const $and = (value, other) => ($t(value) ? other() : value);
const $or = (value, other) => ($t(value) ? value : other());
const $eq = (a, b) => {
  if (a === b) return true;
  if (typeof a === "boolean" || typeof b === "boolean") return typeof a !== "object" && typeof b !== "object" && +a === +b;
  if (a == null || b == null) return a == b;
  if (a instanceof $Dict) return b instanceof $Dict && a.size === b.size && a.keys().every((key) => b.has(key) && $eq(a.item(key), b.item(key)));
  if (!Array.isArray(a) && !(a instanceof $Range)) return false;
  if (!Array.isArray(b) && !(b instanceof $Range)) return false;
  const [one, other] = [[...a], [...b]];
  return one.length === other.length && one.every((value, n) => $eq(value, other[n]));
};
const $in = (value, whole) => {
  if (typeof whole === "string") return whole.includes(value);
  if (Array.isArray(whole)) return whole.some((item) => $eq(item, value));
  return whole.has(value);
};
const $item = (whole, index) => {
  if (typeof index === "boolean") index = Number(index);
  if (Array.isArray(whole) || typeof whole === "string") {
    const found = whole[index < 0 ? index + whole.length : index];
    if (found === undefined) throw new $KeyError(`index ${index}`);
    return found;
  }
  return whole.item(index);
};
const $put = (whole, index, value) => (Array.isArray(whole) ? (whole[index < 0 ? index + whole.length : index] = value) : whole.put(index, value));
const $slice = (whole, start, stop, step = 1) => {
  if (whole instanceof $Range) whole = [...whole];
  if (step === -1) return [...whole].reverse();
  return whole.slice(start ?? 0, stop ?? whole.length);
};
const $add = (a, b) => (Array.isArray(a) ? [...a, ...b] : a + b);
const $extend = (a, b) => {
  if (!Array.isArray(a)) return a + b;
  for (const item of b) a.push(item);
  return a;
};
const $mul = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (typeof a === "string") return a.repeat(Math.max(0, b));
  return Array.isArray(a) ? Array.from({ length: b }, () => a).flat() : Number(a) * Number(b);
};
const $mod = (a, b) => { const rest = a % b; return rest && rest < 0 !== b < 0 ? rest + b : rest; };
const $compare = (a, b) => {
  if (!Array.isArray(a)) return a < b ? -1 : a > b ? 1 : 0;
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    const found = $compare(a[n], b[n]);
    if (found) return found;
  }
  return a.length - b.length;
};
const $extreme = (sign) => (options, ...given) => {
  const items = given.length === 1 ? [...$iter(given[0])] : given;
  const key = options.key ?? ((item) => item);
  if (!items.length && "default$" in options) return options.default$;
  return items.reduce((best, item) => (sign * $compare(key(item), key(best)) > 0 ? item : best));
};
const $max = $extreme(1);
const $min = $extreme(-1);
const $sorted = ({ key = (item) => item, reverse = false }, items) => {
  const found = [...items].map((item) => [key(item), item]);
  found.sort((a, b) => (reverse ? -1 : 1) * $compare(a[0], b[0]));
  return found.map(([, item]) => item);
};
const $sum = (items, start = 0) => { for (const item of items) start += Number(item); return start; };
const $any = (items) => { for (const item of items) if ($t(item)) return true; return false; };
const $all = (items) => { for (const item of items) if (!$t(item)) return false; return true; };
const $zip = (...lists) => {
  const found = lists.map($list);
  return Array.from({ length: Math.min(...found.map((list) => list.length)) }, (_, n) => found.map((list) => list[n]));
};
const $enumerate = (items, start = 0) => [...items].map((item, n) => [n + start, item]);
const $map = (call, ...lists) => (lists.length === 1 ? [...lists[0]].map((item) => call(item)) : $zip(...lists).map((row) => call(...row)));
const $reversed = (items) => [...items].reverse();
const $next = (items, other) => { for (const item of items) return item; return other; };
const $replace = (whole, changes) => Object.assign(Object.create(Object.getPrototypeOf(whole)), whole, changes);
const $isinstance = (value, kinds) =>
  [kinds].flat().some((kind) => {
    if (kind === $str) return typeof value === "string";
    if (kind === $int) return Number.isInteger(value) || typeof value === "boolean";
    if (kind === $float) return typeof value === "number" && !Number.isInteger(value);
    if (kind === $t) return typeof value === "boolean";
    if (kind === $list) return Array.isArray(value);
    if (kind === $dict) return value instanceof $Dict;
    return value instanceof kind;
  });
const $getattr = (whole, name) => whole[name];
const $caught = (error, kinds) => [kinds].flat().some((kind) => error instanceof kind);
const $once = (whole, name, call) => {
  const value = call.call(whole);
  Object.defineProperty(whole, name, { value, enumerable: false });
  return value;
};
const $cache = (call) => {
  const known = new Map();
  return (...given) => {
    const key = given.length === 1 && typeof given[0] !== "object" ? given[0] : given.join("|");
    if (!known.has(key)) known.set(key, call(...given));
    return known.get(key);
  };
};

// ---- numbers and text

const $int = (value) => Math.trunc(Number(value));
const $float = (value) => {
  const number = Number(value);
  if (typeof value === "string" && (Number.isNaN(number) || !value.trim())) throw new $ValueError(`could not convert ${$repr(value)}`);
  return number;
};
// `rounded` has some digits after the point and `longer` more of the same number: half to even, as Python rounds.
const $even = (rounded, longer, digits) => {
  const stop = longer.indexOf(".") + 1 + digits;
  if (!/^50*$/.test(longer.slice(stop))) return rounded;
  const down = longer.slice(0, stop).replace(/\.$/, "");
  return down.at(-1) % 2 ? rounded : down;
};
const $fixed = (value, digits) => {
  const text = value.toFixed(digits);
  if (Math.abs(((Math.abs(value) * 2 * 10 ** digits) % 2) - 1) > 1e-6) return text; // not near the middle
  return $even(text, value.toFixed(Math.min(100, digits + 40)), digits);
};
const $exponential = (value, digits) => {
  if (!Number.isFinite(value)) return $number(value);
  const [mantissa, power] = value.toExponential(digits).split("e");
  const [longer] = value.toExponential(Math.min(100, digits + 40)).split("e");
  return `${$even(mantissa, longer, digits)}e${power}`;
};
const $round = (value, digits = 0) => Number($fixed(value, digits));
const $power = (text) => text.replace(/e([+-])(\d)$/, "e$10$2");
const $general = (value, digits = 6) => {
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return String(value);
  if (digits === 6 && Math.abs(value) < 1e5 && Math.abs(value) >= 1e-4) {
    const short = String(Math.abs(value));
    if (short.length <= 7) return value < 0 ? `-${short}` : short; // a point and at most six digits: there is nothing to round
  }
  if (value === 0 || !Number.isFinite(value)) return $number(value);
  const [mantissa, power] = $exponential(value, digits - 1).split("e");
  const tidy = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < digits) return tidy($fixed(value, digits - 1 - power));
  return $power(`${tidy(mantissa)}e${power}`);
};
const $number = (value) => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? String(value === 0 ? 0 : value) : BigInt(value).toString();
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4) return String(value);
  return $power(value.toExponential());
};
const $str = (value) => {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message;
  return $repr(value);
};
const $repr = (value) => {
  if (typeof value === "string") return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  if (typeof value === "number") return $number(value);
  if (value == null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `(${value.map($repr).join(", ")}${value.length === 1 ? "," : ""})`;
  if (value instanceof Error) return value.message;
  return String(value);
};
const $format = (value, spec) => {
  if (spec === "g") return $general(value);
  const [, digits, kind] = /^(?:\.(\d+))?([gfe]?)$/.exec(spec);
  if (kind === "g") return $general(value, digits === undefined ? 6 : Number(digits) || 1);
  if (kind === "f") return $fixed(value, Number(digits ?? 6));
  if (kind === "e") return $power($exponential(value, Number(digits ?? 6)));
  return $str(value);
};
const $strip = (text, letters, left, right) => {
  const off = letters === undefined ? (letter) => /\s/.test(letter) : (letter) => letters.includes(letter);
  let [start, stop] = [0, text.length];
  while (left && start < stop && off(text[start])) start += 1;
  while (right && stop > start && off(text[stop - 1])) stop -= 1;
  return text.slice(start, stop);
};
const $starts = (name) => (text, part, ...rest) => [part].flat().some((one) => text[name](one, ...rest));
const $method = {
  append: (list, item) => void list.push(item),
  join: (text, items) => [...items].join(text),
  split: (text, by) => (by === undefined ? text.trim().split(/\s+/).filter(Boolean) : text.split(by)),
  partition: (text, by) => { const n = text.indexOf(by); return n < 0 ? [text, "", ""] : [text.slice(0, n), by, text.slice(n + by.length)]; },
  replace: (text, old, other) => text.replaceAll(old, other),
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  capitalize: (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase(),
  isdigit: (text) => /^\d+$/.test(text),
  strip: (text, letters) => $strip(text, letters, true, true),
  rstrip: (text, letters) => $strip(text, letters, false, true),
  removeprefix: (text, part) => (text.startsWith(part) ? text.slice(part.length) : text),
  removesuffix: (text, part) => (part && text.endsWith(part) ? text.slice(0, -part.length) : text),
  startswith: $starts("startsWith"),
  endswith: $starts("endsWith"),
};

// ---- modules that are written by hand: arguments are clean here, since controls give nothing else

const $arguments = {
  ShapeError: $ShapeError,
  ArgumentError: $ArgumentError,
  whole(name, value, least = 1) {
    if (!Number.isInteger(value)) throw new $ArgumentError(`${name} is ${$repr(value)}, and has to be a whole number, such as ${name}=${least}.`);
    if (value < least) throw new $ArgumentError(`${name} is ${value}, and has to be a whole number of at least ${least}, such as ${name}=${least}.`);
    return value;
  },
  pair: (name, value) => (Array.isArray(value) ? value : [value, value]),
  padding_word: (word) => word.toLowerCase(),
  axis_padding: (padding) => (typeof padding === "string" ? padding.toLowerCase() : padding),
};
const $escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const $markup = { escape: (text) => text.replace(/[&<>]/g, (letter) => $escapes[letter]) };
const $html = { escape: (text) => text.replace(/[&<>"']/g, (letter) => $escapes[letter]) };
const $math = { ceil: Math.ceil, floor: Math.floor, inf: Infinity };
const $re = {
  compile: (pattern) => ({
    findall: (text) => [...text.matchAll(new RegExp(pattern, "g"))].map(([whole]) => whole),
  }),
};
let $tables = {};
// A function of Python's whose answers were written down: see explore/known.py.
// Objects from JSON as dictionaries; lists and numbers are the same in both.
const $pythonic = (value) => (value && value.constructor === Object ? $dict(Object.entries(value)) : value ?? null);
const $natives = {};
const $lookup = (name) => $natives[name] ?? ((...given) => $pythonic($tables[name]?.[JSON.stringify(given)]));
