import fc from 'fast-check';
import {
  bigInteger,
  boolean,
  choice,
  constant,
  fraction,
  instant,
  integer,
  text,
  uuid,
} from '../../src/json-api';
import { type Kind } from '../../src/json-api/kinds';
import { uuidOf } from './crates';

/** What text is read as, or "refused". */
function read<T>({ read, test }: Kind<T>, from: string): unknown {
  const value = read(from);
  return test(value) ? value : 'refused';
}

describe('values in queries', () => {
  it.each<[string, Kind<never>, string, unknown]>([
    ['text', text({ maximum: 5 }), 'abc', 'abc'],
    ['integer', integer(), '-12', -12],
    ['integer', integer(), '-0', 0],
    ['integer', integer(), '007', 7],
    ['bigInteger', bigInteger(), '9007199254740993', 9007199254740993n],
    ['fraction', fraction(), '0.25', 0.25],
    ['fraction', fraction(), '0', 0],
    ['fraction', fraction(), '1', 1],
    ['fraction', fraction(), '5e-324', 5e-324],
    ['fraction', fraction(), '0.0000012143265678763827', 0.0000012143265678763827],
    ['boolean', boolean(), 'true', true],
    ['boolean', boolean(), 'false', false],
    ['choice', choice(['a', 'b']), 'b', 'b'],
    ['constant', constant('EUR'), 'EUR', 'EUR'],
    ['instant', instant(), '2026-06-01T12:00:00+02:00', new Date('2026-06-01T10:00:00Z')],
    ['uuid', uuid(), uuidOf(10).toUpperCase(), uuidOf(10)],
  ])('%s: %#', (_name, kind, from, value) => {
    expect(read(kind, from)).toEqual(value);
  });

  it.each<[string, Kind<never>, string[]]>([
    ['text', text({ maximum: 5 }), ['', ' ', 'abcdef', 'a\0']],
    [
      'integer',
      integer({ minimum: 1 }),
      ['', '0', ' 1', '1 ', '1.0', '1e3', '0x1', '9007199254740993', 'Infinity'],
    ],
    ['bigInteger', bigInteger(), ['', '1n', '9223372036854775808', '99999999999999999999']],
    [
      'fraction',
      fraction(),
      ['', '-0', '-0.1', '1.1', '2', '.5', '0.', ' 0', '1e0', 'NaN', 'Infinity', '0x0'],
    ],
    ['boolean', boolean(), ['', '1', 'TRUE', 'yes']],
    ['choice', choice(['a', 'b']), ['', 'c', 'A', 'constructor']],
    ['instant', instant(), ['', '2026-06-01', '2026-06-01T12:00:00 02:00', '1780000000']],
    ['uuid', uuid(), ['', 'abc', `${uuidOf(1)} `, uuidOf(1).replaceAll('-', '')]],
  ])('%s refuses all of %j', (_name, kind, texts) => {
    for (const from of texts) expect(read(kind, from)).toBe('refused');
  });
});

describe('big integers', () => {
  const kind = bigInteger({ minimum: 0n });
  it('are read from JSON as far as JSON.parse is exact', () => {
    expect(kind.decode(5)).toBe(5n);
    for (const value of [1.5, 2 ** 53, '5', null, -1]) expect(kind.test(kind.decode(value))).toBe(false);
  });

  it('are written exactly', () => {
    expect(kind.encode(2n ** 63n - 1n)).toBe('9223372036854775807');
  });
});

describe('fractions', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
        expect(read(fraction(), String(value))).toBe(value === 0 ? 0 : value);
        expect(JSON.parse(fraction().encode(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('are finite', () => {
    for (const value of [NaN, Infinity, -Infinity, 1.01, -0.01, '0.5', null])
      expect(fraction().test(value)).toBe(false);
    expect(fraction({ nullable: true }).test(null)).toBe(true);
    expect(() => fraction().encode(NaN)).toThrow('NaN is no fraction');
  });
});

it('UUIDs are decoded in lower case', () => {
  expect(uuid().decode(uuidOf(10).toUpperCase())).toBe(uuidOf(10));
  expect(uuid().test(uuid().decode(5))).toBe(false);
});
