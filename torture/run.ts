import { liveThrough } from './round';
void liveThrough({ seed: 1, ms: Number(process.argv[2]), ...(process.argv[3] === undefined ? {} : { faults: process.argv[3].split(';') as never }) }).then((r) => {
  const { told, ...rest } = r;
  const by: Record<string, number> = {};
  for (const t of told) { const k = `${t.wish.kind} ${t.outcome}`; by[k] = (by[k] ?? 0) + 1; }
  console.log(JSON.stringify({ ...rest, anomalies: rest.anomalies.slice(0, 20), n: rest.anomalies.length, told: told.length, by }, null, 1));
  process.exit(0);
});
