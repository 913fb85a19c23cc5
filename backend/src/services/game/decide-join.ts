import type { JoinChange, JoinOutcome } from './changes.ts'
import { type Decided, isNameTaken, type Pending } from './pending.ts'
import { cleanName, freeNameLike, generatedName, nameKey } from './names.ts'

/** A token that has joined already finds its player, however often and whatever else has changed. */
export function decideJoin(pending: Pending, { name, tokenHash }: JoinChange): Decided<JoinOutcome> {
  const { state, joined } = pending
  const waiting = joined.get(tokenHash)
  if (waiting) return { outcome: { status: 'joined', player: waiting[0], name: waiting[1] }, waits: true }
  const known = state.byToken.get(tokenHash)
  if (known?.standing === 'in') {
    return { outcome: { status: 'joined', player: known.no, name: known.name }, waits: false }
  }

  const { settings, maxPlayers, quiz } = state.created
  const refused = (code: Extract<JoinOutcome, { code: unknown }>['code'], waits = false): Decided<JoinOutcome> => ({
    outcome: { status: 'refused', code },
    waits,
  })
  if (state.phase === 'ended') return refused('ended')
  if (known) return refused('name_refused')
  if (state.locked || (!settings.lateJoining && state.asked.size > 0)) return refused('locked')
  if (state.playing + joined.size >= maxPlayers) return refused('full', joined.size > 0)

  const isTaken = (candidate: string) => isNameTaken(pending, candidate)
  const wanted = settings.generatedNames ? generatedName(quiz.language, isTaken, pending.random) : cleanName(name)
  if (wanted === undefined) return refused('name_refused')
  if (isTaken(wanted)) {
    const suggestion = freeNameLike(wanted, isTaken, pending.random)
    const waits = !state.byName.has(nameKey(wanted))
    const free = suggestion === undefined ? {} : { suggestion }
    return { outcome: { status: 'refused', code: 'name_taken', ...free }, waits }
  }
  const player = state.players.length + joined.size + 1
  joined.set(tokenHash, [player, wanted, tokenHash])
  pending.names.add(nameKey(wanted))
  return { outcome: { status: 'joined', player, name: wanted }, waits: true }
}
