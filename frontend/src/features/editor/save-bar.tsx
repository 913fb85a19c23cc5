import { Button } from '../../components/button.tsx'
import type { EditorSession, EditorState } from './editor-session.ts'
import type { Missing } from './missing.ts'
import type { EditorTexts } from './texts.ts'

interface Props {
  session: EditorSession
  state: EditorState
  missing: Missing[]
  showMissing: (missing: Missing) => void
  t: EditorTexts
}

/** Whether the work is saved, what keeps it from being saved, and what to do when someone else saved theirs. */
export function SaveBar({ session, state, missing, showMissing, t }: Props) {
  const [first] = missing
  const canSave = state.unsaved && !state.saving && first === undefined
  return (
    <div className="sticky bottom-0 z-10 -mx-4 flex flex-col gap-3 border-t border-line/40 bg-page/95 px-4 py-3 backdrop-blur">
      {state.problem && <SaveProblemPanel session={session} problem={state.problem} t={t} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <output className="min-w-40 grow text-sm">{stateText(state, t)}</output>
        {first && (
          <p className="text-sm">
            {t.missingCount(missing.length)}{' '}
            <button type="button" className="rounded px-1 underline " onClick={() => showMissing(first)}>
              {t.showMissing}
            </button>
          </p>
        )}
        {state.unsaved && (
          <Button onClick={() => window.confirm(t.discardSure) && session.discard()}>{t.discard}</Button>
        )}
        <Button look="primary" aria-disabled={!canSave} onClick={() => canSave && void session.save()}>
          {state.saving ? t.saving : t.save}
        </Button>
      </div>
    </div>
  )
}

function stateText({ unsaved, keepsWork, restored }: EditorState, t: EditorTexts): string {
  if (!unsaved) return t.states.saved
  if (!keepsWork) return t.states.unkept
  return restored ? `${t.states.restored} ${t.states.unsaved}` : t.states.unsaved
}

interface PanelProps {
  session: EditorSession
  problem: NonNullable<EditorState['problem']>
  t: EditorTexts
}

function SaveProblemPanel({ session, problem, t }: PanelProps) {
  const words = t.problems
  return (
    <div role="alert" className="flex flex-col gap-3 rounded-xl bg-amber-100 p-4 text-zinc-900 ring-1 ring-amber-600">
      {problem.code === 'failed' && <p>{words.failed(problem.error)}</p>}
      {problem.code === 'gone' && <p>{words.gone}</p>}
      {problem.code === 'changed' && (
        <p>
          {words.changed(problem.theirs.title, new Date(problem.theirs.changedAt).toLocaleTimeString())}{' '}
          {words.changedHint}
        </p>
      )}
      {problem.code !== 'failed' && (
        <div className="flex flex-wrap gap-2 [&>button]:bg-white [&>button]:text-zinc-900">
          <Button onClick={() => void session.saveAsNew()}>{words.saveAsNew}</Button>
          {problem.code === 'changed' && (
            <>
              <Button onClick={() => void session.keepMine()}>{words.keepMine}</Button>
              <Button onClick={() => session.takeTheirs()}>{words.takeTheirs}</Button>
            </>
          )}
        </div>
      )}
    </div>
  )
}
