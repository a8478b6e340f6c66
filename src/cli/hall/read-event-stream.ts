export type ServerEvent = { readonly event: string; readonly data: string }

/** The events of a text/event-stream; comments and unknown fields are left out. */
export async function* readEventStream(
  response: Response,
): AsyncGenerator<ServerEvent, void, undefined> {
  if (response.body === null) return
  let rest = ''
  const decoder = new TextDecoder()
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (rest + decoder.decode(read.value, { stream: true })).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const event = readEvent(part)
      if (event !== undefined) yield event
    }
  }
}

const readEvent = (part: string): ServerEvent | undefined => {
  const fields = part.split('\n').flatMap((line) => {
    const at = line.indexOf(': ')
    return at > 0 ? [[line.slice(0, at), line.slice(at + 2)] as const] : []
  })
  const of = (name: string): readonly string[] =>
    fields.filter(([field]) => field === name).map(([, value]) => value)
  const [event] = of('event')
  return event === undefined ? undefined : { event, data: of('data').join('\n') }
}
