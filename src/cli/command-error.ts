/** The command line is wrong; the usage follows the sentence, exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command could not do its work; the sentence says what to do, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}
