type Undo = () => Promise<void>;

/**
 * What was started, to be ended in reverse order: at the end, on an error, on Ctrl-C. Nothing outlives the bench.
 */
export class Cleanup {
  private readonly undone: Undo[] = [];
  private running: Promise<void> | undefined;
  /** A signal ended it: whatever fails from then on is no news. */
  interrupted = false;

  constructor() {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.once(signal, () => {
        this.interrupted = true;
        void this.run().finally(() => process.exit(code));
      });
    }
  }

  add(undo: Undo): void {
    this.undone.push(undo);
  }

  /** Twice is the same as once. */
  run(): Promise<void> {
    this.running ??= this.undoAll();
    return this.running;
  }

  private async undoAll(): Promise<void> {
    for (let undo = this.undone.pop(); undo !== undefined; undo = this.undone.pop()) {
      await undo().catch((error: unknown) => {
        console.error('While ending what the bench started:', error);
      });
    }
  }
}
