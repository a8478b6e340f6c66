/** A record without one of its members. */
export const without = <Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([member]) => member !== name))
