import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { questionOf, resultOf, type Scene } from './scene.ts'
import type { PlayTexts } from './texts.ts'

/** What is said once when a scene begins, for those who do not see it. */
export function sceneWords(view: Snapshot, scene: Exclude<Scene, 'lobby'>, t: PlayTexts): string {
  const question = questionOf(view)
  const place = question ? `${t.question(question.question + 1, question.of)}. ` : ''
  switch (scene) {
    case 'ready':
      return `${place}${t.getReady}.`
    case 'question':
      return question?.text ? question.text : `${place}${t.lookUp}`
    case 'over':
    case 'closed':
      return t.timeUp
    case 'revealed':
      // the result is a message of its own: until it comes, the stage is still that of the closed question
      return resultOf(view) ? verdictWords(view, t) : t.timeUp
    case 'board':
      return t.board
    case 'ended':
      return t.end
  }
}

/** How the player did: as the title of the result. */
export function verdictWords(view: Snapshot, t: PlayTexts): string {
  const own = resultOf(view)?.own
  if (!own) return t.joinedLate
  if (own.choices === null) return view.answer?.status === 'late' ? t.late : t.nothing
  if (own.correct === null) return t.thanks
  return own.correct ? t.right : t.wrong
}
