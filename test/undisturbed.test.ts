import { setTimeout as sleep } from 'node:timers/promises';
import { undisturbed } from './support/undisturbed';

function standStill(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('a scene that failed while the machine stood still is played again, and no other', async () => {
  let played = 0;
  const fails = (stallMs: number) => async () => {
    played += 1;
    await sleep(20);
    standStill(stallMs);
    if (played < 3) throw new Error(`failed ${played}`);
    return played;
  };
  expect(await undisturbed(100, fails(150))).toBe(3);
  played = 0;
  await expect(undisturbed(60_000, fails(0))).rejects.toThrow('failed 1');
  await expect(
    undisturbed(100, () => {
      standStill(150);
      return Promise.reject(new Error('always'));
    }),
  ).rejects.toThrow('always');
});
