import { parseArgs, type ParseArgsConfig } from 'node:util'
import { Failure } from '../../../lib/script/failure.mts'

/** Flags and words of a command that takes no environment. Fails (exit 2) at what it does not know. */
export function parseCommandLine<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config)
  } catch (error) {
    // only the first sentence: the rest explains how to pass a word that looks like a flag
    throw new Failure((error as Error).message.split('. ')[0]!, '--help shows the usage', 2)
  }
}

export function requireNoArguments(args: string[]): void {
  parseCommandLine({ args, options: {} })
}
