import { readFile } from 'node:fs/promises';
import { CHARTS } from '../bench/charts';
import { scaleOf } from '../bench/charts/scale';
import { chart } from '../bench/charts/svg';
import type { Figure } from '../bench/figure';
import { planOf, SECTIONS } from '../bench/plan';
import { files, kept } from '../bench/report/files';
import { pageOf, reportOf } from '../bench/report/page';
import { ratioOf, summaryOf } from '../bench/report/select';
import { targetsOf } from '../bench/report/targets';

const FIGURE: Figure = {
  ...{ section: 'strategies', workload: 'hot_option', subject: 'b', variant: '', connections: 256, round: 0 },
  ...{ requests_per_second: 1_000, p50_ms: 2, p99_ms: 3, max_ms: 4, generator_us: 9 },
};

/** Rounds of one subject with these speeds. */
function rounds(subject: Figure['subject'], ...speeds: readonly number[]): Figure[] {
  return speeds.map((speed, round) => ({ ...FIGURE, subject, round, requests_per_second: speed }));
}

describe('a ratio', () => {
  const of = { section: 'strategies' } as const;

  it('is the median of the ratios in each round, not the ratio of the medians', () => {
    const figures = [...rounds('b', 100, 900, 400), ...rounds('a', 1_000, 1_000, 500)];
    expect(ratioOf(figures, of, { ...of, subject: 'a' })).toEqual({ value: 0.8, rounds: [0.1, 0.9, 0.8] });
  });

  it('is taken to the best of several in that round', () => {
    const figures = [...rounds('b', 900, 900), ...rounds('c', 100, 300), ...rounds('f', 450, 90)];
    const others = [
      { ...of, subject: 'c' },
      { ...of, subject: 'f' },
    ] as const;
    expect(ratioOf(figures, of, others)?.rounds).toEqual([2, 3]);
  });

  it('leaves out rounds in which one of the two is missing, and is none where all are', () => {
    const figures = [...rounds('b', 900, 800), ...rounds('a', 1_000)];
    expect(ratioOf(figures, of, { ...of, subject: 'a' })?.rounds).toEqual([0.9]);
    expect(ratioOf(figures, of, { ...of, subject: 'h' })).toBeUndefined();
  });

  it('takes figures of another section, variant or number of connections for others', () => {
    const strange = [
      { section: 'rows' },
      { variant: 'x' },
      { connections: 64 },
      { workload: 'pay' },
    ] as const;
    const figures = strange.map((other): Figure => ({ ...FIGURE, ...other }));
    expect(summaryOf(figures, of)).toBeUndefined();
  });
});

describe('a target', () => {
  it.each([
    [4_500, true],
    [4_490, false],
  ])('of 0.45 is reached by %i to 10,000: %s', async (speed, reached) => {
    const results = { ...(await kept()), figures: [...rounds('a', 10_000), ...rounds('b', speed)] };
    const target = targetsOf(results).find(({ name }) => name === 'selling / no-op');
    expect(target).toMatchObject({ wanted: 'at least 0.45', reached });
  });

  it.each([
    [[380, 100], true],
    [[100, 384], false],
  ])('for memory looks at the most of %j: %s', async (peaks, reached) => {
    const memory = peaks.map((peak_mib) => ({ section: 'rows' as const, peak_mib }));
    const targets = targetsOf({ ...(await kept()), memory });
    expect(targets.find(({ name }) => name.startsWith('most resident memory'))).toMatchObject({ reached });
  });

  it('is not told of what was not measured', async () => {
    const empty = { ...(await kept()), figures: [], memory: [], start_seconds: [], expiry: [] };
    expect(targetsOf(empty)).toEqual([]);
  });
});

describe('the page of the benchmark', () => {
  it('and its charts are what the kept figures make', async () => {
    const made = await files();
    const { sections } = (await kept()).plan;
    const charted = Object.values(CHARTS).filter(({ section }) => sections.includes(section));
    expect(made.size).toBe(1 + charted.length);
    for (const [file, text] of made) expect([file, await readFile(file, 'utf8')]).toEqual([file, text]);
  });

  it('is of a run that has measured what it says, and lost nothing', async () => {
    const { figures, problems, plan } = await kept();
    expect(problems).toEqual([]);
    // Running out is told beside the figures.
    const measured = new Set(figures.map(({ section }) => section));
    expect(plan.sections.filter((section) => section !== 'expiry' && !measured.has(section))).toEqual([]);
  });

  it('keeps what was written by hand, and puts figures in the place of those before', async () => {
    const report = reportOf(await kept());
    const once = pageOf(
      'before\n<!-- figures: begin (npm run bench writes what is between these two lines) -->\nyesterday\n<!-- figures: end -->\nafter\n',
      report,
    );
    expect(once).toMatch(/^before\n/);
    expect(once).toMatch(/\nafter\n$/);
    expect(once).not.toContain('yesterday');
    expect(pageOf(once, report)).toBe(once);
  });

  it('says so when it has no place for figures', async () => {
    const report = reportOf(await kept());
    expect(() => pageOf('by hand only', report)).toThrow('no place');
  });

  it('says what was missed, and what is not accounted for', async () => {
    const results = {
      ...(await kept()),
      figures: [...rounds('a', 10_000), ...rounds('b', 10)],
      problems: ['a ticket is gone'],
    };
    const page = pageOf(await readFile([...(await files()).keys()][0] ?? '', 'utf8'), reportOf(results));
    expect(page).toMatch(/\| selling \/ no-op +\| +at least 0.45 \| +0.001 \| +\*\*MISSED\*\* \|/);
    expect(page).toContain('1 things are not accounted for:** a ticket is gone');
  });
});

describe('the scale of a chart', () => {
  it.each([
    [
      [1, 2_000],
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000],
    ],
    [
      [310, 42_000],
      [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000],
    ],
    [[7], [5, 10]],
  ])('of logarithms has room for %j', (values, ticks) => {
    const scale = scaleOf({ title: '', kind: 'log' }, values);
    expect(scale.ticks).toEqual(ticks);
    for (const value of values) {
      expect(scale.place(value)).toBeGreaterThanOrEqual(0);
      expect(scale.place(value)).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    [[300], [0, 50, 100, 150, 200, 250, 300]],
    [
      [18_204, 12_000],
      [0, 2_500, 5_000, 7_500, 10_000, 12_500, 15_000, 17_500, 20_000],
    ],
    [[], [0, 1]],
  ])('of equal steps begins at 0 and has room for %j', (values, ticks) => {
    expect(scaleOf({ title: '', kind: 'linear' }, values).ticks).toEqual(ticks);
  });

  it('places by logarithms what is told so', () => {
    const scale = scaleOf({ title: '', kind: 'log', ticks: [1, 100] }, [1, 100]);
    expect([scale.place(1), scale.place(10), scale.place(100)]).toEqual([0, 0.5, 1]);
  });
});

describe('a chart', () => {
  it('names its axes and lines, brings its own background, and is well-formed with strange names', () => {
    const axis = (title: string) => ({ title, kind: 'linear' }) as const;
    const line = {
      name: 'a < b & "c"',
      color: '#000000',
      points: [
        [1, 2],
        [3, 4],
      ] as const,
    };
    const svg = chart('Speed', 'of something', [
      { x: axis('seconds'), y: axis('sales a second'), lines: [line] },
    ]);
    for (const words of ['Speed', 'seconds', 'sales a second', 'a &lt; b &amp; &quot;c&quot;']) {
      expect(svg).toContain(`>${words}</text>`);
    }
    expect(svg).toMatch(/<rect width="900" height="\d+" rx="6" fill="#ffffff"/);
    expect(svg).not.toContain('NaN');
  });
});

describe('the arguments of the benchmark', () => {
  it('are everything and the page by default', () => {
    expect(planOf([])).toMatchObject({ quick: false, writes: true, sections: SECTIONS, longSeconds: 300 });
  });

  it.each([
    [['--quick'], { quick: true, writes: false }],
    [['--only', 'rows,latency'], { sections: ['latency', 'rows'], writes: false }],
    [['--seconds', '1'], { seconds: 1, writes: false, sections: SECTIONS }],
    [['--seconds', '1', '--write'], { seconds: 1, writes: true }],
  ])('%j are understood', (args, plan) => {
    expect(planOf(args)).toMatchObject(plan);
  });

  it.each([
    [['--fast'], 'Unknown argument --fast.'],
    [['--only', 'rows,cows'], 'There is no section cows'],
    [['--only'], 'There is no section'],
    [['--seconds', '0'], '--seconds is 0.5 to 60'],
    [['--seconds', 'x'], '--seconds is 0.5 to 60'],
    [['--quick', '--write'], '--quick goes alone'],
    [['--only', 'rows', '--write'], '--write needs every section'],
  ])('%j are refused in a sentence', (args, sentence) => {
    expect(() => planOf(args)).toThrow(sentence);
  });
});
