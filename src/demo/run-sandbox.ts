import { join } from 'node:path'
import type { DemoSubject } from './city-data.ts'
import { type DemoOptions, openCity } from './run-demo.ts'

/**
 * Starts a sandbox with its halls as processes and loads the city through the push API. Nobody walks:
 * it stays up for whoever wants to try a system of their own against it.
 * @throws WalkError when the city cannot be loaded; everything is stopped then
 */
export const runSandbox = async (
  options: DemoOptions,
): Promise<{ readonly stop: () => Promise<void> }> => {
  const { narrator, publicUrl, clientsDir } = options
  const { walk, stop } = await openCity(options)
  narrator.chapter('沙箱已就绪', 'The sandbox is ready')
  narrator.rows([
    ['网关', publicUrl, `${publicUrl}/docs`],
    ['登记系统的钥匙', join(clientsDir, 'registrar-city'), '登记办件'],
    ['窗口系统的钥匙', join(clientsDir, 'clerk-city'), '经办人 clerk-city-001'],
  ])
  narrator.say('这些人和企业各有一种结果:', 'Each of these subjects answers in its own way:')
  narrator.rows(walk.subjects.filter(isMagic).map(lineOf))
  return { stop }
}

const isMagic = ({ group }: DemoSubject): boolean => group === 'magic'

const lineOf = (subject: DemoSubject): readonly string[] => {
  const { id, name, expectState, expectFor, storyZh, tamper } = subject
  const story = tamper === undefined ? storyZh : `${storyZh ?? ''}${noSealedDocumentsZh}`
  return [id, name, expectState ?? '—', expectFor ?? '', story ?? '']
}

const noSealedDocumentsZh = '(尚不提供签章版式文件,目前其证照照常可用)'
