import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { startApp, type TestApp } from '../support/app';
import { Metrics } from '../support/metrics';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const RULES = (
  parse(readFileSync('ops/alerts.yml', 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }
).groups.flatMap(({ rules }) => rules);
const DASHBOARD = JSON.parse(readFileSync('ops/grafana-dashboard.json', 'utf8')) as {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
};
const RUNBOOK = readFileSync('docs/runbook.md', 'utf8');

const QUERIES = [
  ...RULES.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, refId }) => [`panel ${title} ${refId}`, expr] as const),
  ),
];

/** What Grafana puts in place of its variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
}

/** @returns the names of metrics in a query, and the labels it names of each, as far as it parses */
function readQuery(expr: string): { metrics: string[]; labels: string[]; errors: number } {
  const query = filledIn(expr);
  const found = { metrics: [] as string[], labels: [] as string[], errors: 0 };
  parser.parse(query).iterate({
    enter: ({ name, type, from, to, node }) => {
      if (type.isError) found.errors += 1;
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector')
        found.metrics.push(query.slice(from, to));
      if (name === 'LabelName') found.labels.push(query.slice(from, to));
    },
  });
  return found;
}

/** Labels that Prometheus adds, and that of buckets. */
const GIVEN = new Set(['instance', 'job', 'le']);

let app: TestApp;
let metrics: Metrics;
beforeAll(async () => {
  app = await startApp();
  // So that each counter of requests has a sample, and its labels are seen.
  await fetch(`${app.url}/metrics`);
  metrics = await Metrics.of(app.url);
});
afterAll(() => app.stop());

test.each(QUERIES)(
  'the query of %s is well-formed and names metrics that a running service tells',
  (_of, expr) => {
    const { metrics: used, labels, errors } = readQuery(expr);
    expect(errors).toBe(0);
    expect(used.length).toBeGreaterThan(0);
    const told = new Set(
      [...metrics.names].flatMap(([name, type]) =>
        type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
      ),
    );
    // Prometheus makes `up` itself.
    expect(used.filter((name) => name !== 'up' && !told.has(name))).toEqual([]);
    const known = used.flatMap((name) =>
      [...metrics.text.matchAll(new RegExp(`^${name}\\{(.*)\\}`, 'gm'))].flatMap(([, list = '']) =>
        [...list.matchAll(/(\w+)="/g)].map(([, label]) => label),
      ),
    );
    expect(labels.filter((label) => !GIVEN.has(label) && !known.includes(label))).toEqual([]);
  },
);

test('a query that is wrong would be found', () => {
  expect(readQuery('sum by (rate(holdfast_x[5m])').errors).toBeGreaterThan(0);
  expect(readQuery('rate(holdfast_x{code="a"}[5m]) / on (route) holdfast_y')).toEqual({
    metrics: ['holdfast_x', 'holdfast_y'],
    labels: ['code', 'route'],
    errors: 0,
  });
});

test('each alert has its section in the runbook, and each section its alert', () => {
  const sections = [...RUNBOOK.matchAll(/^## (Holdfast\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(RULES.map(({ alert }) => alert));
  for (const { alert, annotations } of RULES)
    expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
});

test('each section says what it means, how to see more and what to do', () => {
  for (const section of RUNBOOK.split(/^## /m)
    .slice(1)
    .filter((text) => text.startsWith('Holdfast')))
    expect([...section.matchAll(/^\*\*(.+?)\.\*\* \S/gm)].map(([, word]) => word)).toEqual([
      ...['It means', 'See more', 'Do'],
    ]);
});

test('alerts say how grave they are, in two words', () => {
  expect(new Set(RULES.map(({ labels }) => labels.severity))).toEqual(new Set(['critical', 'warning']));
});

test('the dashboard can be imported: ids are its own, every panel has a place and is below a row', () => {
  const { panels, schemaVersion, uid, title, templating } = DASHBOARD;
  expect({ uid, title }).toEqual({ uid: 'holdfast', title: 'Holdfast' });
  expect(schemaVersion).toBeGreaterThanOrEqual(36);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
  expect(panels[0]?.type).toBe('row');
  const taken = new Set<string>();
  for (const {
    gridPos: { x, y, w, h },
  } of panels) {
    expect(x + w).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column += 1)
      for (let line = y; line < y + h; line += 1) {
        const cell = `${column}/${line}`;
        expect(taken.has(cell)).toBe(false);
        taken.add(cell);
      }
  }
  for (const { type, targets = [] } of panels) expect(targets.length > 0).toBe(type !== 'row');
});

test('every metric of the service is in the dashboard or in an alert', () => {
  const used = QUERIES.flatMap(([, expr]) => readQuery(expr).metrics).map((name) =>
    name.replace(/_(?:bucket|sum|count)$/, ''),
  );
  const own = [...metrics.names.keys()].filter((name) => name.startsWith('holdfast_'));
  expect(own.filter((name) => !used.includes(name))).toEqual([]);
});
