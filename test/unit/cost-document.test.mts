import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readSettings } from '../../lib/environment/settings.mts'
import { read } from '../documented/documents.mts'

const document = read('docs/COST.md')

/** The prices that docs/COST.md assumes, by the names in its formula. */
const prices = Object.fromEntries(
  [...document.matchAll(/^\| `(\w+)` \| [^|]+ \| ([\d.]+) \|/gm)].map(([, name, price]) => [name!, Number(price)]),
)
const price = (name: string) => prices[name] ?? Number.NaN

const hours = 730
/** One for each section of the runbook; that of the certificate needs a domain. */
const watched = (read('docs/RUNBOOK.md').match(/^### /gm) ?? []).length - 1

function row(environment: 'development' | 'staging' | 'production'): string {
  const settings = readSettings(environment)
  const [gateways, tasks] = [Number(settings.NAT_GATEWAYS), Number(settings.TASK_COUNT)]
  const [cpu, memory] = [Number(settings.TASK_CPU) / 1024, Number(settings.TASK_MEMORY_MIB) / 1024]
  const network = hours * (gateways * price('nat') + (gateways + 2) * price('ip') + price('balancer'))
  const running = hours * tasks * (cpu * price('cpu') + memory * price('memory'))
  const alarms = environment === 'development' ? 0 : watched * price('alarm') + price('dashboard')
  const rest = 2 * price('secret') + alarms
  const dollars = [network, running, rest].map((sum) => `$${Math.round(sum)}`)
  return `| ${environment}: ${gateways} NAT, ${tasks} × ${cpu} vCPU and ${memory} GB | ${dollars.join(' | ')} | **$${Math.round(network + running + rest)}** |`
}

for (const environment of ['development', 'staging', 'production'] as const) {
  it(`docs/COST.md sums up ${environment} as its settings and its prices say`, () => {
    assert.ok(document.includes(row(environment)), row(environment))
  })
}
