import { sharedBuffersMib } from '../src/database/embedded/postmaster';

test.each([
  ['a quarter of the memory', 2, Infinity, 512],
  ['a quarter of what it may have', 64, 1, 256],
  ['no more than 1 GiB', 64, Infinity, 1024],
  ['no less than PostgreSQL itself takes', 0.25, Infinity, 128],
  ['what it would without a limit, where the limit is not known', 2, 0, 512],
])('keeps %s for data', (_what, memoryGib, limitGib, mib) => {
  expect(sharedBuffersMib(memoryGib * 2 ** 30, limitGib * 2 ** 30)).toBe(mib);
});
