/** The words after a verb. */
export type Given = {
  readonly operands: readonly string[]
  readonly text: (option: string) => string | undefined
  readonly need: (option: string) => string
  readonly list: (option: string) => readonly string[]
}
