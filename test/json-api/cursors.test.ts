import fc from 'fast-check';
import { schemaOf } from '../../src/json-api';
import { Cursors, type SortKey } from '../../src/json-api/cursors';
import { Crate, crate, Depot, uuidOf } from './crates';

const key = (member: string, descending = false): SortKey => {
  const field = schemaOf(Crate).attributeOf.get(member) ?? schemaOf(Depot).attributeOf.get(member);
  if (field === undefined) throw new Error(member);
  return { field, descending };
};
const SORT = [key('label'), key('slots'), key('cooled'), key('leaves_at', true), key('worth_cents')];
const cursors = new Cursors('/crates', SORT);

const values = fc.record({
  id: fc.uuid(),
  label: fc
    .string({ unit: 'binary', minLength: 1, maxLength: 10 })
    .filter((text) => text.trim() !== '' && !text.includes('\0') && text.isWellFormed()),
  slots: fc.integer({ min: 1, max: 100 }),
  cooled: fc.boolean(),
  leavesAt: fc.option(
    fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      noInvalidDate: true,
      max: new Date('9999-12-31T23:59:59Z'),
    }),
  ),
  worthCents: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
});

it('I6 any position is read as it was written', () => {
  fc.assert(
    fc.property(values, (item) => {
      const cursor = cursors.write(item);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(cursors.read(cursor)).toEqual([
        item.label,
        item.slots,
        item.cooled,
        item.leavesAt,
        item.worthCents,
        item.id,
      ]);
    }),
  );
});

it('I6 a cursor with any character changed, dropped or added is refused', () => {
  const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ';
  fc.assert(
    fc.property(values, fc.nat(), fc.constantFrom(...CHARACTERS.split('')), (item, place, character) => {
      const cursor = cursors.write(item);
      const at = place % cursor.length;
      const behind = cursor.slice(at + 1);
      if (cursor[at] !== character)
        expect(cursors.read(cursor.slice(0, at) + character + behind)).toBeUndefined();
      expect(cursors.read(cursor.slice(0, at) + behind)).toBeUndefined();
      expect(cursors.read(cursor.slice(0, at) + character + cursor.slice(at))).toBeUndefined();
    }),
  );
});

it('I6 any text is judged, not thrown over', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => cursors.read(text) === undefined));
  expect(cursors.read('')).toBeUndefined();
  expect(cursors.read('A'.repeat(100_000))).toBeUndefined();
});

it('I6 a cursor of another list or another order is refused', () => {
  const item = { ...crate(1), name: 'x' };
  const cursor = new Cursors('/crates', [key('label')]).write(item);
  expect(new Cursors('/crates', [key('label')]).read(cursor)).toEqual(['crate 1', item.id]);
  for (const other of [
    new Cursors('/crates', []),
    new Cursors('/crates', [key('label', true)]),
    new Cursors('/crates', [key('label'), key('slots')]),
    new Cursors('/crates', [key('name')]),
    new Cursors('/parcels', [key('label')]),
    new Cursors(`/depots/${uuidOf(1)}/crates`, [key('label')]),
  ])
    expect(other.read(cursor)).toBeUndefined();
});

it('I6 a forged cursor with a right checksum is judged like other input', () => {
  const forge = (item: object): string => cursors.write({ ...crate(1), ...item });
  expect(cursors.read(forge({}))).toBeDefined();
  for (const item of [
    { id: "'; DROP TABLE x; --" },
    { id: null },
    { label: 5n, slots: 'five' },
    { slots: 1e21 },
    { slots: 0 },
    { slots: null },
    { cooled: 'yes' },
    { leavesAt: 'tomorrow' },
    { label: 'a\0' },
    { label: 'x'.repeat(21) },
    { worthCents: 2n ** 63n },
  ])
    expect(cursors.read(forge(item))).toBeUndefined();
});

it('an item with nothing to sort it by is a mistake of the service', () => {
  expect(() => cursors.write({ ...crate(1), slots: undefined })).toThrow('slots');
});
