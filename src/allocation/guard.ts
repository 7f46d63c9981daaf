import { DatabaseError } from 'pg';
import { GuardError } from '../database/errors';

/**
 * A column that fails unless the condition holds: SQL has no assertion, but it does not divide by zero. The COMMIT
 * behind it is on its way when the answer comes, so the database has to say no by itself.
 */
export function assertion(condition: string): string {
  return `1 / (CASE WHEN ${condition} THEN 1 ELSE 0 END) AS asserted`;
}

/** @throws GuardError when an {@link assertion} did not hold; else what the statement throws */
export async function guarded<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '22012') {
      throw new GuardError('the database did not take the decision', { cause: error });
    }
    throw error;
  }
}
