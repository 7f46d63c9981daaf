import { Gate } from '../../src/database/gate';

/** Work that ends when it is told to. */
function held() {
  const ends: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) =>
      ends.push(() => {
        resolve(name);
      }),
    );
  };
  return { work, begun, end: () => ends.shift()?.() };
}

describe('Gate', () => {
  test('lets as many through as it may, and the rest in order as the first come out', async () => {
    const gate = new Gate(2);
    const { work, begun, end } = held();
    const passes = ['a', 'b', 'c', 'd'].map((name) => gate.pass(work(name)));
    expect(begun).toEqual(['a', 'b']);
    end();
    await passes[0];
    await new Promise(setImmediate);
    expect(begun).toEqual(['a', 'b', 'c']);
    for (let n = 0; n < 3; n += 1) {
      end();
      await new Promise(setImmediate);
    }
    expect(await Promise.all(passes)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('refuses whoever waits for two seconds, and gives the place of a failure on', async () => {
    const gate = new Gate(1);
    const { work, begun, end } = held();
    const first = gate.pass(work('a'));
    await expect(gate.pass(work('b'))).rejects.toMatchObject({ problems: [{ code: 'overloaded' }] });
    const failing = gate.pass(() => Promise.reject(new Error('no')));
    const last = gate.pass(work('c'));
    end();
    await first;
    await expect(failing).rejects.toThrow('no');
    await new Promise(setImmediate);
    end();
    expect(await last).toBe('c');
    expect(begun).toEqual(['a', 'c']);
  });
});
