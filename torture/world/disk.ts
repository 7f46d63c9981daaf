import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Room for a round, and for PostgreSQL's log of changes that is kept at most (96 MB). */
const SIZE_MIB = 512;
const BLOCK = Buffer.alloc(1_024 * 1_024);

/**
 * A disk that is small enough to be filled: a file system in memory, which only root can mount. A killed server finds
 * there what it has written, as on any disk; that power fails cannot be tried on it.
 */
export class Disk {
  private constructor(private readonly folder: string) {}

  /** @returns nothing where that is not allowed */
  static mount(folder: string): Disk | undefined {
    const options = `size=${SIZE_MIB}m,mode=755`;
    const run = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return run.status === 0 ? new Disk(folder) : undefined;
  }

  /** Leaves no room for a single page, until it is freed. */
  fill(): void {
    const file = openSync(this.ballast, 'w');
    try {
      for (;;) if (writeSync(file, BLOCK) < BLOCK.length) break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.ballast, { force: true });
  }

  unmount(): void {
    // Lazily: a server process that is just ending may still stand in it.
    spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
  }

  private get ballast(): string {
    return join(this.folder, 'ballast');
  }
}
