import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_APPLYING } from './not-applying';

/** How many rules each group has, numbered from 1. */
const GROUPS = { A: 15, B: 22, C: 13, D: 14, E: 5, F: 9, G: 4, H: 7, I: 10, J: 6 };
const NUMBERS = Object.entries(GROUPS).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
);

const TESTED = readdirSync(__dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(__dirname, name), 'utf8'))
  .flatMap((text) => Array.from(text.matchAll(/\(\s*'([A-J]\d+) /g), ([, number = '']) => number));

test('every rule has a test that is named by its number, or a reason why it has none', () => {
  expect(NUMBERS).toHaveLength(105);
  const missing = NUMBERS.filter((number) => !TESTED.includes(number) && !(number in NOT_APPLYING));
  const needless = Object.keys(NOT_APPLYING).filter((number) => TESTED.includes(number));
  const unknown = [...TESTED, ...Object.keys(NOT_APPLYING)].filter((number) => !NUMBERS.includes(number));
  expect({ missing, needless, unknown }).toEqual({ missing: [], needless: [], unknown: [] });
});
