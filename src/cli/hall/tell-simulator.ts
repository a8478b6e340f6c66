import { CommandFailure } from '../command-error.ts'

/** Sets a simulator's mood over its control port. @throws CommandFailure when nobody answers there */
export const tellSimulator = async (controlUrl: string, act: 'down' | 'up'): Promise<void> => {
  const response = await fetch(`${controlUrl}/${act}`, { method: 'POST' }).catch(() => undefined)
  if (response?.ok !== true)
    throw new CommandFailure(`模拟大厅的控制口没有应答 / no answer: ${controlUrl}`)
}
