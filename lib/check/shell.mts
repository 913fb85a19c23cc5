import { accessSync, constants, statfsSync } from 'node:fs'
import { excerpt } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { proxyFor } from '../script/asking.mts'
import { failed, passed, type Finding } from './finding.mts'

/*
 * What the shell and the machine bring that would stop a deployment in its middle. What children would inherit without need
 * is kept from them instead (lib/script).
 */

/** What a deployment needs: the image's layers, the site, the CDK app. */
const neededMiB = 1024

export function shellFindings(env = process.env): Finding[] {
  return [proxyFinding(env), certificatesFinding(env), diskFinding()]
}

function proxyFinding(env: NodeJS.ProcessEnv): Finding {
  const name = 'proxy'
  const given = ['https', 'http'].flatMap((scheme) => {
    const proxy = proxyFor(`${scheme}://amazonaws.com/`, env)
    return proxy ? [{ variable: `${scheme}_proxy`, proxy, scheme }] : []
  })
  const bad = given.find(({ proxy }) => !URL.canParse(proxy) || !/^(https?|socks\w*):$/.test(new URL(proxy).protocol))
  if (bad) {
    const remedy = `export ${bad.variable}=http://<host>:<port>, or unset ${bad.variable} ${bad.variable.toUpperCase()}`
    return { name, ...failed(`the proxy for ${bad.scheme} is not a URL: ${withoutPassword(bad.proxy)}`, remedy) }
  }
  const shown = given.map(({ scheme, proxy }) => `${scheme} through ${new URL(proxy).host}`)
  return { name, ...passed(shown.join(', ') || 'none') }
}

function withoutPassword(proxy: string): string {
  return excerpt(proxy.replace(/\/\/.*@/, '//'))
}

function certificatesFinding(env: NodeJS.ProcessEnv): Finding {
  const name = 'certificates'
  for (const variable of ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']) {
    const file = env[variable]
    if (file && !isReadable(file)) {
      return { name, ...failed(`${variable} names a file that cannot be read: ${excerpt(file)}`, `unset ${variable}`) }
    }
  }
  return { name, ...passed(env['AWS_CA_BUNDLE'] ? 'those of AWS_CA_BUNDLE too' : 'the usual ones') }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function diskFinding(): Finding {
  const { bavail, bsize } = statfsSync(root)
  const free = Math.floor((bavail * bsize) / 2 ** 20)
  return free >= neededMiB
    ? { name: 'disk', ...passed(`${Math.floor(free / 1024)} GiB free`) }
    : { name: 'disk', ...failed(`${free} MiB free, and a build needs ${neededMiB}`, 'docker system prune') }
}
