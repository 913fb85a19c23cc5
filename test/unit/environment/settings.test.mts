import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parseSettings, readSettingsText } from '../../../lib/environment/settings.mts'
import { Failure } from '../../../lib/script/failure.mts'

function assertRefused(work: () => unknown, fact: RegExp, remedy: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof Failure, String(error))
    assert.match(error.message, fact)
    assert.match(error.remedy, remedy)
    assert.equal(error.exitCode, 2)
    return true
  })
}

describe('the domain of the site', () => {
  const name = 'SITE_DOMAIN=quiz.example.com\n'
  const certificate = `SITE_CERTIFICATE_ARN=arn:aws:acm:us-east-1:123456789012:certificate/${'1'.repeat(8)}-1111-1111-1111-${'1'.repeat(12)}\n`
  const zone = 'HOSTED_ZONE_ID=Z0123456789ABCDEFGHIJ\n'

  it('is a name with its certificate, and perhaps a zone', () => {
    for (const text of [name + certificate, name + certificate + zone]) parseSettings(text, 'env/.env.x')
  })

  const refused: [string, RegExp][] = [
    [name, /SITE_DOMAIN is set, and SITE_CERTIFICATE_ARN is not/],
    [certificate, /SITE_CERTIFICATE_ARN is set, and SITE_DOMAIN is not/],
    [zone, /HOSTED_ZONE_ID is set, and SITE_DOMAIN is not/],
    [name + certificate.replace('us-east-1', 'eu-west-1'), /SITE_CERTIFICATE_ARN is "arn:aws:acm:eu-west-1/],
    ['SITE_DOMAIN=https://quiz.example.com', /SITE_DOMAIN is "https/],
    ['SITE_DOMAIN=Quiz.example.com', /SITE_DOMAIN is "Quiz/],
    ['SITE_DOMAIN=example', /SITE_DOMAIN is "example"/],
  ]
  for (const [text, fact] of refused) {
    it(`${JSON.stringify(text)} is refused`, () => assertRefused(() => parseSettings(text, 'env/.env.x'), fact, /./))
  }
})

describe('settings that cost', () => {
  const acl = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/quiz/12345678-1234-1234-1234-123456789012'
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012'

  it('are a web ACL of CloudFront, a key of the region, a budget with a recipient, flow logs', () => {
    const text = [
      'AWS_REGION=eu-west-1',
      `WEB_ACL_ARN=${acl}`,
      `KMS_KEY_ARN=${key}`,
      'MONTHLY_BUDGET_USD=200',
      'ALERT_EMAIL=oncall@example.com',
      'FLOW_LOGS=on',
    ].join('\n')
    const { WEB_ACL_ARN, KMS_KEY_ARN, MONTHLY_BUDGET_USD } = parseSettings(text, 'env/.env.x')
    assert.deepEqual([WEB_ACL_ARN, KMS_KEY_ARN, MONTHLY_BUDGET_USD], [acl, key, '200'])
  })

  const refused: [text: string, fact: RegExp, remedy: RegExp][] = [
    [`WEB_ACL_ARN=${acl.replace('us-east-1', 'eu-west-1')}`, /WEB_ACL_ARN is "arn/, /for CloudFront/],
    [`WEB_ACL_ARN=${acl.replace('global', 'regional')}`, /WEB_ACL_ARN is "arn/, /us-east-1, global/],
    [`KMS_KEY_ARN=${key}`, /KMS_KEY_ARN is in eu-west-1, and AWS_REGION is us-east-1/, /aws kms list-keys/],
    ['KMS_KEY_ARN=alias/quiz', /KMS_KEY_ARN is "alias/, /ARN of a KMS key/],
    ['MONTHLY_BUDGET_USD=200', /MONTHLY_BUDGET_USD is set, and ALERT_EMAIL is not/, /set ALERT_EMAIL/],
    ['MONTHLY_BUDGET_USD=0', /MONTHLY_BUDGET_USD is "0"/, /1 to 999999/],
    ['MONTHLY_BUDGET_USD=$200', /MONTHLY_BUDGET_USD is/, /whole US dollars/],
    ['FLOW_LOGS=true', /FLOW_LOGS is "true"/, /on or off/],
  ]
  for (const [text, fact, remedy] of refused) {
    it(`${JSON.stringify(text)} is refused`, () => assertRefused(() => parseSettings(text, 'env/.env.x'), fact, remedy))
  }
})

describe('a line of the settings', () => {
  const name = (line: string) => parseSettings(line, 'env/.env.x').VITE_APP_NAME
  const read: [string, string][] = [
    ['VITE_APP_NAME=Live Quiz', 'Live Quiz'],
    ['VITE_APP_NAME= Live Quiz \r', 'Live Quiz'],
    ["VITE_APP_NAME='C# Quiz'", 'C# Quiz'],
    ['VITE_APP_NAME="Ana\'s Quiz"', "Ana's Quiz"],
    ["VITE_APP_NAME=Ana's Quiz", "Ana's Quiz"],
    ['# VITE_APP_NAME=Other', 'Live Quiz'],
  ]
  for (const [line, value] of read) {
    it(`${JSON.stringify(line)} is ${value}`, () => assert.equal(name(line), value))
  }

  const refused: [string, RegExp][] = [
    ['VITE_APP_NAME=C#-Quiz', /x:1 can be read in two ways: VITE_APP_NAME=C#-Quiz$/],
    ['VITE_APP_NAME=Live Quiz # the title', /two ways/],
    ['VITE_APP_NAME="Live Quiz" # the title', /two ways/],
    ['VITE_APP_NAME="Live Quiz', /two ways/],
    ['VITE_APP_NAME=Live Quiz"', /two ways/],
    ["VITE_APP_NAME='a'b'", /two ways/],
    ['VITE_APP_NAME="a\\nb"', /two ways/],
    ['VITE_APP_NAME=`Live`', /two ways/],
    ['VITE_APP_NAME="two\nlines"', /two ways/],
    ['LOG_LEVEL=info\nLOG_LEVEL=debug', /x:2 sets LOG_LEVEL again/],
    ['LOG_LEVEL=in\x1bfo', /x:1 has a control character/],
    ['export LOG_LEVEL=info', /x:1 is not KEY=value: export LOG_LEVEL=info$/],
    ['LOG_LEVEL : info', /not KEY=value/],
    ['AVAILABILITY_ZONES=us-east-1a', /AVAILABILITY_ZONES is "us-east-1a"/],
  ]
  for (const [text, fact] of refused) {
    it(`${JSON.stringify(text)} is refused`, () => assertRefused(() => name(text), fact, /./))
  }

  it('is shown with 80 characters at most', () => {
    const huge = 'x'.repeat(60_000)
    for (const text of [huge, `LOG_LEVEL=${huge}`, `A${huge.toUpperCase()}=1`, `LOG_LEVEL=#${huge}`])
      assert.throws(
        () => name(text),
        ({ message }: Error) => message.length < 150,
      )
  })
})

describe('the zones of the network', () => {
  const zones = (value: string) => () => parseSettings(`AVAILABILITY_ZONES=${value}`, 'env/.env.x')

  it('are two of the region, or none', () => {
    for (const value of ['us-east-1b,us-east-1d', '']) zones(value)()
  })

  it('or are refused', () => {
    const remedy = /two zones of us-east-1: aws ec2 describe-availability-zones --region us-east-1/
    for (const value of ['us-east-1b,us-east-1b', 'us-east-1b,eu-west-1a'])
      assertRefused(zones(value), new RegExp(`AVAILABILITY_ZONES is "${value}"`), remedy)
  })
})

describe('the size of a task', () => {
  const size = (cpu: number, memory: number) => () =>
    parseSettings(`TASK_CPU=${cpu}\nTASK_MEMORY_MIB=${memory}`, 'env/.env.x')

  it('is one that Fargate has', () => {
    for (const [cpu, memory] of [
      [256, 512],
      [256, 2048],
      [1024, 8192],
      [4096, 30720],
    ] as const)
      size(cpu, memory)()
  })

  it('or is refused before anything is asked', () => {
    const fact = /Fargate has no task of/
    assertRefused(size(512, 1536), fact, /TASK_MEMORY_MIB must be 1024 to 4096, in steps of 1024/)
    assertRefused(size(256, 4096), fact, /512 to 2048/)
    assertRefused(size(4096, 512), fact, /8192 to 30720/)
  })
})

describe('a settings file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'))
  after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'file')
  const read = () => readSettingsText(file, 'env/.env.x')
  const kinds: [string, () => void, RegExp, RegExp][] = [
    ['is missing', () => {}, /env\/\.env\.x is missing/, /cp env\/\.env\.example env\/\.env\.x/],
    ['is a directory', () => mkdirSync(file), /is not a file/, /git restore/],
    ['is a link to nothing', () => symlinkSync('nowhere', file), /a link to a file that is not there/, /ln -sfn/],
    ['is a link to a directory', () => symlinkSync('/', file), /is not a file/, /git restore/],
    ['is a link to itself', () => symlinkSync('file', file), /cannot be read \(ELOOP\)/, /ls -ld env env\/\.env\.x/],
    ['is UTF-16', () => writeFileSync(file, '\ufeffLOG_LEVEL=info', 'utf16le'), /is not UTF-8/, /UTF-8/],
    ['is binary', () => writeFileSync(file, Buffer.from([0xff, 0, 0x1b])), /is not UTF-8/, /UTF-8/],
    ['has megabytes', () => writeFileSync(file, 'x'.repeat(2_000_000)), /has 2000000 bytes/, /git restore/],
  ]
  for (const [what, make, fact, remedy] of kinds) {
    it(`that ${what} is refused`, () => {
      rmSync(file, { recursive: true, force: true })
      make()
      assertRefused(read, fact, remedy)
    })
  }

  it('below a file in place of the directory is refused', () => {
    rmSync(file, { recursive: true, force: true })
    writeFileSync(file, '')
    assertRefused(() => readSettingsText(join(file, '.env.x'), 'env/.env.x'), /cannot be read \(ENOTDIR\)/, /ls -ld/)
  })

  it('may begin with a byte order mark', () => {
    rmSync(file, { recursive: true, force: true })
    writeFileSync(file, '\ufeffLOG_LEVEL=warn\r\n')
    assert.equal(parseSettings(read(), 'env/.env.x').LOG_LEVEL, 'warn')
  })
})
