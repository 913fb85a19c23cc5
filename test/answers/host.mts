import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, type CommandName, protocolVersion } from '../../backend/src/types/protocol.ts'
import { openPage } from './page.mts'
import type { World } from './world.mts'

export interface HostLink {
  id: string
  hostToken: string
  /** Resolves when every phone shows that question. */
  shown(question: number): Promise<void>
}

export type Host = Awaited<ReturnType<typeof openHost>>

/** A host's page. Resolves when it has entered. */
export async function openHost(world: World, { id: event, hostToken: token, shown }: HostLink, home = 0) {
  const done = new Map<string, string>()
  const page = openPage({
    world,
    home,
    greeting: () => ({ type: 'enter', role: 'host', event, token, protocol: protocolVersion }),
    hear(message) {
      if (message.type === 'done') done.set(message.id, message.status)
    },
  })
  await page.until(() => page.state !== undefined)
  let ids = 0

  /** One click; resolves with its status, or undefined when there is none within 3 seconds. */
  async function click(name: CommandName, fields: object = {}): Promise<string | undefined> {
    const id = `click ${(ids += 1)}`
    page.send({ type: 'command', id, version: page.state?.version ?? 0, name, ...fields } as Command)
    try {
      await page.until(() => done.has(id), 3_000)
    } catch {
      // the connection was lost, or the task: the state shows whether it was done
    }
    return done.get(id)
  }

  /** Clicks until it is so: what a host does when the network fails. */
  async function insist(isSo: () => boolean, name: CommandName, fields: object = {}): Promise<void> {
    for (let tried = 0; !isSo(); tried += 1) {
      if (tried === 20) throw new Error(`${name} was tried 20 times`)
      await click(name, fields)
      if (!isSo()) await sleep(100)
    }
  }

  return {
    page,
    click,
    close: page.close,
    reload: page.reload,

    /** Asks; resolves when it is open and all phones show it. @returns when it closes, in milliseconds; null: not by itself */
    async ask(question: number): Promise<number | null> {
      await insist(() => page.state?.question === question && page.state.phase === 'question', 'ask', { question })
      const { opensAt, closesAt } = page.state!
      await shown(question)
      await sleep((opensAt ?? 0) - Date.now())
      return closesAt ?? null
    },
    /** Resolves when the question is closed and its result shown. */
    async result(question: number): Promise<void> {
      await page.until(() => page.state?.question === question && page.state.phase === 'revealed')
    },
    board: () => insist(() => page.state?.phase === 'board', 'board'),
    end: () => insist(() => page.state?.phase === 'ended', 'end'),
  }
}
