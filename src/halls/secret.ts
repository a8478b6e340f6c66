import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { z } from 'zod'

/** A secret that no log, no JSON and no template string can show by accident. */
export type Secret = { readonly reveal: () => string }

/** Where a secret comes from: a file, or a name that whoever wires the gateway resolves. */
export type SecretSource = { readonly file: string } | { readonly name: string }
export type ReadSecret = (source: SecretSource) => Promise<Secret>

export const makeSecret = (value: string): Secret =>
  Object.freeze({
    reveal: () => value,
    toJSON: () => '[secret]',
    toString: () => '[secret]',
    [inspect.custom]: () => '[secret]',
  })

/**
 * Reads secrets from files (a last line break is not part of them) or by name.
 * @throws Error naming the file or the name, never the value.
 */
export const makeReadSecret =
  (named: (name: string) => string | undefined): ReadSecret =>
  async (source) => {
    if ('file' in source) {
      const text = await readFile(source.file, 'utf8').catch(() => undefined)
      if (text === undefined) throw new Error(`secret file ${source.file} cannot be read`)
      return makeSecret(text.replace(/\r?\n$/, ''))
    }
    const value = named(source.name)
    if (value === undefined || value === '') throw new Error(`secret ${source.name} is not set`)
    return makeSecret(value)
  }

/** The settings member that names a secret; a value written into the row itself is refused. */
export const secretSetting = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/) }),
])

/** Every fault of one hall's settings, so that start-up can name them all at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly hallId: string
  readonly problems: readonly string[]

  constructor(hallId: string, problems: readonly string[]) {
    super(`hall ${hallId}: ${problems.join('; ')}`)
    this.hallId = hallId
    this.problems = problems
  }
}

/** @throws SettingsError with a line for each member that is wrong; the values are not repeated. */
export const parseSettings = <Schema extends z.ZodType>(
  hallId: string,
  schema: Schema,
  settings: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(settings)
  if (parsed.success) return parsed.data
  throw new SettingsError(
    hallId,
    parsed.error.issues.map(
      ({ path, message }) => `${['settings', ...path].join('.')}: ${message}`,
    ),
  )
}
