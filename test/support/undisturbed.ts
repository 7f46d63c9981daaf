const TRIES = 3;
const LOOK_MS = 10;

/**
 * Plays a scene whose steps must follow each other in time, and plays it again if it failed while the machine stood
 * still: then some step came too late. What fails on a machine that runs fails at once.
 *
 * @param stallMs how long this process, and so its machine, must have stood still for that
 * @param scene all of it, with fresh data each time, and with what is expected
 * @returns what the scene returns
 * @throws what the scene throws
 */
export async function undisturbed<T>(stallMs: number, scene: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const watch = new Watch();
    try {
      return await scene();
    } catch (error) {
      if (tries === TRIES || watch.longestMs() < stallMs) throw error;
    } finally {
      watch.end();
    }
  }
}

/** Sees how long the event loop does not come round. */
class Watch {
  private lastMs = performance.now();
  private longest = 0;
  private readonly timer = setInterval(() => {
    this.look();
  }, LOOK_MS);

  longestMs(): number {
    this.look();
    return this.longest;
  }

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const nowMs = performance.now();
    this.longest = Math.max(this.longest, nowMs - this.lastMs);
    this.lastMs = nowMs;
  }
}
