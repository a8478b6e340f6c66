/** Every page of a list, one after the other. */
export const listAll = async <Row>(
  page: (cursor: string | undefined) => Promise<{
    readonly rows: readonly Row[]
    readonly nextCursor: string | undefined
  }>,
): Promise<readonly Row[]> => {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    rows.push(...next.rows)
    cursor = next.nextCursor
  } while (cursor !== undefined)
  return rows
}
