import { Batches } from '../../src/database/batches';

/** Batches that are written down, and answered by hand. */
function byHand() {
  const sent: (readonly string[])[] = [];
  const pending: { resolve: (values: Map<string, string>) => void; reject: (error: Error) => void }[] = [];
  const batches = new Batches<string>((things) => {
    sent.push(things);
    return new Promise((resolve, reject) => pending.push({ resolve, reject }));
  });
  return {
    batches,
    sent,
    answer: async (values: Record<string, string>) => {
      pending.shift()?.resolve(new Map(Object.entries(values)));
      await arrived();
    },
    fail: () => pending.shift()?.reject(new Error('no')),
  };
}

/** Batches begin when the event loop has handed out what is there. */
const arrived = (): Promise<void> => new Promise(setImmediate);

const OVERLOADED = { problems: [{ code: 'overloaded' }] };

describe('Batches', () => {
  test('what is asked for alone is one batch, and nothing where there is no answer', async () => {
    const { batches, sent, answer } = byHand();
    const value = batches.ask('a');
    await arrived();
    await answer({});
    expect(await value).toBeUndefined();
    expect(sent).toEqual([['a']]);
  });

  test('what arrives together goes together, each thing once, and everyone gets their own answer', async () => {
    const { batches, sent, answer } = byHand();
    const values = ['b', 'a', 'b'].map((key) => batches.ask(key));
    await arrived();
    await answer({ a: '1', b: '2' });
    expect(await Promise.all(values)).toEqual(['2', '1', '2']);
    expect(sent).toEqual([['b', 'a']]);
  });

  test('whoever asks while a batch is in flight is in the next one, also for the same thing', async () => {
    const { batches, sent, answer } = byHand();
    const first = batches.ask('a');
    await arrived();
    const later = [batches.ask('a'), batches.ask('b')];
    await arrived();
    expect(sent).toEqual([['a']]);
    await answer({ a: 'old' });
    expect(await first).toBe('old');
    expect(sent).toEqual([['a'], ['a', 'b']]);
    await answer({ a: 'new', b: '1' });
    expect(await Promise.all(later)).toEqual(['new', '1']);
  });

  test('a failure reaches everyone in the batch, and nobody after it', async () => {
    const { batches, answer, fail } = byHand();
    const failed = [batches.ask('a'), batches.ask('b')];
    await arrived();
    const later = batches.ask('a');
    fail();
    for (const value of failed) await expect(value).rejects.toThrow('no');
    await arrived();
    await answer({ a: '1' });
    expect(await later).toBe('1');
  });

  test('a batch takes in a thousand things, and the rest is in those behind it', async () => {
    const { batches, sent, answer } = byHand();
    const keys = Array.from({ length: 2_001 }, (_, index) => String(index));
    const values = keys.map((key) => batches.ask(key));
    await arrived();
    for (let batch = 0; batch < 3; batch += 1)
      await answer(Object.fromEntries(keys.map((key) => [key, key])));
    expect(await Promise.all(values)).toEqual(keys);
    expect(sent.map(({ length }) => length)).toEqual([1_000, 1_000, 1]);
  });

  test('who has waited for two seconds is refused, and was not sent', async () => {
    const { batches, sent, answer } = byHand();
    const first = batches.ask('a');
    await arrived();
    await expect(batches.ask('b')).rejects.toMatchObject(OVERLOADED);
    await answer({ a: '1' });
    expect(await first).toBe('1');
    expect(sent).toEqual([['a']]);
  });

  test('more than ten thousand do not wait', async () => {
    const { batches, sent, answer } = byHand();
    const keys = Array.from({ length: 10_000 }, (_, index) => String(index));
    const values = keys.map((key) => batches.ask(key));
    await expect(batches.ask('more')).rejects.toMatchObject(OVERLOADED);
    expect(await Promise.race([batches.ask('0'), Promise.resolve('waits')])).toBe('waits');
    await arrived();
    for (let batch = 0; batch < 10; batch += 1) await answer({});
    await Promise.all(values);
    expect(sent).toHaveLength(10);
  });
});
