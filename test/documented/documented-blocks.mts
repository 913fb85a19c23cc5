import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Block {
  /** The heading that it stands under. */
  heading: string
  /** Without comments, a continued line put together again. */
  commands: string[]
}

/** The shell blocks of docs/DEPLOYMENT_WORKFLOW.md, in order. */
export function documentedBlocks(): Block[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'DEPLOYMENT_WORKFLOW.md'), 'utf8')
  const blocks: Block[] = []
  let heading = ''
  for (const [, title, shell] of text.matchAll(/^#+ (.+)$|^ *```bash\n([^]*?)^ *```$/gm)) {
    // a comment of a shell block is no heading: the block is matched first, as a whole
    if (title !== undefined) heading = title
    else blocks.push({ heading, commands: commandsOf(shell!) })
  }
  return blocks
}

function commandsOf(shell: string): string[] {
  return shell
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter(Boolean)
}
