import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { quote } from '../../../lib/script/command-line.mts'
import { stateDirectory } from '../connection.ts'

/**
 * How bash and zsh are started with their user's own settings and the local AWS on top: those settings may name a profile,
 * put another aws first on the PATH or make an alias of it, and would lead to a real account.
 */
export function prepareInteractiveShell(
  shell: string,
  variables: Record<string, string | undefined>,
): { args: string[]; env: Record<string, string> } {
  const directory = join(stateDirectory, 'shell')
  mkdirSync(directory, { recursive: true })
  if (basename(shell) === 'zsh') {
    const settings = [
      'ZDOTDIR=$HOME',
      '[ -f ~/.zshrc ] && . ~/.zshrc',
      ...onTop(variables),
      'PROMPT="(local aws) $PROMPT"',
    ]
    writeFileSync(join(directory, '.zshrc'), settings.join('\n'))
    return { args: ['-i'], env: { ZDOTDIR: directory } }
  }
  if (basename(shell) !== 'bash') return { args: ['-i'], env: { PS1: '(local aws) $ ' } }
  const settings = ['[ -f ~/.bashrc ] && . ~/.bashrc', ...onTop(variables), 'PS1="(local aws) $PS1"']
  writeFileSync(join(directory, 'bashrc'), settings.join('\n'))
  return { args: ['--rcfile', join(directory, 'bashrc'), '-i'], env: {} }
}

function onTop(variables: Record<string, string | undefined>): string[] {
  return [
    'unalias aws cdk docker 2>/dev/null',
    "for name in $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\|CDK_[A-Z0-9_]*\\)=.*/\\1/p' | grep -v '^AWS_CA_BUNDLE$'); do unset \"$name\"; done",
    ...Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [`export ${name}=${quote(value)}`],
    ),
  ]
}
