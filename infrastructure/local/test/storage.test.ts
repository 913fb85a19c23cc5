import { DynamoDB } from '@aws-sdk/client-dynamodb'
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { exclusively } from '../cli/lock.mts'
import { binDirectory, provideVirtualenv, python } from '../cli/virtualenv.mts'
import { createKeys } from '../gateway/keys.ts'
import { startGateway, type Gateway } from '../gateway/server.ts'
import { startMoto, type Moto } from '../moto.ts'
import { accessKeyId, secretAccessKey } from '../settings.ts'
import { awsVersion2, machineEnvironment } from './aws-cli.ts'
import { refusal } from './expectations.ts'

/*
 * S3, DynamoDB and CloudWatch Logs as a deployment uses them, through the gateway, with both versions of the aws CLI: the
 * local AWS's own, and the version 2 of this machine (which, on Debian, knows no AWS_ENDPOINT_URL).
 */
const port = 15680
const endpoint = `http://127.0.0.1:${port}`
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
const env = {
  ...machineEnvironment,
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(directory, 'none'),
  AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none'),
  AWS_PAGER: '',
  AWS_DEFAULT_OUTPUT: 'json',
}
let moto: Moto
let gateway: Gateway
/** The commands by version: what comes before `s3 ls`. */
const commands: Record<string, string[]> = { 1: [join(binDirectory, 'aws')] }

before(async () => {
  await exclusively(async () => {
    await provideVirtualenv()
    commands[2] = [await awsVersion2(), '--endpoint-url', endpoint]
  })
  moto = await startMoto(python, port + 1)
  gateway = await startGateway({
    rooms: [],
    registry: { answer: () => {}, holderOf: () => undefined },
    motoEndpoint: `http://127.0.0.1:${port + 1}`,
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
})
after(async () => {
  await gateway?.close()
  await moto?.close()
  rmSync(directory, { recursive: true })
})

async function aws(version: string, ...args: string[]): Promise<string> {
  const [command, ...flags] = commands[version]!
  return (await promisify(execFile)(command!, [...flags, ...args], { env, cwd: directory })).stdout.trim()
}
const one = (...args: string[]): Promise<string> => aws('1', ...args)

const file = (name: string, text: string): string => {
  mkdirSync(join(directory, name, '..'), { recursive: true })
  writeFileSync(join(directory, name), text)
  return name
}

describe('S3', () => {
  it('writes an object only where there is none, when asked so', async () => {
    await one('s3api', 'create-bucket', '--bucket', 'conditions')
    const put = (...flags: string[]) =>
      one('s3api', 'put-object', '--bucket', 'conditions', '--key', 'lock', '--body', file('body', 'mine'), ...flags)
    await put('--if-none-match', '*')
    assert.match(
      await refusal(put('--if-none-match', '*')),
      /\(PreconditionFailed\).*At least one of the pre-conditions you specified did not hold/,
    )
    await put()
  })

  it('keeps the versions of a bucket that has them on, and a marker for a deletion', async () => {
    const inBucket = ['--bucket', 'versions']
    await one('s3api', 'create-bucket', ...inBucket)
    await one('s3api', 'put-bucket-versioning', ...inBucket, '--versioning-configuration', 'Status=Enabled')
    for (const text of ['first', 'second'])
      await one('s3api', 'put-object', ...inBucket, '--key', 'index.html', '--body', file('body', text))
    await one('s3api', 'delete-object', ...inBucket, '--key', 'index.html')
    const { Versions, DeleteMarkers } = JSON.parse(await one('s3api', 'list-object-versions', ...inBucket))
    assert.deepEqual([Versions.length, DeleteMarkers.length], [2, 1])
    assert.match(await refusal(one('s3api', 'head-object', ...inBucket, '--key', 'index.html')), /Not Found/)
    const oldest = Versions.find((version: { IsLatest: boolean; Size: number }) => version.Size === 'first'.length)
    const wanted = ['--key', 'index.html', '--version-id', oldest.VersionId, 'first.html']
    await one('s3api', 'get-object', ...inBucket, ...wanted)
    assert.equal(readFileSync(join(directory, 'first.html'), 'utf8'), 'first')
  })

  for (const version of ['1', '2']) {
    it(`is synchronized by version ${version}: only the differences travel`, async () => {
      const bucket = `s3://site-${version}`
      await aws(version, 's3', 'mb', bucket)
      const site = `site ${version}`
      for (const name of ['index.html', 'assets/app-1.js', 'assets/Grüße.txt']) file(`${site}/${name}`, name)
      const sync = (...flags: string[]) => aws(version, 's3', 'sync', site, bucket, '--no-progress', ...flags)
      // S3 keeps whole seconds: a file written in the second of its upload would look newer than what is there
      const earlier = new Date(Date.now() - 60_000)
      for (const name of ['index.html', 'assets/app-1.js', 'assets/Grüße.txt'])
        utimesSync(join(directory, site, name), earlier, earlier)
      assert.equal((await sync()).split('\n').length, 3)
      assert.equal(await sync(), '')
      rmSync(join(directory, site, 'assets', 'app-1.js'))
      file(`${site}/index.html`, 'a longer text')
      assert.match(await sync('--delete'), /^(delete: .*app-1\.js\nupload: .*index\.html|upload: .*\ndelete: .*)/)
      assert.deepEqual(
        (await aws(version, 's3', 'ls', '--recursive', bucket)).split('\n').map((line) => line.slice(31)),
        ['assets/Grüße.txt', 'index.html'],
      )
    })
  }
})

describe('DynamoDB', () => {
  const table = ['--table-name', 'ledger']
  const item = (owner: string) => JSON.stringify({ pk: { S: 'lock' }, owner: { S: owner } })

  it('refuses a write whose condition does not hold, and shows what is there', async () => {
    await one(
      'dynamodb',
      'create-table',
      ...table,
      '--billing-mode',
      'PAY_PER_REQUEST',
      '--key-schema',
      'AttributeName=pk,KeyType=HASH',
      '--attribute-definitions',
      'AttributeName=pk,AttributeType=S',
    )
    const take = (owner: string) => {
      const condition = ['--condition-expression', 'attribute_not_exists(pk)']
      return one('dynamodb', 'put-item', ...table, '--item', item(owner), ...condition)
    }
    await take('first')
    assert.match(await refusal(take('second')), /\(ConditionalCheckFailedException\).*The conditional request failed/)
    const { Item } = JSON.parse(await one('dynamodb', 'get-item', ...table, '--key', '{"pk":{"S":"lock"}}'))
    assert.equal(Item.owner.S, 'first')
  })

  it('deletes for the owner only', async () => {
    const release = (owner: string) =>
      one(
        'dynamodb',
        'delete-item',
        ...table,
        '--key',
        '{"pk":{"S":"lock"}}',
        '--condition-expression',
        '#owner = :owner',
        '--expression-attribute-names',
        '{"#owner":"owner"}',
        '--expression-attribute-values',
        JSON.stringify({ ':owner': { S: owner } }),
      )
    assert.match(await refusal(release('second')), /\(ConditionalCheckFailedException\)/)
    await release('first')
    assert.equal(await one('dynamodb', 'get-item', ...table, '--key', '{"pk":{"S":"lock"}}'), '')
  })

  it('lets one of several writers who come at once have a free place', async () => {
    const client = new DynamoDB({
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    })
    // so long that it takes its time between the look and the write
    const ConditionExpression = Array.from({ length: 30 }, () => 'attribute_not_exists(pk)').join(' AND ')
    const take = async (place: string, owner: number) => {
      const Item = { pk: { S: place }, owner: { N: String(owner) } }
      await client.putItem({ TableName: 'ledger', Item, ConditionExpression })
    }
    for (let place = 0; place < 3; place += 1) {
      const takes = Array.from({ length: 8 }, (_, owner) => take(`place ${place}`, owner))
      const taken = (await Promise.allSettled(takes)).filter(({ status }) => status === 'fulfilled')
      assert.equal(taken.length, 1, `${taken.length} have place ${place}`)
    }
    client.destroy()
  })
})

describe('CloudWatch Logs', () => {
  const group = '/ecs/live-quiz'
  const log = (message: string) => {
    const events = JSON.stringify([{ timestamp: Date.now(), message }])
    const stream = ['--log-group-name', group, '--log-stream-name', 'websocket/websocket-server/1']
    return one('logs', 'put-log-events', ...stream, '--log-events', events)
  }

  it('answers filter-log-events with what was logged', async () => {
    await one('logs', 'create-log-group', '--log-group-name', group)
    const stream = ['--log-group-name', group, '--log-stream-name', 'websocket/websocket-server/1']
    await one('logs', 'create-log-stream', ...stream)
    await log('listening')
    await log('an error')
    const { events } = JSON.parse(
      await one('logs', 'filter-log-events', '--log-group-name', group, '--filter-pattern', 'error'),
    )
    assert.deepEqual(
      events.map(({ message }: { message: string }) => message),
      ['an error'],
    )
  })

  for (const version of ['1', '2']) {
    it(`is followed by logs tail --follow of version ${version} until Ctrl-C`, async () => {
      const [command, ...flags] = commands[version]!
      const tail = spawn(command!, [...flags, 'logs', 'tail', group, '--follow'], {
        // version 2 keeps what it says to a pipe to itself until it is much
        env: { ...env, PYTHONUNBUFFERED: '1' },
      })
      try {
        const lines: string[] = []
        const ended = new Promise<void>((resolve) => tail.on('close', () => resolve()))
        const line = (text: string): Promise<void> =>
          new Promise((resolve, reject) => {
            const look = (): void => {
              if (lines.join('').includes(text)) resolve()
            }
            tail.stdout.on('data', look)
            setTimeout(() => reject(new Error(`no ${text} in: ${lines.join('')}`)), 60_000).unref()
            look()
          })
        tail.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text))
        await line('listening')
        await log(`later, for ${version}`)
        await line(`later, for ${version}`)
        tail.kill('SIGINT')
        await ended
        assert.match(
          lines.join('').split('\n')[0]!,
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00 websocket\/websocket-server\/1 listening$/,
        )
        assert.equal(lines.join('').split('an error').length, 2, 'an event was shown twice')
      } finally {
        tail.kill('SIGKILL')
      }
    })
  }

  it('that do not exist are refused by logs tail', async () => {
    assert.match(
      await refusal(one('logs', 'tail', '/ecs/nope')),
      /\(ResourceNotFoundException\).*FilterLogEvents operation: The specified log group does not exist/,
    )
  })
})
