import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { useTexts } from '../texts/language.tsx'

/** Says that a chunk could not be loaded, where reloading once did not help. React has no other way than a class. */
export class LoadFailure extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <Unloaded /> : this.props.children
  }
}

function Unloaded() {
  const { nowhere: t } = useTexts().texts
  return (
    <Notice sign="📦" title={t.unloaded} hint={t.unloadedHint}>
      <Button look="primary" onClick={() => location.reload()}>
        {t.reload}
      </Button>
    </Notice>
  )
}
