import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const read = (file: string) => readFileSync(join(root, file), 'utf8')
export const files = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')

/** Every document of the repository. */
export const documents = files('*.md')

export interface Code {
  document: string
  /** One line of a shell block, or what stands in backquotes: a continued line put together again, without its comment. */
  line: string
}

/** What a reader may type, of each document: the lines of its shell blocks, and what stands in backquotes. */
export const code: Code[] = documents.flatMap((document) => {
  const text = read(document)
  const blocks = [...text.matchAll(/^[ ]*```(?:sh|bash)\n([^]*?)^[ ]*```$/gm)].flatMap(([, block]) =>
    block!.replaceAll(/\\\n\s*/g, '').split('\n'),
  )
  const inline = [...text.replaceAll(/^[ ]*```[^]*?^[ ]*```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, span]) =>
    span!.replaceAll(/\s+/g, ' '),
  )
  return [...blocks.map((line) => line.replace(/(^|\s)#.*/, '').trim()), ...inline]
    .filter(Boolean)
    .map((line) => ({ document, line }))
})
