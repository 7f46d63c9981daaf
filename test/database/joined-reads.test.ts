import { JoinedReads } from '../../src/database/joined-reads';

/** Reads that are written down, and answered by hand with what is true at that moment. */
function byHand() {
  const started: string[] = [];
  const pending: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const reads = new JoinedReads<string>((key) => {
    started.push(key);
    return new Promise((resolve, reject) => pending.push({ resolve, reject }));
  });
  return {
    reads,
    started,
    answer: (value: string) => pending.shift()?.resolve(value),
    fail: () => pending.shift()?.reject(new Error('no')),
  };
}

describe('JoinedReads', () => {
  test('a read alone is one query', async () => {
    const { reads, started, answer } = byHand();
    const value = reads.read('a');
    answer('1');
    expect(await value).toBe('1');
    expect(started).toEqual(['a']);
  });

  test('a read that arrives while another is in flight waits for the next one, never for that one', async () => {
    const { reads, started, answer } = byHand();
    const first = reads.read('a');
    const later = [reads.read('a'), reads.read('a')];
    expect(started).toEqual(['a']);
    answer('old');
    expect(await first).toBe('old');
    await new Promise(setImmediate);
    expect(started).toEqual(['a', 'a']);
    answer('new');
    expect(await Promise.all(later)).toEqual(['new', 'new']);
  });

  test('a failure reaches those who waited for it, and nobody after them', async () => {
    const { reads, answer, fail } = byHand();
    const first = reads.read('a');
    const second = reads.read('a');
    fail();
    await expect(first).rejects.toThrow('no');
    await new Promise(setImmediate);
    answer('yes');
    expect(await second).toBe('yes');
  });

  test('different things are read side by side', async () => {
    const { reads, started, answer } = byHand();
    const values = ['a', 'b'].map((key) => reads.read(key));
    expect(started).toEqual(['a', 'b']);
    answer('1');
    answer('2');
    expect(await Promise.all(values)).toEqual(['1', '2']);
  });

  test('a read whose predecessor does not end is refused after two seconds, and the next is tried again', async () => {
    const { reads, started, answer } = byHand();
    const first = reads.read('a');
    await expect(reads.read('a')).rejects.toMatchObject({ problems: [{ code: 'overloaded' }] });
    answer('1');
    expect(await first).toBe('1');
    expect(started).toEqual(['a']);
    const again = reads.read('a');
    answer('2');
    expect(await again).toBe('2');
  });

  test('things with equal keys are the same thing', async () => {
    const started: { filter: string }[] = [];
    const reads = new JoinedReads(
      (thing: { filter: string }) => {
        started.push(thing);
        return Promise.resolve(thing.filter);
      },
      ({ filter }) => filter,
    );
    const [a, b, c] = [{ filter: 'x' }, { filter: 'x' }, { filter: 'x' }];
    const values = [reads.read(a), reads.read({ filter: 'y' }), reads.read(b), reads.read(c)];
    expect(await Promise.all(values)).toEqual(['x', 'y', 'x', 'x']);
    expect(started).toEqual([a, { filter: 'y' }, b]);
  });
});
