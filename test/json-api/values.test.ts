import { canonicalUuid, isUuid, parseInstant } from '../../src/json-api';
import { parseJson } from '../../src/json-api/json';
import { quote } from '../../src/json-api/quote';
import { Refusal } from '../../src/refusals';

describe('instants', () => {
  it.each([
    ['2026-06-01T10:00:00Z', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01t10:00:00z', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T10:00:00.1Z', '2026-06-01T10:00:00.100Z'],
    ['2026-06-01T10:00:00.123456789Z', '2026-06-01T10:00:00.123Z'],
    ['2026-06-01T10:00:00+05:45', '2026-06-01T04:15:00.000Z'],
    ['2026-01-01T00:00:00+14:00', '2025-12-31T10:00:00.000Z'],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31T00:00:00Z', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseInstant(text)?.toISOString()).toBe(iso);
  });

  it.each([
    '2026-06-01',
    '2026-06-01T10:00Z',
    '2026-06-01T10:00:00',
    '2026-06-01 10:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+0100',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+012026-01-01T00:00:00Z',
    '٢٠٢٦-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe('ids', () => {
  it.each(['00000000-0000-0000-0000-000000000000', 'D6ABE829-C28C-04EC-0EE6-3183F2C53FEF'])(
    '%s is a UUID',
    (id) => {
      expect(isUuid(id)).toBe(true);
      expect(canonicalUuid(id)).toBe(id.toLowerCase());
    },
  );

  it.each(['', 'abc', 'd6abe829c28c44ecbee63183f2c53fef', ' d6abe829-c28c-44ec-bee6-3183f2c53fef'])(
    '%j is none',
    (id) => {
      expect(isUuid(id)).toBe(false);
      expect(canonicalUuid(id)).toBeUndefined();
    },
  );
});

describe('quoting', () => {
  it('is that of JSON for every character', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      if (quote(text) !== JSON.stringify(text)) throw new Error(`differs for U+${code.toString(16)}`);
    }
  });
});

describe('parsing a body', () => {
  const parse = (text: string): unknown => parseJson(Buffer.from(text));
  const refused = (body: Buffer): string => {
    try {
      parseJson(body);
      return 'accepted';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return `${error.problems[0].code} ${error.problems[0].detail ?? ''}`.trimEnd();
    }
  };

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    'undefined',
    'NaN',
    '{"a":1}x',
    '\ufeff{}',
    '[1'.repeat(1000),
  ])('%j is malformed', (text) => {
    expect(refused(Buffer.from(text))).toMatch(/^malformed_json/);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refused(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toBe(
      'malformed_json The body is not valid UTF-8.',
    );
    expect(refused(Buffer.from('{"a":1}', 'utf16le'))).toMatch(/^malformed_json/);
  });

  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":[{"b":{"c":1,"d":":","c":2}}]}', 'c'],
    ['{"a\\"":1 , "a\\"" :2}', 'a"'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['[{"a":1},{"a":1,"\\\\":2,"\\\\":2}]', '\\'],
  ])('%s has a key twice', (text, key) => {
    expect(refused(Buffer.from(text))).toBe(
      `malformed_json The member \`${key}\` comes twice in one object.`,
    );
  });

  it.each([
    '{"a":"b:c","d":"e"}',
    '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
    '{"a:b":"\\":"}',
    '":"',
    '{"__proto__":{}}',
  ])('%s has no key twice', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('refuses deep nesting without falling over', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(parse(nested(32))).toBeInstanceOf(Array);
    expect(refused(Buffer.from(nested(33)))).toMatch(/^invalid_document/);
    expect(refused(Buffer.from(nested(32_768)))).toMatch(/^invalid_document/);
    expect(refused(Buffer.from('['.repeat(65_536)))).toBe('malformed_json');
    expect(refused(Buffer.from('{"a":'.repeat(13_000)))).toBe('malformed_json');
  });
});
