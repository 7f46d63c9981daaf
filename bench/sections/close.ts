import type { Bench } from '../bench';
import { auditAll } from '../measure';
import type { SectionName } from '../plan';
import { stopAll, type Subject } from '../subjects';

/** The end of a section: every ticket is counted again, the servers are stopped, their memory is noted, their databases dropped. */
export async function close(
  { recorder, surroundings }: Bench,
  section: SectionName,
  subjects: readonly Subject[],
): Promise<void> {
  recorder.problems.push(...(await auditAll(subjects)).map((problem) => `${section}: ${problem}`));
  recorder.memory.push({ section, peak_mib: await stopAll(subjects) });
  for (const { databaseUrl } of subjects) {
    if (databaseUrl !== undefined) await surroundings.databases.drop(databaseUrl);
  }
}
