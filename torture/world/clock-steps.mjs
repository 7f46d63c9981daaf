// Loaded before the service (`node --import`): lets the clock of its host step, as a wrong time server does. What is
// stepped is the time of day (`Date`); the clock that measures how long things take (`performance.now()`, timers) goes on,
// as it does on any system. By how much is in the file CLOCK_STEP_FILE, in milliseconds, read anew on SIGUSR2.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let aheadMs = 0;

process.on('SIGUSR2', () => {
  aheadMs = Number(readFileSync(process.env.CLOCK_STEP_FILE ?? '', 'utf8'));
});

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};
