import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoundResult } from './round';

/** Keeps everything that was told in a round, and what is wrong with it, for whoever has to find out why. @returns the file */
export async function keepEvidence(round: RoundResult): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'holdfast-evidence-')), `round-${round.seed}.json`);
  await writeFile(file, JSON.stringify(round, null, 1));
  return file;
}
