import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { config as loadEnvFile } from 'dotenv'
import { openTable } from './db/client.ts'
import { startServer } from './routes/server.ts'
import { createLog } from './services/log.ts'
import { createServices } from './services/services.ts'
import { parseConfig } from './types/config.ts'

/** A stop that takes longer, in milliseconds, is cut: the rows it leaves behind expire by themselves. */
const stopBudget = 9_000

const envFile = join(import.meta.dirname, '..', '.env')

process.on('uncaughtException', (error) => {
  createLog('error').error('crashed', { stack: error.stack })
  process.exit(1)
})

try {
  // the environment's defaults; what the process was given wins
  const { error } = existsSync(envFile) ? loadEnvFile({ path: envFile, quiet: true }) : {}
  if (error) throw error

  const config = parseConfig(process.env)
  const log = createLog(config.logLevel)
  const services = createServices(config, openTable(config.region, config.applicationTable), log)
  const server = await startServer(config, services, log)
  log.info('listening', { host: config.host, port: server.port, release: config.release })

  async function stop(): Promise<void> {
    setTimeout(() => {
      log.error('stopping took too long', { budgetMs: stopBudget })
      process.exit(1)
    }, stopBudget)
    await server.stop()
    log.info('stopped')
    process.exit(0)
  }

  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal])
      stopping = true
      log.info('stopping', { signal })
      void stop()
    })
  }
} catch (error) {
  createLog('error').error('cannot start', { error })
  process.exit(1)
}
