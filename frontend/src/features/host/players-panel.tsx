import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import type { Wanted } from '../../lib/commands.ts'
import type { EventView } from '../../lib/event-view.ts'
import { findPlayers, type Person } from './find-players.ts'
import type { HostTexts } from './texts.ts'

interface Props {
  view: EventView
  connected: boolean
  source: { apiUrl: string; event: string; token: string }
  /** Resolves when the command is done, or it is known that it will not be. */
  send: (command: Wanted) => Promise<void>
  t: HostTexts
}

/** Who is here: the last to join, or those whose name has what is typed; each can be renamed, removed or banned. */
export function PlayersPanel({ view, connected, source, send, t }: Props) {
  const [search, setSearch] = useState('')
  const found = useFound(source, search.trim())
  const words = t.players
  const change = async (command: Wanted) => {
    await send(command)
    found.again()
  }
  const names = found.people ?? view.roster?.names.map((each) => ({ ...each, standing: 'in' as const })) ?? []
  return (
    <Card aria-labelledby="players" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="players" className="grow text-xl font-bold">
          {words.count(view.state.players)}
        </h2>
        {view.state.phase !== 'ended' && <LockButton {...{ view, connected, send, t }} />}
      </div>
      <input
        type="search"
        aria-label={words.search}
        placeholder={words.search}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
        className="min-h-12 rounded-2xl bg-page px-4 ring-1 ring-line placeholder:text-soft"
      />
      {found.problem !== undefined && <p role="alert">{words.searchFailed(found.problem)}</p>}
      {names.length === 0 && <p className="text-soft">{found.people ? words.nothingFound : words.none}</p>}
      {names.length > 0 && !found.people && <p className="text-sm text-soft">{words.last}</p>}
      <ul className="flex max-h-96 flex-wrap gap-2 overflow-y-auto p-1">
        {names.map((person) => (
          <PlayerChip key={person.player} {...{ person, connected, t }} change={(command) => void change(command)} />
        ))}
      </ul>
      {found.hasMore && <Button onClick={found.showMore}>{words.more}</Button>}
    </Card>
  )
}

function LockButton({ view: { event, state }, connected, send, t }: Omit<Props, 'source'>) {
  const words = t.players
  // locked by the event's settings: there is nothing to unlock
  if (!event.lateJoining && state.question !== null) return <p className="text-soft">{words.lockedByRule}</p>
  return (
    <Button
      aria-disabled={!connected}
      onClick={() => connected && void send({ name: state.locked ? 'unlock' : 'lock' })}
    >
      {state.locked ? words.unlock : words.lock}
    </Button>
  )
}

interface ChipProps {
  person: Person
  connected: boolean
  change: (command: Wanted) => void
  t: HostTexts
}

/** `sure` is asked first. */
type PlayerAction = [label: string, command: Wanted, sure?: string]

function PlayerChip({ person: { player, name, standing }, connected, change, t }: ChipProps) {
  const [open, setOpen] = useState(false)
  const chip = useRef<HTMLLIElement>(null)
  const toggle = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    const { current } = chip
    return () => passFocusOn(current)
  }, [])
  const words = t.players
  const note = standing === 'in' ? undefined : words.standings[standing]
  const act = (command: Wanted, clicks: number, sure?: string) => {
    if (!connected) return
    if (sure === undefined || window.confirm(sure)) change(command)
    // by keyboard the focus stays here: on nothing, the next Space would be the next step of the quiz
    if (clicks === 0) toggle.current?.focus()
    setOpen(false)
  }
  const ofThoseIn: PlayerAction[] = [
    [words.rename, { name: 'rename', player }],
    [words.remove, { name: 'remove', player, ban: false }, words.removeSure(name)],
  ]
  const ofAll: PlayerAction[] = [[words.ban, { name: 'remove', player, ban: true }, words.banSure(name)]]
  return (
    <li ref={chip} className={open ? 'w-full rounded-2xl bg-page p-2 ring-1 ring-line' : ''}>
      <button
        ref={toggle}
        type="button"
        aria-expanded={open}
        aria-label={note === undefined ? words.actions(name) : `${words.actions(name)}, ${note}`}
        onClick={() => setOpen(!open)}
        className="max-w-full min-h-11 cursor-pointer truncate rounded-full bg-page px-4 font-semibold ring-1 ring-line/60 hover:ring-line"
      >
        {name}
        {note !== undefined && <span className="ml-2 text-sm font-normal text-soft">{note}</span>}
      </button>
      {open && standing !== 'banned' && (
        <div className="mt-2 flex flex-wrap gap-2">
          {(standing === 'in' ? [...ofThoseIn, ...ofAll] : ofAll).map(([label, command, sure]) => (
            <Button key={label} aria-disabled={!connected} onClick={({ detail }) => act(command, detail, sure)}>
              {label}
            </Button>
          ))}
        </div>
      )}
    </li>
  )
}

/** Who leaves the list with the focus hands it to a neighbour, or else to the search. */
function passFocusOn(chip: HTMLElement | null): void {
  if (!chip?.contains(document.activeElement)) return
  const neighbour = chip.nextElementSibling ?? chip.previousElementSibling
  const next = neighbour?.querySelector('button') ?? chip.closest('section')?.querySelector('input')
  next?.focus()
}

const afterTypingMs = 250

interface Found {
  people?: Person[]
  hasMore?: boolean
  problem?: unknown
}

/** The players whose name has `search` in it, once nothing was typed for a moment. None while nothing is typed. */
function useFound(source: Props['source'], search: string) {
  const [found, setFound] = useState<Found>({})
  const [wanted, setWanted] = useState({ search, pages: 1 })
  const { apiUrl, event, token } = source
  useEffect(() => {
    if (search === '') return
    const leaving = new AbortController()
    const pages = wanted.search === search ? wanted.pages : 1
    const find = async () => {
      try {
        setFound(await findPlayers({ apiUrl, event, token }, search, pages, leaving.signal))
      } catch (error) {
        if (!leaving.signal.aborted) setFound({ problem: error })
      }
    }
    const wait = setTimeout(() => void find(), afterTypingMs)
    return () => {
      clearTimeout(wait)
      leaving.abort()
    }
  }, [apiUrl, event, token, search, wanted])
  return {
    ...(search === '' ? {} : found),
    showMore: () => setWanted(({ pages, ...last }) => ({ search, pages: last.search === search ? pages + 1 : 2 })),
    again: () => setWanted((last) => ({ ...last })),
  }
}
