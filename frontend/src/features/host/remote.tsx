import { Card } from '../../components/card.tsx'
import { Ranking } from '../../components/ranking.tsx'
import { ResultDownloads } from '../../components/result-downloads.tsx'
import type { Wanted } from '../../lib/commands.ts'
import type { EventView, Scene } from '../../lib/event-view.ts'
import { useTitle } from '../../lib/use-title.ts'
import { CommandBar } from './command-bar.tsx'
import { HealthLine } from './health-line.tsx'
import { LiveQuestion } from './live-question.tsx'
import { Lobby } from './lobby.tsx'
import { PlayersPanel } from './players-panel.tsx'
import type { HostTexts } from './texts.ts'

interface Props {
  view: EventView
  scene: Scene
  connected: boolean
  /** The server's time, in milliseconds. */
  now: () => number
  source: { apiUrl: string; event: string; token: string }
  send: (command: Wanted) => Promise<void>
  /** What became of the last command, if it was not done. */
  news: string | undefined
  t: HostTexts
}

/** The host's remote: what happens now, who is here, and what to do next under the thumb. */
export function Remote({ view, scene, connected, now, source, send, news, t }: Props) {
  useTitle(`${t.remote}: ${view.event.title}`)
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-xl flex-col gap-4 px-4 pt-4 lg:max-w-5xl">
      <header className="flex items-baseline justify-between gap-3">
        <h1 className="min-w-0 truncate font-bold">{view.event.title}</h1>
        <p className="shrink-0 text-sm text-soft">
          {t.code} <span className="font-bold text-ink tabular-nums">{view.event.code}</span>
        </p>
      </header>
      <output className="sr-only">{t.scenes[scene]}</output>
      <HealthLine view={view} connected={connected} t={t} />
      <main className="grid grow auto-rows-max grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <Card className="flex flex-col gap-4">
          <SceneHeading scene={scene} t={t} />
          <SceneBody {...{ view, scene, now, source, t }} />
        </Card>
        <PlayersPanel {...{ view, connected, source, send, t }} />
      </main>
      <output className="text-center font-semibold text-bad empty:absolute">{news}</output>
      <CommandBar {...{ view, scene, connected, t }} send={(command) => void send(command)} />
    </div>
  )
}

function SceneHeading({ scene, t }: { scene: Scene; t: HostTexts }) {
  const headings: Partial<Record<Scene, string>> = { lobby: t.lobby.heading, board: t.board, ended: t.ended }
  const heading = headings[scene]
  return heading && <h2 className="text-2xl font-black">{heading}</h2>
}

function SceneBody({ view, scene, now, source, t }: Pick<Props, 'view' | 'scene' | 'now' | 'source' | 't'>) {
  if (scene === 'lobby') return <Lobby view={view} t={t} />
  if (scene === 'board' || scene === 'ended') {
    const top = view.board?.top.filter(({ score }) => score > 0) ?? []
    return (
      <>
        {view.board && top.length === 0 && <p>{t.nobody}</p>}
        {top.length > 0 && <Ranking before={null} now={top} points={t.points} />}
        {scene === 'ended' && <p className="text-soft">{t.endedHint(view.event.retentionDays)}</p>}
        {scene === 'ended' && (
          <section aria-labelledby="results">
            <h3 id="results" className="mb-1 text-lg font-bold">
              {t.results.heading}
            </h3>
            <ResultDownloads source={source} words={t.results} failed={t.results.failed} />
          </section>
        )}
      </>
    )
  }
  return (
    <LiveQuestion
      {...{ view, scene, now, t }}
      imageUrl={(id) => `${source.apiUrl}/media/${id}`}
      key={view.state.question}
    />
  )
}
