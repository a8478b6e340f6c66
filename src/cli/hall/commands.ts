import type { Command } from '../command-spec.ts'

/** The departments' halls: connecting, watching, drilling. */
export const hallCommands: readonly Command[] = [
  {
    name: 'hall',
    summary: '专业大厅:接入、测试、观察、模拟 / the departments’ halls',
    usage: `zhengqiao hall set FILE...             connects halls or replaces their configuration (docs/adapters.md)
zhengqiao hall list | remove NAME      what is connected; takes effect when the gateway starts
zhengqiao hall test NAME               a connection test with a readable cause; exit 1 when it fails
zhengqiao hall watch --key DIR --url URL [--connect URL] [--once]
                                       live: health and business; plain lines without a terminal
zhengqiao hall sim NAME [--port N] [--control-port N] [--database URL]
                                       one of the demo city's halls on loopback, until Ctrl-C

All take --json. Secrets are files, or environment variables ZHENGQIAO_SECRET_<NAME>. A simulator
leaves its configuration in the data folder's simulators/NAME/hall.json, its secrets beside it (0600).
  zhengqiao hall sim land & zhengqiao hall set data/simulators/land/hall.json`,
    load: async () => (await import('../hall.ts')).hallCommand,
  },
  {
    name: 'drill',
    summary: '演练:模拟大厅中断 / a drill: a simulated hall goes away and comes back',
    usage: `zhengqiao drill hall-down NAME [--minutes 5] [--json]

Takes a simulator that runs on this data folder away for so long, and gives it back, also after Ctrl-C.
It touches no real hall.
  zhengqiao drill hall-down police-vehicle --minutes 5`,
    load: async () => (await import('../drill.ts')).drillCommand,
  },
]
