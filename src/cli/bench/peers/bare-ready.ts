import { z } from 'zod'

/** What the bare peer answers when it listens. */
export const bareReadySchema = z.object({ port: z.int(), pids: z.array(z.int()) })
