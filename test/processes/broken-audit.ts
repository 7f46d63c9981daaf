import { AuditSession } from '../../src/audit/audit-session';

/** Audits whether or not another instance does. */
export class AuditsWithoutLock extends AuditSession {
  protected override lock(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
