import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inside `dist`: with what is built, its notes go too. */
const NOTES = '.running';

/** Notes that this process runs from `dist`, until it ends. */
export function noteRunning(dist) {
  const folder = join(dist, NOTES);
  const note = join(folder, String(process.pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(note, beginningOf(process.pid));
  process.on('exit', () => rmSync(note, { force: true }));
}

/** @returns the numbers of the processes that run from `dist`; notes of those that are gone are removed. */
export function runningFrom(dist) {
  const folder = join(dist, NOTES);
  return notesIn(folder).filter((pid) => {
    // A number is used again after a restart of the machine; the moment a process began is not.
    if (isAlive(pid) && readFileSync(join(folder, String(pid)), 'utf8') === beginningOf(pid)) return true;
    rmSync(join(folder, String(pid)), { force: true });
    return false;
  });
}

function notesIn(folder) {
  try {
    return readdirSync(folder).map(Number);
  } catch {
    return [];
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Linux tells when a process began, in ticks since the start of the machine; elsewhere the number must do. */
function beginningOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
