/** Every module of the toolkit as JavaScript, in one file for start.mjs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** @param directory of a suite: helper.bash copies the toolkit there, in two parts */
export async function compileToolkit(directory: string): Promise<void> {
  // tsx's own, with its options: only the way in is another
  const { transform, stop } = createRequire(import.meta.resolve('tsx'))('esbuild')
  const parts = { code: ['deploy', 'lib'], 'fresh/live quiz': ['infrastructure'] }
  const compiled = Object.entries(parts).flatMap(([part, folders]) =>
    modulesIn(join(directory, part), folders).map(async (file) => {
      const source = readFileSync(join(directory, part, file), 'utf8')
      const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node20', sourcefile: file })
      return [file, code] as const
    }),
  )
  writeFileSync(join(directory, 'compiled.json'), JSON.stringify(Object.fromEntries(await Promise.all(compiled))))
  stop()
}

function modulesIn(part: string, folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(part, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.m?ts$/.test(file))
      .map((file) => join(folder, file)),
  )
}
