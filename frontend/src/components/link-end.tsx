import { closeCodes } from '../../../backend/src/types/protocol.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

interface Words {
  noToken: string
  noTokenHint: string
  renewed: string
  gone: string
  goneHint: string
  elsewhere: string
  elsewhereHint: string
  here: string
  refused: string
  refusedHint: string
  reload: string
  outdated: string
  outdatedHint: string
}

interface Props {
  /** How the connection ended for good; undefined: there was no token. */
  code: number | 'outdated' | undefined
  words: Words
  /** Connects again. */
  again?: () => void
}

/** Why a host's or projector's link leads nowhere, and what to do about it. */
export function LinkEnd({ code, words, again }: Props) {
  switch (code) {
    case undefined:
      return (
        <Notice sign="🔗" title={words.noToken} hint={words.noTokenHint}>
          {null}
        </Notice>
      )
    case closeCodes.unknownToken:
      return (
        <Notice sign="🔗" title={words.renewed} hint={words.noTokenHint}>
          {null}
        </Notice>
      )
    case closeCodes.noSuchEvent:
      return (
        <Notice sign="🧹" title={words.gone} hint={words.goneHint}>
          {null}
        </Notice>
      )
    case closeCodes.openedElsewhere:
      return (
        <Notice sign="🗂️" title={words.elsewhere} hint={words.elsewhereHint}>
          <Button look="primary" onClick={again}>
            {words.here}
          </Button>
        </Notice>
      )
    default: {
      const outdated = code === 'outdated'
      return (
        <Notice
          sign="🔄"
          title={outdated ? words.outdated : words.refused}
          hint={outdated ? words.outdatedHint : words.refusedHint}
        >
          <Button look="primary" onClick={() => location.reload()}>
            {words.reload}
          </Button>
        </Notice>
      )
    }
  }
}
