import { Registry } from 'prom-client';
import { Tally } from '../../src/metrics/tally';
import { TallyHistogram } from '../../src/metrics/tally-histogram';

test('a value on a bound is in the bucket of that bound, one above all bounds in the last', () => {
  const tally = new Tally([1, 5]);
  for (const value of [0, 1, 1.01, 5, 6, 1_000]) tally.add(value);
  expect([...tally.counts]).toEqual([2, 2, 2]);
  expect(tally.sum).toBe(1_013.01);
});

test('a histogram tells its tallies cumulatively, in its own unit and with their labels', async () => {
  const registry = new Registry();
  const tally = new Tally([25, 100]);
  for (const value of [10, 25, 60, 4_000]) tally.add(value);
  new TallyHistogram({
    name: 'wait_seconds',
    help: 'A wait.',
    labelNames: ['who'],
    registry,
    tallies: () => [{ labels: { who: 'a' }, tally }],
    scale: 1 / 1_000,
  });
  expect(await registry.metrics()).toBe(
    [
      '# HELP wait_seconds A wait.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{le="0.025",who="a"} 2',
      'wait_seconds_bucket{le="0.1",who="a"} 3',
      'wait_seconds_bucket{le="+Inf",who="a"} 4',
      'wait_seconds_sum{who="a"} 4.095',
      'wait_seconds_count{who="a"} 4',
      '',
    ].join('\n'),
  );
});
