/** What was decided did not come out of the statement that wrote it; nothing was written, and it is tried again. */
export class GuardError extends Error {}
