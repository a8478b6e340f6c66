// A suite's process with cases that answer, never end, and take the process with them.
const from = Number(process.argv[2])
const cases = [
  () => 'accept',
  () => {
    for (;;);
  },
  () => process.exit(1),
  () => 'reject',
]
const tell = (message) => new Promise((resolve) => process.send(message, resolve))
for (const [id, answer] of cases.entries()) {
  if (id < from) continue
  await tell({ kind: 'begins', id, expected: 'reject' })
  const got = answer()
  await tell({ kind: 'judged', result: { id, expected: 'reject', got, cpuMs: 1 } })
}
await tell({ kind: 'done' })
process.disconnect()
