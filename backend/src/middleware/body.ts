import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as v from 'valibot'
import { HttpError } from './errors.ts'

/** Refuses a longer body with 413, by its Content-Length before a byte of it is read. */
export function limitBody(maxBytes: number) {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new HttpError(413, 'too_large', `at most ${Math.floor(maxBytes / 1_024)} KB are taken here`)
    },
  })
}

/** What the body holds, as the schema has it. Throws 400 when it is no JSON, 422 when something in it is not as it must be. */
export async function readBody<Value>(c: Context, schema: v.GenericSchema<unknown, Value>): Promise<Value> {
  const result = v.safeParse(schema, await readJson(c))
  if (result.success) return result.output
  const [issue] = result.issues
  throw new HttpError(422, 'invalid', `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`)
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch (cause) {
    throw new HttpError(400, 'bad_json', 'the body must be JSON', { cause })
  }
}
