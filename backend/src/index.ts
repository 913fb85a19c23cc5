import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { config as loadEnvFile } from 'dotenv'
import { openTable } from './db/client.ts'
import { startServer } from './routes/server.ts'
import { deregistrationBudget, stopBudget } from './services/drain/plan.ts'
import { createTargetHealth } from './services/drain/target-health.ts'
import { watchTargetHealth } from './services/drain/watch.ts'
import { createLog } from './services/log.ts'
import { createServices } from './services/services.ts'
import { parseConfig } from './types/config.ts'

/** Of the time to stop, in milliseconds: for the requests that are under way when the last socket is gone. */
const stopSlack = 800

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

  const { region, targetGroupArn, metadataUri } = config
  if (targetGroupArn && metadataUri) {
    watchTargetHealth({
      ask: createTargetHealth({ region, targetGroupArn, metadataUri, port: server.port }),
      hasSockets: server.hasSockets,
      onDraining: () => server.drain.begin('the load balancer drains', deregistrationBudget(config.drainSeconds)),
      log,
    })
  }

  async function stop(): Promise<void> {
    const budget = stopBudget(config.stopSeconds)
    setTimeout(() => {
      log.error('stopping took too long', { budgetMs: budget })
      process.exit(1)
    }, budget)
    await server.stop(budget - stopSlack)
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
