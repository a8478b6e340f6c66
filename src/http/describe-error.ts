/**
 * What may be logged of an error: its class, its code and where it was thrown, down to its causes.
 * Messages stay out, because drivers quote values in them.
 */
export const describeError = (error: unknown, depth = 0): Readonly<Record<string, unknown>> => {
  if (!(error instanceof Error)) return { error: typeof error }
  const cause =
    error.cause === undefined || depth > 3 ? {} : { cause: describeError(error.cause, depth + 1) }
  return {
    error: error.name,
    ...('code' in error && typeof error.code === 'string' ? { errorCode: error.code } : {}),
    at: placesOf(error),
    ...cause,
  }
}

const placesOf = ({ stack = '' }: Error): readonly string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
