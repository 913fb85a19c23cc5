import type { Env } from './parse-env.ts'

/** The frontend's settings. The build has parsed them, so the page carries three values and no parser. */
export const env: Env = builtSettings
