import { kindKey } from '../../src/ticket-options/kind-key';

test.each([
  ['VIP', 'vip'],
  ['Große Loge', 'große loge'],
  ['e\u0301', '\u00e9'],
  // A small letter that is composed, of a capital that is not.
  ['T\u0308', '\u1e97'],
  ['J\u030c', '\u01f0'],
])('the key of %s is %s, and so is the key of its key', (kind, key) => {
  expect(kindKey(kind)).toBe(key);
  expect(kindKey(key)).toBe(key);
});

test('no kind has no key', () => {
  expect(kindKey(null)).toBeNull();
});
