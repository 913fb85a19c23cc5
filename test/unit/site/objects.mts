/** Files of a site, and the objects that hold them. */
import { md5, type SiteFile } from '../../../lib/site/files.mts'
import { rulesFor } from '../../../lib/site/rules.mts'
import type { StoredObject } from '../../../lib/site/upload.mts'

export function file(key: string, content: string): SiteFile {
  return { ...rulesFor(key), md5: md5(content), size: content.length }
}

export function stored(key: string, content: string, more: Partial<StoredObject> = {}): StoredObject {
  return {
    Key: key,
    ETag: `"${md5(content)}"`,
    Size: content.length,
    LastModified: '2026-11-01T10:00:00+00:00',
    ...more,
  }
}
