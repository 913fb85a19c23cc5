import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { linksOf } from '../../../backend/local/quiz-client.ts'
import { provideChromium } from '../support/browser.mts'
import { galleryDirectory } from './gallery.mts'
import { germanQuiz } from './german-quiz.mts'
import type { Stage } from './stage.mts'

const run = promisify(execFile)
/** A package of its own, installed when it is first needed: it brings 133 others. */
const directory = join(import.meta.dirname, '..', 'lighthouse')
const least = 95
/** What else a machine does can only make a page slower: the best of so many runs counts. */
const most = 3
/** Below this a machine, or what else it does, is too slow to judge how fast a page is: 590 gave 86 points, and 1,734 gave 98. */
const leastBenchmark = 1_700

interface Report {
  categories: Record<'performance' | 'accessibility', { score: number; auditRefs: { id: string; weight: number }[] }>
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>
  environment: { benchmarkIndex: number }
}

export function isFastForLighthouse(stage: () => Stage): void {
  for (const page of ['code', 'join'] as const) {
    it(`Lighthouse gives the ${page} page at least ${least} on a phone`, async (t) => {
      const { site, admin } = stage()
      const url = page === 'code' ? `${site}/` : linksOf(site, await admin.startEvent(germanQuiz)).join
      if (!existsSync(join(directory, 'node_modules', '.package-lock.json'))) {
        await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory })
      }
      const findings: string[] = []
      for (let number = 1; number <= most; number += 1) {
        const report = await measure(url, join(galleryDirectory, `lighthouse-${page}`)).catch(
          (error: Error) => void findings.push(error.message),
        )
        if (!report) continue
        const found = lacking(report)
        t.diagnostic(scores(report))
        if (found.length === 0) return
        findings.push(`${scores(report)}: ${found.join('; ')}`)
      }
      assert.fail(findings.join('\n'))
    })
  }
}

/** Leaves the report as `<path>.report.html` for a person. */
async function measure(url: string, path: string): Promise<Report> {
  const cli = join(directory, 'node_modules', 'lighthouse', 'cli', 'index.js')
  const flags = ['--quiet', '--no-enable-error-reporting', '--only-categories=performance,accessibility']
  const output = ['--output=json', '--output=html', `--output-path=${path}`]
  const chrome = '--chrome-flags=--headless=new --no-sandbox --disable-gpu'
  const env = { ...process.env, CHROME_PATH: await provideChromium() }
  await run(process.execPath, [cli, url, ...flags, ...output, chrome], { env })
  return JSON.parse(readFileSync(`${path}.report.json`, 'utf8')) as Report
}

function scores({ categories, environment }: Report): string {
  const [performance, accessibility] = [categories.performance, categories.accessibility].map(percent)
  const judged = environment.benchmarkIndex < leastBenchmark ? ' (not judged on a machine so slow)' : ''
  return `performance ${performance}${judged}, accessibility ${accessibility} (benchmark index ${environment.benchmarkIndex})`
}

const percent = ({ score }: { score: number }) => Math.round(score * 100)

/** The audits that cost points, of the categories that have too few. */
function lacking({ categories, audits, environment }: Report): string[] {
  const { accessibility, performance } = categories
  return [accessibility, ...(environment.benchmarkIndex < leastBenchmark ? [] : [performance])]
    .filter((category) => percent(category) < least)
    .flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0))
    .map(({ id }) => audits[id])
    .filter((audit) => audit !== undefined && audit.score !== null && audit.score < 1)
    .map((audit) => `${audit?.title} ${audit?.displayValue ?? ''}`)
}
