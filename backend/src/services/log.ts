import { type LogLevel, logLevels } from '../types/config.ts'

type Fields = Record<string, unknown>

export type Log = Record<LogLevel, (message: string, fields?: Fields) => void>

/** One JSON object a line, as CloudWatch Logs Insights reads it. An Error among the fields is written as its name and message. */
export function createLog(
  least: LogLevel,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  function writer(level: LogLevel): Log[LogLevel] {
    if (logLevels.indexOf(level) < logLevels.indexOf(least)) return () => {}
    return (message, fields = {}) => {
      const entry = { time: new Date().toISOString(), level, message, ...fields }
      write(`${JSON.stringify(entry, (_key, value) => (value instanceof Error ? `${value}` : value))}\n`)
    }
  }
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }
}
