import { StatusLine } from '../../components/status-line.tsx'
import { usePlayTexts } from './use-play-texts.ts'
import type { PlayTexts } from './texts.ts'
import type { OwnAnswer } from './player.ts'

interface Props {
  answer: OwnAnswer | undefined
  scene: 'question' | 'over' | 'closed'
  /** Send was pressed with nothing selected. */
  isIncomplete: boolean
  /** What to do while the question is open. */
  hint: string
}

type Line = Parameters<typeof StatusLine>[0]

/** What has become of the answer. Always there, so that a change is read out. */
export function AnswerLine(props: Props) {
  const { t } = usePlayTexts()
  return <StatusLine {...lineOf(props, t)} />
}

function lineOf({ answer, scene, isIncomplete, hint }: Props, t: PlayTexts): Line {
  switch (answer?.status) {
    case 'sending':
      return { look: 'busy', children: t.sending }
    case 'kept':
      return { look: 'bad', children: t.kept }
    case 'saved':
      return { look: 'good', children: scene === 'closed' ? t.saved : `${t.saved}. ${t.waiting} …` }
    case 'already':
      return { look: 'good', children: t.already }
    case 'late':
      return { look: 'bad', children: t.late }
    case 'not_open':
      return { look: 'bad', children: t.notOpen }
    case 'invalid':
      return { look: 'bad', children: t.invalid }
    case undefined:
      if (isIncomplete && scene === 'question') return { look: 'bad', children: t.chooseFirst }
      if (scene === 'closed') return { look: 'busy', children: t.noAnswer }
      return { look: 'plain', children: scene === 'question' ? hint : t.waitForResult }
  }
}
